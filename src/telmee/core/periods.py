"""Dates and ranges: inclusive outside, half-open inside, converted only here.

A day is a whole number: days since 1 January 1970, in an int32 column; `NO_DAY` where there is
none. People write "1 January up to and including 31 December"; inside, a period is `[first, end)`
with `end` the day after the last. Calendar arithmetic is a look-up in three tables, which keeps a
million lines within a tenth of a second.

Source of the day counts: docs/algorithms/valuation.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int32]
Whole = npt.NDArray[np.int64]

#: Sentinel of an empty date: far outside the tables, and an int32 like every other day.
NO_DAY = -(2**31)

#: Dates that people may write. The tables reach a century further on both sides, so that a limit
#: or a look-back of up to 1,200 months never leaves them.
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
MONTHS_MAX = 1200

_EPOCH = date(1970, 1, 1)
_TABLE_YEARS = range(1790, 2311)


def day_of(value: date) -> int:
    """The number of a date, in days since 1 January 1970.

    >>> day_of(date(1970, 1, 2))
    1
    """
    return (value - _EPOCH).days


def date_of(day: int) -> date:
    """The date of a number; the inverse of `day_of`."""
    return _EPOCH + timedelta(days=int(day))


_ORIGIN = day_of(date(_TABLE_YEARS[0], 1, 1))
#: First day of each month, counted from the origin; month 0 is January of the first table year.
_MONTH_START: Days = np.array(
    [day_of(date(year, month, 1)) - _ORIGIN for year in _TABLE_YEARS for month in range(1, 13)],
    dtype=np.int32,
)
_MONTH_LENGTH: Days = np.diff(_MONTH_START)
#: Of each day counted from the origin its month, and its (zero-based) day in that month: two
#: numbers in one, so that one look-up gives both. A month has room for 32 days.
_PLACE: npt.NDArray[np.int32] = np.concatenate(
    [32 * month + np.arange(length) for month, length in enumerate(_MONTH_LENGTH)]
).astype(np.int32)
_DAY_BITS, _DAY_MASK = np.int32(5), np.int32(31)


def _place(day: Days) -> npt.NDArray[np.int32]:
    return _PLACE.take(day - np.int32(_ORIGIN))


def _after_months(place: npt.NDArray[np.int32], months: Days | np.int32 | int) -> Days:
    month = (place >> _DAY_BITS) + months
    day: Days = np.minimum(place & _DAY_MASK, _MONTH_LENGTH.take(month))
    day += _MONTH_START.take(month)
    day += np.int32(_ORIGIN)
    return day


def add_months(day: Days, months: Days | np.int32 | int) -> Days:
    """Go months on (or back); where that month lacks the day, its successor's first day.

    `day` holds real days only. "The successor's first day" and not the month's last one, so that
    a period of whole months never ends before its day has come round.

    >>> str(date_of(add_months(np.array([day_of(date(2024, 2, 29))], dtype=np.int32), 12)[0]))
    '2025-03-01'
    """
    return _after_months(_place(day), months)


def later_end(end: date, months: int) -> date:
    """The last day of a period that goes on for some months; the end of a month stays one.

    Both are inclusive: the day after the end goes months on, as `add_months` says.

    >>> str(later_end(date(2025, 3, 31), 12)), str(later_end(date(2025, 1, 30), 1))
    ('2026-03-31', '2025-02-28')
    """
    return date_of(months_on(day_of(end) + 1, months) - 1)


def month_begins(day: Days) -> Days:
    """The first day of the month that each day is in.

    >>> str(date_of(month_begins(np.array([day_of(date(2024, 2, 29))], dtype=np.int32))[0]))
    '2024-02-01'
    """
    return day - (_place(day) & _DAY_MASK)


def working_days(first: Days, end: Days, free: Iterable[date]) -> Whole:
    """How many days of `[first, end)` are in no weekend, and not free.

    >>> friday = np.array([day_of(date(2026, 4, 24))], dtype=np.int32)
    >>> int(working_days(friday, friday + 4, [date(2026, 4, 27)])[0])
    1
    """
    holidays = np.array(sorted(map(day_of, free)), dtype="datetime64[D]")
    begins, ends = (day.astype("datetime64[D]") for day in (first, end))
    return np.busday_count(begins, ends, holidays=holidays)


def months_on(day: int, months: int) -> int:
    """One day, some months on, as `add_months` does it for a column."""
    return int(add_months(np.array([day], dtype=np.int32), months)[0])


def months_between(first: int, end: int) -> tuple[int, int]:
    """The whole months of one stretch `[first, end)`, and the days over.

    >>> months_between(day_of(date(2019, 1, 1)), day_of(date(2021, 6, 3)))
    (29, 2)
    """
    days = np.array([first], dtype=np.int32), np.array([end], dtype=np.int32)
    months, over, _ = whole_months(*days)
    return int(months[0]), int(over[0])


def whole_months(first: Days, end: Days) -> tuple[Days, Days, Days]:
    """Split `[first, end)` in whole months, days over, and the length of the month they run in.

    Month limits are reckoned from `first` itself: a period from the 31st runs from month to month
    as `add_months` says. The third column is never zero.
    """
    place = _place(first)
    months = _whole_months(place, end)
    last = _after_months(place, months)
    return months, end - last, _after_months(place, months + np.int32(1)) - last


def whole_years(first: Days, end: Days) -> tuple[Days, Days, Days]:
    """Split `[first, end)` in whole years, days over, and the length of the year they run in.

    Each anniversary is reckoned from `first` itself, so a full year is exactly one, leap or not.
    Years on, a month lacks the day only after 29 February, and 28 days after 1 February is then
    1 March of itself: unlike `add_months`, nothing has to be cut to the length of the month.
    """
    place = _place(first)
    years = _whole_months(place, end) // np.int32(12)
    month = (place >> _DAY_BITS) + years * np.int32(12)
    last = _MONTH_START.take(month)
    length = _MONTH_START.take(month + np.int32(12)) - last
    return years, end - np.int32(_ORIGIN) - last - (place & _DAY_MASK), length


def _whole_months(place: npt.NDArray[np.int32], end: Days) -> Days:
    """Count the months that have passed from the day at `place` until `end`.

    The last is not over while `end` is earlier in its month than the first day was in its own: the
    difference of the places is then just short of a month, and shifting rounds down. A month that
    lacks the day ends before its successor's first day, which is as far in a month as can be.
    """
    return (_place(end) - place) >> _DAY_BITS
