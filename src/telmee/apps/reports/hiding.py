"""Which counts of people an account hides, from what it would publish and published before.

People are published by kind of effort, target group, policy field and national element, never by
anything that tells contracts apart: a sector or a contractor is often one contract, and who knows
the contract knows the people. A region publishes no people by client. Its rows are held against
those that its clients publish: who takes all clients but one from a row of the region has the row
of that one, whether it was hidden there or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.organisations.many import listed
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
    tables = _region_tables if by_client else _tables
    earlier = [(tables(ids, year, moment), hidden) for ids, moment, hidden in before]
    return _hidden(tables(contracts, year, as_of), earlier)


def _hidden(now: _Tables, earlier: Iterable[tuple[_Tables, frozenset[Cell]]]) -> frozenset[Cell]:
    known = list(earlier)
    hidden: set[Cell] = set()
    for count in _COUNTS:
        before = [Published(tables[count], cells) for tables, cells in known]
        hidden |= hidden_cells(now[count], before)
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
    by_client: dict[int, list[int]] = {}
    parties = Party.objects.filter(role=PartyRole.CLIENT, contract__in=listed(ids)).order_by("pk")
    for client, contract in parties.values_list("organisation_id", "contract_id"):
        by_client.setdefault(client, []).append(contract)
    rows: dict[Cell, frozenset[str]] = {}
    for client, contracts in by_client.items():
        own = _tables(contracts, year, as_of)
        hidden = _hidden(own, ())
        for cell, atoms in own["people"].cells.items():
            if cell not in hidden:
                of_client = Cell(f"{By.CLIENT}|{client}|{cell.by}", cell.key)
                rows[of_client] = frozenset(
                    "|".join(filter(None, (str(client), atom))) for atom in atoms
                )
    return rows


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
