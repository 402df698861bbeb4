"""The faults and the counted period of each line, as far as the line itself can tell.

Lines are handled in runs, so that the intermediate columns stay in the processor's cache, and what
most runs do not have (a fault, an empty cell) is looked for before it is worked out: looking costs
a tenth. That is what makes a million lines less than a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.periods import NO_DAY, Days
from telmee.core.valuation.columns import Codes, Columns, Flags, Ints
from telmee.core.valuation.faults import BIT, JUDGEMENT_BITS, bits
from telmee.core.valuation.rules import HOURS_TIMES_COUNT_MAX, NO_LIMIT, Rules, Way

_ONE, _TWO = np.int32(1), np.int32(2)
_REVERSED = bits(("end_before_begin", "contract_end_before_begin"))


@dataclass(frozen=True, slots=True)
class _Run:
    """The lines at `at`; `block` is their row in the rules, as the type that indexes fastest."""

    rules: Rules
    lines: Contributions
    columns: Columns
    at: slice
    block: npt.NDArray[np.intp]
    is_period: Flags

    @property
    def fault(self) -> Codes:
        return self.columns.fault[self.at]

    def mark(self, code: str, where: Flags) -> None:
        """Set the bit of a fault on some lines."""
        if where.any():
            self.columns.fault[self.at][where] |= BIT[code]


def find_periods(
    rules: Rules, lines: Contributions, columns: Columns, until: int | None, at: slice
) -> None:
    """Fill the faults and the counted period of a run of lines; limits per person come later.

    `until` is the day that stands in for an empty `eind` of a period.
    """
    block = columns.block[at].astype(np.intp)
    run = _Run(rules, lines, columns, at, block, rules.is_period.take(block))
    if until is not None:
        begin, end = lines.begin[at], columns.end[at]
        end[run.is_period & (end == NO_DAY) & (begin != NO_DAY)] = until
    _test_presence(run)
    _test_certificates(run)
    _test_hours(run)
    _cut_to_contract(run)
    _test_minimums(run)
    _cut_to_own_limit(run)


def _test_presence(run: _Run) -> None:
    """Find the columns that a line needs and lacks, and the figures that the scheme lacks."""
    lines, at, fault = run.lines, run.at, run.fault
    expected = run.rules.expects.take(run.block)
    expected |= _test_bonuses(run)
    fault |= expected & JUDGEMENT_BITS
    wanted = int(np.bitwise_or.reduce(expected))
    for code, column, nothing in (
        ("missing_begin", lines.begin, NO_DAY),
        ("missing_end", run.columns.end, NO_DAY),
        ("missing_weekly_hours", lines.weekly_hours, NOTHING),
        ("missing_hours", lines.hours, NOTHING),
        ("missing_amount", lines.amount, NOTHING),
        ("missing_count", lines.count, NOTHING),
        ("missing_full_time_hours", lines.full_time_hours, NOTHING),
    ):
        if wanted & BIT[code]:
            empty = column[at] == nothing
            if empty.any():
                fault |= np.multiply(empty, BIT[code], dtype=np.int32) & expected
    if run.rules.or_cost.any():
        _test_either_or(run)


def _test_either_or(run: _Run) -> None:
    """Where hours or the invoice would do: exactly one of them."""
    either = run.rules.or_cost.take(run.block)
    hours, amount = (
        run.lines.hours[run.at] != NOTHING,
        run.lines.amount[run.at] != NOTHING,
    )
    run.mark("hours_and_amount", either & hours & amount)
    run.mark("hours_or_amount", either & ~hours & ~amount)
    silent = either & (run.rules.amount.take(run.block) == NOTHING)
    run.mark("no_amount", silent & (hours | ~amount))


def _test_bonuses(run: _Run) -> Codes | int:
    """Find bonuses outside their blocks or without an amount; give what those lines need besides.

    A bonus on an unknown block is not outside it: that block may be misspelt.
    """
    rules, mask = run.rules, run.columns.bonus_mask[run.at]
    if not mask.any():
        return 0
    allowed = rules.bonus_mask.take(run.block)
    outside = (mask & ~allowed) != 0
    if outside.any():
        run.mark("bonus_outside_blocks", outside & (run.block != NOTHING))
        mask = mask & allowed
    if rules.silent_bonuses:
        run.mark("no_bonus_amount", (mask & rules.silent_bonuses) != 0)
    needs: Codes | int = 0
    if rules.cost_bonuses:
        takes_cost = (mask & rules.cost_bonuses) != 0
        needs |= np.multiply(takes_cost, BIT["missing_amount"], dtype=np.int32)
    if rules.year_needs.any():
        needs |= rules.year_needs.take(run.block) * ((mask & rules.timed_bonuses) != 0)
    return needs


def _test_hours(run: _Run) -> None:
    """Refuse more hours on a line than an exact product has room for."""
    of_hours = run.rules.way == Way.HOURS
    if of_hours.any():
        here = np.flatnonzero(of_hours.take(run.block))
        hours, count = run.lines.hours[run.at][here], run.lines.count[run.at][here]
        many = hours * employees(count) > HOURS_TIMES_COUNT_MAX
        run.fault[here[many]] |= BIT["too_many_hours"]


def employees(count: Ints) -> Ints:
    """Give for how many employees the hours of a line are: one where `aantal` is empty."""
    return np.where(count == NOTHING, 1, count)


def _test_certificates(run: _Run) -> None:
    if not run.rules.needs_certificate.any():
        return
    lines, at = run.lines, run.at
    here = np.flatnonzero(run.rules.needs_certificate.take(run.block))
    found, typed = run.columns.certificate[at][here], lines.certificate.codes[at][here]
    until, on = lines.certificate_until[at][here], lines.begin[at][here]
    silent = run.rules.certificate_percentage.take(found) == NOTHING
    for code, where in (
        ("missing_certificate", typed == NOTHING),
        ("unknown_certificate", (typed != NOTHING) & (found == NOTHING)),
        ("certificate_expired", (until != NO_DAY) & (on != NO_DAY) & (on > until)),
        ("no_percentage", (found != NOTHING) & silent),
    ):
        run.fault[here[where]] |= BIT[code]


def _cut_to_contract(run: _Run) -> None:
    """Keep of each period what lies within the contract; a missing date is no bound.

    A line that is no period (a purchase, an activity) is a day, its `begin`, unless it says more.
    A period, or a line of an unknown block that may be one, is not tested without its `eind`.
    """
    lines, columns, at = run.lines, run.columns, run.at
    begin, first_day, last_day = lines.begin[at], lines.contract_begin[at], lines.contract_end[at]
    # An empty date is earlier than any other, so only what seems reversed need be looked at.
    reversed_line = columns.end[at] < begin
    if reversed_line.any():
        run.mark("end_before_begin", reversed_line & (columns.end[at] != NO_DAY))
    reversed_contract = last_day < first_day
    if reversed_contract.any():
        run.mark("contract_end_before_begin", reversed_contract & (last_day != NO_DAY))
    last = _last_days(run)
    counted_from, counted_end = columns.counted_from[at], columns.counted_end[at]
    np.maximum(begin, first_day, out=counted_from)
    # The day before `NO_DAY` wraps round to the latest of all: no contract_end is no bound.
    np.minimum(last - _ONE, last_day - _ONE, out=counted_end)
    counted_end += _TWO
    unknown = (begin == NO_DAY) | (last == NO_DAY)
    none = (counted_end <= counted_from) | unknown
    if none.any():
        run.mark("outside_contract", none & ~unknown & ((run.fault & _REVERSED) == 0))
        counted_from[none] = NO_DAY
        counted_end[none] = NO_DAY


def _last_days(run: _Run) -> Days:
    """Give the last day of each line, which for a line that is no period may be its only one."""
    end = run.columns.end[run.at]
    if run.is_period.all():
        return end
    days = np.flatnonzero(run.rules.is_day.take(run.block) & (end == NO_DAY))
    if days.size:
        end = end.copy()
        end[days] = run.lines.begin[run.at][days]
    return end


def _test_minimums(run: _Run) -> None:
    """Test look-back, minimum months and minimum hours, on the dates as they were given."""
    rules, lines, at = run.rules, run.lines, run.at
    begin, end, contract_begin = lines.begin[at], run.columns.end[at], lines.contract_begin[at]
    months = rules.scheme.look_back_months
    if months is not None:
        here = np.flatnonzero(run.is_period & (begin != NO_DAY) & (begin < contract_begin))
        early = periods.add_months(begin[here], np.int32(months)) < contract_begin[here]
        run.fault[here[early]] |= BIT["started_too_early"]
    if rules.min_months.any():
        here = np.flatnonzero(run.is_period & (begin != NO_DAY) & (begin <= end))
        shortest = periods.add_months(begin[here], rules.min_months.take(run.block[here]))
        run.fault[here[shortest > end[here] + _ONE]] |= BIT["too_short"]
    if rules.min_weekly_hours.any():
        weekly = lines.weekly_hours[at]
        few = run.is_period & (weekly != NOTHING)
        few &= weekly < rules.min_weekly_hours.take(run.block)
        run.mark("too_few_hours", few)


def _cut_to_own_limit(run: _Run) -> None:
    """End the period of a line without `persoon` at its block's limit: it is its own person."""
    columns, at = run.columns, run.at
    columns.limit_end[at] = NO_DAY
    if not run.rules.max_months.any():
        return
    counted_from, counted_end = columns.counted_from[at], columns.counted_end[at]
    months = run.rules.max_months.take(run.block)
    own = run.is_period & (run.lines.person.codes[at] == NOTHING) & (months != NO_LIMIT)
    here = np.flatnonzero(own & (counted_from != NO_DAY))
    if here.size:
        limit = periods.add_months(counted_from[here], months[here])
        columns.limit_end[at][here] = limit
        counted_end[here] = np.minimum(counted_end[here], limit)
