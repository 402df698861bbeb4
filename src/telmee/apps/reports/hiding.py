"""Which counts of people an account hides, held against everything that was published before.

People are published by kind of effort, target group, policy field and national element, never by
anything that tells contracts apart: a sector or a contractor is often one contract, and who knows
the contract knows the people. A region publishes no people by client.

A region and its clients tell of the same people, at different moments. Who takes all clients but
one from a row of the region has the row of that one; who takes what a client published in March
from what its region publishes in May has who came in between. So all accounts of a year about the
same clients, and about the other clients of their regions, are one system of sums, whoever
published them and whatever they hid. A next one is held against it as it is: nobody guesses what
is still to be published, for that is held against this one in its turn.

A contractor knows his own people, and a client of a region its own. Who takes them from what is
published knows those of the others. So the system is also looked at without the people of one
contractor or of one client, as he sees it. The statement of a contractor names no people at all
(`document`), so that nobody else subtracts them.

What stood behind an account, and what it hid, is kept with it (`Counted`) and on no page: who
publishes sees the contracts of others no more than before. The account does not say which rows it
hides, nor how many: in a row that is named there is somebody, and of three people in three rows
that are named everybody knows where they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from django.db import connection

from telmee.apps.organisations.many import as_array
from telmee.apps.reports.choices import OF_REGION, ReportKind
from telmee.apps.reports.figures import By, key_of
from telmee.apps.reports.results import results, results_by, rows_by
from telmee.core.schemes.model import Block
from telmee.core.small_counts import SMALL, Counts, hidden_cells, slices

#: By what people are published.
WITH_PEOPLE = (By.KIND, By.TARGET_GROUP, By.FIELD, By.ELEMENT)
_Count = Literal["people", "places"]
_COUNTS: tuple[_Count, ...] = ("people", "places")
#: The places of both in a row of the database, behind its division, its key and its year.
_AT = {"people": 12, "places": 13}


class Cell(NamedTuple):
    """One count of an account: by what, and which row; the total has neither."""

    by: str = ""
    key: str = ""


TOTAL = Cell()
#: The division of a reading in which all effort stands in one row.
_ALL = "all"
_Tables = dict[_Count, Counts[Cell]]
_Slice = tuple[str, int, int]


class Sides(NamedTuple):
    """Whose people are counted together: of a client, of who carries out, of who looks after it."""

    client: str
    contractor: str
    team: str


#: How many people and places.
_Numbers = Mapping[_Count, int]
_NOBODY: _Numbers = dict.fromkeys(_COUNTS, 0)
_Rows = list[list[Any]]
#: The people of all sides, by their atoms.
_People = dict[_Count, dict[Sides, dict[str, int]]]


def hidden_in(
    organisation: int, kind: ReportKind, contracts: Sequence[int], year: int, as_of: datetime | None
) -> frozenset[Cell]:
    """The cells of which an account hides how many people and places they have.

    A cell is hidden for both where one of the two asks for it. What its organisation hid once of a
    year stays hidden.
    """
    ids = list(contracts)
    people, cells = _people_at(ids, year, as_of), _cells_at(ids, year, as_of)
    now = _Account("", str(organisation), kind in OF_REGION, people, cells)
    before = _accounts_about(ids, year)
    given = {cell for one in before if one.is_of_the_same(now) for cell in one.unseen_in(now)}
    hidden = frozenset[Cell]()
    for table in _tables(ids, year, as_of).values():
        hidden |= hidden_cells(table, hidden | given)
    together = _Together([*before, now])
    for reader in _readers(together, ids, year, as_of):
        for table, unseen in together.tables(reader):
            hidden |= hidden_cells(table, hidden | unseen)
    return hidden


def counted(contracts: Iterable[int], year: int, as_of: datetime) -> tuple[_Rows, _Rows]:
    """What is kept behind an account: of all sides each atom, and each cell, in numbers.

    A cell has as many people as its atoms together, less those who stand in two of them.
    """
    ids = list(contracts)
    people, cells = _people_at(ids, year, as_of), _cells_at(ids, year, as_of)
    atoms = [
        [*sides, atom, *(people[count][sides][atom] for count in _COUNTS)]
        for sides, of_it in sorted(people["places"].items())
        for atom in sorted(of_it)
    ]
    return atoms, [[*cell, *numbers.values()] for cell, numbers in sorted(cells.items())]


def with_people(contracts: Iterable[int], year: int, as_of: datetime | None) -> frozenset[Cell]:
    """Every cell in which somebody counts, and the total, whoever counts there."""
    return frozenset(_tables(contracts, year, as_of)["places"].cells)


def _tables(contracts: Iterable[int], year: int, as_of: datetime | None) -> _Tables:
    """What could be published of people and of places, each made of its atoms."""
    ids = list(contracts)
    known = rows_by(ids, [year], ["atom"], key=_atom, as_of=as_of)
    cells: dict[Cell, set[str]] = {TOTAL: set()}
    for atom in (row[1] for row in known if row[_AT["places"]]):
        for cell in _cells_of(atom):
            cells.setdefault(cell, set()).add(atom)
    frozen = {cell: frozenset(atoms) for cell, atoms in cells.items()}
    shown = _cells_at(ids, year, as_of)
    tables: _Tables = {}
    for count in _COUNTS:
        atoms = {row[1]: int(row[_AT[count]]) for row in known}
        people = {cell: shown.get(cell, _NOBODY)[count] for cell in frozen}
        tables[count] = Counts(atoms, frozen, people)
    return tables


# What everybody can lay beside it --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Account:
    """What an account tells of people, of all sides, and what it does not show.

    It is published `by` a client about all that is its own, or by a team about all of its region.
    """

    name: str
    by: str
    is_regional: bool
    people: _People
    cells: Mapping[Cell, _Numbers]
    unseen: frozenset[Cell] = frozenset()

    def is_of_the_same(self, other: _Account) -> bool:
        """Whether both are about the contracts of one organisation."""
        return (self.by, self.is_regional) == (other.by, other.is_regional)

    def unseen_in(self, later: _Account) -> set[Cell]:
        """The cells that a later one of the same does not show: what was hidden stays hidden.

        And a change of fewer than five people is a small count itself.
        """
        changes = {
            cell: [abs(numbers[count] - self.cells[cell][count]) for count in _COUNTS]
            for cell, numbers in later.cells.items()
            if cell in self.cells
        }
        little = {cell for cell, both in changes.items() if any(0 < one < SMALL for one in both)}
        return {*self.unseen, *little}

    def tells_of(self, sides: Sides) -> bool:
        """Whether it counts the people of some sides, however many there are."""
        return self.by in sides.team.split("+") if self.is_regional else self.by == sides.client

    def rest(self, count: _Count, of: Collection[Sides], reader: _Reader) -> Counter[str]:
        """The people of some sides by their atoms, less those whom a reader knows himself."""
        rest: Counter[str] = Counter()
        for sides, atoms in self.people[count].items():
            if sides in of and not reader.knows(sides):
                rest.update(atoms)
        return rest

    def cell(self, cell: Cell) -> Cell:
        """What a row of it is called beside those of other accounts."""
        return Cell(f"{self.name}|{cell.by}", cell.key) if self.name else cell


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads an account, and knows the people of a client or of a contractor already.

    `people` says how many different ones he has in each cell now.
    """

    client: str = ""
    contractor: str = ""
    people: Mapping[Cell, _Numbers] = field(default_factory=dict)

    def knows(self, sides: Sides) -> bool:
        """Whether the people of some sides are known to him."""
        return self.client == sides.client or self.contractor == sides.contractor


