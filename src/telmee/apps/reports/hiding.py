"""Which counts of people an account hides, from what it would publish and published before.

People are published by kind of effort, target group, policy field and national element, never by
anything that tells contracts apart: a sector or a contractor is often one contract, and who knows
the contract knows the people. A region publishes no people by client. Its rows are held against
those that its clients publish: who takes all clients but one from a row of the region has the row
of that one, whether it was hidden there or not.

A region and its clients publish at different moments. Who takes what a client published in March
from what its region publishes in May has who came in between. So each is also held against what the
other published, as of that moment. A client does not see the others of its region, and takes them
for known: its own part of a row of the region then tells as much as a row of its own.

A contractor knows his own people. Who takes them from what his client publishes knows those of the
other contractors. So each account is also looked at without the people of one contractor, as he
sees it. His own statement names no people at all (`document`), so that nobody else subtracts them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Literal, NamedTuple

from django.db import connection

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.reports.choices import OF_ONE, OF_REGION, ReportKind
from telmee.apps.reports.figures import By, key_of
from telmee.apps.reports.results import Result, results, results_by, rows_by
from telmee.core.schemes.model import Block
from telmee.core.small_counts import SMALL, Counts, Published, hidden_beside, hidden_cells, slices

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
#: What an account knew, and which counts it hid.
Before = tuple[Sequence[int], datetime, frozenset[Cell]]


def hidden_in(
    contracts: Sequence[int],
    year: int,
    *,
    as_of: datetime | None,
    before: Iterable[Before] = (),
    by_client: bool = False,
) -> frozenset[Cell]:
    """The cells of which an account hides how many people and places they have.

    A cell is hidden for both where one of the two asks for it. `before` are the accounts of the
    same year that were published: their contracts, their moment, and what they hid.
    """
    tables = _region_tables if by_client else _tables
    known = list(before)
    earlier = [(tables(ids, year, moment), hidden) for ids, moment, hidden in known]
    hidden = _hidden(tables(contracts, year, as_of), earlier)
    hidden |= _since_others_published(contracts, year, as_of, hidden, by_client=by_client)
    hidden |= _beside_ones_own(contracts, year, as_of, known, hidden)
    if by_client:
        hidden |= _beside_ones_own(contracts, year, as_of, known, hidden, by_client=True)
    return hidden


def with_people(contracts: Iterable[int], year: int, as_of: datetime | None) -> frozenset[Cell]:
    """Every cell in which somebody counts, and the total, whoever counts there."""
    return frozenset(_tables(contracts, year, as_of)["places"].cells)


def _hidden(
    now: _Tables,
    earlier: Iterable[tuple[_Tables, frozenset[Cell]]],
    given: frozenset[Cell] = frozenset(),
) -> frozenset[Cell]:
    known = list(earlier)
    hidden: set[Cell] = set()
    for count in _COUNTS:
        before = [Published(tables[count], cells) for tables, cells in known]
        hidden |= hidden_cells(now[count], before, given)
    return frozenset(cell for cell in hidden if cell not in now["people"].elsewhere)


def _tables(contracts: Iterable[int], year: int, as_of: datetime | None) -> _Tables:
    """What could be published of people and of places, each made of its atoms."""
    ids = list(contracts)
    rows = rows_by(ids, [year], ["atom"], key=_atom, as_of=as_of)
    return _counted(ids, year, as_of, rows, _cells_of)


def _region_tables(contracts: Iterable[int], year: int, as_of: datetime | None) -> _Tables:
    """The same of a region, with each row that a client of it publishes by its own rules."""
    ids = list(contracts)
    rows = rows_by(ids, [year], ["atom"], beside=By.CLIENT, key=_atom, as_of=as_of)
    tables = _counted(ids, year, as_of, rows, lambda atom: _cells_of(atom.partition("|")[2]))
    elsewhere = _elsewhere(ids, year, as_of)
    return {count: tables[count].beside(elsewhere) for count in _COUNTS}


def _counted(
    ids: list[int],
    year: int,
    as_of: datetime | None,
    rows: Iterable[tuple[Any, ...]],
    cells_of: Callable[[str], Iterable[Cell]],
) -> _Tables:
    known = list(rows)
    cells: dict[Cell, set[str]] = {TOTAL: set()}
    for atom in (row[1] for row in known if row[_AT["places"]]):
        for cell in cells_of(atom):
            cells.setdefault(cell, set()).add(atom)
    frozen = {cell: frozenset(atoms) for cell, atoms in cells.items()}
    shown = _published(ids, year, as_of)
    tables: _Tables = {}
    for count in _COUNTS:
        atoms = {row[1]: int(row[_AT[count]]) for row in known}
        people = {cell: getattr(shown.get(cell, Result()), count) for cell in frozen}
        tables[count] = Counts(atoms, frozen, people)
    return tables


def _elsewhere(ids: list[int], year: int, as_of: datetime | None) -> dict[Cell, frozenset[str]]:
    """The rows that clients publish about these contracts, each by the atoms of the region."""
    accounts = _accounts_about(ids, year, OF_ONE)
    rows: dict[Cell, frozenset[str]] = {}
    for client, contracts in _by_client(ids).items():
        for cell, atoms in _would_show(contracts, year, as_of, accounts.get(client, ())).items():
            of_client = Cell(f"{By.CLIENT}|{client}|{cell.by}", cell.key)
            rows[of_client] = frozenset(
                "|".join(filter(None, (str(client), atom))) for atom in atoms
            )
    return rows


def _by_client(ids: Sequence[int]) -> dict[int, list[int]]:
    by_client: dict[int, list[int]] = {}
    parties = Party.objects.filter(role=PartyRole.CLIENT, contract__in=listed(ids)).order_by("pk")
    for client, contract in parties.values_list("organisation_id", "contract_id"):
        by_client.setdefault(client, []).append(contract)
    return by_client


# What a contractor knows himself --------------------------------------------------------------


def _beside_ones_own(
    contracts: Sequence[int],
    year: int,
    as_of: datetime | None,
    before: Sequence[Before],
    hidden: frozenset[Cell],
    *,
    by_client: bool = False,
) -> frozenset[Cell]:
    """What is hidden besides, as a contractor takes his own people from it, now and of before.

    Beside the rows of all clients it costs a second for each contractor of a large region. So it is
    done for those who have nearly all of a count of a client, and for others without these rows.
    """
    tables = _region_tables if by_client else _tables
    moments = [*((ids, moment) for ids, moment, _ in before), (contracts, as_of)]
    parts = [_parts(ids, year, moment, by_client=by_client) for ids, moment in moments]
    who = _who_has_nearly_all(parts) if by_client else _who_knows_most(parts[-1])
    whole = [tables(ids, year, moment) for ids, moment in moments] if who else []
    more = hidden
    for contractor in who:
        *then, now = (
            _without(one, part.get(contractor)) for one, part in zip(whole, parts, strict=True)
        )
        apart = (published for _, _, published in before)
        more |= _hidden(now, zip(then, apart, strict=True), more)
    return more


def _parts(
    contracts: Sequence[int], year: int, as_of: datetime | None, *, by_client: bool
) -> dict[str, _Tables]:
    """The people of each contractor, by the atoms and the cells of the account."""
    ids = list(contracts)
    atoms: dict[tuple[str, _Count], dict[str, int]] = {}
    cells: dict[tuple[str, _Count], dict[Cell, int]] = {}
    for row in rows_by(ids, [year], ["atom"], beside="sides", key=_atom, as_of=as_of):
        sides, _, atom = row[1].partition("|")
        client, _, contractor = sides.partition("/")
        name = "|".join(filter(None, (client, atom))) if by_client else atom
        for count in _COUNTS:
            own = atoms.setdefault((contractor, count), {})
            own[name] = own.get(name, 0) + int(row[_AT[count]])
    divisions = [_ALL, *WITH_PEOPLE]
    for row in rows_by(ids, [year], divisions, beside=By.CONTRACTOR, key=_cell_key, as_of=as_of):
        contractor, _, key = row[1].partition("|")
        cell = TOTAL if row[0] == _ALL else Cell(row[0], key)
        for count in _COUNTS:
            known = cells.setdefault((contractor, count), {})
            known[cell] = known.get(cell, 0) + int(row[_AT[count]])
    return {
        contractor: {
            count: Counts(atoms[contractor, count], {}, cells.get((contractor, count), {}))
            for count in _COUNTS
        }
        for contractor in {contractor for contractor, _ in atoms}
    }


def _cell_key(block: Block, by: str) -> str:
    return _ALL if by == _ALL else key_of(block, By(by))


def _who_knows_most(parts: Mapping[str, _Tables]) -> list[str]:
    """Of each count the contractor who has most of it: who knows less of it learns no more."""
    most: dict[Any, tuple[int, str]] = {}
    for contractor, tables in sorted(parts.items()):
        for count, table in tables.items():
            for place, people in chain(table.atoms.items(), table.people.items()):
                most[count, place] = max((people, contractor), most.get((count, place), (0, "")))
    return sorted({contractor for people, contractor in most.values() if people})


def _who_has_nearly_all(parts: Sequence[Mapping[str, _Tables]]) -> list[str]:
    """The contractors without whom few people are left in a count of a client, at some moment."""
    known: set[str] = set()
    for moment in parts:
        for count in _COUNTS:
            own = {contractor: _of_clients(tables[count]) for contractor, tables in moment.items()}
            whole: dict[tuple[str, Cell], int] = {}
            for place, people in chain.from_iterable(one.items() for one in own.values()):
                whole[place] = whole.get(place, 0) + people
            known |= {
                contractor
                for contractor, counts in own.items()
                if any(people and 0 < whole[at] - people < SMALL for at, people in counts.items())
            }
    return sorted(known)


def _of_clients(part: Counts[Cell]) -> dict[tuple[str, Cell], int]:
    """The people of each client, by the cells of its own account."""
    counts: dict[tuple[str, Cell], int] = {}
    for name, people in part.atoms.items():
        client, _, atom = name.partition("|")
        for cell in _cells_of(atom):
            counts[client, cell] = counts.get((client, cell), 0) + people
    return counts


def _without(tables: _Tables, part: _Tables | None) -> _Tables:
    return {count: tables[count].without(part[count]) for count in _COUNTS} if part else tables


def _would_show(
    ids: list[int], year: int, as_of: datetime | None, before: Sequence[Before]
) -> dict[Cell, frozenset[str]]:
    """The rows that a client would show at a moment, by its own rules."""
    own = _tables(ids, year, as_of)
    hidden = _hidden(own, [(_tables(of, year, moment), apart) for of, moment, apart in before])
    return {cell: atoms for cell, atoms in own["people"].cells.items() if cell not in hidden}


# What others published at other moments --------------------------------------------------------

_ACCOUNTS = "SELECT * FROM telmee_accounts_about(%s, %s, %s::text[])"
_Slice = tuple[str, int, int]


def _accounts_about(
    ids: Sequence[int], year: int, kinds: Iterable[ReportKind]
) -> dict[int, list[Before]]:
    """What organisations published about some of these contracts, in the order of its moments."""
    accounts: dict[int, list[Before]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [as_array(ids), year, [str(kind) for kind in kinds]])
        for organisation, as_of, contracts, hidden in cursor.fetchall():
            apart = frozenset(Cell(*cell) for cell in json.loads(hidden))
            accounts.setdefault(organisation, []).append((contracts, as_of, apart))
    return accounts


def _since_others_published(
    contracts: Sequence[int],
    year: int,
    as_of: datetime | None,
    hidden: frozenset[Cell],
    *,
    by_client: bool,
) -> frozenset[Cell]:
    """What is hidden besides, as others published about the same people at another moment."""
    ids = list(contracts)
    accounts = _accounts_about(ids, year, OF_ONE if by_client else OF_REGION)
    if not accounts:
        return frozenset()
    parts = _by_client(ids) if by_client else {0: ids}
    every = sorted(chain(*accounts.values()), key=lambda account: account[1])
    shown_now = _published(ids, year, as_of)
    tables = {count: _Sliced({}, {}, {}) for count in _COUNTS}
    for client, own in parts.items():
        of_others = accounts.get(client, []) if by_client else every
        moments = [*((of, moment) for of, moment, _ in of_others), (own, as_of)]
        atoms = [_atoms_at(of, year, moment) for of, moment in moments]
        shown = _would_show(own, year, as_of, of_others) if by_client else {}
        for count, table in tables.items():
            at_moments = [one[count] for one in atoms]
            table.add(client, at_moments, [apart for _, _, apart in of_others], shown)
    more = (
        hidden_beside(table.counts(shown_now, count), hidden) for count, table in tables.items()
    )
    return frozenset().union(*more)


@dataclass(frozen=True, slots=True)
class _Sliced:
    """People by slices of time: what is told now by `cells`, and by others at their moments."""

    atoms: dict[Hashable, int]
    cells: dict[Cell, set[Hashable]]
    others: dict[Cell, frozenset[Hashable]]

    def add(
        self,
        client: int,
        moments: Sequence[Mapping[str, int]],
        hidden: Sequence[frozenset[Cell]],
        shown: Collection[Cell],
    ) -> None:
        """Add the people of a client at moments, of which the last is now.

        At all others somebody published them but for what was `hidden`; now `shown` is all that
        the client publishes itself.
        """
        whole, now = slices(moments), len(moments) - 1
        self.atoms.update(((client, *key), people) for key, people in whole.items())
        for cell, there in _there(client, whole, now).items():
            self.cells.setdefault(cell, set()).update(there)
            if cell in shown:
                self.others[Cell(f"{client}|{cell.by}", cell.key)] = frozenset(there)
        for at, apart in enumerate(hidden):
            for cell, there in _there(client, whole, at).items():
                if cell not in apart:
                    self.others[Cell(f"{client}|{at}|{cell.by}", cell.key)] = frozenset(there)

    def counts(self, shown: Mapping[Cell, Result], count: _Count) -> Counts[Cell]:
        """The same as counts, with the people that each cell would show now."""
        frozen = {cell: frozenset(atoms) for cell, atoms in self.cells.items()}
        people = {cell: getattr(shown.get(cell, Result()), count) for cell in frozen}
        return Counts(self.atoms, frozen, people).beside(self.others)


def _atoms_at(
    ids: Sequence[int], year: int, moment: datetime | None
) -> dict[_Count, dict[str, int]]:
    """How many people and places each atom had at a moment."""
    rows = rows_by(list(ids), [year], ["atom"], key=_atom, as_of=moment)
    return {count: {row[1]: int(row[_AT[count]]) for row in rows} for count in _COUNTS}


def _there(client: int, whole: Iterable[_Slice], at: int) -> dict[Cell, set[Hashable]]:
    """The slices of a client that are there at a moment, by the cells that they count in."""
    cells: dict[Cell, set[Hashable]] = {}
    for atom, since, until in whole:
        if since <= at < until:
            for cell in _cells_of(atom):
                cells.setdefault(cell, set()).add((client, atom, since, until))
    return cells


def _published(ids: list[int], year: int, as_of: datetime | None) -> dict[Cell, Result]:
    """What each cell would show: different people, however many atoms they stand in."""
    shown = {TOTAL: results(ids, [year], as_of=as_of)[year]}
    for by, rows in results_by(ids, [year], WITH_PEOPLE, as_of=as_of).items():
        shown |= {Cell(by, row.key): row.result for row in rows}
    return shown


def _atom(block: Block, _division: str) -> str:
    """The smallest group that is told apart: a kind of effort and a target group together."""
    return "|".join(key_of(block, by) for by in WITH_PEOPLE)


def _cells_of(atom: str) -> Iterable[Cell]:
    """The cells that an atom counts in; one whose block no version has any more in the total."""
    yield TOTAL
    keys = atom.split("|")
    if len(keys) == len(WITH_PEOPLE):
        for by, key in zip(WITH_PEOPLE, keys, strict=True):
            yield Cell(by, key)
