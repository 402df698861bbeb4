"""The columns that the engine fills, one element per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from telmee.core.contributions.person_codes import persons_of
from telmee.core.periods import NO_DAY, Days
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Codes, Flags, Ints
from telmee.core.valuation.rules import Rules

#: Lines per run: what one run reads, writes and makes in between fits in a second-level cache.
RUN = 1 << 15


@dataclass(slots=True)
class Limited:
    """How much of one line counts, in a block that limits its hours or its cost.

    Of `within_days` in the contract the person's limit leaves `counted_days`. Of hours, for each
    employee: `spread` are those of the days that count, `weekly` the most of those weeks, `left`
    what other lines of the person leave where that is less, and `counted` what comes out. `used`
    are the hours that counted on those lines; where the most a week leaves the least, `days` are
    all days of the person so far, this line's among them.
    """

    counted_days: int
    within_days: int
    spread: Fraction | None = None
    weekly: Fraction | None = None
    left: Fraction | None = None
    used: Fraction = Fraction(0)
    days: int | None = None
    counted: Fraction | None = None

    @property
    def part(self) -> Fraction:
        """The part of the days in the contract that counts."""
        return Fraction(self.counted_days, self.within_days)


@dataclass(slots=True)
class Columns:
    """Named columns of one batch; the steps of the engine write them, nothing else does.

    `person` has one number for all spellings of a person's code. `block` is the number of the block
    in the scheme, `fault` bits of `faults.FAULTS`. `bonus_mask`
    has a bit for each bonus that a line claims, `bonus_counts` for each that it may have (the same
    column, unless a bonus is given once). `end` is `eind`, or the day that stands in for it.
    The counted period is `[counted_from, counted_end)`; `limit_end` is the first day that no longer
    counts on the person's clock. `time_num / time_den` is that period in years, or in months;
    `counted_hours` are the hundredths of hours a week that count, at most those of full time.
    `NOTHING` and `NO_DAY` mark a line where a column does not apply. `bonus_cents` has a column for
    each bonus that occurs, by its number in the scheme and zero where it is not given; caps are by
    their key. `cap_allowance` is what the lines under a cap may be worth together, where it took
    something off. `limited` has the few lines of blocks that limit their hours or cost, by number.
    """

    person: Codes
    block: Codes
    bonus_mask: Ints
    bonus_counts: Ints
    certificate: Codes
    fault: Ints
    end: Days
    counted_from: Days
    counted_end: Days
    limit_end: Days
    time_num: Codes
    time_den: Codes
    counted_hours: Codes
    base_cents: Ints
    value_cents: Ints
    bonus_cents: dict[int, Ints] = field(default_factory=dict)
    cap_cents: dict[str, Ints] = field(default_factory=dict)
    cap_allowance: dict[str, Ints] = field(default_factory=dict)
    cap_unknown: dict[str, Flags] = field(default_factory=dict)
    limited: dict[int, Limited] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Contributions, rules: Rules, claimed: Sequence[int]) -> Columns:
        """Make room for the columns of a batch; `claimed` are the bonuses that occur in it.

        Only zeros are there already, as the system gives them. The rest is not cleared: memory
        that is written once, while its run is in the cache, costs half of memory that is cleared
        first and filled later. And columns are rows of one block: the system hands out a large
        block in large pages, three times as fast as many small ones.
        """
        size = len(lines)
        codes = iter(np.empty((6, size), dtype=np.int32))
        cents = iter(np.empty((3, size), dtype=np.int64))
        zeros = iter(np.zeros((1 + len(claimed), size), dtype=np.int64))
        bonus_mask = next(cents)
        return cls(
            person=persons_of(lines.person).codes,
            block=next(codes),
            bonus_mask=bonus_mask,
            bonus_counts=bonus_mask,
            certificate=_column(size, NOTHING, used=bool(rules.scheme.certificates)),
            fault=next(zeros),
            end=lines.end,
            counted_from=next(codes),
            counted_end=next(codes),
            limit_end=_column(size, NO_DAY, used=rules.has_limits),
            time_num=next(codes),
            time_den=next(codes),
            counted_hours=next(codes),
            base_cents=next(cents),
            value_cents=next(cents),
            bonus_cents=dict(zip(claimed, zeros, strict=True)),
        )


def _column(size: int, nothing: int, *, used: bool) -> Codes:
    """Make a column that is `nothing` on every line; one number repeated, where it stays so."""
    value = np.int32(nothing)
    return np.full(size, value) if used else np.broadcast_to(value, size)


def runs(lines: int) -> Iterator[slice]:
    """The batch in slices of at most `RUN` lines, so that a step's figures stay in the cache."""
    return (slice(at, min(at + RUN, lines)) for at in range(0, lines, RUN))
