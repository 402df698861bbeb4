"""What a region publishes beside what its clients publish, attacked with all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import pytest

from telmee.core.small_counts import SMALL, Counts, hidden_cells, ranges

KINDS, GROUPS = ("work", "school", "course"), ("short", "long", "wia")
_CLIENTS = ("A", "B", "C", "D")
Atom = tuple[str, str, str]
Rows = Mapping[str, frozenset[Any]]


def table(people: Mapping[Atom, int]) -> Counts[str]:
    """People by kind of effort and by target group, with their total."""
    cells = {"total": frozenset(people)}
    cells |= {name: frozenset(atom for atom in people if atom[1] == name) for name in KINDS}
    cells |= {name: frozenset(atom for atom in people if atom[2] == name) for name in GROUPS}
    counts = {cell: sum(people[atom] for atom in atoms) for cell, atoms in cells.items()}
    return Counts(people, cells, counts)


def clients(seed: int, few: tuple[int, ...]) -> dict[str, Counts[str]]:
    dice = Random(seed)  # noqa: S311 - chance, no secret
    return {
        name: table({(name, kind, group): dice.choice(few) for kind in KINDS for group in GROUPS})
        for name in _CLIENTS
    }


def shown(counts: Counts[str], hidden: Iterable[str], prefix: str = "") -> dict[str, Any]:
    apart = set(hidden)
    return {prefix + cell: atoms for cell, atoms in counts.cells.items() if cell not in apart}


def known_within_five(
    people: Mapping[Any, int], published: Rows, wanted: Iterable[frozenset[Any]]
) -> list[Any]:
    """The small sums that somebody with every publication knows within five."""
    counts = Counts(people, published, dict.fromkeys(published, 0))
    sought = [atoms for atoms in wanted if 0 < sum(people[atom] for atom in atoms) < SMALL]
    bounds = ranges(counts, (), sought)
    return [
        atoms
        for atoms, (least, most) in zip(sought, bounds, strict=True)
        if most is not None and most - least < SMALL
    ]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("few", [(0, 1, 2, 4, 6, 9, 14), (0, 2, 8, 25, 60)])
def test_a_region_gives_away_nothing_that_its_clients_hide(seed: int, few: tuple[int, ...]) -> None:
    own = clients(seed, few)
    everybody = {atom: count for one in own.values() for atom, count in one.atoms.items()}
    published: dict[str, Any] = {}
    for name, counts in own.items():
        published |= shown(counts, hidden_cells(counts), f"{name} ")
    region = table(everybody)
    hidden = hidden_cells(region.beside(published)) - published.keys()
    wanted = [frozenset((atom,)) for atom in everybody]
    wanted += [atoms for one in own.values() for atoms in one.cells.values()]
    assert (
        known_within_five(everybody, published, wanted) == []
    )  # by themselves the clients tell nothing
    assert known_within_five(everybody, {**published, **shown(region, hidden)}, wanted) == []


def test_the_row_of_the_region_less_the_rows_of_all_clients_but_one() -> None:
    a, b = ("A", "work", "short"), ("A", "school", "long")
    c, d = ("B", "work", "short"), ("B", "school", "long")
    people = {a: 6, b: 20, c: 2, d: 30}
    region = table(people)
    published = {
        "A work": frozenset({a}), "A school": frozenset({b}), "B total": frozenset({c, d}),
    }  # fmt: skip
    assert "work" not in hidden_cells(region.beside({"A total": frozenset({a, b})}))
    hidden = hidden_cells(region.beside(published))
    assert "work" in hidden
    assert "total" not in hidden
    assert known_within_five(people, {**published, **shown(region, hidden)}, [frozenset({c})]) == []
