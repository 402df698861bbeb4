"""The clock of a person as one line sees it: where it began, what was used of it, what moved it.

The engine keeps of a clock only where each line's limit ends. A story says how it came there, and
so this lays out the lines of every clock once, when the first story asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from telmee.core.periods import NO_DAY, months_on
from telmee.core.tables.columns import NOTHING
from telmee.core.valuation.arrays import Ints, Lines
from telmee.core.valuation.engine_columns import Columns
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.order import Order
from telmee.core.valuation.persons import gaps_before
from telmee.core.valuation.rules import NO_LIMIT, Rules

#: So many earlier lines are named one by one, the latest; those before them are taken together, so
#: that the stories of a file of nothing but one person do not cost its square.
NAMED_MAX = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a line, or several taken together, used of a clock: the days `[first, end)`.

    `gap` are the days before it in which nothing counted, and `moved` those that moved the end on.
    `line` is a place in the batch, `None` where it stands for `lines` together.
    """

    first: int
    end: int
    gap: int
    moved: int
    line: int | None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock at one line: it began on `start`, and `end` is the first day that counts no more.

    `earlier` are the lines that counted before, in the order of the clock; `gap` and `moved` are
    of this line itself. `end` is `start` plus the months of this line's block plus `all_moved`.
    """

    start: int
    end: int
    earlier: tuple[Stretch, ...] = ()
    gap: int = 0
    moved: int = 0

    @property
    def all_moved(self) -> int:
        """The days that the gaps moved the end on, those before this line among them."""
        return self.moved + sum(stretch.moved for stretch in self.earlier)

    @property
    def covered(self) -> int:
        """The day after the latest that counted before this line."""
        return max((stretch.end for stretch in self.earlier), default=self.start)


class Clocks:
    """The clocks of a valued batch, laid out when somebody first asks."""

    def __init__(self, rules: Rules, columns: Columns, by_person: Order) -> None:
        self._columns = columns
        self._has_clock = rules.max_months != NO_LIMIT
        self._by_person = by_person
        self._gap_months = rules.scheme.gap_months

    def of(self, line: int, months: int) -> Clock | None:
        """The clock at a line that may count so many months; `None` where no limit was held."""
        columns = self._columns
        end = int(columns.limit_end[line])
        if end == NO_DAY:
            return None
        if columns.person[line] == NOTHING:
            return Clock(int(columns.counted_from[line]), end)
        laid = self._laid
        place = int(laid.place[line])
        first, here = int(laid.before[laid.start[place]]), int(laid.before[place])
        start = int(columns.counted_from[laid.at[laid.start[place]]])
        gap, moved = max(int(laid.gap[place]), 0), int(laid.moved[place])
        earlier = self._earlier(first, here)
        if columns.fault[line] & BIT["limit_reached"]:
            # The gap before a line that counts nothing is used by no other line; had it counted,
            # the end would have moved over it too, and still have come too early.
            end = months_on(start, months) + sum(stretch.moved for stretch in earlier) + moved
        return Clock(start, end, earlier, gap, moved)

    def first_with(self, line: int, bonus: int) -> int:
        """The line of the same person on which a bonus counts that is given once, by its bit."""
        columns, order = self._columns, self._by_person
        person = columns.person[line]
        first = np.searchsorted(order.group, person)
        lines = order.at[first : np.searchsorted(order.group, person, side="right")]
        # A line that turned out to be worth too much had its bonus before that was seen.
        fault = columns.fault.take(lines) & ~BIT["value_too_large"]
        counts = (columns.bonus_counts.take(lines) & bonus) != 0
        return int(lines[np.flatnonzero((fault == 0) & counts)[0]])

    def _earlier(self, first: int, here: int) -> tuple[Stretch, ...]:
        """What the lines with these numbers, among all that count, used: the latest apart."""
        first_apart = max(first, here - NAMED_MAX)
        apart = tuple(self._stretch(number) for number in range(first_apart, here))
        return (self._together(first, first_apart), *apart) if first_apart > first else apart

    def _stretch(self, number: int) -> Stretch:
        laid, columns = self._laid, self._columns
        place = int(laid.counting[number])
        line = int(laid.at[place])
        days = int(columns.counted_from[line]), int(columns.counted_end[line])
        return Stretch(*days, max(int(laid.gap[place]), 0), int(laid.moved[place]), line)

    def _together(self, first: int, end: int) -> Stretch:
        """The first lines of a clock as one: from its start up to the latest day that counted."""
        laid, counted_from = self._laid, self._columns.counted_from
        start, after = laid.counting[first], laid.counting[end]
        covered = int(counted_from[laid.at[after]] - laid.gap[after])
        moved = int(laid.moved_so_far[end] - laid.moved_so_far[first])
        return Stretch(int(counted_from[laid.at[start]]), covered, 0, moved, None, end - first)

    @cached_property
    def _laid(self) -> _Laid:
        columns = self._columns
        at = self._by_person.at
        on_clock = self._has_clock.take(columns.block.take(at))
        on_clock &= columns.limit_end.take(at) != NO_DAY
        order = self._by_person.take(np.flatnonzero(on_clock))
        counts = (columns.fault.take(order.at) & BIT["limit_reached"]) == 0
        until = np.where(counts, columns.counted_end.take(order.at), np.int32(NO_DAY))
        gap, moved = gaps_before(order, until, self._gap_months)
        place = np.full(columns.limit_end.size, NOTHING, dtype=np.int64)
        place[order.at] = np.arange(order.at.size)
        starts = order.starts()
        start = np.repeat(starts, np.diff(np.append(starts, order.at.size)))
        counting = np.flatnonzero(counts)
        return _Laid(
            at=order.at,
            place=place,
            start=start,
            gap=gap,
            moved=moved,
            counting=counting,
            before=np.cumsum(counts) - counts,
            moved_so_far=np.append(0, np.cumsum(moved[counting])),
        )


@dataclass(frozen=True, slots=True)
class _Laid:
    """The lines of all clocks in order, `at` their places in the batch and `place` the other way.

    `start` is the place at which a line's clock begins, `counting` the places of the lines that
    count, and `before` how many of those come before each. `moved_so_far` adds up what moved it.
    """

    at: Lines
    place: Lines
    start: Lines
    gap: Ints
    moved: Ints
    counting: Lines
    before: Lines
    moved_so_far: Ints