@dataclass(frozen=True, slots=True)
class _Together:
    """All accounts about some clients in the order of their moments, the last that of now."""

    accounts: Sequence[_Account]

    def sides(self) -> set[Sides]:
        """All whose people some account tells of."""
        return {sides for one in self.accounts for sides in one.people["places"]}

    def tables(self, reader: _Reader) -> Iterator[tuple[Counts[Cell], set[Cell]]]:
        """What a reader would learn, with the cells of other accounts that he does not see.

        Where a region looks after a part of what a client awards, the people of that part are
        slices of their own; and where a contract came to a region or left it, they are not.
        """
        unseen = {one.cell(cell) for one in self.accounts for cell in one.unseen}
        known: list[Counts[Cell]] = []
        parts = {(sides.client, sides.team) for sides in self.sides()}
        is_divided = len(parts) > len({client for client, _ in parts})
        for count in _COUNTS:
            for by_team in (True, False) if is_divided else (False,):
                table = self._beside(count, reader, by_team=by_team)
                if table not in known:
                    known.append(table)
                    yield table, unseen

    def _beside(self, count: _Count, reader: _Reader, *, by_team: bool) -> Counts[Cell]:
        """The counts of all accounts, made of people in slices of time.

        Accounts of other moments are about the same people, less who left and with who came.
        """
        atoms: dict[Hashable, int] = {}
        cells: dict[Cell, set[Hashable]] = {}
        parts: dict[tuple[str, ...], set[Sides]] = {}
        for sides in self.sides():
            parts.setdefault((sides.client, sides.team if by_team else ""), set()).add(sides)
        for part, of in sorted(parts.items()):
            about = [one for one in self.accounts if any(map(one.tells_of, of))]
            whole = slices([one.rest(count, of, reader) for one in about])
            atoms.update(((*part, *key), people) for key, people in whole.items())
            for at, account in enumerate(about):
                for cell, there in _there(part, whole, at).items():
                    cells.setdefault(account.cell(cell), set()).update(there)
        now = self.accounts[-1].cells
        people = {
            cell: now.get(cell, _NOBODY)[count] - reader.people.get(cell, _NOBODY)[count]
            for cell in cells
        }
        frozen = {cell: frozenset(there) for cell, there in cells.items()}
        elsewhere = frozenset(cell for cell in frozen if "|" in cell.by)
        return Counts(atoms, frozen, people, elsewhere)


