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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from telmee.apps.organisations.many import as_array
from telmee.apps.reports.behind import lines_behind
from telmee.apps.reports.choices import OF_REGION, ReportKind
from telmee.apps.reports.figure_words import By, has_people, key_of
from telmee.apps.reports.results import Row, blocks_of, results, results_by, rows_by
from telmee.apps.reports.together import (
    COUNTS,
    NOBODY,
    TOTAL,
    WITH_PEOPLE,
    Account,
    Cell,
    Count,
    Numbers,
    People,
    Sides,
    cells_of,
    hidden_beside,
)
from telmee.core.schemes.model import Block
from telmee.core.small_counts import SMALL, Counts, hidden_cells

#: The places of both in a row of the database, behind its division, its key and its year.
_AT = {"people": 12, "places": 13}


#: The division of a reading in which all effort stands in one row.
_ALL = "all"
_Tables = dict[Count, Counts[Cell]]
_Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Behind:
    """The people and places behind an account of contracts and a year, as of a moment.

    Of each atom by its sides, and of each cell.
    """

    contracts: list[int]
    year: int
    as_of: datetime | None
    people: People
    cells: Mapping[Cell, Numbers]


def people_behind(contracts: Iterable[int], year: int, as_of: datetime | None) -> Behind:
    """Who stood behind what is told of a year, at a moment."""
    ids = list(contracts)
    return Behind(ids, year, as_of, _people_at(ids, year, as_of), _cells_at(ids, year, as_of))


def hidden_in(organisation: int, kind: ReportKind, behind: Behind) -> frozenset[Cell]:
    """The cells of which an account hides how many people and places they have.

    A cell is hidden for both where one of the two asks for it.
    """
    ids, year, as_of = behind.contracts, behind.year, behind.as_of
    now = Account("", str(organisation), kind in OF_REGION, behind.people, behind.cells)
    before = _accounts_about(ids, year)
    tables = _tables(_atoms(ids, year, as_of), behind.cells)
    alone = (hidden_cells(table) for table in tables.values())
    return hidden_beside(
        now,
        before,
        _people_of(By.CLIENT, ids, year, as_of),
        _people_of(By.CONTRACTOR, ids, year, as_of),
        frozenset[Cell]().union(*alone),
    )


def counted(behind: Behind) -> tuple[_Rows, _Rows]:
    """What is kept behind an account: of all sides each atom, and each cell, in numbers.

    A cell has as many people as its atoms together, less those who stand in two of them.
    """
    people = behind.people
    atoms = [
        [*sides, atom, *(people[count][sides][atom] for count in COUNTS)]
        for sides, of_it in sorted(people["places"].items())
        for atom in sorted(of_it)
    ]
    return atoms, [[*cell, *numbers.values()] for cell, numbers in sorted(behind.cells.items())]


def with_people(contracts: Iterable[int], year: int, as_of: datetime | None) -> frozenset[Cell]:
    """Every cell in which somebody counts, and the total, whoever counts there."""
    return frozenset(_in_cells(_atoms(contracts, year, as_of)))


def handed_in_by_few(
    contracts: Iterable[int],
    year: int,
    divided: Mapping[By, Sequence[Row]],
    as_of: datetime | None,
    *,
    few: float = SMALL,
) -> frozenset[Cell]:
    """The rows in which nobody counts, and of whom effort was handed in are fewer than a `few`.

    Only who was verified is counted. A row that is named for what was handed in alone, or rejected,
    tells in its euros of as few people.
    """
    nobody = {
        Cell(by, row.key)
        for by in divided.keys() & set(WITH_PEOPLE)
        for row in divided[by]
        if row.key and row.result.delivered_cents and not row.result.places
    }
    if not nobody:
        return frozenset()
    handed_in = _who_handed_in(list(contracts), year, as_of)
    return frozenset(cell for cell in nobody if 0 < len(handed_in.get(cell, ())) < few)


def _who_handed_in(
    ids: list[int], year: int, as_of: datetime | None
) -> dict[Cell, set[tuple[str, int]]]:
    """Of whom effort was handed in, by cell; a line without a code is of somebody else."""
    blocks = blocks_of(ids)
    lines = lines_behind(ids, year, as_of=as_of).values_list(
        *("block", "contract__amended", "contract__scheme_id", "receipt__scheme_id"),
        *("person_id", "pk"),
    )
    cells: dict[Cell, set[tuple[str, int]]] = {}
    for key, amended, now, then, person, line in lines:
        block = blocks.get((then if amended else now, key))
        if block is not None and has_people(block):
            who = ("person", person) if person else ("line", line)
            for by in WITH_PEOPLE:
                cells.setdefault(Cell(by, key_of(block, by)), set()).add(who)
    return cells


