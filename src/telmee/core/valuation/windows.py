"""The faults and the counted period of each line, as far as the line itself can tell.

Lines are handled in runs, so that the intermediate columns stay in the processor's cache, and what
most runs do not have (a fault, an empty cell) is looked for before it is worked out: looking costs
a tenth. That is what makes a million lines less than a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telmee.core import periods
from telmee.core.periods import NO_DAY, Days
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Flags, Ints, Lines
from telmee.core.valuation.engine_columns import Columns
from telmee.core.valuation.faults import BIT, JUDGEMENT_BITS, bits
from telmee.core.valuation.rules import HOURS_TIMES_COUNT_MAX, OUTSIDE, Rules

_ONE, _TWO = np.int32(1), np.int32(2)
_REVERSED = bits(("end_before_begin", "contract_end_before_begin"))


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of lines: their rows in the rules, and the faults that they are tested for.

    `block` has the type that indexes fastest. `any_tested` has the bits that occur in `tested`.
    """

    rules: Rules
    lines: Contributions
    columns: Columns
    at: slice
    block: Lines
    tested: Ints
    any_tested: int

    @property
    def fault(self) -> Ints:
        return self.columns.fault[self.at]

    def tests(self, code: str) -> bool:
        """Whether any line is tested for a fault, so that the work for it is worth while."""
        return bool(self.any_tested & BIT[code])

    def tested_for(self, code: str) -> Flags:
        """Which lines are tested for a fault."""
        lines: Flags = (self.tested & BIT[code]) != 0
        return lines

    def mark(self, code: str, where: Flags) -> None:
        """Set the bit of a fault on some lines; mostly there are none."""
        here = np.flatnonzero(where)
        if here.size:
            self.fault[here] |= BIT[code]


def find_periods(
    rules: Rules, lines: Contributions, columns: Columns, until: int | None, at: slice
) -> None:
    """Fill the faults and the counted period of a run of lines; limits per person come later.

    `until` is the day that stands in for an empty `eind` of a period.
    """
    block = columns.block[at].astype(np.intp)
    tested = rules.tests.take(block)
    run = _Run(rules, lines, columns, at, block, tested, int(np.bitwise_or.reduce(tested)))
    if until is not None:
        begin, end = lines.begin[at], columns.end[at]
        end[_is_period(run) & (end == NO_DAY) & (begin != NO_DAY)] = until
    _test_presence(run, run.tested | _test_bonuses(run))
    _test_either_or(run)
    _test_hours(run)
    _test_certificates(run)
    _cut_to_contract(run)
    _test_minimums(run)
    _cut_to_own_limit(run)
    _cut_to_benefit(run)


def _is_period(run: _Run) -> Flags:
    return run.rules.is_period.take(run.block)


def _test_presence(run: _Run, tested: Ints) -> None:
    """Find the columns that a line needs and lacks, and the figures that the scheme lacks."""
    lines, at, fault = run.lines, run.at, run.fault
    any_tested = int(np.bitwise_or.reduce(tested))
    if any_tested & JUDGEMENT_BITS:
        fault |= tested & JUDGEMENT_BITS
    for code, column, nothing in (
        ("missing_begin", lines.begin, NO_DAY),
        ("missing_end", run.columns.end, NO_DAY),
        ("missing_weekly_hours", lines.weekly_hours, NOTHING),
        ("missing_hours", lines.hours, NOTHING),
        ("missing_amount", lines.amount, NOTHING),
        ("missing_count", lines.count, NOTHING),
        ("missing_full_time_hours", lines.full_time_hours, NOTHING),
    ):
        if any_tested & BIT[code]:
            empty = column[at] == nothing
            if empty.any():
                run.mark(code, empty & ((tested & BIT[code]) != 0))


def _test_either_or(run: _Run) -> None:
    """Where hours or the invoice would do: exactly one of them."""
    if not run.tests("hours_or_amount"):
        return
    lines, at, either = run.lines, run.at, run.tested_for("hours_or_amount")
    hours, amount = lines.hours[at] != NOTHING, lines.amount[at] != NOTHING
    run.mark("hours_and_amount", either & hours & amount)
    run.mark("hours_or_amount", either & ~hours & ~amount)
    silent = either & (run.rules.amount.take(run.block) == NOTHING) & (hours | ~amount)
    unclear = run.rules.is_unclear.take(run.block)
    run.mark("no_amount", silent & ~unclear)
    run.mark("amount_unclear", silent & unclear)


def _test_bonuses(run: _Run) -> Ints | int:
    """Find bonuses outside their blocks or without an amount; give what those lines need besides.

    A bonus on an unknown block is not outside it: that block may be misspelt.
    """
    rules, mask = run.rules, run.columns.bonus_mask[run.at]
    if not mask.any():
        return 0
    outside = (mask & ~rules.bonus_mask.take(run.block)) != 0
    if outside.any():
        run.mark("bonus_outside_blocks", outside & (run.block != NOTHING))
        mask = np.where(outside, mask & rules.bonus_mask.take(run.block), mask)
    if rules.silent_bonuses:
        run.mark("no_bonus_amount", (mask & rules.silent_bonuses) != 0)
    if rules.unclear_bonuses:
        run.mark("bonus_amount_unclear", (mask & rules.unclear_bonuses) != 0)
    needs: Ints | int = 0
    if rules.cost_bonuses:
        takes_cost = (mask & rules.cost_bonuses) != 0
        needs |= np.multiply(takes_cost, BIT["missing_amount"], dtype=np.int64)
    if rules.timed_bonuses and run.tests("missing_amount"):
        needs |= rules.year_needs.take(run.block) * ((mask & rules.timed_bonuses) != 0)
    return needs


