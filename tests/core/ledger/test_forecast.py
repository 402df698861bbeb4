"""What is expected at the end, and when somebody should look."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import (
    Position,
    Risk,
    ahead_cents,
    expected_at_end_cents,
    position_of,
    risk_of,
)

START, END = date(2025, 1, 1), date(2025, 4, 10)  # a hundred days
CENTS = st.integers(0, 10**11)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
SEVERITY = list(Risk)


def owing(cents: int = 1000, **sums: int) -> Position:
    return position_of({"obligation": cents, **sums})


def risk_on(day: int, expected_cents: int, position: Position | None = None) -> Risk:
    """The risk after so many days have passed."""
    today = START + timedelta(days=day)
    return risk_of(position or owing(), expected_cents, START, END, today)


@pytest.mark.parametrize(
    ("day", "expected", "risk"),
    [
        (-30, 0, Risk.ON_COURSE),
        (0, 0, Risk.ON_COURSE),
        (1, 9, Risk.BEHIND),
        (1, 10, Risk.ON_COURSE),
        (50, 499, Risk.BEHIND),
        (50, 500, Risk.ON_COURSE),
        (51, 799, Risk.AT_RISK),
        (51, 800, Risk.ON_COURSE),
        (90, 899, Risk.BEHIND),
        (90, 900, Risk.ON_COURSE),
        (99, 5000, Risk.ON_COURSE),
        (100, 5000, Risk.OVERDUE),
    ],
)
def test_the_rules_at_their_edges(day: int, expected: int, risk: Risk) -> None:
    assert risk_on(day, expected) is risk


def test_nothing_open_is_met_also_after_the_end() -> None:
    assert risk_on(150, 0, owing(1000, realised=600, carried_in=400)) is Risk.MET
    assert risk_on(150, 0, owing(1000, waived=1000)) is Risk.MET
    assert risk_on(150, 0, owing(1000, realised=999)) is Risk.OVERDUE


@given(CENTS, CENTS, CENTS, DAYS)
def test_expecting_more_is_never_worse(owed: int, one: int, other: int, today: date) -> None:
    less, more = sorted((one, other))
    begin, end = date(2024, 1, 1), date(2026, 12, 31)
    worse, better = (risk_of(owing(owed), cents, begin, end, today) for cents in (less, more))
    assert SEVERITY.index(better) <= SEVERITY.index(worse)


@given(CENTS, DAYS, st.integers(0, 1000), DAYS)
def test_what_lies_ahead_is_a_part_that_only_shrinks(
    promised: int, begin: date, days: int, today: date
) -> None:
    end = begin + timedelta(days=days)
    ahead = ahead_cents(promised, begin, end, today)
    assert 0 <= ahead_cents(promised, begin, end, today + timedelta(days=1)) <= ahead <= promised
    assert ahead_cents(promised, begin, end, begin) == promised
    assert ahead_cents(promised, begin, end, end + timedelta(days=1)) == 0


def test_what_is_expected_counts_each_figure_once() -> None:
    position = owing(1000, realised=100, carried_in=20, carried_out=5)
    assert expected_at_end_cents(position, delivered_cents=300, planned_cents=7) == 422
    assert position.open_cents == 885


def test_a_period_that_ends_before_it_begins_is_no_period() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        ahead_cents(1, END, START, START)
