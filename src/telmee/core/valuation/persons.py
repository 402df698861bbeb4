"""The clock of a person: how long somebody counts, over all limited blocks and contracts.

One clock per `persoon`, lines by `counted_from` and then row. It starts at the first counted day.
A gap shorter than the scheme's gap moves the end on; a longer one does not. Each line counts up
to its own block's limit on that clock (docs/algorithms/valuation.md section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.periods import NO_DAY, Days
from telmee.core.valuation.columns import Codes, Columns, Flags, Ints, Lines
from telmee.core.valuation.faults import BIT, REFUSED_BITS
from telmee.core.valuation.order import Order, in_order
from telmee.core.valuation.rules import NO_LIMIT, Rules

_Number = TypeVar("_Number", bound=np.generic)
#: How often the clocks that a first guess may have wrong are guessed again, all at once.
GUESSES = 8


def order_by_person(lines: Contributions, columns: Columns) -> Order:
    """Put the lines of named persons in the order of their clocks."""
    person = lines.person.codes
    at = np.flatnonzero(person != NOTHING)
    return in_order(at, person[at], columns.counted_from[at])


def run_clocks(rules: Rules, columns: Columns, order: Order) -> None:
    """End the counted period of every line of a person at the limit on that person's clock."""
    if not rules.max_months.any():
        return
    on_clock = (rules.max_months != NO_LIMIT).take(columns.block)
    on_clock &= columns.counted_from != NO_DAY
    on_clock &= (columns.fault & REFUSED_BITS) == 0
    order = order.where(on_clock)
    if not order.at.size:
        return
    at, starts = order.at, order.starts()
    clock = _Clock(
        person=order.group,
        begin=columns.counted_from[at],
        end=columns.counted_end[at],
        months=rules.max_months.take(columns.block[at]),
        starts=starts,
        lengths=np.diff(np.append(starts, at.size)),
    )
    limit = clock.limit()
    if rules.scheme.gap_months is not None:
        limit = clock.moved(limit, _gap_days(clock, limit, np.int32(rules.scheme.gap_months)))
    columns.limit_end[at] = limit
    columns.counted_end[at] = np.minimum(clock.end, limit)
    columns.fault[at[limit <= clock.begin]] |= BIT["limit_reached"]


def find_overlaps(rules: Rules, columns: Columns, order: Order) -> None:
    """Mark each period that begins before an earlier one of the same person has ended.

    An overlap is a notice and takes nothing off: two part-time places can be right.
    """
    order = order.where(rules.is_period.take(columns.block) & (columns.fault == 0))
    reached = np.maximum.accumulate(_on_one_line(order.group, columns.counted_end[order.at]))
    begins = _on_one_line(order.group, columns.counted_from[order.at])
    columns.overlap[order.at[1:]] = begins[1:] < reached[:-1]


def keep_first_of_person(rules: Rules, columns: Columns, order: Order) -> None:
    """Give a `once` bonus to a person's first line that claims it, and to no other line."""
    once = [number for number, bonus in enumerate(rules.scheme.bonuses) if bonus.once]
    if once:
        columns.bonus_counts = columns.bonus_mask.copy()
    for number in once:
        claims = (columns.bonus_mask & (1 << number)) != 0
        claiming = order.where(claims & (columns.fault == 0))
        later = np.ones(claiming.at.size, dtype=np.bool_)
        later[claiming.starts()] = False
        columns.bonus_counts[claiming.at[later]] &= ~(1 << number)


