"""Put lines in the order that limits and caps go by: group, then `counted_from`, then row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from telmee.core.periods import NO_DAY, Days

Lines = npt.NDArray[np.intp]
_BITS = 63
_LAST = np.int32(2**31 - 1)


def in_order(group: npt.NDArray[np.int32], day: Days) -> Lines:
    """Give the positions sorted by group, day and position; lines without a day come last.

    Group, day and position are packed in one whole number where they fit, because sorting numbers
    is several times faster than sorting positions; otherwise two stable sorts do the same.
    """
    if not group.size:
        return np.empty(0, dtype=np.intp)
    day = np.where(day == NO_DAY, _LAST, day)
    dated = day[day != _LAST]
    first = int(dated.min()) if dated.size else 0
    span = (int(dated.max()) - first if dated.size else 0) + 2
    offset = np.where(day == _LAST, span - 1, day.astype(np.int64) - first)
    day_bits, line_bits = span.bit_length(), int(group.size).bit_length()
    if int(group.max()).bit_length() + day_bits + line_bits > _BITS:
        by_day = np.argsort(day, kind="stable")
        return by_day[np.argsort(group[by_day], kind="stable")]
    key = ((group.astype(np.int64) << day_bits | offset) << line_bits) | np.arange(group.size)
    key.sort()
    return (key & ((1 << line_bits) - 1)).astype(np.intp)


def group_starts(group: npt.NDArray[np.int32]) -> Lines:
    """Give the positions where a new group begins in a column that is in order."""
    return np.flatnonzero(np.append(True, group[1:] != group[:-1]))
