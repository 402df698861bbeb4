"""The factor, the base and the bonuses of each line that has no fault.

A factor is an exact fraction: years times hours share, months, hours, pieces, or a percentage of a
cost. Base and bonuses multiply it first, divide once and round half up once, each on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.money import half_up
from telmee.core.periods import Days
from telmee.core.schemes.model import Bonus, DayCount
from telmee.core.valuation.columns import Codes, Columns, Ints
from telmee.core.valuation.rules import DAY_COUNTS, WHOLE_BP, Rules, Way
from telmee.core.valuation.windows import employees, runs

Lines = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Factor:
    """An exact factor per line, and the cents it multiplies."""

    cents: Ints
    numerator: Ints
    denominator: Ints


@dataclass(frozen=True, slots=True)
class _Batch:
    rules: Rules
    lines: Contributions
    columns: Columns


def value_lines(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """Fill the factor, the base and the bonuses of every line without a fault."""
    batch = _Batch(rules, lines, columns)
    for run in runs(len(lines)):
        good = np.flatnonzero(columns.fault[run] == 0)
        if good.size:
            _value_run(batch, good + run.start)


def _value_run(batch: _Batch, at: Lines) -> None:
    columns = batch.columns
    way = batch.rules.way.take(columns.block[at])
    for number in np.flatnonzero(np.bincount(way)):
        kind = Way(int(number))
        here = at if (way == kind).all() else at[way == kind]
        factor = _FACTORS[kind](batch, here)
        base = half_up(factor.cents * factor.numerator, factor.denominator)
        columns.base_cents[here] = base
        columns.gross_cents[here] = base
        claimed = np.flatnonzero(columns.bonus_mask[here])
        if claimed.size:
            _value_bonuses(batch, kind, here, factor, claimed)


def _years_of_hours(batch: _Batch, at: Lines) -> Factor:
    rules, columns = batch.rules, batch.columns
    numerator, denominator = _years(batch, at)
    share = np.minimum(batch.lines.weekly_hours[at], rules.full_time_hours)
    columns.hours_share[at] = share
    return Factor(
        rules.amount.take(columns.block[at]),
        share * numerator.astype(np.int64),
        denominator.astype(np.int64) * rules.full_time_hours,
    )


def _person_years(batch: _Batch, at: Lines) -> Factor:
    numerator, denominator = _years(batch, at)
    return _of_amount(batch, at, numerator, denominator)


def _worked_years(batch: _Batch, at: Lines) -> Factor:
    """Worked hours over the employer's own full-time year; the hours share is in it already."""
    hours, full_time = batch.lines.hours[at], batch.lines.full_time_hours[at]
    batch.columns.years_num[at], batch.columns.years_den[at] = hours, full_time
    return _of_amount(batch, at, hours, full_time)


def _months(batch: _Batch, at: Lines) -> Factor:
    columns = batch.columns
    months, over, length = periods.whole_months(columns.counted_from[at], columns.counted_end[at])
    numerator = months * length + over
    columns.years_num[at], columns.years_den[at] = numerator, length
    return _of_amount(batch, at, numerator, length)


def _pieces(batch: _Batch, at: Lines) -> Factor:
    return _of_amount(batch, at, batch.lines.count[at], np.ones(at.size, dtype=np.int64))


def _hours(batch: _Batch, at: Lines) -> Factor:
    """Hours of each of a number of employees, or the invoice where the block takes either."""
    lines, columns = batch.lines, batch.columns
    hours, amount = lines.hours[at], lines.amount[at]
    costs = hours == NOTHING
    numerator = np.where(costs, 100, hours * employees(lines.count[at]))
    cents = np.where(costs, amount, batch.rules.amount.take(columns.block[at]))
    return Factor(cents, numerator, np.full(at.size, 100, dtype=np.int64))


def _day_maximum(batch: _Batch, at: Lines) -> Factor:
    lines = batch.lines
    most = batch.rules.amount.take(batch.columns.block[at]) * lines.count[at]
    ones = np.ones(at.size, dtype=np.int64)
    return Factor(np.minimum(lines.amount[at], most), ones, ones)


def _cost(batch: _Batch, at: Lines) -> Factor:
    rules, columns = batch.rules, batch.columns
    block = columns.block[at]
    percentage = rules.percentage.take(block)
    certified = np.flatnonzero(rules.needs_certificate.take(block))
    of_certificate = columns.certificate[at[certified]]
    percentage[certified] = rules.certificate_percentage.take(of_certificate)
    return Factor(batch.lines.amount[at], percentage, np.full(at.size, WHOLE_BP, dtype=np.int64))


def _of_amount(
    batch: _Batch, at: Lines, numerator: Ints | Codes, denominator: Ints | Codes
) -> Factor:
    cents = batch.rules.amount.take(batch.columns.block[at])
    return Factor(cents, numerator.astype(np.int64), denominator.astype(np.int64))


_FACTORS: Mapping[Way, Callable[[_Batch, Lines], Factor]] = {
    Way.YEARS_OF_HOURS: _years_of_hours,
    Way.YEARS: _person_years,
    Way.WORKED_YEARS: _worked_years,
    Way.MONTHS: _months,
    Way.HOURS: _hours,
    Way.PIECES: _pieces,
    Way.DAY_MAXIMUM: _day_maximum,
    Way.COST: _cost,
}


def _years(batch: _Batch, at: Lines) -> tuple[Codes, Codes]:
    """Fill and give the counted years of lines, by each block's own day count."""
    columns = batch.columns
    counts = batch.rules.day_count.take(columns.block[at])
    for count in np.flatnonzero(np.bincount(counts)):
        here = at if (counts == count).all() else at[counts == count]
        first, end = columns.counted_from[here], columns.counted_end[here]
        years = _YEARS[DAY_COUNTS[count]](first, end)
        columns.years_num[here], columns.years_den[here] = years
        if here is at:
            return years
    return columns.years_num[at], columns.years_den[at]


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


def _value_bonuses(
    batch: _Batch, way: Way, at: Lines, factor: Factor, claimed: npt.NDArray[np.intp]
) -> None:
    """Fill the columns of the bonuses that these lines claim."""
    at = at[claimed]
    numerator, denominator = factor.numerator[claimed], factor.denominator[claimed]
    mask = batch.columns.bonus_mask[at]
    if way in (Way.COST, Way.DAY_MAXIMUM):
        # A cost has no time to follow, so its bonus runs by the full-time year itself.
        timed = (mask & batch.rules.proportional) != 0
        worked = batch.rules.worked_hours.take(batch.columns.block[at])
        for years, kind in ((_worked_years, timed & worked), (_years_of_hours, timed & ~worked)):
            here = np.flatnonzero(kind)
            if here.size:
                of_time = years(batch, at[here])
                numerator[here], denominator[here] = of_time.numerator, of_time.denominator
    for number, bonus in enumerate(batch.rules.scheme.bonuses):
        here = np.flatnonzero(mask & (1 << number))
        if here.size:
            cents = _bonus_cents(batch, bonus, at[here], numerator[here], denominator[here])
            batch.columns.bonus_column(number)[at[here]] = cents


def _bonus_cents(
    batch: _Batch, bonus: Bonus, at: Lines, numerator: Ints, denominator: Ints
) -> Ints:
    if bonus.actual_cost:
        return half_up(batch.lines.amount[at] * bonus.percentage_bp, WHOLE_BP)
    cents = np.int64(bonus.amount_cents or 0)
    if bonus.once:
        return np.full(at.size, cents, dtype=np.int64)
    return half_up(cents * numerator, denominator)
