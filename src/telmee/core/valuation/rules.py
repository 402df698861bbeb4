"""A scheme laid out in arrays, one element per block, so that a column of lines can look it up.

Every figure is a whole number (cents, basis points, hundredths of hours). The proof that no
product leaves int64, with the maxima that `contributions.columns` and the scheme's JSON Schema
hold to:

- a full-time year: 10**9 cents * (300 years * 366 days + 365) * 16,800 hundredths of hours,
  twice, is below 3.8 * 10**18;
- hours: 10**9 cents * 10**9 hundredths of hours (`HOURS_TIMES_COUNT_MAX`), twice: 2 * 10**18;
- worked hours, pieces, costs and percentages are all smaller; 2**63 is above 9.2 * 10**18.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.columns import NOTHING
from telmee.core.schemes.model import Block, DayCount, Scheme, Unit

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

#: Ten million hours on one line; see the proof above.
HOURS_TIMES_COUNT_MAX = 10**9
#: One hundred percent, in basis points.
WHOLE_BP = 10_000
#: Stands for "no limit" in a column of months; every real limit is smaller.
NO_LIMIT = 0


class Way(IntEnum):
    """How a line's factor is made: a unit, or a unit with its own day count."""

    YEARS_OF_HOURS = 0
    YEARS = 1
    MONTHS = 2
    HOURS = 3
    PIECES = 4
    DAY_MAXIMUM = 5
    COST = 6
    AGREEMENT = 7
    WORKED_YEARS = 8

    @property
    def counts_time(self) -> bool:
        """Tell whether the line is a period that counts, with limits and minimums."""
        return self in (Way.YEARS_OF_HOURS, Way.YEARS, Way.MONTHS, Way.WORKED_YEARS)


_WAY_OF_UNIT = {
    Unit.FULL_TIME_YEAR: Way.YEARS_OF_HOURS,
    Unit.PERSON_YEAR: Way.YEARS,
    Unit.MONTH: Way.MONTHS,
    Unit.HOUR: Way.HOURS,
    Unit.PIECE: Way.PIECES,
    Unit.DAY_MAXIMUM: Way.DAY_MAXIMUM,
    Unit.ACTUAL_COST: Way.COST,
    Unit.AGREEMENT: Way.AGREEMENT,
}
DAY_COUNTS = tuple(DayCount)


@dataclass(frozen=True, slots=True)
class Rules:
    """The blocks of a scheme as columns; index them with a line's block number.

    `bonus_mask` has the bit of each bonus that the block allows; `amount` and certificate
    percentages are `NOTHING` where the source is silent.
    """

    scheme: Scheme
    way: Codes
    amount: Ints
    percentage: Ints
    day_count: Codes
    max_months: Codes
    min_months: Codes
    min_weekly_hours: Ints
    needs_certificate: npt.NDArray[np.bool_]
    or_cost: npt.NDArray[np.bool_]
    bonus_mask: Ints
    certificate_percentage: Ints
    full_time_hours: int

    @property
    def counts_time(self) -> npt.NDArray[np.bool_]:
        """Tell per block whether its lines are periods."""
        return np.array([Way(way).counts_time for way in self.way], dtype=np.bool_)

    @property
    def worked_hours(self) -> npt.NDArray[np.bool_]:
        """Tell per block whether its years are worked hours over those of a full-time year."""
        counts: npt.NDArray[np.bool_] = self.day_count == DAY_COUNTS.index(DayCount.WORKED_HOURS)
        return counts

    @property
    def proportional(self) -> int:
        """Give the bits of the bonuses that follow the factor of their line."""
        bonuses = enumerate(self.scheme.bonuses)
        return sum(1 << bit for bit, b in bonuses if not (b.actual_cost or b.once))


def lay_out(scheme: Scheme) -> Rules:
    """Lay the blocks of a scheme out in arrays."""
    blocks = scheme.blocks
    bits = [
        sum(1 << bit for bit, bonus in enumerate(scheme.bonuses) if block.key in bonus.blocks)
        for block in blocks
    ]
    return Rules(
        scheme=scheme,
        way=np.array([_way(block) for block in blocks], dtype=np.int32),
        amount=_column(block.amount_cents for block in blocks),
        percentage=_column(block.percentage_bp for block in blocks),
        day_count=np.array([DAY_COUNTS.index(b.day_count) for b in blocks], dtype=np.int32),
        max_months=np.array([b.max_months or NO_LIMIT for b in blocks], dtype=np.int32),
        min_months=np.array([b.min_months or 0 for b in blocks], dtype=np.int32),
        min_weekly_hours=np.array([b.min_weekly_hours or 0 for b in blocks], dtype=np.int64),
        needs_certificate=np.array([b.needs_certificate for b in blocks], dtype=np.bool_),
        or_cost=np.array([b.or_actual_cost for b in blocks], dtype=np.bool_),
        bonus_mask=np.array(bits, dtype=np.int64),
        certificate_percentage=_column(c.percentage_bp for c in scheme.certificates),
        full_time_hours=scheme.weekly_hours or 1,
    )


def _way(block: Block) -> Way:
    worked = block.day_count is DayCount.WORKED_HOURS
    if worked and block.unit in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR):
        return Way.WORKED_YEARS
    return _WAY_OF_UNIT[block.unit]


def _column(values: object) -> Ints:
    return np.array([NOTHING if v is None else v for v in values], dtype=np.int64)  # type: ignore[attr-defined]