def _test_hours(run: _Run) -> None:
    """Refuse more hours on a line than an exact product has room for."""
    if run.tests("too_many_hours"):
        here = np.flatnonzero(run.tested_for("too_many_hours"))
        hours, count = run.lines.hours[run.at][here], run.lines.count[run.at][here]
        many = hours * one_or_more(count) > HOURS_TIMES_COUNT_MAX
        run.fault[here[many]] |= BIT["too_many_hours"]


def one_or_more(count: Ints) -> Ints:
    """How many employees, or periods, a line is about: one where `aantal` is empty."""
    return np.where(count == NOTHING, 1, count)


def _test_certificates(run: _Run) -> None:
    if not run.tests("missing_certificate"):
        return
    lines, at = run.lines, run.at
    here = np.flatnonzero(run.tested_for("missing_certificate"))
    certificate, typed = run.columns.certificate[at][here], lines.certificate.codes[at][here]
    until, on = lines.certificate_until[at][here], lines.begin[at][here]
    known, dated = certificate != NOTHING, until != NO_DAY
    part = run.rules.percentage_of(certificate, run.block[here])
    for code, where in (
        ("missing_certificate", typed == NOTHING),
        ("unknown_certificate", (typed != NOTHING) & ~known),
        ("certificate_outside_block", known & (part == OUTSIDE)),
        ("missing_begin", known & dated & (on == NO_DAY)),
        ("certificate_expired", known & dated & (on > until)),
        ("no_percentage", known & (part == NOTHING)),
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
    none = np.flatnonzero((counted_end <= counted_from) | unknown)
    if none.size:
        outside = none[~unknown[none] & ((run.fault[none] & _REVERSED) == 0)]
        run.fault[outside] |= BIT["outside_contract"]
        counted_from[none] = NO_DAY
        counted_end[none] = NO_DAY


def _last_days(run: _Run) -> Days:
    """The last day of each line; a line that is no period and has none ends on its first day."""
    end = run.columns.end[run.at]
    if int(np.bitwise_and.reduce(run.tested)) & BIT["missing_end"]:
        return end
    is_day = ~_is_period(run) & (run.block != NOTHING)
    days = np.flatnonzero(is_day & (end == NO_DAY))
    if days.size:
        end = end.copy()
        end[days] = run.lines.begin[run.at][days]
    return end


def _test_minimums(run: _Run) -> None:
    """Test look-back, minimum months and minimum hours, on the dates as they were given."""
    rules, lines, at = run.rules, run.lines, run.at
    begin, end = lines.begin[at], run.columns.end[at]
    if run.tests("started_too_early"):
        contract_begin = lines.contract_begin[at]
        earlier = (begin < contract_begin) & (begin != NO_DAY)
        here = np.flatnonzero(earlier & run.tested_for("started_too_early"))
        months = np.int32(rules.scheme.look_back_months or 0)
        early = periods.add_months(begin[here], months) < contract_begin[here]
        run.fault[here[early]] |= BIT["started_too_early"]
    if run.tests("too_short"):
        whole = (begin <= end) & (begin != NO_DAY)
        here = np.flatnonzero(whole & run.tested_for("too_short"))
        shortest = periods.add_months(begin[here], rules.min_months.take(run.block[here]))
        run.fault[here[shortest > end[here] + _ONE]] |= BIT["too_short"]
    if run.tests("too_few_hours"):
        weekly = lines.weekly_hours[at]
        few = (weekly < rules.min_weekly_hours.take(run.block)) & (weekly != NOTHING)
        run.mark("too_few_hours", few & run.tested_for("too_few_hours"))


def _cut_to_own_limit(run: _Run) -> None:
    """End the period of a line without `persoon` at its block's limit: it is its own person."""
    columns, at = run.columns, run.at
    if not run.tests("limit_reached"):
        return
    alone = run.lines.person.codes[at] == NOTHING
    counted_from, counted_end = columns.counted_from[at], columns.counted_end[at]
    here = np.flatnonzero(alone & run.tested_for("limit_reached") & (counted_from != NO_DAY))
    if here.size:
        months = run.rules.max_months.take(run.block[here])
        limit = periods.add_months(counted_from[here], months)
        columns.limit_end[at][here] = limit
        counted_end[here] = np.minimum(counted_end[here], limit)


def _cut_to_benefit(run: _Run) -> None:
    """End each period where its months after the last day on benefit end, if that day is given."""
    columns, at = run.columns, run.at
    if not run.tests("benefit_long_ago"):
        return
    last, counted_from = run.lines.last_benefit_day[at], columns.counted_from[at]
    known = (last != NO_DAY) & (counted_from != NO_DAY)
    here = np.flatnonzero(known & run.tested_for("benefit_long_ago"))
    if here.size:
        months = run.rules.benefit_months.take(run.block[here])
        limit = periods.add_months(last[here] + _ONE, months)
        columns.limit_end[at][here] = limit
        late = limit <= counted_from[here]
        run.fault[here[late]] |= BIT["benefit_long_ago"]
        end = columns.counted_end[at]
        end[here[~late]] = np.minimum(end[here], limit)[~late]
