"""A scheme laid out in arrays, one element per block, so that a column of lines can look it up.

Every figure is a whole number (cents, basis points, hundredths of hours). The proof that no
product leaves int64, with the maxima that `contribution_columns` and the scheme's JSON Schema
hold to:

- a full-time year: 10**9 cents * (300 years * 366 days + 365) * 16,800 hundredths of hours is
  below 1.9 * 10**18;
- hours: 10**9 cents * 10**9 hundredths of hours (`HOURS_TIMES_COUNT_MAX`) is 10**18;
- worked hours, pieces, costs and percentages are all smaller, and so is half a denominator, which
  rounding adds; 2**63 is above 9.2 * 10**18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from telmee.core.schemes.model import Block, Bonus, DayCount, Scheme, Unit
from telmee.core.tables.columns import NOTHING
from telmee.core.valuation.arrays import Codes, Flags, Ints, Lines
from telmee.core.valuation.faults import BIT, bits

#: Ten million hours on one line; see the proof above.
HOURS_TIMES_COUNT_MAX = 10**9
#: The percentage of a certificate that a block does not take.
OUTSIDE = -2
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
    PERIODS = 9
    NOT_STATED = 10
    LIMITED_HOURS = 11
    LIMITED_COST = 12

    @property
    def counts_time(self) -> bool:
        """Whether the line is a period that counts, with limits and minimums."""
        return self in (Way.YEARS_OF_HOURS, Way.YEARS, Way.MONTHS, Way.WORKED_YEARS)


#: The ways in which the base is a cost.
COSTS = (Way.COST, Way.LIMITED_COST, Way.DAY_MAXIMUM)
_WAY_OF_UNIT = {
    Unit.FULL_TIME_YEAR: Way.YEARS_OF_HOURS,
    Unit.PERSON_YEAR: Way.YEARS,
    Unit.MONTH: Way.MONTHS,
    Unit.HOUR: Way.HOURS,
    Unit.PIECE: Way.PIECES,
    Unit.PART_DAY: Way.PIECES,
    Unit.INTERNSHIP_PERIOD: Way.PERIODS,
    Unit.DAY_MAXIMUM: Way.DAY_MAXIMUM,
    Unit.ACTUAL_COST: Way.COST,
    Unit.AGREEMENT: Way.AGREEMENT,
    Unit.NOT_STATED: Way.NOT_STATED,
}

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
    Way.PERIODS: (),
    Way.DAY_MAXIMUM: ("missing_count", "missing_amount"),
    Way.COST: ("missing_amount",),
    Way.AGREEMENT: (),
    Way.NOT_STATED: (),
    Way.LIMITED_HOURS: ("missing_hours",),
    Way.LIMITED_COST: ("missing_amount",),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The blocks of a scheme as columns; index them with a line's block number.

    Each has one row more than there are blocks, the last: of an unknown block, number -1, which
    needs nothing and allows nothing. `max_months` runs on the clock of a person, `benefit_months`
    from the last day on benefit. `tests` has the bits of the faults that a line is tested for:
    columns it needs, limits, figures that the scheme lacks; `year_needs` those of a bonus by the
    year where the block counts no time itself. `bonus_mask` has the bit of each bonus that the
    block allows. `amount` is `NOTHING` where the source is silent; so are the percentages of
    certificates, `OUTSIDE` where the block does not take it. Those have a row of `certificates`
    elements a block: ask `percentage_of`. `ways` and `day_counts` are those that occur;
    `day_count` is a place in `day_counts`.
    The last six are about bonuses: the bits of those that take the cost, that have no amount, of
    which the source says something from which none follows, and that follow the factor of their
    line; the numbers of those given once, and of those in each group of which only the highest
    counts.
    """

    scheme: Scheme
    way: Codes
    ways: tuple[Way, ...]
    tests: Ints
    year_needs: Ints
    amount: Ints
    percentage: Ints
    day_count: Codes
    day_counts: tuple[DayCount, ...]
    max_months: Codes
    benefit_months: Codes
    min_months: Codes
    min_weekly_hours: Ints
    needs_certificate: Flags
    bonus_mask: Ints
    certificate_percentage: Ints
    certificates: int
    full_time_hours: int
    cost_bonuses: int
    silent_bonuses: int
    unclear_bonuses: int
    timed_bonuses: int
    once_bonuses: tuple[int, ...]
    bonus_groups: tuple[tuple[int, ...], ...]

    def percentage_of(self, certificate: Codes, block: Codes | Lines) -> Ints:
        """What part of a cost the certificates of lines make count, by their blocks."""
        return self.certificate_percentage.take(block * self.certificates + certificate)

    @property
    def is_period(self) -> Flags:
        """Per block whether its lines are periods: those that need an `eind`."""
        periods: Flags = (self.tests & BIT["missing_end"]) != 0
        return periods

    @property
    def limited_amounts(self) -> Flags:
        """Per block whether a part of its hours or cost may count."""
        return _flags(block.is_limited_amount for block in self.scheme.blocks)

    @property
    def has_limits(self) -> bool:
        """Whether some block lets a person count for a number of months."""
        return bool(self.max_months.any() or self.benefit_months.any())

    @property
    def is_unclear(self) -> Flags:
        """Per block whether the source says something from which no amount follows."""
        return _flags(block.published is not None for block in self.scheme.blocks)

    @property
    def worked_hours(self) -> Flags:
        """Per block whether its years are worked hours over those of a full-time year."""
        worked = [block.day_count is DayCount.WORKED_HOURS for block in self.scheme.blocks]
        return _flags(worked)


