"""The base and the bonuses of each line that has no fault, and what they come to.

Base and bonuses multiply the line's factor, divide once and round half up once, each on its own.
Lines are handled in runs, as in `windows`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from telmee.core.money import LINE_CENTS_MAX, WHOLE_BP, half_up
from telmee.core.schemes.model import Bonus
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Ints, Lines
from telmee.core.valuation.chosen import Chosen, by_kind
from telmee.core.valuation.engine_columns import Columns
from telmee.core.valuation.factors import Batch, Factor, factor_of, time_of_costs
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.rules import COSTS, Rules, Way


def value_lines(rules: Rules, lines: Contributions, columns: Columns, run: slice) -> None:
    """Fill the factor, the base, the bonuses and the value of a run's lines without a fault."""
    batch = Batch(rules, lines, columns)
    for column in (columns.time_num, columns.time_den, columns.counted_hours, columns.base_cents):
        column[run] = NOTHING
    for way, chosen in _good_lines(batch, run):
        factor = factor_of(batch, way, chosen)
        chosen.put(columns.base_cents, factor.of(factor.cents))
        _value_bonuses(batch, way, chosen, factor)
    _keep_best_of_group(batch, run)
    _add_up(columns, run)


def _good_lines(batch: Batch, run: slice) -> Iterator[tuple[Way, Chosen]]:
    """The lines of a run that have no fault, those with the same kind of factor together."""
    rules, columns = batch.rules, batch.columns
    ways = rules.way.take(columns.block[run])
    ways[np.flatnonzero(columns.fault[run] != 0)] = NOTHING
    for way, chosen in by_kind(ways, rules.ways, run):
        yield Way(way), chosen


def _value_bonuses(batch: Batch, way: Way, chosen: Chosen, factor: Factor) -> None:
    """Fill the columns of the bonuses that these lines claim and may have."""
    mask = chosen.of(batch.columns.bonus_counts, others=0)
    claimed = int(np.bitwise_or.reduce(mask))
    if claimed and way in COSTS:
        timed = np.flatnonzero(mask & batch.rules.timed_bonuses)
        factor = time_of_costs(batch, chosen, timed)
    for number, bonus in enumerate(batch.rules.scheme.bonuses):
        if claimed & (1 << number):
            which = np.flatnonzero((mask & (1 << number)) != 0)
            at = chosen.at(which)
            cents = _bonus_cents(batch, bonus, at, factor, which)
            batch.columns.bonus_cents[number][at] = cents


def _bonus_cents(batch: Batch, bonus: Bonus, at: Lines, factor: Factor, which: Lines) -> Ints | int:
    if bonus.actual_cost:
        return half_up(batch.lines.amount[at] * bonus.percentage_bp, WHOLE_BP)
    if bonus.yearly_amount:
        return batch.rules.amount.take(batch.columns.block[at])
    cents = bonus.amount_cents or 0
    return cents if bonus.once else factor.of(cents, which)


def _keep_best_of_group(batch: Batch, run: slice) -> None:
    """Of a line's bonuses of one group keep the highest resulting cents; of equals the first."""
    columns = batch.columns
    for numbers in batch.rules.bonus_groups:
        mask = columns.bonus_counts[run] & sum(1 << number for number in numbers)
        # Taking one off a number clears its lowest bit: what is left over has a second one.
        here = np.flatnonzero((mask & (mask - 1)) != 0) + run.start
        if here.size:
            rivals = [columns.bonus_cents[n] for n in numbers if n in columns.bonus_cents]
            best, winner = rivals[0][here], np.zeros(here.size, dtype=np.int8)
            for place, column in enumerate(rivals[1:], start=1):
                winner[column[here] > best] = place
                best = np.maximum(best, column[here])
            for place, column in enumerate(rivals):
                column[here[winner != place]] = 0


def _add_up(columns: Columns, run: slice) -> None:
    """Add base and bonuses up to the value; refuse what is beyond the largest value."""
    first, *more = (column[run] for column in (columns.base_cents, *columns.bonus_cents.values()))
    cents = columns.value_cents[run]
    np.add(first, more[0] if more else 0, out=cents)
    for column in more[1:]:
        cents += column
    if cents.max() > LINE_CENTS_MAX:
        too_large = np.flatnonzero(cents > LINE_CENTS_MAX)
        columns.fault[run][too_large] |= BIT["value_too_large"]
        cents[too_large] = NOTHING
