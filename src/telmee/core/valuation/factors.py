"""The factor of each line that has no fault: how much of its amount a line is.

A factor is an exact fraction: years times hours share, months, hours, pieces, or a percentage of a
cost. What it multiplies is divided once, by `values`, and nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from telmee.core import periods
from telmee.core.money import WHOLE_BP, half_up
from telmee.core.periods import Days
from telmee.core.schemes.model import DayCount
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Codes, Ints, Lines
from telmee.core.valuation.chosen import Chosen, Few
from telmee.core.valuation.engine_columns import Columns, Limited
from telmee.core.valuation.rules import Rules, Way
from telmee.core.valuation.windows import one_or_more


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


def factor_of(batch: Batch, way: Way, chosen: Chosen) -> Factor:
    """What a block's amount is multiplied by, a fraction a line; fills columns that explain it."""
    return _FACTORS[way](batch, chosen)


def time_of_costs(batch: Batch, chosen: Chosen, timed: Lines) -> Factor:
    """The years that bonuses by the year count on a line of costs: those of the full-time year.

    A cost has no time to follow. Only the lines `timed`, of those chosen, have such a bonus.
    """
    block = chosen.of(batch.columns.block)
    numerator, denominator = np.zeros(block.size, np.int64), np.ones(block.size, np.int64)
    worked = batch.rules.worked_hours.take(block[timed])
    for years, here in ((_worked_years, timed[worked]), (_years_of_hours, timed[~worked])):
        if here.size:
            of_time = years(batch, Few(chosen.at(here)))
            numerator[here], denominator[here] = of_time.numerator, of_time.denominator
    return Factor(numerator, numerator, denominator)


def _years_of_hours(batch: Batch, chosen: Chosen) -> Factor:
    rules, columns = batch.rules, batch.columns
    block = chosen.of(columns.block)
    numerator, denominator = _years(batch, chosen, block)
    share = np.minimum(chosen.of(batch.lines.weekly_hours), rules.full_time_hours)
    chosen.put(columns.counted_hours, share)
    return Factor(rules.amount.take(block), share * numerator, denominator * rules.full_time_hours)


def _person_years(batch: Batch, chosen: Chosen) -> Factor:
    block = chosen.of(batch.columns.block)
    return Factor(batch.rules.amount.take(block), *_years(batch, chosen, block))


def _worked_years(batch: Batch, chosen: Chosen) -> Factor:
    """Worked hours over the employer's own full-time year; the hours share is in it already."""
    lines, columns = batch.lines, batch.columns
    hours, full_time = chosen.of(lines.hours), chosen.of(lines.full_time_hours)
    chosen.put(columns.time_num, hours)
    chosen.put(columns.time_den, full_time)
    return Factor(_amount(batch, chosen), hours, full_time)


def _months(batch: Batch, chosen: Chosen) -> Factor:
    columns = batch.columns
    months, over, length = periods.whole_months(
        chosen.of(columns.counted_from), chosen.of(columns.counted_end)
    )
    numerator = months * length + over
    chosen.put(columns.time_num, numerator)
    chosen.put(columns.time_den, length)
    return Factor(_amount(batch, chosen), numerator.astype(np.int64), length.astype(np.int64))


def _pieces(batch: Batch, chosen: Chosen) -> Factor:
    """A number of something; of periods of an internship one, where `aantal` is empty."""
    return Factor(_amount(batch, chosen), one_or_more(chosen.of(batch.lines.count)), 1)


def _hours(batch: Batch, chosen: Chosen) -> Factor:
    """Hours of each of a number of employees, or the invoice where the block takes either."""
    lines = batch.lines
    hours, cents = chosen.of(lines.hours), _amount(batch, chosen)
    numerator = hours * one_or_more(chosen.of(lines.count))
    costs = np.flatnonzero(hours == NOTHING)
    numerator[costs], cents[costs] = 100, chosen.of(lines.amount)[costs]
    return Factor(cents, numerator, 100)


