"""Side (b): the same rule as people write it down first, a loop with `Decimal` and `date`.

It finds what the engine finds for placements, refusals too, and keeps what each step came to; it
knows no other kind of line, no clocks and no caps. Multiplied first and divided once, it is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from bench.valuation.batches import Batch
from telmee.core.periods import NO_DAY, date_of
from telmee.core.tables.columns import NOTHING

CENT = Decimal("0.01")
DAY = timedelta(days=1)


class Line(NamedTuple):
    """A line as Python objects, such as a reader would give; an empty cell is `None`."""

    block: str | None
    begin: date | None
    end: date | None
    contract_begin: date | None
    contract_end: date | None
    weekly_hours: Decimal | None
    bonuses: Sequence[str]


class Valued(NamedTuple):
    """What each step came to, by the names of the engine's columns."""

    counted_from: date
    counted_to: date
    time_num: int
    time_den: int
    counted_hours: Decimal
    base: Decimal
    bonuses: dict[str, Decimal]
    value: Decimal


@dataclass(frozen=True)
class Table:
    """The amounts of a scheme in euros, and the blocks that each bonus is for."""

    full_time: Decimal
    blocks: Mapping[str, Decimal]
    bonuses: Mapping[str, Decimal]
    bonus_blocks: Mapping[str, frozenset[str]]


def prepare(batch: Batch) -> tuple[Table, list[Line]]:
    """Turn columns into objects; this is not timed."""
    scheme, lines = batch.scheme, batch.lines
    table = Table(
        Decimal(scheme.weekly_hours or 0) / 100,
        {b.key: Decimal(b.amount_cents or 0) / 100 for b in scheme.blocks},
        {b.key: Decimal(b.amount_cents or 0) / 100 for b in scheme.bonuses},
        {b.key: b.blocks for b in scheme.bonuses},
    )
    # Each distinct day, number and cell becomes one object: ten million would not fit in memory.
    days = (lines.begin, lines.end, lines.contract_begin, lines.contract_end)
    dates = {day: date_of(day) for column in days for day in set(column.tolist()) - {NO_DAY}}
    hours = {h: Decimal(h) / 100 for h in set(lines.weekly_hours.tolist()) - {NOTHING}}
    keys = {n: cell.split(",") for n, cell in enumerate(lines.bonuses.names)}
    cells = (lines.block.codes, *days, lines.weekly_hours, lines.bonuses.codes)
    return table, [
        Line(
            lines.block.names[block],
            dates.get(begin),
            dates.get(end),
            dates.get(contract_begin),
            dates.get(contract_end),
            hours.get(weekly),
            keys.get(cell, ()),
        )
        for block, begin, end, contract_begin, contract_end, weekly, cell in zip(
            *(column.tolist() for column in cells), strict=True
        )
    ]


#: What a line came to, or what is wrong with it.
Results = list[Valued | list[str]]


def value_all(table: Table, lines: Iterable[Line]) -> Results:
    """Value every line, or tell what is wrong with it."""
    return [_value(table, line) for line in lines]


def _value(table: Table, line: Line) -> Valued | list[str]:
    faults = _faults(table, line)
    begin, end, hours, block = line.begin, line.end, line.weekly_hours, line.block
    if faults or begin is None or end is None or hours is None or block is None:
        return faults
    first, last = begin, end
    if line.contract_begin is not None:
        first = max(first, line.contract_begin)
    if line.contract_end is not None:
        last = min(last, line.contract_end)
    if last < first:
        return ["outside_contract"]
    days, length = _years(first, last + DAY)
    share = min(hours, table.full_time)
    part, whole = days * share, length * table.full_time
    base = (table.blocks[block] * part / whole).quantize(CENT, ROUND_HALF_UP)
    bonuses = {
        key: (table.bonuses[key] * part / whole).quantize(CENT, ROUND_HALF_UP)
        for key in line.bonuses
    }
    value = base + sum(bonuses.values())
    return Valued(first, last, days, length, share, base, bonuses, value)


def _faults(table: Table, line: Line) -> list[str]:
    faults = []
    if line.block not in table.blocks:
        faults.append("unknown_block")
    if line.begin is None:
        faults.append("missing_begin")
    if line.end is None:
        faults.append("missing_end")
    if line.weekly_hours is None:
        faults.append("missing_weekly_hours")
    if line.begin is not None and line.end is not None and line.end < line.begin:
        faults.append("end_before_begin")
    first, last = line.contract_begin, line.contract_end
    if first is not None and last is not None and last < first:
        faults.append("contract_end_before_begin")
    for key in line.bonuses:
        if key not in table.bonuses:
            faults.append("unknown_bonus")
        elif line.block not in table.bonus_blocks[key]:
            faults.append("bonus_outside_blocks")
    if len(set(line.bonuses)) < len(line.bonuses):
        faults.append("repeated_bonus")
    return faults


def _years(first: date, end: date) -> tuple[int, int]:
    """Whole years from `first` and the days after them, as days over those of the year running."""
    years = end.year - first.year
    if _years_on(first, years) > end:
        years -= 1
    last = _years_on(first, years)
    length = (_years_on(first, years + 1) - last).days
    return years * length + (end - last).days, length


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
