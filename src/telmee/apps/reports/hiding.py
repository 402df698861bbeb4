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

A contractor knows his own people, and a client of a region its own. Who takes them from what is
published knows those of the others. So all accounts together are also looked at without the people
of one contractor or of one client, as he sees them. The statement of a contractor names no people
at all (`document`), so that nobody else subtracts them.

All accounts of a year are laid beside each other at once, those of now and of before, of the client
and of its region: two of them may tell nothing, and three a small count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
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
#: The people of each client and contractor, by their atoms.
_Sides = dict[_Count, dict[tuple[str, str], dict[str, int]]]
_Slice = tuple[str, int, int]


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
    known = list(before)
    earlier = [(_tables(ids, year, moment), hidden) for ids, moment, hidden in known]
    hidden = _hidden(_tables(contracts, year, as_of), earlier)
    together = _together(contracts, year, as_of, known, by_client=by_client)
    for reader in _readers(together, contracts, year, as_of):
        for step in together.steps():
            tables = [step.beside(count, reader) for count in _COUNTS]
            for table, unseen in tables if tables[0] != tables[1] else tables[:1]:
                hidden |= hidden_beside(table, hidden | unseen)
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
        tables[count] = Counts(atoms, frozen, people, with_name=frozenset(frozen))
    return tables


def _by_client(ids: Sequence[int]) -> dict[int, list[int]]:
    by_client: dict[int, list[int]] = {}
    parties = Party.objects.filter(role=PartyRole.CLIENT, contract__in=listed(ids)).order_by("pk")
    for client, contract in parties.values_list("organisation_id", "contract_id"):
        by_client.setdefault(client, []).append(contract)
    return by_client


# What everybody can lay beside it --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Account:
    """What an account tells of people, of each client and contractor, and what it does not show.

    `of` is the client that it is about, or nothing where it is about all of them. It is `taken` for
    known where nobody can say so: what clients would publish now, and of each account of a region
    the part of one client. What only such a part gives away is no reason to give it away here.
    """

    name: str
    of: str
    people: _Sides
    unseen: frozenset[Cell]
    taken: str = ""

    def rest(self, count: _Count, client: str, reader: _Reader) -> Counter[str]:
        """The people of a client by their atoms, less those whom a reader knows himself."""
        rest: Counter[str] = Counter()
        for sides, atoms in self.people[count].items():
            if sides[0] == client and not reader.knows(sides):
                rest.update(atoms)
        return rest

    def known_to(self, reader: _Reader, count: _Count) -> set[Cell]:
        """The cells in which people stand whom a reader knows himself."""
        own = (atoms for sides, atoms in self.people[count].items() if reader.knows(sides))
        return {cell for atoms in own for atom in atoms for cell in _cells_of(atom)}

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
    people: Mapping[Cell, Mapping[_Count, int]] = field(default_factory=dict)

    def knows(self, sides: tuple[str, str]) -> bool:
        """Whether the people of a client and contractor are known to him."""
        return self.client == sides[0] or self.contractor == sides[1]