def _day_maximum(batch: Batch, chosen: Chosen) -> Factor:
    most = _amount(batch, chosen) * chosen.of(batch.lines.count)
    return Factor(np.minimum(chosen.of(batch.lines.amount), most), np.ones_like(most), 1)


def _cost(batch: Batch, chosen: Chosen) -> Factor:
    rules, block = batch.rules, chosen.of(batch.columns.block)
    percentage = rules.percentage.take(block)
    certified = np.flatnonzero(rules.needs_certificate.take(block))
    of_certificate = chosen.of(batch.columns.certificate)[certified]
    percentage[certified] = rules.percentage_of(of_certificate, block[certified])
    return Factor(chosen.of(batch.lines.amount), percentage, WHOLE_BP)


def _limited_hours(batch: Batch, chosen: Chosen) -> Factor:
    """The hours that the limits of the block let count, of each of a number of employees."""
    hours = [limited.counted or Fraction(0) for limited in _limited(batch, chosen)]
    counts = one_or_more(chosen.of(batch.lines.count)).tolist()
    exact = [part * count for part, count in zip(hours, counts, strict=True)]
    return _exact(_amount(batch, chosen), exact)


def _limited_cost(batch: Batch, chosen: Chosen) -> Factor:
    """The part of a cost that counts, for the days that the limit of the block lets count."""
    whole = _cost(batch, chosen)
    parts = (limited.part for limited in _limited(batch, chosen))
    percentages = whole.numerator.tolist()
    exact = [
        part * Fraction(percentage, WHOLE_BP)
        for part, percentage in zip(parts, percentages, strict=True)
    ]
    return _exact(whole.cents, exact)


def _limited(batch: Batch, chosen: Chosen) -> list[Limited]:
    """How much counts of each chosen line; what stands in for another line counts nothing."""
    at = chosen.at(np.arange(chosen.of(batch.columns.block).size))
    nothing = Limited(counted_days=0, within_days=1)
    return [batch.columns.limited.get(line, nothing) for line in at.tolist()]


def _exact(cents: Ints, exact: Sequence[Fraction]) -> Factor:
    """A factor in whole numbers of any size: days, weeks and hours together leave 64 bits."""
    numerators = np.array([part.numerator for part in exact], dtype=object)
    denominators = np.array([part.denominator for part in exact], dtype=object)
    return Factor(cents.astype(object), numerators, denominators)


def _amount(batch: Batch, chosen: Chosen) -> Ints:
    return batch.rules.amount.take(chosen.of(batch.columns.block))


_FACTORS: Mapping[Way, Callable[[Batch, Chosen], Factor]] = {
    Way.YEARS_OF_HOURS: _years_of_hours,
    Way.YEARS: _person_years,
    Way.WORKED_YEARS: _worked_years,
    Way.MONTHS: _months,
    Way.HOURS: _hours,
    Way.PIECES: _pieces,
    Way.PERIODS: _pieces,
    Way.DAY_MAXIMUM: _day_maximum,
    Way.COST: _cost,
    Way.LIMITED_HOURS: _limited_hours,
    Way.LIMITED_COST: _limited_cost,
}


def _years(batch: Batch, chosen: Chosen, block: Codes) -> tuple[Ints, Ints]:
    """Fill and give the counted years of lines, by each block's own day count."""
    rules, columns = batch.rules, batch.columns
    first, end = chosen.of(columns.counted_from), chosen.of(columns.counted_end)
    numerator, denominator = _YEARS[rules.day_counts[0]](first, end)
    for number, day_count in enumerate(rules.day_counts[1:], start=1):
        here = np.flatnonzero(rules.day_count.take(block) == number)
        numerator[here], denominator[here] = _YEARS[day_count](first[here], end[here])
    chosen.put(columns.time_num, numerator)
    chosen.put(columns.time_den, denominator)
    return numerator.astype(np.int64), denominator.astype(np.int64)


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
