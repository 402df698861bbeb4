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

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from telmee.core import money
from telmee.core.contributions.columns import NOTHING
from telmee.core.schemes.model import Block, Bonus, DayCount, Scheme, Unit
from telmee.core.valuation.faults import BIT, bits

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

#: Ten million hours on one line; see the proof above.
HOURS_TIMES_COUNT_MAX = 10**9
WHOLE_BP = money.WHOLE_BP
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

_YEARS = ("missing_begin", "missing_end")
_YEARS_OF_HOURS = (*_YEARS, "missing_weekly_hours")
_WORKED_YEARS = (*_YEARS, "missing_hours", "missing_full_time_hours")
#: The columns that a line cannot do without, as the faults of lines that lack them.
_NEEDS = {
    Way.YEARS_OF_HOURS: _YEARS_OF_HOURS,
    Way.YEARS: _YEARS,
    Way.MONTHS: _YEARS,
    Way.WORKED_YEARS: _WORKED_YEARS,
    Way.HOURS: ("missing_hours",),
    Way.PIECES: ("missing_count",),
    Way.DAY_MAXIMUM: ("missing_count", "missing_amount"),
    Way.COST: ("missing_amount",),
    Way.AGREEMENT: (),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The blocks of a scheme as columns; index them with a line's block number.

    Each has one row more than there are blocks, the last: of an unknown block, number -1, which
    needs nothing and allows nothing. `expects` has the faults of the columns that a line needs and
    of the figures that the scheme lacks; `year_needs` those of a bonus by the year where the block
    counts no time itself. `bonus_mask` has the bit of each bonus that the block allows. `amount`
    and the percentages of certificates are `NOTHING` where the source is silent. The last four are
    about bonuses: the bits of those that take the cost, that have no amount, that follow the
    factor of their line, and the numbers in each group of which only the highest counts.
    """

    scheme: Scheme
    way: Codes
    is_period: Flags
    is_day: Flags
    expects: Codes
    year_needs: Codes
    amount: Ints
    percentage: Ints
    day_count: Codes
    max_months: Codes
    min_months: Codes
    min_weekly_hours: Ints
    needs_certificate: Flags
    or_cost: Flags
    bonus_mask: Ints
    certificate_percentage: Ints
    full_time_hours: int
    cost_bonuses: int
    silent_bonuses: int
    timed_bonuses: int
    bonus_groups: tuple[tuple[int, ...], ...]

    @property
    def worked_hours(self) -> Flags:
        """Tell per block whether its years are worked hours over those of a full-time year."""
        counts: Flags = self.day_count == DAY_COUNTS.index(DayCount.WORKED_HOURS)
        return counts


def lay_out(scheme: Scheme) -> Rules:
    """Lay the blocks of a scheme out in arrays."""
    blocks = scheme.blocks
    ways = [_way(block) for block in blocks]
    periods = [way.counts_time for way in ways]
    return Rules(
        scheme=scheme,
        way=_codes(ways, Way.AGREEMENT),
        is_period=_flags(periods),
        is_day=_flags(not period for period in periods),
        expects=_codes((_expects(block, way) for block, way in zip(blocks, ways, strict=True)), 0),
        year_needs=_codes(
            (_year_needs(block, way) for block, way in zip(blocks, ways, strict=True)), 0
        ),
        amount=_ints(block.amount_cents for block in blocks),
        percentage=_ints(block.percentage_bp for block in blocks),
        day_count=_codes((DAY_COUNTS.index(block.day_count) for block in blocks), 0),
        max_months=_codes((block.max_months or NO_LIMIT for block in blocks), NO_LIMIT),
        min_months=_codes((block.min_months or 0 for block in blocks), 0),
        min_weekly_hours=_ints(block.min_weekly_hours or 0 for block in blocks),
        needs_certificate=_flags(block.needs_certificate for block in blocks),
        or_cost=_flags(block.or_actual_cost for block in blocks),
        bonus_mask=_ints((_allowed(scheme, block) for block in blocks), 0),
        certificate_percentage=_ints(c.percentage_bp for c in scheme.certificates),
        full_time_hours=scheme.weekly_hours or 1,
        cost_bonuses=_bonus_bits(scheme, lambda b: b.actual_cost),
        silent_bonuses=_bonus_bits(scheme, lambda b: b.amount_cents is None and not b.actual_cost),
        timed_bonuses=_bonus_bits(scheme, lambda b: not (b.actual_cost or b.once)),
        bonus_groups=tuple(_groups(scheme)),
    )


def _way(block: Block) -> Way:
    worked = block.day_count is DayCount.WORKED_HOURS
    if worked and block.unit in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR):
        return Way.WORKED_YEARS
    return _WAY_OF_UNIT[block.unit]


def _expects(block: Block, way: Way) -> int:
    judged = BIT["judged_by_person"] if block.judgement else 0
    if block.or_actual_cost:
        return judged
    if way is Way.AGREEMENT:
        return judged | BIT["by_agreement"]
    silent = block.amount_cents is None and way is not Way.COST
    return judged | bits(_NEEDS[way]) | (BIT["no_amount"] if silent else 0)


def _year_needs(block: Block, way: Way) -> int:
    if way not in (Way.COST, Way.DAY_MAXIMUM):
        return 0
    worked = block.day_count is DayCount.WORKED_HOURS
    return bits(_WORKED_YEARS if worked else _YEARS_OF_HOURS)


def _allowed(scheme: Scheme, block: Block) -> int:
    return _bonus_bits(scheme, lambda bonus: block.key in bonus.blocks)


def _bonus_bits(scheme: Scheme, which: Callable[[Bonus], bool]) -> int:
    return sum(1 << bit for bit, bonus in enumerate(scheme.bonuses) if which(bonus))


def _groups(scheme: Scheme) -> Iterator[tuple[int, ...]]:
    """Give the numbers of the bonuses of each group that has more than one."""
    for group in dict.fromkeys(bonus.group for bonus in scheme.bonuses if bonus.group):
        numbers = [n for n, bonus in enumerate(scheme.bonuses) if bonus.group == group]
        if len(numbers) > 1:
            yield tuple(numbers)


def _codes(values: Iterable[int], of_unknown: int) -> Codes:
    return np.array([*values, of_unknown], dtype=np.int32)


def _flags(values: Iterable[bool]) -> Flags:
    return np.array([*values, False], dtype=np.bool_)


def _ints(values: Iterable[int | None], of_unknown: int = NOTHING) -> Ints:
    known = (NOTHING if value is None else value for value in values)
    return np.array([*known, of_unknown], dtype=np.int64)
