"""Put lines in the order that limits and caps go by: group, then `counted_from`, then row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telmee.core.periods import FIRST_DATE, LAST_DATE, Days, day_of
from telmee.core.valuation.columns import Codes, Flags, Ints, Lines

_BITS = 63
_EARLIEST, _LATEST = np.int32(day_of(FIRST_DATE)), np.int32(day_of(LAST_DATE))
_DAY_BITS = int(_LATEST - _EARLIEST).bit_length()
_ONE = np.int32(1)


@dataclass(frozen=True, slots=True)
class Order:
    """Lines in order: where they stand in the batch, and the group of each."""

    at: Lines
    group: Codes

    def where(self, flags: Flags) -> Order:
        """Keep the lines whose flag is set; `flags` has one for each line of the batch."""
        chosen = flags[self.at]
        if chosen.all():
            return self
        kept = np.flatnonzero(chosen)
        return Order(self.at[kept], self.group[kept])

    def starts(self) -> Lines:
        """Give the places in the order where a group begins."""
        start = np.ones(self.at.size, dtype=np.bool_)
        np.not_equal(self.group[1:], self.group[:-1], out=start[1:])
        return np.flatnonzero(start)


def in_order(at: Lines, group: Codes, day: Days) -> Order:
    """Order the lines `at`, given with rising positions, by `group`, `day` and position.

    `group` and `day` have an element for each of these lines; one without a day comes last in its
    group. The three are packed in one whole number where they fit, because sorting numbers is
    several times faster than sorting positions.
    """
    line_bits = int(at.size).bit_length()
    if not at.size or int(group.max()).bit_length() + _DAY_BITS + line_bits > _BITS:
        order = np.lexsort((day - _ONE, group))
        return Order(at[order], group[order])
    # The day before `NO_DAY` wraps round to the latest of all.
    key: Ints = group.astype(np.int64)
    key <<= _DAY_BITS
    key |= np.minimum(day - _ONE, _LATEST) - _EARLIEST + _ONE
    key <<= line_bits
    key |= np.arange(at.size)
    key.sort()
    order = key & ((1 << line_bits) - 1)
    key >>= _DAY_BITS + line_bits
    return Order(at[order], key.astype(np.int32))
