"""The look-up tables of the calendar against `datetime.date`, wherever months and years differ."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core import periods
from telmee.core.periods import FIRST_DATE, LAST_DATE, MONTHS_MAX, Days, day_of
from tests import oracle

DATES = st.dates(FIRST_DATE, LAST_DATE)
ONE = timedelta(days=1)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def days_of(dates: list[date]) -> Days:
    return np.array([day_of(day) for day in dates], dtype=np.int32)


def awkward_days() -> list[date]:
    """The first and the last four days of every month around leap years, and of 1900 and 2100."""
    spans = ((1999, 2004), (1900, 1901), (2099, 2101))
    found = [day for a, b in spans for day in days(date(a, 1, 1), date(b, 12, 31))]
    return [day for day in found if day.day == 1 or day.day >= 28]


def test_a_day_and_its_number_are_each_others_inverse() -> None:
    for day in (FIRST_DATE, date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), LAST_DATE):
        assert periods.date_of(day_of(day)) == day
    assert day_of(date(1970, 1, 1)) == 0


@pytest.mark.parametrize("months", [*range(-25, 26), 48, 1199, MONTHS_MAX, -MONTHS_MAX])
def test_months_are_added_as_on_a_calendar(months: int) -> None:
    dates = awkward_days()
    added = periods.add_months(days_of(dates), months)
    expected = days_of([oracle.add_months(day, months) for day in dates])
    np.testing.assert_array_equal(added, expected)


def test_months_differ_per_line() -> None:
    dates = [date(2024, 1, 31)] * 3
    added = periods.add_months(days_of(dates), np.array([1, 2, 13], dtype=np.int32))
    assert [periods.date_of(int(day)) for day in added] == [
        date(2024, 3, 1),
        date(2024, 3, 31),
        date(2025, 3, 1),
    ]


@given(DATES, DATES)
def test_later_stays_later_when_months_are_added(one: date, other: date) -> None:
    first, last = sorted((one, other))
    added = periods.add_months(days_of([first, last]), 7)
    assert added[0] <= added[1]


@pytest.mark.parametrize("step", [1, 12])
def test_whole_months_and_years_are_counted_as_on_a_calendar(step: int) -> None:
    firsts, ends, expected = [], [], []
    for first in awkward_days():
        for whole in (0, 1, 2, 11, 12, 13, 24, 48):
            for shift in (-1, 0, 1, 27):
                end = oracle.add_months(first, whole) + timedelta(days=shift)
                if end > first:
                    firsts.append(first)
                    ends.append(end)
                    expected.append(oracle.whole_and_part(first, end - ONE, step))
    split = periods.whole_months if step == 1 else periods.whole_years
    whole_steps, over, length = split(days_of(firsts), days_of(ends))
    assert (length > 0).all()
    assert (over < length).all()
    found = zip(whole_steps.tolist(), over.tolist(), length.tolist(), strict=True)
    assert [whole + Fraction(days, of) for whole, days, of in found] == expected


@given(DATES, DATES)
def test_any_period_is_counted_as_on_a_calendar(one: date, other: date) -> None:
    first, last = sorted((one, other))
    for split, step in ((periods.whole_months, 1), (periods.whole_years, 12)):
        whole, over, length = (
            int(part[0]) for part in split(days_of([first]), days_of([last + ONE]))
        )
        assert oracle.add_months(first, step * whole) + timedelta(days=over) == last + ONE
        reached = oracle.add_months(first, step * whole)
        assert length == (oracle.add_months(first, step * (whole + 1)) - reached).days
        assert 0 <= over < length