@dataclass(frozen=True, slots=True)
class _Together:
    """All accounts about some contracts in the order of their moments, the last that of now."""

    accounts: Sequence[_Account]
    shown: Mapping[Cell, Result]

    def steps(self) -> list[_Together]:
        """Without what is only taken for known, with each part of it, and with all.

        Each part by itself, for two of them may tell of a change that neither really tells.
        """
        groups = list(dict.fromkeys(one.taken for one in self.accounts if one.taken))
        parts = [{""}, *({"", group} for group in groups)]
        chosen = [*parts, {"", *groups}] if len(groups) > 1 else parts
        return [
            replace(self, accounts=[one for one in self.accounts if one.taken in part])
            for part in chosen
        ]

    def beside(self, count: _Count, reader: _Reader) -> tuple[Counts[Cell], set[Cell]]:
        """What a reader would learn, with the cells of other accounts that he does not see.

        People are in slices of time, for accounts of other moments are about the same people.
        """
        atoms: dict[Hashable, int] = {}
        cells: dict[Cell, set[Hashable]] = {}
        for client in sorted({client for one in self.accounts for client, _ in one.people[count]}):
            about = [one for one in self.accounts if one.of in ("", client)]
            whole = slices([one.rest(count, client, reader) for one in about])
            atoms.update(((client, *key), people) for key, people in whole.items())
            for at, account in enumerate(about):
                for cell, there in _there(client, whole, at).items():
                    if not (account.taken and cell in account.unseen):
                        cells.setdefault(account.cell(cell), set()).update(there)
        counted = {cell: getattr(self.shown.get(cell, Result()), count) for cell in cells}
        people = {
            cell: whole - reader.people.get(cell, {}).get(count, 0)
            for cell, whole in counted.items()
        }
        unnamed = {one.cell(cell) for one in self.accounts for cell in one.known_to(reader, count)}
        frozen = {cell: frozenset(there) for cell, there in cells.items()}
        own = {cell for cell in frozen if "|" not in cell.by}
        elsewhere = frozenset(frozen.keys() - own)
        table = Counts(atoms, frozen, people, elsewhere, frozenset(frozen.keys() - unnamed))
        return table, {one.cell(cell) for one in self.accounts for cell in one.unseen}


def _together(
    contracts: Sequence[int],
    year: int,
    as_of: datetime | None,
    before: Sequence[Before],
    *,
    by_client: bool,
) -> _Together:
    """Lay an account of now beside all others: its own of before, and those of others.

    A region knows its clients and lays what each would publish now beside it. A client does not see
    the others of its region: its own part of a row of the region tells as much as a row of its own.
    """
    ids = list(contracts)
    others = _accounts_about(ids, year, OF_ONE if by_client else OF_REGION)
    rows = [("own", account) for account in before]
    rows += [(str(one), account) for one, accounts in others.items() for account in accounts]
    accounts = []
    for place, (name, (of_it, moment, unseen)) in enumerate(sorted(rows, key=_at)):
        people, called = _sides_at(of_it, year, moment), f"{name} {place}"
        if by_client or name == "own":
            of = name if name != "own" else ""
            accounts.append(_Account(called, of, people, unseen))
        else:  # a row of which the own part is small does not tell that part
            small = _hidden(_tables(of_it, year, moment), ())
            accounts.append(_Account(called, "", people, unseen | small, taken=called))
    now = _sides_at(ids, year, as_of)
    for client, own in _by_client(ids).items() if by_client else ():
        unseen = hidden_in(own, year, as_of=as_of, before=others.get(client, ()))
        accounts.append(_Account(f"{client} to come", str(client), now, unseen, taken="to come"))
    return _Together([*accounts, _Account("", "", now, frozenset())], _published(ids, year, as_of))


def _at(row: tuple[str, Before]) -> datetime:
    _name, (_contracts, moment, _hidden) = row
    return moment


def _readers(
    together: _Together, contracts: Sequence[int], year: int, as_of: datetime | None
) -> Iterator[_Reader]:
    """Everybody, and then each who knows a part of the people: a client, or a contractor."""
    yield _Reader()
    ids = list(contracts)
    clients = {client for one in together.accounts for client, _ in one.people["places"]}
    if len(clients) > 1:
        people = _people_of(By.CLIENT, ids, year, as_of)
        yield from (_Reader(client=one, people=people.get(one, {})) for one in sorted(clients))
    people = _people_of(By.CONTRACTOR, ids, year, as_of)
    for one in sorted(_who_know_most(together.accounts)):
        yield _Reader(contractor=one, people=people.get(one, {}))


_Place = tuple[str, Hashable]


