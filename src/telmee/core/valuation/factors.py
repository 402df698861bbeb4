"""The factor of each line that has no fault: how much of its amount a line is.

A factor is an exact fraction: years times hours share, months, hours, pieces, or a percentage of a
cost. What it multiplies is divided once, by `values`, and nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.money import half_up
from telmee.core.periods import Days
from telmee.core.schemes.model import DayCount
from telmee.core.valuation.columns import Codes, Columns, Ints, Lines
from telmee.core.valuation.rules import DAY_COUNTS, WHOLE_BP, Rules, Way
from telmee.core.valuation.windows import employees

#: Which lines: a whole run or some of them. Both index a column, and a slice does not copy it.
At = slice | Lines


@dataclass(frozen=True, slots=True)
class Batch:
    """What is valued, by what, into what."""

    rules: Rules
    lines: Contributions
    columns: Columns


@dataclass(frozen=True, slots=True)
class Factor:
    """An exact factor per line, and the cents it multiplies.

    A denominator that all lines share is one number: dividing by it is many times faster.
    """

    cents: Ints
    numerator: Ints
    denominator: Ints | int

    def of(self, cents: Ints | int, which: Lines | slice = slice(None)) -> Ints:
        """Multiply cents by the factor of some lines, divide once and round half up once."""
        denominator = self.denominator
        if not isinstance(denominator, int):
            denominator = denominator[which]
        return half_up(cents * self.numerator[which], denominator)


def by_kind(kinds: Codes, at: At) -> Iterator[tuple[int, At]]:
    """Split the lines at `at` by the kind that `kinds` gives each of them."""
    if not kinds.size:
        return
    first = int(kinds[0])
    if (kinds == first).all():
        yield first, at
        return
    for kind in np.flatnonzero(np.bincount(kinds)):
        yield int(kind), some(at, np.flatnonzero(kinds == kind))


def some(at: At, which: Lines) -> Lines:
    """Give the positions of some of the lines at `at`."""
    return which + at.start if isinstance(at, slice) else at[which]


def factor_of(batch: Batch, way: Way, at: At) -> Factor:
    """Give the factor of lines that come about in one way, and fill the columns that explain it."""
    return _FACTORS[way](batch, at)


def time_of_costs(batch: Batch, at: At, timed: Lines) -> Factor:
    """Give the factor that bonuses by the year take on a cost: the full-time year itself.

    A cost has no time to follow. Only the lines `timed`, of those at `at`, have such a bonus.
    """
    size = batch.columns.block[at].size
    numerator, denominator = np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64)
    worked = batch.rules.worked_hours.take(batch.columns.block[some(at, timed)])
    for years, here in ((_worked_years, timed[worked]), (_years_of_hours, timed[~worked])):
        if here.size:
            of_time = years(batch, some(at, here))
            numerator[here], denominator[here] = of_time.numerator, of_time.denominator
    return Factor(numerator, numerator, denominator)


def _years_of_hours(batch: Batch, at: At) -> Factor:
    rules, columns = batch.rules, batch.columns
    numerator, denominator = _years(batch, at)
    share = np.minimum(batch.lines.weekly_hours[at], rules.full_time_hours)
    columns.counted_hours[at] = share
    cents = rules.amount.take(columns.block[at])
    return Factor(cents, share * numerator, denominator * rules.full_time_hours)


def _person_years(batch: Batch, at: At) -> Factor:
    return _of_amount(batch, at, *_years(batch, at))


def _worked_years(batch: Batch, at: At) -> Factor:
    """Worked hours over the employer's own full-time year; the hours share is in it already."""
    hours, full_time = batch.lines.hours[at], batch.lines.full_time_hours[at]
    batch.columns.time_num[at], batch.columns.time_den[at] = hours, full_time
    return _of_amount(batch, at, hours, full_time)


def _months(batch: Batch, at: At) -> Factor:
    columns = batch.columns
    months, over, length = periods.whole_months(columns.counted_from[at], columns.counted_end[at])
    numerator = months * length + over
    columns.time_num[at], columns.time_den[at] = numerator, length
    return _of_amount(batch, at, numerator.astype(np.int64), length.astype(np.int64))


def _pieces(batch: Batch, at: At) -> Factor:
    return _of_amount(batch, at, batch.lines.count[at], 1)


def _hours(batch: Batch, at: At) -> Factor:
    """Hours of each of a number of employees, or the invoice where the block takes either."""
    lines, columns = batch.lines, batch.columns
    numerator = lines.hours[at] * employees(lines.count[at])
    cents = batch.rules.amount.take(columns.block[at])
    costs = np.flatnonzero(lines.hours[at] == NOTHING)
    numerator[costs], cents[costs] = 100, lines.amount[at][costs]
    return Factor(cents, numerator, 100)


def _day_maximum(batch: Batch, at: At) -> Factor:
    lines = batch.lines
    most = batch.rules.amount.take(batch.columns.block[at]) * lines.count[at]
    return Factor(np.minimum(lines.amount[at], most), np.ones_like(most), 1)


def _cost(batch: Batch, at: At) -> Factor:
    rules, columns = batch.rules, batch.columns
    block = columns.block[at]
    percentage = rules.percentage.take(block)
    certified = np.flatnonzero(rules.needs_certificate.take(block))
    of_certificate = columns.certificate[at][certified]
    percentage[certified] = rules.certificate_percentage.take(of_certificate)
    return Factor(batch.lines.amount[at], percentage, WHOLE_BP)


def _of_amount(batch: Batch, at: At, numerator: Ints, denominator: Ints | int) -> Factor:
    return Factor(batch.rules.amount.take(batch.columns.block[at]), numerator, denominator)


_FACTORS: Mapping[Way, Callable[[Batch, At], Factor]] = {
    Way.YEARS_OF_HOURS: _years_of_hours,
    Way.YEARS: _person_years,
    Way.WORKED_YEARS: _worked_years,
    Way.MONTHS: _months,
    Way.HOURS: _hours,
    Way.PIECES: _pieces,
    Way.DAY_MAXIMUM: _day_maximum,
    Way.COST: _cost,
}


def _years(batch: Batch, at: At) -> tuple[Ints, Ints]:
    """Fill and give the counted years of lines, by each block's own day count."""
    columns = batch.columns
    for count, here in by_kind(batch.rules.day_count.take(columns.block[at]), at):
        first, end = columns.counted_from[here], columns.counted_end[here]
        years = _YEARS[DAY_COUNTS[count]](first, end)
        columns.time_num[here], columns.time_den[here] = years
    return columns.time_num[at].astype(np.int64), columns.time_den[at].astype(np.int64)


def _anniversary(first: Days, end: Days) -> tuple[Codes, Codes]:
    years, over, length = periods.whole_years(first, end)
    return years * length + over, length


def _twelfths(first: Days, end: Days) -> tuple[Codes, Codes]:
    months, over, length = periods.whole_months(first, end)
    return months * length + over, np.int32(12) * length


def _of_365(first: Days, end: Days) -> tuple[Codes, Codes]:
    return end - first, np.full_like(first, 365)


def _of_52_weeks(first: Days, end: Days) -> tuple[Codes, Codes]:
    return end - first, np.full_like(first, 7 * 52)


_YEARS: Mapping[DayCount, Callable[[Days, Days], tuple[Codes, Codes]]] = {
    DayCount.ANNIVERSARY: _anniversary,
    DayCount.MONTHS: _twelfths,
    DayCount.DAYS_365: _of_365,
    DayCount.WEEKS_52: _of_52_weeks,
}