def _readers(
    together: _Together, ids: Sequence[int], year: int, as_of: datetime | None
) -> Iterator[_Reader]:
    """Everybody, and then each who knows a part of the people: a client, or a contractor."""
    yield _Reader()
    clients = {sides.client for sides in together.sides()}
    if len(clients) > 1:
        people = _people_of(By.CLIENT, ids, year, as_of)
        yield from (_Reader(client=one, people=people.get(one, {})) for one in sorted(clients))
    people = _people_of(By.CONTRACTOR, ids, year, as_of)
    for one in sorted({sides.contractor for sides in together.sides()}):
        yield _Reader(contractor=one, people=people.get(one, {}))


def _people_of(
    by: By, ids: Sequence[int], year: int, as_of: datetime | None
) -> dict[str, dict[Cell, dict[_Count, int]]]:
    """How many people each contractor or client has in each cell."""
    people: dict[str, dict[Cell, dict[_Count, int]]] = {}
    divisions = [_ALL, *WITH_PEOPLE]
    for row in rows_by(ids, [year], divisions, beside=by, key=_cell_key, as_of=as_of):
        part, _, key = row[1].partition("|")
        cell = TOTAL if row[0] == _ALL else Cell(row[0], key)
        if row[_AT["places"]]:
            people.setdefault(part, {})[cell] = {count: int(row[_AT[count]]) for count in _COUNTS}
    return people


def _people_at(ids: Sequence[int], year: int, moment: datetime | None) -> _People:
    """How many people and places each atom had at a moment, of all sides."""
    people: _People = {count: {} for count in _COUNTS}
    for row in rows_by(list(ids), [year], ["atom"], beside="sides", key=_atom, as_of=moment):
        parties, _, atom = row[1].partition("|")
        if row[_AT["places"]]:
            for count in _COUNTS:
                of_it = people[count].setdefault(Sides(*parties.split("/")), {})
                of_it[atom] = int(row[_AT[count]])
    return people


def _there(part: tuple[str, ...], whole: Iterable[_Slice], at: int) -> dict[Cell, set[Hashable]]:
    """The slices of a part that are there at a moment, by the cells that they count in."""
    cells: dict[Cell, set[Hashable]] = {}
    for atom, since, until in whole:
        if since <= at < until:
            for cell in _cells_of(atom):
                cells.setdefault(cell, set()).add((*part, atom, since, until))
    return cells


def _cell_key(block: Block, by: str) -> str:
    return _ALL if by == _ALL else key_of(block, By(by))


def _accounts_about(ids: Sequence[int], year: int) -> list[_Account]:
    """What was published about the clients of some contracts, and about whom it was told with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_accounts_about(%s, %s)", [as_array(ids), year])
        return [
            _Account(
                str(number),
                str(organisation),
                ReportKind(kind) in OF_REGION,
                _kept(json.loads(people)),
                {Cell(by, key): _numbers(both) for by, key, *both in json.loads(cells)},
                frozenset(Cell(*cell) for cell in json.loads(hidden)),
            )
            for number, (organisation, kind, hidden, people, cells) in enumerate(cursor.fetchall())
        ]


def _kept(rows: Iterable[Sequence[Any]]) -> _People:
    """What `counted` kept behind an account."""
    people: _People = {count: {} for count in _COUNTS}
    for client, contractor, team, atom, *both in rows:
        for count, number in _numbers(both).items():
            people[count].setdefault(Sides(client, contractor, team), {})[atom] = number
    return people


def _numbers(both: Sequence[int]) -> _Numbers:
    return dict(zip(_COUNTS, both, strict=True))


def _cells_at(ids: Sequence[int], year: int, as_of: datetime | None) -> dict[Cell, _Numbers]:
    """What each cell would show: different people, however many atoms they stand in."""
    shown = {TOTAL: results(ids, [year], as_of=as_of)[year]}
    for by, rows in results_by(ids, [year], WITH_PEOPLE, as_of=as_of).items():
        shown |= {Cell(by, row.key): row.result for row in rows}
    return {cell: {"people": one.people, "places": one.places} for cell, one in shown.items()}


def _atom(block: Block, _division: str) -> str:
    """The smallest group that is told apart: a kind of effort and a target group together."""
    return "|".join(key_of(block, by) for by in WITH_PEOPLE)


@cache
def _cells_of(atom: str) -> tuple[Cell, ...]:
    """The cells that an atom counts in; one whose block no version has any more in the total."""
    keys = atom.split("|")
    if len(keys) < len(WITH_PEOPLE):
        return (TOTAL,)
    return (TOTAL, *(Cell(by, key) for by, key in zip(WITH_PEOPLE, keys, strict=True)))
