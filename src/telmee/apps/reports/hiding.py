"""Which counts of people an account hides, from what it would publish and published before.

People are published by kind of effort, target group, policy field and national element, never by
anything that tells contracts apart: a sector or a contractor is often one contract, and who knows
the contract knows the people. A region publishes no people by client; its own total is held against
the totals that its clients publish.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from telmee.apps.reports.figures import By, key_of
from telmee.apps.reports.results import Result, results, results_by, rows_by
from telmee.core.schemes.model import Block
from telmee.core.small_counts import Counts, Published, hidden_cells

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
    now = _tables(contracts, year, as_of, by_client=by_client)
    earlier = [
        (_tables(ids, year, moment, by_client=by_client), hidden) for ids, moment, hidden in before
    ]
    hidden: set[Cell] = set()
    for count in _COUNTS:
        known = [Published(tables[count], cells) for tables, cells in earlier]
        hidden |= hidden_cells(now[count], known)
    return frozenset(cell for cell in hidden if cell not in now["people"].elsewhere)


def _tables(
    contracts: Sequence[int], year: int, as_of: datetime | None, *, by_client: bool
) -> _Tables:
    """What could be published of people and of places, each made of its atoms."""
    ids = list(contracts)
    beside = By.CLIENT if by_client else None
    rows = rows_by(ids, [year], ["atom"], beside=beside, key=_atom, as_of=as_of)
    cells: dict[Cell, set[str]] = {TOTAL: set()}
    for atom in (row[1] for row in rows if row[_AT["places"]]):
        for cell in _cells_of(atom, by_client=by_client):
            cells.setdefault(cell, set()).add(atom)
    frozen = {cell: frozenset(atoms) for cell, atoms in cells.items()}
    clients = frozenset(cell for cell in frozen if cell.by == By.CLIENT)
    shown = _published(ids, year, as_of, by_client=by_client)
    tables: _Tables = {}
    for count in _COUNTS:
        atoms = {row[1]: int(row[_AT[count]]) for row in rows}
        people = {cell: getattr(shown.get(cell, Result()), count) for cell in frozen}
        tables[count] = Counts(atoms, frozen, people, clients)
    return tables


def _published(
    ids: list[int], year: int, as_of: datetime | None, *, by_client: bool
) -> dict[Cell, Result]:
    """What each cell would show: different people, however many atoms they stand in."""
    shown = {TOTAL: results(ids, [year], as_of=as_of)[year]}
    divisions = (*WITH_PEOPLE, By.CLIENT) if by_client else WITH_PEOPLE
    for by, rows in results_by(ids, [year], divisions, as_of=as_of).items():
        shown |= {Cell(by, row.key): row.result for row in rows}
    return shown


def _atom(block: Block, _division: str) -> str:
    """The smallest group that is told apart: a kind of effort and a target group together."""
    return "|".join(key_of(block, by) for by in WITH_PEOPLE)


def _cells_of(atom: str, *, by_client: bool) -> Iterable[Cell]:
    """The cells that an atom counts in; one whose block no version has any more in the total."""
    yield TOTAL
    client, _, rest = atom.partition("|") if by_client else ("", "", atom)
    if by_client:
        yield Cell(By.CLIENT, client)
    keys = rest.split("|")
    if len(keys) == len(WITH_PEOPLE):
        for by, key in zip(WITH_PEOPLE, keys, strict=True):
            yield Cell(by, key)
