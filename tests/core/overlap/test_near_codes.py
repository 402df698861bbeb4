"""Near-equal codes, against a second way that compares all pairs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.overlap.near_codes import NAMED_MAX, near_persons

PARTS = st.sampled_from(["k", "p", "0", "00", "2", "7", "20", "-", ".", " ", "é"])
CODES = st.lists(PARTS, min_size=1, max_size=5).map("".join)


def parts(code: str) -> str:
    """A code without signs and with its numbers as numbers, but for signs between two digits."""
    kept = ""
    for at, sign in enumerate(code):
        rest = code[at:].lstrip("-. ")
        if sign.isalnum():
            kept += sign
        elif kept[-1:].isdigit() and rest[:1].isdigit():
            kept += "-"
    return "-".join(number_wise(part) for part in kept.split("-"))


def number_wise(text: str) -> str:
    return re.sub("[0-9]+", lambda digits: str(int(digits[0])), text)


def is_near(one: str, other: str) -> bool:
    whole = [number_wise("".join(filter(str.isalnum, code))) for code in (one, other)]
    in_parts = [parts(code) for code in (one, other)]
    if not all(whole):
        return False
    one_is_whole = any("-" not in part for part in in_parts)
    return in_parts[0] == in_parts[1] or (whole[0] == whole[1] and one_is_whole)


@settings(max_examples=300)
@given(st.lists(CODES, unique=True, max_size=8))
def test_it_agrees_with_comparing_all_pairs(codes: list[str]) -> None:
    near = near_persons(codes)
    for one, code in enumerate(codes):
        others = {
            other for other, another in enumerate(codes) if other != one and is_near(code, another)
        }
        assert set(near.get(one, ())) == others


@pytest.mark.parametrize(
    ("one", "other"),
    [("k-020", "k-20"), ("007", "7"), ("k-20", "k20"), ("k 20", "k20"), ("k-1-02", "k-1-2")],
)
def test_codes_with_other_zeros_or_signs_are_near(one: str, other: str) -> None:
    assert near_persons([one, other]) == {0: (1,), 1: (0,)}


@pytest.mark.parametrize(
    ("one", "other"),
    [("p1", "p2"), ("p1", "p10"), ("k-20", "k-200"), ("a", "b"), ("k151-02", "k15-102"), ("", "-")],
)
def test_other_numbers_and_letters_are_not_near(one: str, other: str) -> None:
    assert near_persons([one, other]) == {}


def test_a_file_of_near_codes_does_not_cost_its_square() -> None:
    near = near_persons(["k" + "-" * n for n in range(300)])
    assert len(near) == 300
    assert max(map(len, near.values())) == NAMED_MAX
