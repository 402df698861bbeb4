"""The columns that the engine fills, one element per line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.columns import NOTHING
from telmee.core.periods import NO_DAY, Days

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


@dataclass(slots=True)
class Columns:
    """Named columns of one batch; the steps of the engine write them, nothing else does.

    `block` is the number of the block in the scheme, `fault` bits of `faults.FAULTS`. The counted
    period is `[counted_from, counted_end)`. A line's factor is `factor_num / factor_den`: years
    times hours share, months, hours, pieces or a percentage. `NOTHING` and `NO_DAY` mark a line
    where a column does not apply. `overlap` marks a line that begins before an earlier line of the
    same person has ended.
    """

    block: Codes
    bonus_mask: Ints
    certificate: Codes
    fault: Ints
    end: Days
    counted_from: Days
    counted_end: Days
    limit_end: Days
    years_num: Codes
    years_den: Codes
    hours_share: Codes
    base_cents: Ints
    gross_cents: Ints
    value_cents: Ints
    overlap: npt.NDArray[np.bool_]
    bonus_cents: dict[int, Ints] = field(default_factory=dict)
    cap_cents: dict[str, Ints] = field(default_factory=dict)
    cap_unknown: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @classmethod
    def empty(cls, lines: int) -> Columns:
        """Make the columns of a batch before any step has run."""

        def days() -> Days:
            return np.full(lines, NO_DAY, dtype=np.int32)

        def codes() -> Codes:
            return np.full(lines, NOTHING, dtype=np.int32)

        def cents() -> Ints:
            return np.full(lines, NOTHING, dtype=np.int64)

        return cls(
            block=codes(),
            bonus_mask=np.zeros(lines, dtype=np.int64),
            certificate=codes(),
            fault=np.zeros(lines, dtype=np.int64),
            end=days(),
            counted_from=days(),
            counted_end=days(),
            limit_end=days(),
            years_num=codes(),
            years_den=codes(),
            hours_share=codes(),
            base_cents=cents(),
            gross_cents=cents(),
            value_cents=cents(),
            overlap=np.zeros(lines, dtype=np.bool_),
        )

    def bonus_column(self, bonus: int) -> Ints:
        """Give the column of one bonus, made at its first use; zero where it is not claimed."""
        if bonus not in self.bonus_cents:
            self.bonus_cents[bonus] = np.zeros(self.fault.size, dtype=np.int64)
        return self.bonus_cents[bonus]
