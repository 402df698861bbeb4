"""Put lines in the order that limits and caps go by: group, then `counted_from`, then row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from telmee.core.periods import FIRST_DATE, LAST_DATE, NO_DAY, Days, day_of
from telmee.core.valuation.arrays import Codes, Ints, Lines
from telmee.core.valuation.engine_columns import RUN, runs

_BITS = 63
_EARLIEST, _LATEST = np.int32(day_of(FIRST_DATE)), np.int32(day_of(LAST_DATE))
_DAY_BITS = int(_LATEST - _EARLIEST).bit_length()
_ONE = np.int32(1)


#: The day of a line without one, in an `Order`: after every other.
NEVER = _LATEST + _ONE


@dataclass(frozen=True, slots=True)
class Order:
    """Lines in order: where they stand in the batch, and the group and day of each."""

    at: Lines
    group: Codes
    day: Days

    def take(self, places: Lines) -> Order:
        """Keep the lines at some places of the order."""
        if places.size == self.at.size:
            return self
        return Order(self.at.take(places), self.group.take(places), self.day.take(places))

    def starts(self) -> Lines:
        """The places at which another group begins, the first place among them."""
        start = np.ones(self.at.size, dtype=np.bool_)
        np.not_equal(self.group[1:], self.group[:-1], out=start[1:])
        return np.flatnonzero(start)

    def runs(self) -> Iterator[slice]:
        """Cut the order in runs of whole groups, each about as long as a run of the batch."""
        starts = self.starts()
        marks = np.arange(0, self.at.size, RUN)
        firsts = np.unique(starts[np.searchsorted(starts, marks, side="right") - 1])
        for first, end in zip(firsts, np.append(firsts[1:], self.at.size), strict=False):
            yield slice(first, end)

    def part(self, run: slice) -> Order:
        """The order of one stretch alone; `at` still points into the whole batch."""
        return Order(self.at[run], self.group[run], self.day[run])


def in_order(at: Lines, group: Codes, day: Days) -> Order:
    """Order the lines `at` by `group`, `day` and position; a line without a day comes last.

    `group` and `day` are columns of the batch. Group, day and position are packed in one whole
    number where they fit, because sorting numbers is several times faster than sorting positions.
    """
    line_bits = int(group.size).bit_length()
    if not at.size or int(group.max()).bit_length() + _DAY_BITS + line_bits > _BITS:
        at = at[np.lexsort((day[at] - _ONE, group[at]))]
        return Order(at, group[at], np.where(day[at] == NO_DAY, NEVER, day[at]))
    key = np.empty(at.size, dtype=np.int64)
    for run in runs(at.size):
        here = at[run]
        # Were the days 0 to 100, then day 3 would have place 3. `NO_DAY` is the lowest number of 32
        # bits, -2147483648: one less wraps round to 2147483647, which is cut to 100 and has place
        # 101, after every day. So no line needs to be asked whether it has a day.
        place = np.minimum(day[here] - _ONE, _LATEST) - (_EARLIEST - _ONE)
        packed: Ints = group[here].astype(np.int64) << _DAY_BITS | place
        key[run] = packed << line_bits | here
    key.sort()
    order = Order(
        key & ((1 << line_bits) - 1), np.empty_like(key, np.int32), np.empty_like(key, np.int32)
    )
    for run in runs(at.size):
        packed = key[run] >> line_bits
        order.group[run] = packed >> _DAY_BITS
        order.day[run] = (packed & ((1 << _DAY_BITS) - 1)) + _EARLIEST
    return order
