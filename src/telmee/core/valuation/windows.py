"""The faults and the counted period of each line, as far as the line itself can tell.

Lines are handled in runs of `RUN` so that the intermediate columns stay in the processor's cache;
that, and looking everything up in small tables, is what makes a million lines a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.periods import NO_DAY, Days
from telmee.core.valuation.columns import Columns, Ints
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.rules import HOURS_TIMES_COUNT_MAX, NO_LIMIT, Rules, Way

#: Lines per run: some twenty columns of it fit in a second-level cache.
RUN = 1 << 14
_FAR = np.int32(2**31 - 2)
_ONE = np.int32(1)

_NEEDS = {
    Way.YEARS_OF_HOURS: ("missing_begin", "missing_end", "missing_weekly_hours"),
    Way.YEARS: ("missing_begin", "missing_end"),
    Way.MONTHS: ("missing_begin", "missing_end"),
    Way.WORKED_YEARS: (
        "missing_begin",
        "missing_end",
        "missing_hours",
        "missing_full_time_hours",
    ),
    Way.HOURS: ("missing_hours",),
    Way.PIECES: ("missing_count",),
    Way.DAY_MAXIMUM: ("missing_count", "missing_amount"),
    Way.COST: ("missing_amount",),
    Way.AGREEMENT: (),
}
_YEAR_NEEDS = sum(BIT[code] for code in _NEEDS[Way.YEARS_OF_HOURS])
_WORKED_NEEDS = sum(BIT[code] for code in _NEEDS[Way.WORKED_YEARS])


@dataclass(frozen=True, slots=True)
class _Tables:
    """Per block: the faults of columns it needs, and of figures that the scheme lacks."""

    needs: Ints
    judgement: Ints
    counts_time: npt.NDArray[np.bool_]


def _tables(rules: Rules) -> _Tables:
    needs, judgement = [], []
    for way, amount, or_cost in zip(rules.way, rules.amount, rules.or_cost, strict=True):
        needs.append(0 if or_cost else sum(BIT[code] for code in _NEEDS[Way(way)]))
        silent = amount == NOTHING and way not in (Way.COST, Way.AGREEMENT) and not or_cost
        judgement.append(
            BIT["by_agreement"] if way == Way.AGREEMENT else BIT["no_amount"] if silent else 0
        )
    return _Tables(
        np.array(needs, dtype=np.int64), np.array(judgement, dtype=np.int64), rules.counts_time
    )


def runs(lines: int) -> Iterator[slice]:
    """Give the slices of a batch, `RUN` lines at a time."""
    return (slice(at, min(at + RUN, lines)) for at in range(0, lines, RUN))


def find_periods(rules: Rules, lines: Contributions, columns: Columns, until: int) -> None:
    """Fill the faults and the counted period of every line; limits per person come later.

    `until` is the day that stands in for an empty `eind` of a period, or `NO_DAY`.
    """
    if not rules.scheme.blocks:
        return
    tables = _tables(rules)
    for run in runs(len(lines)):
        _find_run_periods(rules, tables, lines, columns, until, run)


def _find_run_periods(
    rules: Rules, tables: _Tables, lines: Contributions, columns: Columns, until: int, run: slice
) -> None:
    block = columns.block[run]
    fault = columns.fault[run]
    known = block != NOTHING
    timed = tables.counts_time.take(block, mode="wrap") & known
    begin, end = lines.begin[run], lines.end[run]
    if until != NO_DAY:
        end = np.where(timed & (end == NO_DAY) & (begin != NO_DAY), np.int32(until), end)
    columns.end[run] = end
    needs = np.where(known, tables.needs.take(block, mode="wrap"), 0)
    needs |= _claim_faults(rules, lines, columns, run)
    fault |= _missing(needs, lines, end, run)
    fault |= np.where(known, tables.judgement.take(block, mode="wrap"), 0)
    _cut_to_contract(lines, columns, run, timed | ~known)
    _test_minimums(rules, lines, columns, run, timed)
    own = timed & (lines.person.codes[run] == NOTHING)
    _cut_to_own_limit(rules, columns, run, own)


def _missing(needs: Ints, lines: Contributions, end: Days, run: slice) -> Ints:
    """Give the faults of needed columns that are empty on a line."""
    missing = np.zeros(needs.size, dtype=np.int64)
    wanted = int(np.bitwise_or.reduce(needs)) if needs.size else 0
    for code, column, nothing in (
        ("missing_begin", lines.begin[run], NO_DAY),
        ("missing_end", end, NO_DAY),
        ("missing_weekly_hours", lines.weekly_hours[run], NOTHING),
        ("missing_hours", lines.hours[run], NOTHING),
        ("missing_amount", lines.amount[run], NOTHING),
        ("missing_count", lines.count[run], NOTHING),
        ("missing_full_time_hours", lines.full_time_hours[run], NOTHING),
    ):
        if wanted & BIT[code]:
            empty = column == nothing
            if empty.any():
                missing |= np.where(empty, needs & BIT[code], 0)
    return missing


def _claim_faults(rules: Rules, lines: Contributions, columns: Columns, run: slice) -> Ints:
    """Test bonuses, certificates and either-or columns; give what those lines need besides."""
    block, fault = columns.block[run], columns.fault[run]
    needs = np.zeros(block.size, dtype=np.int64)
    _test_certificates(rules, lines, columns, run)
    _test_either_or(rules, lines, columns, run)
    _test_hours(rules, lines, columns, run)
    mask = columns.bonus_mask[run]
    at = np.flatnonzero((mask != 0) & (block != NOTHING))
    if not at.size:
        return needs
    mask, allowed = mask[at], rules.bonus_mask.take(block[at])
    fault[at] |= np.where(mask & ~allowed, BIT["bonus_outside_blocks"], 0)
    mask &= allowed
    bonuses = list(enumerate(rules.scheme.bonuses))
    costs = sum(1 << bit for bit, bonus in bonuses if bonus.actual_cost)
    silent = sum(
        1 << bit for bit, bonus in bonuses if bonus.amount_cents is None and not bonus.actual_cost
    )
    fault[at] |= np.where(mask & silent, BIT["no_bonus_amount"], 0)
    needs[at] |= np.where(mask & costs, BIT["missing_amount"], 0)
    takes_years = np.isin(rules.way.take(block[at]), (Way.COST, Way.DAY_MAXIMUM))
    takes_years &= (mask & rules.proportional) != 0
    year_needs = np.where(rules.worked_hours.take(block[at]), _WORKED_NEEDS, _YEAR_NEEDS)
    needs[at] |= np.where(takes_years, year_needs, 0)
    return needs


def _test_either_or(rules: Rules, lines: Contributions, columns: Columns, run: slice) -> None:
    """Where hours or the invoice would do: exactly one of them."""
    if not rules.or_cost.any():
        return
    block = columns.block[run]
    either = rules.or_cost.take(block, mode="wrap") & (block != NOTHING)
    hours, amount = lines.hours[run] != NOTHING, lines.amount[run] != NOTHING
    fault = columns.fault[run]
    fault |= np.where(either & hours & amount, BIT["hours_and_amount"], 0)
    fault |= np.where(either & ~hours & ~amount, BIT["hours_or_amount"], 0)
    silent = either & (rules.amount.take(block, mode="wrap") == NOTHING)
    fault |= np.where(silent & (hours | ~amount), BIT["no_amount"], 0)


def _test_hours(rules: Rules, lines: Contributions, columns: Columns, run: slice) -> None:
    """Refuse more hours on a line than an exact product has room for."""
    of_hours = rules.way == Way.HOURS
    if not of_hours.any():
        return
    block = columns.block[run]
    at = np.flatnonzero(of_hours.take(block, mode="wrap") & (block != NOTHING))
    many = lines.hours[run][at] * employees(lines.count[run][at]) > HOURS_TIMES_COUNT_MAX
    columns.fault[run][at[many]] |= BIT["too_many_hours"]


def employees(count: Ints) -> Ints:
    """Give for how many employees the hours of a line are: one where `aantal` is empty."""
    return np.where(count == NOTHING, 1, count)


def _test_certificates(rules: Rules, lines: Contributions, columns: Columns, run: slice) -> None:
    if not rules.needs_certificate.any():
        return
    block, certificate = columns.block[run], columns.certificate[run]
    at = np.flatnonzero(rules.needs_certificate.take(block, mode="wrap") & (block != NOTHING))
    found, typed = certificate[at], lines.certificate.codes[run][at]
    until, on = lines.certificate_until[run][at], lines.begin[run][at]
    fault = np.where(typed == NOTHING, BIT["missing_certificate"], 0)
    fault |= np.where((typed != NOTHING) & (found == NOTHING), BIT["unknown_certificate"], 0)
    lapsed = (until != NO_DAY) & (on != NO_DAY) & (on > until)
    fault |= np.where(lapsed, BIT["certificate_expired"], 0)
    silent = rules.certificate_percentage.take(found, mode="wrap") == NOTHING
    fault |= np.where((found != NOTHING) & silent, BIT["no_percentage"], 0)
    columns.fault[run][at] |= fault


def _cut_to_contract(
    lines: Contributions, columns: Columns, run: slice, needs_end: npt.NDArray[np.bool_]
) -> None:
    """Keep of each period what lies within the contract; a missing date is no bound.

    A line that is no period (a purchase, an activity) is a day, its `begin`, unless it says more.
    A period, or a line of an unknown block that may be one, is not tested without its `eind`.
    """
    begin, end = lines.begin[run], columns.end[run]
    first_day, last_day = lines.contract_begin[run], lines.contract_end[run]
    fault = columns.fault[run]
    has_begin, has_end = begin != NO_DAY, end != NO_DAY
    fault |= np.where(has_begin & has_end & (end < begin), BIT["end_before_begin"], 0)
    reversed_contract = (last_day != NO_DAY) & (last_day < first_day)
    fault |= np.where(reversed_contract, BIT["contract_end_before_begin"], 0)
    last = np.where(has_end | needs_end, end, begin)
    last = np.minimum(last, np.where(last_day == NO_DAY, _FAR, last_day))
    counted_from = np.maximum(begin, first_day)
    whole = has_begin & (has_end | ~needs_end)
    outside = whole & (last < counted_from) & ~((fault & _REVERSED) != 0)
    fault |= np.where(outside, BIT["outside_contract"], 0)
    whole &= ~outside
    columns.counted_from[run] = np.where(whole, counted_from, NO_DAY)
    columns.counted_end[run] = np.where(whole, last + _ONE, NO_DAY)


_REVERSED = BIT["end_before_begin"] | BIT["contract_end_before_begin"]


def _test_minimums(
    rules: Rules,
    lines: Contributions,
    columns: Columns,
    run: slice,
    timed: npt.NDArray[np.bool_],
) -> None:
    """Test look-back, minimum months and minimum hours, on the dates as they were given."""
    block, fault = columns.block[run], columns.fault[run]
    begin, end, contract_begin = lines.begin[run], columns.end[run], lines.contract_begin[run]
    months = rules.scheme.look_back_months
    if months is not None:
        at = np.flatnonzero(timed & (begin != NO_DAY) & (begin < contract_begin))
        early = periods.add_months(begin[at], np.int32(months)) < contract_begin[at]
        fault[at[early]] |= BIT["started_too_early"]
    if rules.min_months.any():
        at = np.flatnonzero(timed & (begin != NO_DAY) & (begin <= end))
        shortest = periods.add_months(begin[at], rules.min_months.take(block[at]))
        fault[at[shortest > end[at] + _ONE]] |= BIT["too_short"]
    if rules.min_weekly_hours.any():
        weekly = lines.weekly_hours[run]
        few = timed & (weekly != NOTHING)
        few &= weekly < rules.min_weekly_hours.take(block, mode="wrap")
        fault |= np.where(few, BIT["too_few_hours"], 0)


def _cut_to_own_limit(
    rules: Rules, columns: Columns, run: slice, own: npt.NDArray[np.bool_]
) -> None:
    """End the period of a line without `persoon` at its block's limit: it is its own person."""
    if not rules.max_months.any():
        return
    block, counted_from = columns.block[run], columns.counted_from[run]
    limited = own & (counted_from != NO_DAY)
    limited &= rules.max_months.take(block, mode="wrap") != NO_LIMIT
    at = np.flatnonzero(limited)
    limit = periods.add_months(counted_from[at], rules.max_months.take(block[at]))
    columns.limit_end[run][at] = limit
    columns.counted_end[run][at] = np.minimum(columns.counted_end[run][at], limit)
