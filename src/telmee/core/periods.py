"""Dates and ranges: inclusive outside, half-open inside, converted only here.

A day is a whole number: days since 1 January 1970, in an int32 column; `NO_DAY` where there is
none. People write "1 January up to and including 31 December"; inside, a period is `[first, end)`
with `end` the day after the last. Calendar arithmetic is a look-up in three tables, which keeps a
million lines within a tenth of a second.

Source of the day counts: docs/algorithms/valuation.md section 2.
"""

from __future__ import annotations

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
    """Give the number of a date.

    >>> day_of(date(1970, 1, 2))
    1
    """
    return (value - _EPOCH).days


def date_of(day: int) -> date:
    """Give the date of a number; the inverse of `day_of`."""
    return _EPOCH + timedelta(days=int(day))


_ORIGIN = day_of(date(_TABLE_YEARS[0], 1, 1))
#: First day of each month, counted from the origin; month 0 is January of the first table year.
_MONTH_START: Days = np.array(
    [day_of(date(year, month, 1)) - _ORIGIN for year in _TABLE_YEARS for month in range(1, 13)],
    dtype=np.int32,
)
_MONTH_LENGTH: Days = np.diff(_MONTH_START)
#: Month number and (zero-based) day of the month of each day counted from the origin.
_MONTH_OF: npt.NDArray[np.int32] = np.repeat(
    np.arange(_MONTH_LENGTH.size, dtype=np.int32), _MONTH_LENGTH
)
_DAY_IN_MONTH: npt.NDArray[np.int32] = (
    np.arange(_MONTH_OF.size, dtype=np.int32) - _MONTH_START[_MONTH_OF]
)


def add_months(day: Days, months: Days | np.int32 | int) -> Days:
    """Go months on (or back); where that month lacks the day, its successor's first day.

    `day` holds real days only. "The successor's first day" and not the month's last one, so that
    a period of whole months never ends before its day has come round.

    >>> str(date_of(add_months(np.array([day_of(date(2024, 2, 29))], dtype=np.int32), 12)[0]))
    '2025-03-01'
    """
    from_origin = day - np.int32(_ORIGIN)
    month = _MONTH_OF.take(from_origin) + months
    offset = np.minimum(_DAY_IN_MONTH.take(from_origin), _MONTH_LENGTH.take(month))
    return _MONTH_START.take(month) + offset + np.int32(_ORIGIN)


def whole_months(first: Days, end: Days) -> tuple[Days, Days, Days]:
    """Split `[first, end)` in whole months, days over, and the length of the month they run in.

    Month limits are reckoned from `first` itself: a period from the 31st runs from month to month
    as `add_months` says. The third column is never zero.
    """
    months = _MONTH_OF.take(end - np.int32(_ORIGIN)) - _MONTH_OF.take(first - np.int32(_ORIGIN))
    months = months - (add_months(first, months) > end)
    last = add_months(first, months)
    return months, end - last, add_months(first, months + 1) - last


def whole_years(first: Days, end: Days) -> tuple[Days, Days, Days]:
    """Split `[first, end)` in whole years, days over, and the length of the year they run in.

    Each anniversary is reckoned from `first` itself, so a full year is exactly one, leap or not.
    """
    months = _MONTH_OF.take(end - np.int32(_ORIGIN)) - _MONTH_OF.take(first - np.int32(_ORIGIN))
    years = months // np.int32(12)
    last = add_months(first, years * np.int32(12))
    over = last > end
    if over.any():
        years = years - over
        last = add_months(first, years * np.int32(12))
    following = add_months(first, years * np.int32(12) + np.int32(12))
    return years, end - last, following - last
