"""The clock of a person: how long somebody counts, over all limited blocks and contracts.

One clock per `persoon`, lines by `counted_from` and then row. It starts at the first counted day.
A gap shorter than the scheme's gap moves the end on; a longer one does not. Each line counts up
to its own block's limit on that clock (docs/algorithms/valuation.md section 5).

For example: a limit of twelve months, and a gap counts when it is shorter than three. Somebody
works from 1 January to 31 March 2025 and again from 1 May 2025 on. The clock starts on 1 January
2025 and would end twelve months later, on 1 January 2026, the first day that counts no more. The
30 days of April are a short gap, so it ends 30 days later, on 31 January 2026. Had the second
line begun on 1 July, three months after the first had ended, the end would stay 1 January 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from telmee.core import periods
from telmee.core.periods import NO_DAY, Days
from telmee.core.tables.columns import NOTHING
from telmee.core.valuation.arrays import Codes, Flags, Ints, Lines
from telmee.core.valuation.engine_columns import Columns
from telmee.core.valuation.faults import BIT, REFUSED_BITS
from telmee.core.valuation.order import NEVER, Order, in_order
from telmee.core.valuation.rules import NO_LIMIT, Rules

#: How many guesses a clock gets before its lines are walked through.
GUESSES = 8


def order_by_person(columns: Columns) -> Order:
    """Put the lines of named persons in the order of their clocks."""
    person = columns.person
    return in_order(np.flatnonzero(person != NOTHING), person, columns.counted_from)


@dataclass(frozen=True, slots=True)
class Persons:
    """The lines of some persons in the order of their clocks, with what the steps share.

    `block`, `fault` and `end` (of the counted period) are kept up to date with the columns; `limit`
    is written to `limit_end` when all are done.
    """

    rules: Rules
    columns: Columns
    order: Order
    block: Codes
    fault: Ints
    end: Days
    limit: Days

    @classmethod
    def in_runs(cls, rules: Rules, columns: Columns, by_person: Order) -> Iterator[Persons]:
        """The persons of a batch, as many at a time as fit in the processor's cache.

        Lines are picked out of the columns all at once and not run by run: going through memory
        in leaps is most of the work, and the cache serves it best when nothing comes in between.
        """
        at = by_person.at
        block, fault = columns.block.take(at), columns.fault.take(at)
        end, limit = columns.counted_end.take(at), columns.limit_end.take(at)
        for run in by_person.runs():
            order = by_person.part(run)
            yield cls(rules, columns, order, block[run], fault[run], end[run], limit[run])
        if rules.max_months.any():
            columns.limit_end[at] = limit


def run_clocks(persons: Persons) -> None:
    """End the counted period of every line of a person at the limit on that person's clock."""
    rules, columns, order = persons.rules, persons.columns, persons.order
    months = rules.max_months.take(persons.block)
    on_clock = (months != NO_LIMIT) & (order.day != NEVER) & ((persons.fault & REFUSED_BITS) == 0)
    here = np.flatnonzero(on_clock)
    if not here.size:
        return
    order = order.take(here)
    clock = _Clock.of(order, persons.end.take(here), months.take(here))
    limit = clock.limit()
    if rules.scheme.gap_months is not None:
        limit = _limit_after_gaps(clock, limit, np.int32(rules.scheme.gap_months))
    persons.limit[here] = limit
    cut = np.flatnonzero(limit < clock.end)
    limit = limit[cut]
    persons.end[here[cut]] = limit
    columns.counted_end[order.at[cut]] = limit
    over = cut[limit <= clock.begin[cut]]
    persons.fault[here[over]] |= BIT["limit_reached"]
    columns.fault[order.at[over]] = persons.fault[here[over]]