def _who_know_most(accounts: Sequence[_Account]) -> set[str]:
    """The contractors who leave few people in some count, or have most of it: others learn no more.

    Of a count of one of many clients, having most of it only matters where it is hidden; of those
    who came or left since another account it does not.
    """
    known: set[str] = set()
    for count in _COUNTS:
        before: dict[str, dict[str, Counter[str]]] = {}
        for account in accounts:
            now = _by_client_and_contractor(account, count)
            for (of, place), parts in _parts_of(now).items():
                hides = not of or (account.of == of and place in account.unseen)
                known |= _who_leaves_few(parts, or_has_most=hides)
            for client in now if not account.of else {account.of}:
                then = before.setdefault(client, {})
                change = _change(then, now.get(client, {}))
                for parts in _parts_of({client: change}).values() if then else ():
                    known |= _who_leaves_few(parts)
                before[client] = now.get(client, {})
    return known


def _by_client_and_contractor(
    account: _Account, count: _Count
) -> dict[str, dict[str, Counter[str]]]:
    people: dict[str, dict[str, Counter[str]]] = {}
    for (client, contractor), atoms in account.people[count].items():
        people.setdefault(client, {})[contractor] = Counter(atoms)
    return people


def _change(then: Mapping[str, Counter[str]], now: Mapping[str, Counter[str]]) -> Any:
    """Who came to and who left each contractor, together."""
    none: Counter[str] = Counter()
    pairs = ((who, then.get(who, none), now.get(who, none)) for who in {*then, *now})
    return {who: (new - old) + (old - new) for who, old, new in pairs}


def _parts_of(people: Mapping[str, Mapping[str, Counter[str]]]) -> dict[_Place, Counter[str]]:
    """What each contractor has of each count, of all clients together and of each."""
    parts: dict[_Place, Counter[str]] = {}
    for client, by_contractor in people.items():
        for contractor, atoms in by_contractor.items():
            for atom, number in atoms.items():
                for place in (atom, *_cells_of(atom)):
                    for of in ("", client):
                        parts.setdefault((of, place), Counter())[contractor] += number
    return parts


def _who_leaves_few(parts: Counter[str], *, or_has_most: bool = False) -> set[str]:
    """The contractors without whom few people are left in a count."""
    whole = parts.total()
    few = {contractor for contractor, people in parts.items() if 0 < whole - people < SMALL}
    return few | ({max(parts, key=parts.__getitem__)} if or_has_most else set())


def _people_of(
    by: By, ids: list[int], year: int, as_of: datetime | None
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


def _sides_at(ids: Sequence[int], year: int, moment: datetime | None) -> _Sides:
    """How many people and places each atom had at a moment, of each client and contractor."""
    sides: _Sides = {count: {} for count in _COUNTS}
    for row in rows_by(list(ids), [year], ["atom"], beside="sides", key=_atom, as_of=moment):
        parties, _, atom = row[1].partition("|")
        client, _, contractor = parties.partition("/")
        if row[_AT["places"]]:
            for count in _COUNTS:
                sides[count].setdefault((client, contractor), {})[atom] = int(row[_AT[count]])
    return sides


def _there(client: str, whole: Iterable[_Slice], at: int) -> dict[Cell, set[Hashable]]:
    """The slices of a client that are there at a moment, by the cells that they count in."""
    cells: dict[Cell, set[Hashable]] = {}
    for atom, since, until in whole:
        if since <= at < until:
            for cell in _cells_of(atom):
                cells.setdefault(cell, set()).add((client, atom, since, until))
    return cells


def _cell_key(block: Block, by: str) -> str:
    return _ALL if by == _ALL else key_of(block, By(by))


_ACCOUNTS = "SELECT * FROM telmee_accounts_about(%s, %s, %s::text[])"


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


def _published(ids: list[int], year: int, as_of: datetime | None) -> dict[Cell, Result]:
    """What each cell would show: different people, however many atoms they stand in."""
    shown = {TOTAL: results(ids, [year], as_of=as_of)[year]}
    for by, rows in results_by(ids, [year], WITH_PEOPLE, as_of=as_of).items():
        shown |= {Cell(by, row.key): row.result for row in rows}
    return shown


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
