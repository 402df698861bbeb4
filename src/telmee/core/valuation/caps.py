"""What is over a maximum comes off: per day, per person, per share of the obligation.

In that order, after the bonuses. Each cap takes from the latest lines first, by `counted_from`
and then row, and has its own column (docs/algorithms/valuation.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.money import half_up
from telmee.core.periods import NO_DAY
from telmee.core.schemes.model import Cap
from telmee.core.valuation.columns import Codes, Columns, Flags, Ints, Lines
from telmee.core.valuation.order import Order, in_order
from telmee.core.valuation.rules import WHOLE_BP, Rules, Way

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
            keys = [*(block.key in cap.blocks for block in rules.scheme.blocks), False]
            in_scope = np.array(keys, dtype=np.bool_).take(columns.block)
            _APPLY[per](batch, cap, in_scope & (columns.fault == 0))


def _per_day(batch: _Batch, cap: Cap, in_scope: Flags) -> None:
    """Lines of one contract that begin on one day; a line of several days brings several."""
    lines, columns = batch.lines, batch.columns
    undated = in_scope & (lines.begin == NO_DAY)
    _mark_unknown(columns, cap, undated)
    at = np.flatnonzero(in_scope & ~undated)
    day = _same_day(lines, at)
    order = in_order(at, day[at], columns.counted_from[at])
    of_days = batch.rules.way.take(columns.block[order.at]) == Way.DAY_MAXIMUM
    days = np.where(of_days, lines.count[order.at], 1)
    starts = order.starts()
    most = np.maximum.reduceat(days, starts) if starts.size else days
    _take_off(columns, cap, order, most * np.int64(cap.amount_cents or 0))


def _same_day(lines: Contributions, at: Lines) -> Codes:
    """Number the days on which lines begin, for each contract apart; lines not in `at` are 0."""
    # Lines without a contract have one together, so that codes begin at zero.
    order = in_order(at, lines.contract.codes[at] - np.int32(NOTHING), lines.begin[at])
    begin, number = lines.begin[order.at], np.zeros(len(lines), dtype=np.int32)
    new = np.zeros(at.size, dtype=np.int32)
    new[1:] = (order.group[1:] != order.group[:-1]) | (begin[1:] != begin[:-1])
    number[order.at] = np.cumsum(new, dtype=np.int32)
    return number


def _per_person(batch: _Batch, cap: Cap, in_scope: Flags) -> None:
    """All lines of a person; a line without `persoon` is its own person."""
    amount = np.int64(cap.amount_cents or 0)
    order = batch.by_person.where(in_scope)
    _take_off(batch.columns, cap, order, np.full(order.starts().size, amount))
    alone = np.flatnonzero(in_scope & (batch.lines.person.codes == NOTHING))
    order = Order(alone, np.arange(alone.size, dtype=np.int32))
    _take_off(batch.columns, cap, order, np.full(alone.size, amount))


def _per_contract(batch: _Batch, cap: Cap, in_scope: Flags) -> None:
    """All lines of a contract, against a share of what the contract owes."""
    contract, columns = batch.lines.contract, batch.columns
    owed = np.array([*(batch.obligations.get(name, NOTHING) for name in contract.names), NOTHING])
    unknown = in_scope & (owed == NOTHING).take(contract.codes)
    _mark_unknown(columns, cap, unknown)
    at = np.flatnonzero(in_scope & ~unknown)
    order = in_order(at, contract.codes[at], columns.counted_from[at])
    share = owed[order.group[order.starts()]] * np.int64(cap.share_bp or 0)
    _take_off(columns, cap, order, half_up(share, WHOLE_BP))


_APPLY = {"day": _per_day, "person": _per_person, "contract": _per_contract}


def _mark_unknown(columns: Columns, cap: Cap, unknown: Flags) -> None:
    if unknown.any():
        marked = columns.cap_unknown.setdefault(cap.key, np.zeros(unknown.size, dtype=np.bool_))
        marked |= unknown


def _take_off(columns: Columns, cap: Cap, order: Order, allowance: Ints) -> None:
    """Take off what each line has over the allowance of its group: first come, first counted."""
    cents, starts = columns.value_cents[order.at], order.starts()
    before = np.cumsum(cents) - cents
    lengths = np.diff(np.append(starts, cents.size))
    room = np.repeat(allowance + before[starts], lengths) - before
    over = np.clip(cents - room, 0, cents)
    some = np.flatnonzero(over)
    reduction = columns.cap_cents.setdefault(cap.key, np.zeros(len(columns.fault), dtype=np.int64))
    reduction[order.at[some]] += over[some]
    columns.value_cents[order.at[some]] -= over[some]
