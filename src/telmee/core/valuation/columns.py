"""The columns that the engine fills, one element per line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.columns import Contributions
from telmee.core.periods import Days

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
#: Positions of lines, in any order.
Lines = npt.NDArray[np.intp]

#: Lines per run: what one run reads, writes and makes in between fits in a second-level cache.
RUN = 1 << 14


@dataclass(slots=True)
class Columns:
    """Named columns of one batch; the steps of the engine write them, nothing else does.

    `block` is the number of the block in the scheme, `fault` bits of `faults.FAULTS`. `bonus_mask`
    has a bit for each bonus that a line claims, `bonus_counts` for each that it may have (the same
    column, unless a bonus is given once). `end` is `eind`, or the day that stands in for it.
    The counted period is `[counted_from, counted_end)`; `limit_end` is the first day that no longer
    counts on the person's clock. `time_num / time_den` is that period in years, or in months;
    `counted_hours` are the hundredths of hours a week that count, at most those of full time.
    `NOTHING` and `NO_DAY` mark a line where a column does not apply. `overlap` marks a line that
    begins before an earlier line of the same person has ended. Bonuses are by their number in the
    scheme, caps by their key.
    """

    block: Codes
    bonus_mask: Ints
    bonus_counts: Ints
    certificate: Codes
    fault: Codes
    end: Days
    counted_from: Days
    counted_end: Days
    limit_end: Days
    time_num: Codes
    time_den: Codes
    counted_hours: Codes
    base_cents: Ints
    value_cents: Ints
    overlap: Flags
    bonus_cents: dict[int, Ints] = field(default_factory=dict)
    cap_cents: dict[str, Ints] = field(default_factory=dict)
    cap_unknown: dict[str, Flags] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Contributions, until: int | None) -> Columns:
        """Make room for the columns of a batch; each step fills its own, run by run.

        Nothing is cleared here: memory that is written once, while its run is in the cache, costs
        half of memory that is cleared first and filled later.
        """
        size = len(lines)

        def codes() -> Codes:
            return np.empty(size, dtype=np.int32)

        def cents() -> Ints:
            return np.empty(size, dtype=np.int64)

        bonus_mask = cents()
        return cls(
            block=codes(),
            bonus_mask=bonus_mask,
            bonus_counts=bonus_mask,
            certificate=codes(),
            fault=codes(),
            end=lines.end if until is None else lines.end.copy(),
            counted_from=codes(),
            counted_end=codes(),
            limit_end=codes(),
            time_num=codes(),
            time_den=codes(),
            counted_hours=codes(),
            base_cents=cents(),
            value_cents=cents(),
            overlap=np.zeros(size, dtype=np.bool_),
        )

    def bonus_column(self, bonus: int) -> Ints:
        """Give the column of one bonus, made at its first use; zero where it is not claimed."""
        if bonus not in self.bonus_cents:
            self.bonus_cents[bonus] = np.zeros(self.fault.size, dtype=np.int64)
        return self.bonus_cents[bonus]


def runs(lines: int) -> Iterator[slice]:
    """Give the slices of a batch, `RUN` lines at a time."""
    return (slice(at, min(at + RUN, lines)) for at in range(0, lines, RUN))
