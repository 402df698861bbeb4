import itertools
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.obligations.years import spread_evenly

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        # one year and a day: the last year weighs 1/365
        (date(2026, 1, 1), date(2027, 1, 1), [99_73, 27]),
        # years run from the start, not from January
        (date(2026, 7, 1), date(2028, 6, 30), [50_00, 50_00]),
        # less than a year is one part
        (date(2026, 1, 1), date(2026, 1, 1), [100_00]),
        (date(2024, 2, 29), date(2025, 2, 28), [100_00]),
    ],
)
def test_a_hundred_euros_spread_by_hand(start: date, end: date, parts: list[int]) -> None:
    assert [part.cents for part in spread_evenly(100_00, start, end)] == parts


def test_thirds_of_a_cent_end_up_somewhere() -> None:
    parts = spread_evenly(1_00, date(2026, 1, 1), date(2028, 12, 31))
    assert [part.cents for part in parts] == [33, 34, 33]


def test_years_join_without_gap_or_overlap() -> None:
    parts = spread_evenly(1_00, date(2024, 2, 29), date(2026, 5, 1))
    assert [(str(part.first), str(part.last)) for part in parts] == [
        ("2024-02-29", "2025-02-28"),
        ("2025-03-01", "2026-02-28"),
        ("2026-03-01", "2026-05-01"),
    ]


@given(cents=st.integers(1, 10**11), one=days, other=days)
def test_parts_add_up_and_are_even_to_a_cent(cents: int, one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    parts = spread_evenly(cents, start, end)
    assert sum(part.cents for part in parts) == cents
    assert [part.year for part in parts] == list(range(1, len(parts) + 1))
    assert (parts[0].first, parts[-1].last) == (start, end)
    for part, following in itertools.pairwise(parts):
        assert (following.first - part.last).days == 1
    whole = [part.cents for part in parts[:-1]]
    assert not whole or max(whole) - min(whole) <= 1
    assert parts[-1].cents <= Fraction(cents, len(parts)) + 1