@dataclass(frozen=True, slots=True)
class _Clock:
    """The lines of many clocks, in order: from where until where each would count, and its limit.

    `starts` and `lengths` are where the lines of each person begin, and how many they are.
    """

    person: Codes
    begin: Days
    end: Days
    months: Codes
    starts: Lines
    lengths: Lines

    def spread(self, of_person: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        """Give each line what holds for its person."""
        return np.repeat(of_person, self.lengths)

    def limit(self) -> Days:
        """Give the end of the clock for each line's block, as if there were no gaps."""
        return periods.add_months(self.spread(self.begin[self.starts]), self.months)

    def moved(self, limit: Days, gap_days: Ints) -> Days:
        """Move each limit on over the gap of its line and those of the person's earlier lines."""
        if not gap_days.any():
            return limit
        so_far = np.cumsum(gap_days)
        so_far -= self.spread(so_far[self.starts])
        return limit + so_far.astype(np.int32)

    def of_persons(self, chosen: Flags) -> _Clock:
        """Keep the persons that are chosen."""
        which = np.flatnonzero(self.spread(chosen))
        lengths = self.lengths[chosen]
        return _Clock(
            person=self.person[which],
            begin=self.begin[which],
            end=self.end[which],
            months=self.months[which],
            starts=np.cumsum(lengths) - lengths,
            lengths=lengths,
        )


def _gap_days(clock: _Clock, limit: Days, gap_months: np.int32) -> Ints:
    """Give the days that each line moves its clock on, over the short gap before it.

    A line that counts nothing leaves the clock as it was: neither its days nor the gap before it
    are used. The first guess is that every line counts in full. That is right for a person none of
    whose lines is cut. It is also right when a person's limits are all the same: a line that is cut
    ends at the limit; one that begins later counts nothing, however far the limit is moved over
    the gap from there; and in the guess that gap is smaller still. What remains is guessed again.
    """
    gap_days = _short_gaps(clock, clock.end, gap_months)
    moved = clock.moved(limit, gap_days)
    gap_days[moved <= clock.begin] = 0
    if (clock.months == clock.months[0]).all():
        return gap_days
    mixed = clock.months != clock.spread(clock.months[clock.starts])
    unsure = np.logical_or.reduceat(mixed, clock.starts)
    unsure &= np.logical_or.reduceat(clock.end > moved, clock.starts)
    if unsure.any():
        gap_days[clock.spread(unsure)] = _guess_again(clock.of_persons(unsure), gap_months)
    return gap_days


def _guess_again(clock: _Clock, gap_months: np.int32) -> Ints:
    """Guess with what came out of the guess before, until that is the same.

    Each guess is right for at least one line more of every person, and mostly for all. Persons
    with a long chain of lines that each depend on the one before are walked through.
    """
    limit, until = clock.limit(), clock.end
    used = np.zeros(until.size, dtype=np.int64)
    unsure = np.ones(clock.starts.size, dtype=np.bool_)
    for _ in range(GUESSES):
        gap_days = _short_gaps(clock, until, gap_months)
        used = np.where(until == NO_DAY, 0, gap_days)
        moved = clock.moved(limit, used) + (gap_days - used).astype(np.int32)
        outcome = np.where(moved > clock.begin, np.minimum(clock.end, moved), np.int32(NO_DAY))
        unsure = np.logical_or.reduceat(outcome != until, clock.starts)
        if not unsure.any():
            return used
        until = outcome
    used[clock.spread(unsure)] = _walk(clock.of_persons(unsure), gap_months)
    return used


def _short_gaps(clock: _Clock, until: Days, gap_months: np.int32) -> Ints:
    """Give the days between each line and the latest end before it, where those are few enough.

    `until` is up to where each line counts, `NO_DAY` where it counts nothing.
    """
    reached = np.maximum.accumulate(_on_one_line(clock.person, until))
    gap = _on_one_line(clock.person, clock.begin)
    gap[1:] -= reached[:-1]
    gap[clock.starts] = 0
    here = np.flatnonzero(gap > 0)
    begin, days = clock.begin[here], gap[here]
    short = periods.add_months(begin - days.astype(np.int32), gap_months) > begin
    gap_days = np.zeros_like(gap)
    gap_days[here[short]] = days[short]
    return gap_days


def _walk(clock: _Clock, gap_months: np.int32) -> Ints:
    """Do what `_gap_days` does, line after line."""
    first = int(clock.begin.min())
    days = np.arange(first, int(clock.end.max()) + 1, dtype=np.int32)
    too_late = periods.add_months(days, gap_months).tolist()
    columns = (clock.person, clock.begin, clock.end, clock.limit())
    gap_days: list[int] = []
    at = None
    covered = moved = 0
    for person, begin, end, limit in zip(*(column.tolist() for column in columns), strict=True):
        if person != at:
            at, covered, moved = person, begin, 0
        gap = begin - covered
        gap = gap if gap > 0 and begin < too_late[covered - first] else 0
        until = min(end, limit + moved + gap)
        if until <= begin:
            gap = 0
        else:
            moved, covered = moved + gap, max(covered, until)
        gap_days.append(gap)
    return np.array(gap_days, dtype=np.int64)


def _on_one_line(person: Codes, day: Days) -> Ints:
    """Put the days of all persons one after another, so that no person's day reaches another's."""
    return (person.astype(np.int64) << 32) + day - NO_DAY
