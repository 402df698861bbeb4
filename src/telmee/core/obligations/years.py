"""The minimum per year: an obligation spread evenly over the years of the contract.

Years are contract years: each runs from the start's own anniversary (docs/algorithms/valuation.md
section 2), and a last year that is broken weighs its days over the days that year would have had.
The parts are differences of a running total that is rounded half up, so that they add up to the
obligation exactly and no part is more than a cent from its even share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from telmee.core.money import half_up
from telmee.core.periods import Days, add_months, date_of, day_of, whole_years


@dataclass(frozen=True, slots=True)
class YearPart:
    """What must at least be delivered in one contract year; both days included."""

    year: int
    first: date
    last: date
    cents: int


def spread_evenly(cents: int, start: date, end: date) -> tuple[YearPart, ...]:
    """Spread an obligation over the contract from `start` up to and including `end`.

    >>> [part.cents for part in spread_evenly(1_000_00, date(2024, 1, 1), date(2026, 6, 30))]
    [40066, 40066, 19868]
    """
    first = _day(day_of(start))
    whole, over, length = contract_years(start, end)
    years = [Fraction(1)] * whole + ([Fraction(over, length)] if over else [])
    starts = [date_of(int(add_months(first, 12 * year)[0])) for year in range(len(years))]
    lasts = [date_of(day_of(following) - 1) for following in starts[1:]] + [end]
    reached = [_share(cents, sum(years[:year]), sum(years)) for year in range(len(years) + 1)]
    return tuple(
        YearPart(year + 1, starts[year], lasts[year], reached[year + 1] - reached[year])
        for year in range(len(years))
    )


def contract_years(start: date, end: date) -> tuple[int, int, int]:
    """The whole years of a contract, the days over, and the length of the year they are in.

    >>> contract_years(date(2026, 1, 1), date(2028, 6, 30))
    (2, 182, 366)
    """
    whole, over, length = whole_years(_day(day_of(start)), _day(day_of(end) + 1))
    return int(whole[0]), int(over[0]), int(length[0])


def _share(cents: int, part: Fraction | int, whole: Fraction | int) -> int:
    share = Fraction(cents * part, whole)
    return half_up(share.numerator, share.denominator)


def _day(day: int) -> Days:
    return np.array([day], dtype=np.int32)
