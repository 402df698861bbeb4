"""One line of a valuation, looked at from close by: what the explanation asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from telmee.core.explain import Step, Text, Value
from telmee.core.schemes.model import Block, Bonus, DayCount, Scheme, Unit
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.engine import Status, Valuation
from telmee.core.valuation.engine_columns import Columns


@dataclass(frozen=True, slots=True)
class Line:
    """A line whose block is known; everything here is looked up in the engine's columns."""

    valuation: Valuation
    number: int
    block: Block

    @classmethod
    def of(cls, valuation: Valuation, number: int) -> Line | None:
        """Line `number` of a batch; None where its block is not in the scheme, so has no rules."""
        block = int(valuation.columns.block[number])
        known = block != NOTHING
        return cls(valuation, number, valuation.scheme.blocks[block]) if known else None

    @property
    def scheme(self) -> Scheme:
        """The rules that it was valued by."""
        return self.valuation.scheme

    @property
    def columns(self) -> Columns:
        """What the engine worked out, a column a figure, for all lines of the batch."""
        return self.valuation.columns

    @property
    def lines(self) -> Contributions:
        """The cells of the whole batch as they were read, before any rule."""
        return self.valuation.lines

    @property
    def status(self) -> Status:
        """Valued, for a person to judge, or refused."""
        return self.valuation.status(self.number)

    @property
    def fault(self) -> int:
        """What was wrong with it, a bit a fault; 0 when it has a value."""
        return int(self.columns.fault[self.number])

    @property
    def is_worked(self) -> bool:
        """Whether its years are worked hours over the employer's own full-time year."""
        years = self.block.unit in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR)
        by_bonus = self.has_time and not self.block.unit.counts_time
        return self.block.day_count is DayCount.WORKED_HOURS and (years or by_bonus)

    @property
    def has_time(self) -> bool:
        """Whether it has a value and years or months were worked out for it."""
        valued = self.status is Status.VALUED
        return valued and bool(self.columns.time_num[self.number] != NOTHING)

    @property
    def time(self) -> Fraction:
        """The years or months that count, times the share of a full-time week where that holds."""
        at, columns = self.number, self.columns
        if columns.time_num[at] == NOTHING:
            return Fraction(1)
        time = Fraction(int(columns.time_num[at]), int(columns.time_den[at]))
        hours = int(columns.counted_hours[at])
        return time if hours == NOTHING else time * Fraction(hours, self.scheme.weekly_hours or 1)

    @property
    def factor(self) -> Fraction:
        """What the amount of its block is multiplied by, exactly; an invoice counts once."""
        at, lines = self.number, self.lines
        if self.block.unit.counts_time:
            return self.time
        count = 1 if lines.count[at] == NOTHING else int(lines.count[at])
        if self.block.unit.counts_pieces:
            return Fraction(count)
        if self.block.unit is not Unit.HOUR or self.by_cost:
            return Fraction(1)
        hours = Fraction(int(lines.hours[at]), 100)
        limited = self.columns.limited.get(at)
        return count * (hours if limited is None else limited.counted or Fraction(0))

    @property
    def by_cost(self) -> bool:
        """Whether its base is a part of what was paid: always by cost, or for want of hours."""
        no_hours = bool(self.lines.hours[self.number] == NOTHING)
        return self.block.unit is Unit.ACTUAL_COST or (self.block.or_actual_cost and no_hours)

    @property
    def takes_cost(self) -> bool:
        """Whether the column `bedrag` mattered, for the base or for a bonus."""
        by_bonus = any(bonus.actual_cost for _, bonus in self.claimed)
        return self.by_cost or self.block.unit is Unit.DAY_MAXIMUM or by_bonus

    @property
    def claimed(self) -> list[tuple[int, Bonus]]:
        """List the bonuses that it claims, with their numbers in the scheme."""
        mask = int(self.columns.bonus_mask[self.number])
        return [(n, bonus) for n, bonus in enumerate(self.scheme.bonuses) if mask & (1 << n)]

    def bonus_cents(self, bonus: int) -> int:
        """The cents that a bonus came to, by its number in the scheme; 0 when it does not count."""
        column = self.columns.bonus_cents.get(bonus)
        return 0 if column is None else int(column[self.number])

    def step(
        self,
        name: str,
        value: Value,
        unit: str,
        field: str,
        *,
        leant_on: tuple[str, ...] = (),
        params: Mapping[str, Value] | None = None,
        text: Text | None = None,
    ) -> Step:
        """Make a step by a rule of the line's own block; `field` is the value there."""
        rule = ".".join(filter(None, ("blocks", self.block.key, field)))
        assumed = lean_on(self.scheme, rule, *leant_on)
        source = self.scheme.source_of(rule)
        return Step(name, value, unit, rule, source, assumed, params or {}, text)


def lean_on(scheme: Scheme, *paths: str) -> tuple[Text, ...]:
    """The scheme's reasons for what it assumes at these paths; a path with a source has none."""
    return tuple(scheme.assumed[path] for path in paths if path in scheme.assumed)
