"""What is over a maximum comes off: per day, per person, per share of the obligation.

In that order, after the bonuses. Each cap takes from the latest lines first, by `counted_from`
and then row, and has its own column (docs/algorithms/valuation.md section 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from telmee.core.money import WHOLE_BP, half_up
from telmee.core.periods import NO_DAY
from telmee.core.schemes.model import Cap
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Codes, Flags, Ints, Lines
from telmee.core.valuation.engine_columns import Columns, runs
from telmee.core.valuation.order import Order, in_order
from telmee.core.valuation.rules import Rules, Way

PER = ("day", "person", "contract")


@dataclass(frozen=True, slots=True)
class _Batch:
    """A valued batch; `by_person` has the lines of named persons in the order of their clocks."""

    rules: Rules
    lines: Contributions
    columns: Columns
    by_person: Order
    obligations: Mapping[str, int]


def apply_caps(
    rules: Rules,
    lines: Contributions,
    columns: Columns,
    by_person: Order,
    obligations: Mapping[str, int],
) -> None:
    """Take what is over a cap off the value; lines that a cap cannot reach are `cap_unknown`.

    `obligations` gives the cents that each contract owes; without it a share of the obligation is
    unknown and nothing is taken off.
    """
    batch = _Batch(rules, lines, columns, by_person, obligations)
    for per in PER:
        for cap in (cap for cap in rules.scheme.caps if cap.per == per):
            in_scope = _in_scope(rules, columns, cap)
            columns.cap_cents[cap.key] = np.zeros(len(lines), dtype=np.int64)
            columns.cap_allowance[cap.key] = np.zeros(len(lines), dtype=np.int64)
            for order, allowance in _ORDERS[per](batch, cap, in_scope):
                _take_off(columns, cap, order, allowance)


def _in_scope(rules: Rules, columns: Columns, cap: Cap) -> Flags:
    """Which valued lines are of the blocks of a cap."""
    keys = [*(block.key in cap.blocks for block in rules.scheme.blocks), False]
    of_block = np.array(keys, dtype=np.bool_)
    in_scope = np.empty(columns.block.size, dtype=np.bool_)
    for run in runs(in_scope.size):
        in_scope[run] = of_block.take(columns.block[run]) & (columns.fault[run] == 0)
    return in_scope


def _per_day(batch: _Batch, cap: Cap, in_scope: Flags) -> Iterator[tuple[Order, Ints]]:
    """Lines of one contract that begin on one day; a line of several days brings several."""
    lines, columns = batch.lines, batch.columns
    undated = in_scope & (lines.begin == NO_DAY)
    _mark_unknown(columns, cap, undated)
    at = np.flatnonzero(in_scope & ~undated)
    order = in_order(at, _same_day(lines, at), columns.counted_from)
    of_days = batch.rules.way.take(columns.block[order.at]) == Way.DAY_MAXIMUM
    days = np.where(of_days, lines.count[order.at], 1)
    most = np.maximum.reduceat(days, order.starts()) if at.size else days
    yield order, most * np.int64(cap.amount_cents or 0)


def _same_day(lines: Contributions, at: Lines) -> Codes:
    """Number the days on which lines begin, for each contract apart; lines not in `at` are 0."""
    # Lines without a contract have one together, so that codes begin at zero.
    order = in_order(at, lines.contract.codes - np.int32(NOTHING), lines.begin)
    begin, number = lines.begin[order.at], np.zeros(len(lines), dtype=np.int32)
    new = np.zeros(at.size, dtype=np.int32)
    new[1:] = (order.group[1:] != order.group[:-1]) | (begin[1:] != begin[:-1])
    number[order.at] = np.cumsum(new, dtype=np.int32)
    return number


def _per_person(batch: _Batch, cap: Cap, in_scope: Flags) -> Iterator[tuple[Order, Ints]]:
    """All lines of a person; a line without `persoon` is its own person."""
    amount, columns = np.int64(cap.amount_cents or 0), batch.columns
    order = batch.by_person
    yield order.take(np.flatnonzero(in_scope.take(order.at))), np.full(1, amount)
    alone = np.flatnonzero(in_scope & (batch.lines.person.codes == NOTHING))
    numbers = np.arange(alone.size, dtype=np.int32)
    yield Order(alone, numbers, columns.counted_from[alone]), np.full(1, amount)


def _per_contract(batch: _Batch, cap: Cap, in_scope: Flags) -> Iterator[tuple[Order, Ints]]:
    """All lines of a contract, against a share of what the contract owes."""
    contract, columns = batch.lines.contract, batch.columns
    owed = np.array([*(batch.obligations.get(name, NOTHING) for name in contract.names), NOTHING])
    unknown = in_scope & (owed == NOTHING).take(contract.codes)
    _mark_unknown(columns, cap, unknown)
    at = np.flatnonzero(in_scope & ~unknown)
    order = in_order(at, contract.codes, columns.counted_from)
    share = owed[order.group[order.starts()]] * np.int64(cap.share_bp or 0)
    yield order, half_up(share, WHOLE_BP)


_ORDERS = {"day": _per_day, "person": _per_person, "contract": _per_contract}


def _mark_unknown(columns: Columns, cap: Cap, unknown: Flags) -> None:
    if unknown.any():
        marked = columns.cap_unknown.setdefault(cap.key, np.zeros(unknown.size, dtype=np.bool_))
        marked |= unknown


def _take_off(columns: Columns, cap: Cap, order: Order, allowance: Ints) -> None:
    """Take off what each line has over the allowance of its group: first come, first counted.

    `allowance` has an element for each group, or one for all.
    """
    reduction, of_group = columns.cap_cents[cap.key], columns.cap_allowance[cap.key]
    cents, done = columns.value_cents.take(order.at), 0
    for run in order.runs():
        starts = order.part(run).starts()
        allowed = allowance if allowance.size == 1 else allowance[done : done + starts.size]
        done += starts.size
        over = _over(cents[run], starts, allowed)
        some = np.flatnonzero(over != 0)
        at = order.at[run][some]
        reduction[at] += over[some]
        group = np.searchsorted(starts, some, side="right") - 1
        of_group[at] = allowed[group] if allowed.size > 1 else allowed
        columns.value_cents[at] -= over[some]


def _over(cents: Ints, starts: Lines, allowance: Ints) -> Ints:
    so_far, ends = np.cumsum(cents), np.append(starts[1:], cents.size) - 1
    before = so_far[starts] - cents[starts]
    room = np.repeat(allowance + before, ends - starts + 1)
    over: Ints = np.minimum(np.maximum(so_far - room, 0), cents)
    return over
