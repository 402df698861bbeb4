"""What a region publishes beside what its clients publish, attacked with all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import pytest

from telmee.core.small_counts import (
    SMALL,
    Counts,
    hidden_cells,
    ranges,
    slices,
)
from tests.core.test_small_counts import laid_beside

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
    hidden = hidden_cells(region.beside(published))
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


def grown(seed: int, counts: Counts[str]) -> Counts[str]:
    """The same client some months on: few came, and few left."""
    dice = Random(f"{seed} {sorted(counts.atoms)}")  # noqa: S311 - as above
    steps = (0, 0, 0, 0, 1, 2, -1, 7)
    return table(
        {atom: max(0, people + dice.choice(steps)) for atom, people in counts.atoms.items()}
    )


Slice = tuple[Atom, int, int]


def at(whole: Mapping[Slice, int], moment: int, atoms: Iterable[Atom]) -> frozenset[Slice]:
    """The slices that are there at a moment, of some atoms."""
    wanted = frozenset(atoms)
    return frozenset(
        (atom, since, until)
        for atom, since, until in whole
        if atom in wanted and since <= moment < until
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_region_gives_away_nothing_of_clients_that_published_earlier(seed: int) -> None:
    """A and B published before; C and D do so with the region; A and B may do so again."""
    first = clients(seed, (0, 2, 8, 25, 60))
    now = {name: grown(seed, one) if name in "AB" else one for name, one in first.items()}
    before, later = (
        {atom: n for one in own.values() for atom, n in one.atoms.items()} for own in (first, now)
    )
    whole = slices([before, later])
    published: dict[str, Any] = {}
    for name in "AB":
        was = hidden_cells(first[name])
        rows = shown(first[name], was, f"{name} then ")
        published |= {cell: at(whole, 0, atoms) for cell, atoms in rows.items()}
        anew = laid_beside(first[name], was, now[name])
        rows = shown(now[name], anew, f"{name} ")
        published |= {cell: at(whole, 1, atoms) for cell, atoms in rows.items()}
    for name in "CD":
        rows = shown(now[name], hidden_cells(now[name]), f"{name} ")
        published |= {cell: at(whole, 1, atoms) for cell, atoms in rows.items()}
    own = table(later)
    cells = {cell: at(whole, 1, atoms) for cell, atoms in own.cells.items()}
    region = Counts(whole, cells, own.people).beside(published)
    hidden = hidden_cells(region, hidden_cells(own))
    shown_too = {cell: atoms for cell, atoms in cells.items() if cell not in hidden}
    wanted = [frozenset((one,)) for one in whole]
    by_themselves = known_within_five(whole, published, wanted)
    assert known_within_five(whole, {**published, **shown_too}, wanted) == by_themselves


def test_two_who_came_since_a_client_published_are_not_told_by_its_region() -> None:
    a, b = ("A", "work", "short"), ("B", "work", "short")
    whole = slices([{a: 12, b: 30}, {a: 14, b: 30}])
    now = at(whole, 1, (a, b))
    published = {"A then": at(whole, 0, (a,)), "B": at(whole, 1, (b,))}
    region = Counts(whole, {"total": now}, {"total": 44})
    assert hidden_cells(region.beside(published), ()) == {"total"}
    assert hidden_cells(region.beside({"A then": published["A then"]}), ()) == frozenset()
    enough = slices([{a: 12, b: 30}, {a: 17, b: 30}])
    published = {"A then": at(enough, 0, (a,)), "B": at(enough, 1, (b,))}
    region = Counts(enough, {"total": at(enough, 1, (a, b))}, {"total": 47})
    assert hidden_cells(region.beside(published), ()) == frozenset()


def test_what_others_tell_by_themselves_hides_nothing_here() -> None:
    atoms = {"few": 2, "many": 30, "own": 40}
    cells = {"total": frozenset(atoms)}
    elsewhere = {"both": frozenset({"few", "many"}), "one": frozenset({"many"})}
    counts = Counts(atoms, cells, {"total": 72}).beside(elsewhere)
    assert hidden_cells(counts, ()) == frozenset()


@pytest.mark.parametrize("seed", range(20))
def test_slices_add_up_at_every_moment(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - as above
    moments = [{name: dice.choice((0, 1, 5, 9)) for name in KINDS} for _ in range(5)]
    whole = slices(moments)
    assert all(people > 0 and since < until for (_, since, until), people in whole.items())
    for moment, counts in enumerate(moments):
        for name, people in counts.items():
            there = [key for key in whole if key[0] == name and key[1] <= moment < key[2]]
            assert sum(whole[key] for key in there) == people
