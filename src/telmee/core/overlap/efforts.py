"""What is looked at of each line to see whether it is double, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core.periods import NO_DAY, Days
from telmee.core.schemes.model import Block, Unit
from telmee.core.tables.columns import NOTHING

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Lines = npt.NDArray[np.intp]

#: Units whose value follows from what was paid.
_PAID = (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM)


@dataclass(frozen=True, slots=True)
class Efforts:
    """The lines of one contractor, one element a line.

    `person` is the number of a code in `codes`, the compared forms, or `NOTHING`. `block` has one
    number for each building block, `group` a bit for each target group, 0 where the line is about
    none. The days are `[begin, end)`, `NO_DAY` where there are none; `worked` marks a period, in
    which the person was at work. Hours a week are hundredths, 0 where they are not known; so is
    the full-time week. `invoice` is the amount in cents that was paid, 0 where none was; `supplier`
    has one number for each supplier that was named, `NOTHING` where none was.
    """

    person: Codes
    codes: Sequence[str]
    block: Codes
    group: Ints
    begin: Days
    end: Days
    worked: Flags
    weekly_hours: Ints
    full_time: Ints
    invoice: Ints
    supplier: Codes


def efforts_of(
    blocks: Sequence[Block],
    *,
    person: Codes,
    codes: Sequence[str],
    block: Codes,
    begin: Days,
    end: Days,
    weekly_hours: Ints,
    full_time: Ints,
    hours: Ints,
    amount: Ints,
    supplier: Codes,
) -> Efforts:
    """What is looked at of lines, from their cells and the rules of their blocks.

    `block` is a place in `blocks`, or `NOTHING`: such a line is left alone. An empty number is
    `NOTHING`, a missing day `NO_DAY`.
    """
    known, runs = block != NOTHING, (begin != NO_DAY) & (begin < end)
    paid = _each([part.unit in _PAID for part in blocks])[block]
    paid |= _each([part.or_actual_cost for part in blocks])[block] & (hours == NOTHING)
    return Efforts(
        person=np.where(known, person, NOTHING).astype(np.int32),
        codes=codes,
        block=block,
        group=np.append(_group_bits(blocks), 0)[block],
        begin=begin,
        end=end,
        worked=_each([part.unit.counts_time for part in blocks])[block] & runs,
        weekly_hours=np.maximum(weekly_hours, 0),
        full_time=full_time,
        invoice=np.where(paid, np.maximum(amount, 0), 0),
        supplier=supplier,
    )


def _each(holds: Sequence[bool]) -> Flags:
    """What holds of each block, with a last element for no block."""
    return np.array([*holds, False], dtype=np.bool_)


def _group_bits(blocks: Sequence[Block]) -> Ints:
    """The target groups of each block in which somebody is placed, a bit each.

    By the national groups that the block covers (docs/decisions/0007); short and long on one
    benefit are one group here, as time passes for everybody.
    """
    groups = [
        {group.removesuffix("_short").removesuffix("_long") for group in block.groups}
        if block.category == "placement"
        else set[str]()
        for block in blocks
    ]
    bit = {group: 1 << n for n, group in enumerate(sorted(set[str]().union(*groups)))}
    return np.array([sum(bit[group] for group in of_block) for of_block in groups], dtype=np.int64)
