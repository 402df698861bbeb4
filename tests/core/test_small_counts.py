"""Hidden counts, attacked by a program that knows nothing of how they were hidden.

It tries every whole table that agrees with what is published, one atom after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from random import Random
from typing import Any

import pytest

from telmee.core.linear import Region
from telmee.core.small_counts import SMALL, Counts, hidden_cells, ranges, slices

KINDS, GROUPS = ("work", "school", "course"), ("short", "long", "wia")
World = dict[tuple[str, str], int]
Sum = frozenset[Any]
_TOTAL = "total"
_TRIED = 15


def table(people: Mapping[tuple[str, str], int], twice: int = 0) -> Counts[str]:
    """People by kind of effort and by target group, as an account has them, with their total."""
    cells = {_TOTAL: frozenset(people)}
    for name in KINDS:
        cells[name] = frozenset(atom for atom in people if atom[0] == name)
    for name in GROUPS:
        cells[name] = frozenset(atom for atom in people if atom[1] == name)
    cells["paid"] = cells["work"] | cells["course"]
    counts = {cell: sum(people[atom] for atom in atoms) for cell, atoms in cells.items()}
    counts[_TOTAL] -= min(twice, counts[_TOTAL])
    return Counts(people, cells, counts)


def chance(seed: int, most: int = 9) -> Counts[str]:
    """A table of few people, which is where they are known."""
    dice = Random(seed)  # noqa: S311 - chance, no secret
    atoms = [(kind, group) for kind in KINDS for group in GROUPS]
    return table({atom: dice.choice((0, 0, 0, 1, 2, 4, 6, most)) for atom in atoms})


def small(seed: int) -> Counts[str]:
    """A table of so few people that every other one can be tried."""
    for more in range(1000):
        counts = chance(1000 * seed + more, most=7)
        if sum(counts.atoms.values()) <= _TRIED:
            return counts
    raise AssertionError


def worlds(counts: Counts[str], hidden: Iterable[str]) -> Iterator[World]:
    """Every table that agrees with what is published; an attacker knows which atoms are empty."""
    atoms = [atom for atom, people in counts.atoms.items() if people]
    shown = {
        cell: sum(counts.atoms[a] for a in counts.cells[cell])
        for cell in counts.cells.keys() - set(hidden)
    }
    ceiling = sum(counts.atoms.values()) + SMALL

    def fill(place: int, left: dict[str, int], world: World) -> Iterator[World]:
        if place == len(atoms):
            if not any(left.values()):
                yield dict(world)
            return
        atom = atoms[place]
        within = [cell for cell in left if atom in counts.cells[cell]]
        later = set(atoms[place + 1 :])
        ends = [cell for cell in within if not counts.cells[cell] & later]
        most = min([left[cell] for cell in within], default=ceiling)
        for people in [left[ends[0]]] if ends else range(most + 1):
            if people <= most:
                world[atom] = people
                yield from fill(
                    place + 1, {c: n - people * (c in within) for c, n in left.items()}, world
                )

    yield from fill(0, shown, {})


def known(counts: Counts[str], hidden: frozenset[str], wanted: list[Sum]) -> list[tuple[int, int]]:
    """Between what the attacker knows each sum: the least and the most of all tables."""
    least, most = [10**6] * len(wanted), [-1] * len(wanted)
    for world in worlds(counts, hidden):
        for place, sought in enumerate(wanted):
            people = sum(world.get(atom, 0) for atom in sought)
            least[place], most[place] = min(least[place], people), max(most[place], people)
    return list(zip(least, most, strict=True))


def small_sums(counts: Counts[str], hidden: frozenset[str]) -> list[Sum]:
    """What an attacker would like to know: each small cell, atom, and small difference of rows."""
    sums = {frozenset((atom,)) for atom in counts.atoms} | set(counts.cells.values())
    shown = [atoms for cell, atoms in counts.cells.items() if cell not in hidden]
    sums |= {one - other for one in shown for other in shown}
    return [atoms for atoms in sums if 0 < sum(counts.atoms.get(atom, 0) for atom in atoms) < SMALL]


@pytest.mark.parametrize("seed", range(60))
def test_no_table_tells_a_small_count(seed: int) -> None:
    counts = small(seed)
    hidden = hidden_cells(counts)
    assert all(not 0 < counts.people[c] < SMALL for c in counts.cells.keys() - hidden)
    wanted = small_sums(counts, hidden)
    for sought, (least, most) in zip(wanted, known(counts, hidden, wanted), strict=True):
        assert most - least >= SMALL, (sought, least, most, hidden)


@pytest.mark.parametrize("seed", range(40))
def test_the_bounds_are_those_of_every_table(seed: int) -> None:
    counts = small(seed)
    hidden = frozenset(Random(seed).sample(sorted(counts.cells.keys() - {_TOTAL}), 4))  # noqa: S311
    wanted = [frozenset((atom,)) for atom, people in counts.atoms.items() if people]
    assert list(ranges(counts, hidden, wanted)) == known(counts, hidden, wanted)


@pytest.mark.parametrize("seed", range(40))
def test_no_row_is_hidden_that_could_be_shown_beside_the_others(seed: int) -> None:
    counts = chance(seed, most=25)
    hidden = hidden_cells(counts)
    for cell in hidden:
        if counts.people[cell] >= SMALL:
            fewer = hidden - {cell}
            wanted = small_sums(counts, fewer)
            bounds = ranges(counts, fewer, wanted)
            assert any(most is not None and most - least < SMALL for least, most in bounds), cell


def laid_beside(first: Counts[str], hidden: frozenset[str], now: Counts[str]) -> frozenset[str]:
    """What an account hides beside one of before: people are in slices of time."""
    whole = slices([first.atoms, now.atoms])
    cells, unseen = {}, set(hidden)
    for at, (of, then) in enumerate(((first, "then "), (now, ""))):
        for cell, atoms in of.cells.items():
            there = (one for one in whole if one[0] in atoms and one[1] <= at < one[2])
            cells[then + cell] = frozenset(there)
            unseen |= {then + cell} if then and cell in hidden else set()
    people = {cell: now.people.get(cell, 0) for cell in cells}
    elsewhere = frozenset(cell for cell in cells if cell.startswith("then "))
    return hidden_cells(Counts(whole, cells, people, elsewhere), unseen)


@pytest.mark.parametrize("seed", range(30))
def test_two_accounts_of_consecutive_days_tell_no_small_change(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - as above
    first = chance(seed, most=6)
    grown = {
        atom: people + dice.choice((0, 0, 0, 0, 1, 3, 8)) for atom, people in first.atoms.items()
    }
    second = table(grown)
    before = hidden_cells(first)
    after = laid_beside(first, before, second)
    assert before <= after
    for cell in second.cells.keys() - after:
        more = second.people[cell] - first.people[cell]
        assert more == 0 or more >= SMALL, cell
    change = table({atom: grown[atom] - people for atom, people in first.atoms.items()})
    if sum(change.atoms.values()) <= _TRIED:
        wanted = small_sums(change, after | before)
        for sought, (least, most) in zip(
            wanted, known(change, after | before, wanted), strict=True
        ):
            assert most - least >= SMALL, (sought, least, most)


def test_what_was_hidden_stays_hidden_when_it_grew() -> None:
    first = table({("work", "short"): 3, ("school", "short"): 9, ("work", "long"): 20})
    hidden = hidden_cells(first)
    second = table({("work", "short"): 30, ("school", "short"): 9, ("work", "long"): 20})
    assert hidden <= laid_beside(first, hidden, second)
    assert "work" not in hidden_cells(second)


def test_a_row_that_was_not_there_before_is_hidden_with_what_changed() -> None:
    first = table({("work", "short"): 20, ("school", "long"): 30})
    before = hidden_cells(first)
    second = table({("work", "short"): 20, ("school", "long"): 30, ("course", "wia"): 3})
    more = Counts(second.atoms, {**second.cells, "new": frozenset({("course", "wia")})}, {
        **second.people, "new": 3,
    })  # fmt: skip
    assert "new" in laid_beside(first, before, more)


def test_a_total_that_is_large_enough_is_shown_where_two_rows_can_hide_each_other() -> None:
    counts = table({("work", "short"): 40, ("school", "long"): 3, ("course", "wia"): 25})
    hidden = hidden_cells(counts)
    assert _TOTAL not in hidden
    assert {"school", "long"} <= hidden
    assert len(hidden) < len(counts.cells)


def test_two_small_rows_do_not_hide_each_other_when_they_are_small_together() -> None:
    counts = Counts(
        {"a": 3, "b": 1, "c": 26, "d": 40},
        {_TOTAL: frozenset("abcd"), **{name: frozenset(name) for name in "abcd"}},
        {_TOTAL: 70, "a": 3, "b": 1, "c": 26, "d": 40},
    )
    assert hidden_cells(counts) == {"a", "b", "c"}


def test_a_count_of_four_is_small_and_one_of_five_is_not() -> None:
    for people, hides in ((4, True), (5, False), (1, True)):
        counts = Counts({"a": people}, {"a": frozenset("a")}, {"a": people})
        assert bool(hidden_cells(counts)) is hides


def test_what_is_known_no_nearer_than_five_needs_no_more_hiding() -> None:
    for people, hides in ((5, False), (4, True)):
        atoms = {"a": 2, "b": people - 2}
        counts = Counts(atoms, {"both": frozenset("ab")}, {"both": people})
        assert bool(hidden_cells(counts)) is hides


def test_a_row_that_gives_nothing_away_stays_however_few_people_it_has() -> None:
    people = {"a": 3, "b": 12, "c": 20, "d": 6, "e": 30}
    cells = {"one": frozenset("abc"), "other": frozenset("de")}
    cells |= {name: frozenset(name) for name in people}
    counts = Counts(people, cells, {**people, "one": 35, "other": 36})
    assert hidden_cells(counts) == {"a", "b"}


def test_a_total_is_hidden_that_gives_away_what_others_do_not_publish() -> None:
    cells = {_TOTAL: frozenset("ab"), "a": frozenset("a"), "b": frozenset("b")}
    people = {_TOTAL: 33, "a": 30, "b": 3}
    counts = Counts({"a": 30, "b": 3}, cells, people, elsewhere=frozenset("ab"))
    assert hidden_cells(counts, "b") == {_TOTAL}


def test_four_people_who_stand_in_two_rows_each_are_still_four() -> None:
    counts = Counts({"a": 4, "b": 4}, {"both": frozenset("ab")}, {"both": 4})
    assert hidden_cells(counts) == {"both"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    counts = table({("work", "short"): 40, ("school", "long"): 10})
    assert hidden_cells(counts) == frozenset()
    assert hidden_cells(Counts({}, {}, {})) == frozenset()


def test_one_person_with_two_rows_is_not_given_away_by_the_total() -> None:
    counts = table({("work", "short"): 6, ("school", "long"): 6}, twice=1)
    assert counts.people[_TOTAL] == 11
    assert hidden_cells(counts) == frozenset()


def test_a_programme_gives_the_most_and_the_least_of_a_sum() -> None:
    # x + y + z = 10, x + y = 7
    region = Region([[1, 1, 1], [1, 1, 0]], [10, 7])
    assert (region.least([1, 0, 0]), region.most([1, 0, 0])) == (0, 7)
    assert (region.least([0, 0, 1]), region.most([0, 0, 1])) == (3, 3)
    assert (region.least([1, 1, 1]), region.most([1, 1, 1])) == (10, 10)
    # The same sum twice, and one that is the sum of two others.
    region = Region([[1, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0]], [7, 3, 10, 7])
    assert (region.least([0, 1, 0]), region.most([0, 1, 1])) == (0, 10)
    assert Region([], []).most([1]) is None
    with pytest.raises(ValueError, match="agrees"):
        Region([[1], [1]], [1, 2])


def test_subtraction_over_any_two_rows_of_one_division_tells_nothing() -> None:
    for seed in range(20):
        counts = chance(seed)
        hidden = hidden_cells(counts)
        for names in (KINDS, GROUPS):
            shown = [name for name in names if name not in hidden]
            if _TOTAL in hidden:
                continue
            for size in range(len(shown) + 1):
                for some in combinations(shown, size):
                    rest = counts.cells[_TOTAL].difference(*(counts.cells[name] for name in some))
                    left = sum(counts.atoms[atom] for atom in rest)
                    assert left == 0 or left >= SMALL


def test_a_row_that_nobody_names_may_be_empty() -> None:
    counts = Counts({"a": 3, "b": 2}, {_TOTAL: frozenset("ab"), "a": frozenset("a")}, {
        _TOTAL: 5, "a": 3,
    })  # fmt: skip
    assert hidden_cells(counts) == {"a"}
    assert list(ranges(counts, {"a"}, [frozenset("a")])) == [(0, 5)]