def _atoms(contracts: Iterable[int], year: int, as_of: datetime | None) -> list[tuple[Any, ...]]:
    return rows_by(list(contracts), [year], ["atom"], key=_atom, as_of=as_of)


def _in_cells(known: Iterable[tuple[Any, ...]]) -> dict[Cell, frozenset[str]]:
    """The atoms in which somebody counts, by the cells that they stand in, and the total."""
    cells: dict[Cell, set[str]] = {TOTAL: set()}
    for atom in (row[1] for row in known if row[_AT["places"]]):
        for cell in cells_of(atom):
            cells.setdefault(cell, set()).add(atom)
    return {cell: frozenset(atoms) for cell, atoms in cells.items()}


def _tables(known: list[tuple[Any, ...]], shown: Mapping[Cell, Numbers]) -> _Tables:
    """What could be published of people and of places, each made of its atoms."""
    frozen = _in_cells(known)
    tables: _Tables = {}
    for count in COUNTS:
        atoms = {row[1]: int(row[_AT[count]]) for row in known}
        people = {cell: shown.get(cell, NOBODY)[count] for cell in frozen}
        tables[count] = Counts(atoms, frozen, people)
    return tables


def _people_of(
    by: By, ids: Sequence[int], year: int, as_of: datetime | None
) -> dict[str, dict[Cell, dict[Count, int]]]:
    """How many people each contractor or client has in each cell."""
    people: dict[str, dict[Cell, dict[Count, int]]] = {}
    divisions = [_ALL, *WITH_PEOPLE]
    for row in rows_by(ids, [year], divisions, beside=by, key=_cell_key, as_of=as_of):
        part, _, key = row[1].partition("|")
        cell = TOTAL if row[0] == _ALL else Cell(row[0], key)
        if row[_AT["places"]]:
            people.setdefault(part, {})[cell] = {count: int(row[_AT[count]]) for count in COUNTS}
    return people


def _people_at(ids: Sequence[int], year: int, moment: datetime | None) -> People:
    """How many people and places each atom had at a moment, of all sides."""
    people: People = {count: {} for count in COUNTS}
    for row in rows_by(list(ids), [year], ["atom"], beside="sides", key=_atom, as_of=moment):
        parties, _, atom = row[1].partition("|")
        if row[_AT["places"]]:
            for count in COUNTS:
                of_it = people[count].setdefault(Sides(*parties.split("/")), {})
                of_it[atom] = int(row[_AT[count]])
    return people


def _cell_key(block: Block, by: str) -> str:
    return _ALL if by == _ALL else key_of(block, By(by))


def _accounts_about(ids: Sequence[int], year: int) -> list[Account]:
    """What was published about the clients of some contracts, and about whom it was told with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_accounts_about(%s, %s)", [as_array(ids), year])
        return [
            Account(
                str(number),
                str(organisation),
                ReportKind(kind) in OF_REGION,
                _kept(json.loads(people)),
                {Cell(by, key): _numbers(both) for by, key, *both in json.loads(cells)},
                frozenset(Cell(*cell) for cell in json.loads(hidden)),
            )
            for number, (organisation, kind, hidden, people, cells) in enumerate(cursor.fetchall())
        ]


def _kept(rows: Iterable[Sequence[Any]]) -> People:
    """What `counted` kept behind an account."""
    people: People = {count: {} for count in COUNTS}
    for client, contractor, team, atom, *both in rows:
        for count, number in _numbers(both).items():
            people[count].setdefault(Sides(client, contractor, team), {})[atom] = number
    return people


def _numbers(both: Sequence[int]) -> Numbers:
    return dict(zip(COUNTS, both, strict=True))


def _cells_at(ids: Sequence[int], year: int, as_of: datetime | None) -> dict[Cell, Numbers]:
    """What each cell would show: different people, however many atoms they stand in."""
    shown = {TOTAL: results(ids, [year], as_of=as_of)[year]}
    for by, rows in results_by(ids, [year], WITH_PEOPLE, as_of=as_of).items():
        shown |= {Cell(by, row.key): row.result for row in rows}
    return {cell: {"people": one.people, "places": one.places} for cell, one in shown.items()}


def _atom(block: Block, _division: str) -> str:
    """The smallest group that is told apart: a kind of effort and a target group together."""
    return "|".join(key_of(block, by) for by in WITH_PEOPLE)
