"""The clock of a person: how long somebody counts, over all limited blocks and contracts.

One clock per `persoon`, lines by `counted_from` and then row. It starts at the first counted day.
A gap shorter than the scheme's gap moves the end on; a longer one does not. Each line counts up
to its own block's limit on that clock (docs/algorithms/valuation.md section 5).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from telmee.core import periods
from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.periods import NO_DAY, Days
from telmee.core.valuation.columns import Columns
from telmee.core.valuation.faults import BIT, REFUSED_BITS
from telmee.core.valuation.order import group_starts, in_order
from telmee.core.valuation.rules import NO_LIMIT, Rules

Lines = npt.NDArray[np.intp]


def run_clocks(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """End the counted period of every line of a `persoon` at the limit on that person's clock."""
    at = _on_a_clock(rules, lines, columns)
    if not at.size:
        return
    person = lines.person.codes[at]
    order = in_order(person, columns.counted_from[at])
    at, person = at[order], person[order]
    starts = group_starts(person)
    started = np.repeat(columns.counted_from[at[starts]], np.diff(np.append(starts, at.size)))
    months = rules.max_months.take(columns.block[at])
    columns.limit_end[at] = periods.add_months(started, months)
    if rules.scheme.gap_months is not None:
        _move_over_gaps(columns, at, starts, np.int32(rules.scheme.gap_months))
    columns.counted_end[at] = np.minimum(columns.counted_end[at], columns.limit_end[at])
    over = at[columns.counted_end[at] <= columns.counted_from[at]]
    columns.fault[over] |= BIT["limit_reached"]


def find_overlaps(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """Mark each period that begins before an earlier one of the same person has ended.

    An overlap is a notice and takes nothing off: two part-time places can be right.
    """
    if not lines.person.names:
        return
    timed = rules.counts_time.take(columns.block, mode="wrap") & (columns.fault == 0)
    at = np.flatnonzero(timed & (lines.person.codes != NOTHING))
    order = in_order(lines.person.codes[at], columns.counted_from[at])
    at = at[order]
    person = lines.person.codes[at].astype(np.int64) << 32
    latest = np.maximum.accumulate(person + columns.counted_end[at] - NO_DAY)
    begins = person + columns.counted_from[at] - NO_DAY
    columns.overlap[at[1:]] = begins[1:] < latest[:-1]


def _on_a_clock(rules: Rules, lines: Contributions, columns: Columns) -> Lines:
    """Give the lines that use up a person's time: limited, of a named person, not refused."""
    if not rules.max_months.any() or not lines.person.names:
        return np.empty(0, dtype=np.intp)
    limited = (rules.max_months != NO_LIMIT) & rules.counts_time
    on_clock = (lines.person.codes != NOTHING) & (columns.counted_from != NO_DAY)
    on_clock &= (columns.fault & REFUSED_BITS) == 0
    on_clock &= limited.take(columns.block, mode="wrap")
    return np.flatnonzero(on_clock)


def _move_over_gaps(columns: Columns, at: Lines, starts: Lines, gap_months: np.int32) -> None:
    """Move each limit on over the short gaps before it, one line of every person at a time.

    A line that counts nothing leaves the clock as it was: neither its days nor the gap before it
    were used. So the k-th lines of all persons are handled together, k after k.
    """
    ends = np.append(starts[1:], at.size)
    first = at[starts]
    covered: Days = np.minimum(columns.counted_end[first], columns.limit_end[first])
    moved = np.zeros(starts.size, dtype=np.int32)
    turn, persons = starts + 1, np.arange(starts.size)
    while True:
        going = turn < ends
        if not going.any():
            return
        turn, ends, persons = turn[going], ends[going], persons[going]
        line = at[turn]
        begin = columns.counted_from[line]
        until, shift = covered[persons], moved[persons]
        gap = np.maximum(begin - until, 0)
        short = periods.add_months(until, gap_months) > begin
        shift = shift + np.where(short, gap, 0).astype(np.int32)
        columns.limit_end[line] += shift
        end = np.minimum(columns.counted_end[line], columns.limit_end[line])
        counted = end > begin
        covered[persons] = np.where(counted, np.maximum(until, end), until)
        moved[persons] = np.where(counted, shift, moved[persons])
        turn = turn + 1
