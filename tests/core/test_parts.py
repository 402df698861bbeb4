"""An amount in parts: they come to it exactly, and none is a cent further off than it must be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.money import WHOLE_BP, in_parts


@st.composite
def wholes(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE_BP), max_size=7)))
    edges = [0, *cuts, WHOLE_BP]
    return [after - before for before, after in pairwise(edges)]


@given(st.integers(0, 10**11), wholes())
def test_parts_come_to_the_amount_and_lie_within_a_cent(cents: int, parts: list[int]) -> None:
    divided = in_parts(cents, parts)
    assert sum(divided) == cents
    for part, bp in zip(divided, parts, strict=True):
        assert part >= 0
        assert abs(part * WHOLE_BP - cents * bp) < WHOLE_BP


def test_cents_that_are_left_go_to_the_largest_remainders_and_the_first_of_equals() -> None:
    assert in_parts(1, [5_000, 5_000]) == (1, 0)
    assert in_parts(2, [2_500, 7_500]) == (1, 1)
    assert in_parts(10, [1_111, 8_889]) == (1, 9)


@pytest.mark.parametrize("parts", [[5_000, 4_999], [-1, 10_001]])
def test_parts_that_are_not_the_whole_are_refused(parts: list[int]) -> None:
    with pytest.raises(ValueError, match="not the whole"):
        in_parts(100, parts)
