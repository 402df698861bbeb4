"""How much of the hours or the cost of a line counts, where its block has a limit of its own.

A limit in months works on the person's clock and cuts days off. Hours and euros have no days, so
they are taken to be spread evenly over those of the line: as much counts as days count. After that
come the most hours a week and the most hours together, of one person in one block; first come,
first counted (docs/algorithms/valuation.md section 5). Only some blocks have such limits, so the
lines are walked through one by one, in exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from telmee.core.periods import NO_DAY
from telmee.core.schemes.model import Block
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.engine_columns import Columns, Limited
from telmee.core.valuation.faults import REFUSED_BITS
from telmee.core.valuation.order import in_order
from telmee.core.valuation.rules import Rules

_WEEK = 7


@dataclass(slots=True)
class _Used:
    """What the lines of one person in one block have used so far: days, and hours."""

    covered_to: int = NO_DAY
    days: int = 0
    hours: Fraction = Fraction(0)


def limit_amounts(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """Fill how much counts of each line of a block with such a limit, unless it is refused."""
    used: dict[tuple[int, int], _Used] = {}
    for line in _in_order(rules, columns):
        block = rules.scheme.blocks[int(columns.block[line])]
        counted, within = _days(lines, columns, line)
        limited = Limited(counted_days=counted, within_days=within)
        hours = int(lines.hours[line])
        if hours != NOTHING and (block.max_weekly_hours or block.max_hours or block.max_months):
            person = int(columns.person[line])
            key = (person if person != NOTHING else -2 - line, int(columns.block[line]))
            first = int(columns.counted_from[line])
            _limit_hours(limited, block, Fraction(hours, 100), first, used.setdefault(key, _Used()))
        columns.limited[line] = limited


def _in_order(rules: Rules, columns: Columns) -> Iterator[int]:
    """The lines concerned in the order in which they use hours up, those without a day last."""
    limited = rules.limited_amounts
    if limited.any():
        here = limited.take(columns.block) & ((columns.fault & REFUSED_BITS) == 0)
        everybody = np.zeros(here.size, dtype=np.int32)
        yield from map(int, in_order(np.flatnonzero(here), everybody, columns.counted_from).at)


def _days(lines: Contributions, columns: Columns, line: int) -> tuple[int, int]:
    """The days of a line that count, and its days within the contract; a line without is one."""
    first, end = int(columns.counted_from[line]), int(columns.counted_end[line])
    if first == NO_DAY:
        return 1, 1
    last, contract_end = int(columns.end[line]), int(lines.contract_end[line])
    last = int(lines.begin[line]) if last == NO_DAY else last
    last = last if contract_end == NO_DAY else min(last, contract_end)
    return end - first, last + 1 - first


def _limit_hours(limited: Limited, block: Block, hours: Fraction, first: int, used: _Used) -> None:
    """Work out how many of the hours of a line count, and add them to what is used."""
    limited.spread = counted = hours * limited.part
    room = days = None
    if block.max_weekly_hours is not None:
        a_day = Fraction(block.max_weekly_hours, 100 * _WEEK)
        limited.weekly = a_day * limited.counted_days
        end = first + limited.counted_days
        used.days += max(0, end - max(first, used.covered_to))
        used.covered_to = max(used.covered_to, end)
        counted, room = min(counted, limited.weekly), a_day * used.days - used.hours
        days = used.days
    if block.max_hours is not None:
        left = Fraction(block.max_hours, 100) - used.hours
        room, days = (left, None) if room is None or left < room else (room, days)
    if room is not None and room < counted:
        limited.left = counted = room
        limited.used, limited.days = used.hours, days
    limited.counted = counted
    used.hours += counted