def lay_out(scheme: Scheme) -> Rules:
    """Lay the blocks of a scheme out in arrays."""
    blocks = scheme.blocks
    ways = [_way(block) for block in blocks]
    day_counts = list(dict.fromkeys(map(_of_calendar, blocks))) or [DayCount.ANNIVERSARY]
    of_block = list(zip(blocks, ways, strict=True))
    return Rules(
        scheme=scheme,
        way=_codes(ways, Way.AGREEMENT),
        ways=tuple(dict.fromkeys(ways)),
        tests=_ints((_tests(scheme, block, way) for block, way in of_block), 0),
        year_needs=_ints((_year_needs(scheme, block, way) for block, way in of_block), 0),
        amount=_ints(block.amount_cents for block in blocks),
        percentage=_ints(block.percentage_bp for block in blocks),
        day_count=_codes((day_counts.index(_of_calendar(block)) for block in blocks), 0),
        day_counts=tuple(day_counts),
        max_months=_codes((_months_on_clock(block) for block in blocks), NO_LIMIT),
        benefit_months=_codes((_months_after_benefit(block) for block in blocks), NO_LIMIT),
        min_months=_codes((block.min_months or 0 for block in blocks), 0),
        min_weekly_hours=_ints(block.min_weekly_hours or 0 for block in blocks),
        needs_certificate=_flags(block.needs_certificate for block in blocks),
        bonus_mask=_ints((_allowed(scheme, block) for block in blocks), 0),
        certificate_percentage=_ints(_certificate_percentages(scheme)),
        certificates=len(scheme.certificates),
        full_time_hours=scheme.weekly_hours or 1,
        cost_bonuses=_bonus_bits(scheme, lambda b: b.actual_cost),
        silent_bonuses=_bonus_bits(scheme, lambda b: b.is_silent and b.published is None),
        unclear_bonuses=_bonus_bits(scheme, lambda b: b.is_silent and b.published is not None),
        timed_bonuses=_bonus_bits(scheme, lambda b: not (b.actual_cost or b.once)),
        once_bonuses=tuple(n for n, bonus in enumerate(scheme.bonuses) if bonus.once),
        bonus_groups=tuple(_groups(scheme)),
    )


def _way(block: Block) -> Way:
    worked = block.day_count is DayCount.WORKED_HOURS
    if worked and block.unit in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR):
        return Way.WORKED_YEARS
    if block.is_limited_amount:
        return Way.LIMITED_HOURS if block.unit is Unit.HOUR else Way.LIMITED_COST
    return _WAY_OF_UNIT[block.unit]


def _of_calendar(block: Block) -> DayCount:
    """How a block's days become years; worked hours are no days, so there any way will do."""
    worked = block.day_count is DayCount.WORKED_HOURS
    return DayCount.ANNIVERSARY if worked else block.day_count


def _tests(scheme: Scheme, block: Block, way: Way) -> int:
    silent = block.amount_cents is None and way not in (Way.COST, Way.LIMITED_COST, Way.AGREEMENT)
    unclear = silent and block.published is not None
    either = block.or_actual_cost
    tests = {
        "judged_by_person": block.judgement is not None,
        "by_agreement": way is Way.AGREEMENT,
        "no_amount": silent and not either and not unclear,
        "amount_unclear": unclear and not either,
        "no_unit": way is Way.NOT_STATED and not silent,
        "no_hours_basis": way is Way.YEARS_OF_HOURS and scheme.weekly_hours is None,
        "hours_or_amount": either,
        "too_many_hours": way in (Way.HOURS, Way.LIMITED_HOURS),
        "missing_begin": block.is_limited_amount and (block.max_months or block.max_weekly_hours),
        "missing_end": block.max_weekly_hours,
        "missing_certificate": block.needs_certificate,
        "started_too_early": way.counts_time and scheme.look_back_months is not None,
        "too_short": block.min_months,
        "too_few_hours": block.min_weekly_hours,
        "limit_reached": _months_on_clock(block),
        "benefit_long_ago": _months_after_benefit(block),
    }
    return bits(code for code, tested in tests.items() if tested) | (
        0 if either else bits(_NEEDS[way])
    )


def _months_on_clock(block: Block) -> int:
    """The limit of a block that is reckoned on the clock of a person."""
    return NO_LIMIT if block.from_last_benefit_day else block.max_months or NO_LIMIT


def _months_after_benefit(block: Block) -> int:
    """The limit of a block that is reckoned from the last day on benefit; it has no clock."""
    return block.max_months or NO_LIMIT if block.from_last_benefit_day else NO_LIMIT


def _year_needs(scheme: Scheme, block: Block, way: Way) -> int:
    """What a bonus by the full-time year needs on a block of costs, the hours of a week too."""
    if way not in COSTS:
        return 0
    if block.day_count is DayCount.WORKED_HOURS:
        return bits(_WORKED_YEARS)
    return bits(_YEARS_OF_HOURS) | (BIT["no_hours_basis"] if scheme.weekly_hours is None else 0)


def _allowed(scheme: Scheme, block: Block) -> int:
    return _bonus_bits(scheme, lambda bonus: block.key in bonus.blocks)


def _certificate_percentages(scheme: Scheme) -> Iterator[int | None]:
    """For each block what part of a cost each certificate of the scheme makes count there."""
    for block in scheme.blocks:
        here = {certificate.key: certificate.percentage_bp for certificate in block.certificates}
        yield from (here.get(certificate.key, OUTSIDE) for certificate in scheme.certificates)


def _bonus_bits(scheme: Scheme, which: Callable[[Bonus], bool]) -> int:
    return sum(1 << bit for bit, bonus in enumerate(scheme.bonuses) if which(bonus))


def _groups(scheme: Scheme) -> Iterator[tuple[int, ...]]:
    """Of each group of two or more bonuses, their numbers: of a group only the highest counts."""
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