def keep_first_of_person(rules: Rules, columns: Columns) -> None:
    """A `once` bonus counts on a person's first line that claims it, and on no other line."""
    if rules.once_bonuses:
        columns.bonus_counts = columns.bonus_mask.copy()
    person = columns.person
    for number in rules.once_bonuses:
        at = np.flatnonzero((columns.bonus_mask & (1 << number)) != 0)
        at = at[(columns.fault[at] == 0) & (person[at] != NOTHING)]
        order = in_order(at, person, columns.counted_from)
        later = np.ones(at.size, dtype=np.bool_)
        later[order.starts()] = False
        columns.bonus_counts[order.at[later]] &= ~(1 << number)


@dataclass(frozen=True, slots=True)
class _Clock:
    """The lines of many clocks, in order: from where until where each would count.

    `person` numbers the persons, `starts` is where the lines of each begin.
    """

    person: Lines
    starts: Lines
    begin: Days
    end: Days
    months: Codes

    @classmethod
    def of(cls, order: Order, end: Days, months: Codes) -> _Clock:
        starts = order.starts()
        lengths = np.diff(np.append(starts, end.size))
        return cls(np.repeat(np.arange(starts.size), lengths), starts, order.day, end, months)

    def limit(self) -> Days:
        """The day on which each line's block ends on its clock, as if there were no gaps."""
        return periods.add_months(self.begin[self.starts].take(self.person), self.months)

    def moved(self, limit: Days, gap_days: Ints) -> Days:
        """Move each limit on over the gap of its line and those of the person's earlier lines."""
        so_far = np.cumsum(gap_days)
        so_far -= so_far[self.starts].take(self.person)
        return limit + so_far.astype(np.int32)

    def mixed(self) -> Flags:
        """For which persons the blocks have different limits."""
        first = self.months[self.starts].take(self.person)
        return self.of_persons(np.flatnonzero(self.months != first))

    def of_persons(self, lines: Lines) -> Flags:
        """Which persons some lines are of."""
        persons = np.zeros(self.starts.size, dtype=np.bool_)
        persons[self.person[lines]] = True
        return persons

    def begin_of_last(self, lines: Lines) -> Days:
        """For each of some lines, the day on which the last line of the same person begins."""
        last = np.append(self.starts[1:], self.begin.size) - 1
        days: Days = self.begin[last][self.person[lines]]
        return days

    def part(self, persons: Flags, lines: Lines) -> _Clock:
        """Keep some persons, and all their lines."""
        person = (np.cumsum(persons) - 1)[self.person[lines]]
        starts = np.flatnonzero(np.append(True, person[1:] != person[:-1]))
        return _Clock(person, starts, self.begin[lines], self.end[lines], self.months[lines])


def _limit_after_gaps(clock: _Clock, limit: Days, gap_months: np.int32) -> Days:
    """Move each limit on over the short gaps before it.

    A line that counts nothing leaves the clock as it was: neither its days nor the gap before it
    are used. So each line depends on those before it, and all are worked out at once from a guess:
    up to where each line counts. The first guess is that all count in full. What comes out is the
    next guess, until it is the same; each is right for at least one line more of every person.

    In the example above, let the second line end on 30 April 2026 and a third begin on 1 March
    2026. The first guess lets the second line count in full, so that there is no gap before the
    third. What comes out cuts the second at 31 January, and the third counts nothing. The second
    guess therefore has 29 days between them; with those the limit of the third would be 1 March,
    the day it begins, so it still counts nothing and the 29 days are not used. That is the same
    as the guess, and the end.
    """
    moved = limit.copy()
    at, until, may_be_wrong = np.arange(limit.size), clock.end, clock.mixed()
    for _ in range(GUESSES):
        gap = _short_gaps(clock, until, gap_months)
        unused = np.flatnonzero(until == NO_DAY)
        own_gap, gap[unused] = gap[unused], 0
        moved[at] = reached = clock.moved(limit, gap)
        reached[unused] += own_gap.astype(np.int32)
        outcome = np.minimum(clock.end, reached)
        outcome[reached <= clock.begin] = NO_DAY
        unsure = _unsure(clock, until, outcome, gap, may_be_wrong)
        if not unsure.any():
            return moved
        lines = np.flatnonzero(unsure[clock.person])
        at, clock, limit, until = at[lines], clock.part(unsure, lines), limit[lines], outcome[lines]
        may_be_wrong = np.ones(clock.starts.size, dtype=np.bool_)
    moved[at] = clock.moved(limit, _walk(clock, limit, gap_months))
    return moved


