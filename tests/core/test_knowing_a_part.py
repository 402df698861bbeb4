"""Counts of people, attacked by somebody who knows a part of them himself."""

from __future__ import annotations

from random import Random

import pytest

from telmee.core.small_counts import SMALL, Counts, hidden_cells, ranges
from tests.core.test_small_counts_of_a_region import GROUPS, KINDS, Atom, table

_CELLS = {"all": frozenset("ab"), "a": frozenset("a"), "b": frozenset("b")}


def counts(a: int, b: int) -> Counts[str]:
    return Counts({"a": a, "b": b}, _CELLS, {"all": a + b, "a": a, "b": b})


def test_what_is_left_for_him_is_hidden_from_him() -> None:
    whole = counts(12, 8)
    assert hidden_cells(whole) == frozenset()
    assert hidden_cells(whole.without(counts(6, 6))) == {"a", "b"}
    assert hidden_cells(whole.without(counts(0, 0))) == frozenset()
    assert hidden_cells(whole.without(counts(12, 8))) == frozenset()  # nothing is left to learn
    assert hidden_cells(whole.without(counts(12, 6))) == {"all", "b"}


def test_what_others_publish_of_the_rest_is_known_less_his_part() -> None:
    beside = counts(12, 8).beside({"their b": frozenset("b")})
    rest = beside.without(counts(6, 2))
    assert rest.people == {"all": 12, "a": 6, "b": 6, "their b": 6}
    assert rest.elsewhere == {"their b"}


def test_a_row_without_anybody_is_shown() -> None:
    assert hidden_cells(counts(0, 9)) == frozenset()


@pytest.mark.parametrize("seed", range(20))
def test_no_one_of_three_learns_a_small_count_of_the_other_two(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - chance, no secret
    atoms: list[Atom] = [("", kind, group) for kind in KINDS for group in GROUPS]
    parts = [table({atom: dice.choice((0, 0, 1, 4, 9)) for atom in atoms}) for _ in range(3)]
    whole = table({atom: sum(part.atoms[atom] for part in parts) for atom in atoms})
    hidden = hidden_cells(whole)
    for part in parts:
        hidden |= hidden_cells(whole.without(part), hidden)
    for part in parts:
        rest = whole.without(part)
        small = [frozenset((atom,)) for atom in atoms if 0 < rest.atoms[atom] < SMALL]
        for least, most in ranges(rest, hidden, small):
            assert most is None or most - least >= SMALL
