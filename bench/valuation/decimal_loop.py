"""Side (b): the same rule as people write it down first, a loop with `Decimal` and `date`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from bench.valuation.batches import Batch
from telmee.core.contributions.columns import NOTHING
from telmee.core.periods import NO_DAY, date_of

CENT = Decimal("0.01")
DAY = timedelta(days=1)


class Placement(NamedTuple):
    """A line as Python objects, such as a reader would give."""

    block: str
    begin: date
    end: date
    contract_begin: date
    contract_end: date | None
    weekly_hours: Decimal
    bonuses: Sequence[str]


@dataclass(frozen=True)
class Table:
    """The amounts of a scheme in euros."""

    full_time: Decimal
    blocks: Mapping[str, Decimal]
    bonuses: Mapping[str, Decimal]


def prepare(batch: Batch) -> tuple[Table, list[Placement]]:
    """Turn columns into objects; this is not timed."""
    scheme, lines = batch.scheme, batch.lines
    table = Table(
        Decimal(scheme.weekly_hours or 0) / 100,
        {b.key: Decimal(b.amount_cents or 0) / 100 for b in scheme.blocks},
        {b.key: Decimal(b.amount_cents or 0) / 100 for b in scheme.bonuses},
    )
    # Each distinct day, number and cell becomes one object, as memory would run out otherwise.
    columns = (lines.begin, lines.end, lines.contract_begin, lines.contract_end)
    dates = {day: date_of(day) for column in columns for day in set(column.tolist()) - {NO_DAY}}
    hours = {h: Decimal(h) / 100 for h in set(lines.weekly_hours.tolist())}
    keys = {n: cell.split(",") for n, cell in enumerate(lines.bonuses.names)} | {NOTHING: []}
    cells = (lines.block.codes, *columns, lines.weekly_hours, lines.bonuses.codes)
    return table, [
        Placement(
            lines.block.names[block],
            dates[begin],
            dates[end],
            dates[contract_begin],
            dates.get(contract_end),
            hours[weekly],
            keys[cell],
        )
        for block, begin, end, contract_begin, contract_end, weekly, cell in zip(
            *(column.tolist() for column in cells), strict=True
        )
    ]


def value_all(table: Table, lines: Iterable[Placement]) -> list[Decimal | None]:
    """Value every line in euros; `None` outside the contract."""
    return [_value(table, line) for line in lines]


def _value(table: Table, line: Placement) -> Decimal | None:
    first = max(line.begin, line.contract_begin)
    last = line.end if line.contract_end is None else min(line.end, line.contract_end)
    if last < first:
        return None
    end = last + DAY
    years = end.year - first.year
    if _years_on(first, years) > end:
        years -= 1
    anniversary = _years_on(first, years)
    length = (_years_on(first, years + 1) - anniversary).days
    # Years are whole days over days, so that the only division is the last step.
    days = years * length + (end - anniversary).days
    part = days * min(line.weekly_hours, table.full_time)
    whole = length * table.full_time
    value = (table.blocks[line.block] * part / whole).quantize(CENT, ROUND_HALF_UP)
    for key in line.bonuses:
        value += (table.bonuses[key] * part / whole).quantize(CENT, ROUND_HALF_UP)
    return value


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