def _unsure(clock: _Clock, guess: Days, outcome: Days, gap: Ints, may_be_wrong: Flags) -> Flags:
    """For which persons an outcome may change when it is the guess.

    It changes nothing for a person with no later line to begin where coverage has changed, and
    neither for one whose limits are all the same. A line that is cut ends at the limit; one that
    begins there or later counts nothing, however the limit moves over the gap from there; and the
    gap in the guess is smaller still. Only the gap before a line that counts nothing must go.
    """
    changed = np.flatnonzero(guess != outcome)
    covered = np.minimum(guess[changed], outcome[changed])
    covered = np.maximum(covered, clock.begin[changed] - np.int32(1))
    matters = may_be_wrong[clock.person[changed]] & (clock.begin_of_last(changed) > covered)
    matters |= (outcome[changed] == NO_DAY) & (gap[changed] != 0)
    return clock.of_persons(changed[matters])


def gaps_before(order: Order, until: Days, gap_months: int | None) -> tuple[Ints, Ints]:
    """The days between each line and the latest end before it, and those that move the clock's end.

    `order` has the lines of clocks, `until` up to where each counts, `NO_DAY` where it counts
    nothing. A line that begins before that end has a number below 0. A story tells these gaps.
    """
    clock = _Clock.of(order, until, np.zeros_like(until))
    gap = _gaps(clock, until)
    if gap_months is None:
        return gap, np.zeros_like(gap)
    return gap, _short_gaps(clock, until, np.int32(gap_months))


def _gaps(clock: _Clock, until: Days) -> Ints:
    """The days between each line and the latest end before it, below 0 where it begins earlier."""
    line = _one_line(clock.person)
    gap = line + clock.begin
    line += until
    gap[1:] -= np.maximum.accumulate(line)[:-1]
    gap[clock.starts] = 0
    return gap


def _short_gaps(clock: _Clock, until: Days, gap_months: np.int32) -> Ints:
    """The days between each line and the latest end before it, 0 where they are no short gap.

    `until` is up to where each line counts, `NO_DAY` where it counts nothing.
    """
    gap = _gaps(clock, until)
    here = np.flatnonzero(gap > 0)
    begin, days = clock.begin[here], gap[here]
    short = periods.add_months(begin - days.astype(np.int32), gap_months) > begin
    gap_days = np.zeros_like(gap)
    gap_days[here[short]] = days[short]
    return gap_days


def _walk(clock: _Clock, limit: Days, gap_months: np.int32) -> Ints:
    """The short gaps that count, line after line: for clocks that would take too many guesses."""
    first = int(clock.begin.min())
    days = np.arange(first, int(clock.end.max()) + 1, dtype=np.int32)
    too_late = periods.add_months(days, gap_months).tolist()
    gap_days: list[int] = []
    at, covered, moved = -1, 0, 0
    columns = (clock.person, clock.begin, clock.end, limit)
    for person, begin, end, own_limit in zip(*(c.tolist() for c in columns), strict=True):
        if person != at:
            at, covered, moved = person, begin, 0
        gap = begin - covered
        gap = gap if gap > 0 and begin < too_late[covered - first] else 0
        until = min(end, own_limit + moved + gap)
        if until <= begin:
            gap = 0
        else:
            moved, covered = moved + gap, max(covered, until)
        gap_days.append(gap)
    return np.array(gap_days, dtype=np.int64)


def _one_line(person: Codes | Lines) -> Ints:
    """What to add to a day so that no day of a person reaches one of the next person."""
    return (person.astype(np.int64) << 32) - NO_DAY
