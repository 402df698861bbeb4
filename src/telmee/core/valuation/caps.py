"""What is over a maximum comes off: per day, per person, per share of the obligation.

In that order, after the bonuses. Each cap takes from the latest lines first, by `counted_from`
and then row, and has its own column (docs/algorithms/valuation.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.columns import NOTHING, Contributions
from telmee.core.money import LINE_CENTS_MAX, half_up
from telmee.core.periods import NO_DAY, Days
from telmee.core.schemes.model import Cap
from telmee.core.valuation.columns import Columns, Ints
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.order import group_starts, in_order
from telmee.core.valuation.rules import WHOLE_BP, Rules, Way

Lines = npt.NDArray[np.intp]
PER = ("day", "person", "contract")


def keep_best_of_group(rules: Rules, columns: Columns) -> None:
    """Of the bonuses of one group keep the highest resulting cents; of equal ones the first."""
    groups: dict[str, list[int]] = {}
    for number, bonus in enumerate(rules.scheme.bonuses):
        if bonus.group and number in columns.bonus_cents:
            groups.setdefault(bonus.group, []).append(number)
    for numbers in groups.values():
        best = np.maximum.reduce([columns.bonus_cents[number] for number in numbers])
        taken = np.zeros(best.size, dtype=np.bool_)
        for number in numbers:
            column = columns.bonus_cents[number]
            kept = (column == best) & ~taken
            taken |= kept & (best > 0)
            column[~kept] = 0


def keep_first_of_person(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """Give a `once` bonus to a person's first line that claims it, and to no other line."""
    for number, bonus in enumerate(rules.scheme.bonuses):
        if not bonus.once or number not in columns.bonus_cents:
            continue
        column = columns.bonus_cents[number]
        good = (column > 0) & (columns.fault == 0)
        at = np.flatnonzero(good & (lines.person.codes != NOTHING))
        person = lines.person.codes[at]
        order = in_order(person, columns.counted_from[at])
        later = np.ones(at.size, dtype=np.bool_)
        if at.size:
            later[group_starts(person[order])] = False
        column[at[order[later]]] = 0


def add_bonuses(columns: Columns) -> None:
    """Add base and bonuses up to the gross value; refuse what is beyond the largest value."""
    for column in columns.bonus_cents.values():
        columns.gross_cents += column
    columns.fault[columns.gross_cents > LINE_CENTS_MAX] |= BIT["value_too_large"]


def apply_caps(
    rules: Rules, lines: Contributions, columns: Columns, obligations: Mapping[str, int]
) -> None:
    """Fill the cap columns and the value; lines that a cap cannot reach are marked `cap_unknown`.

    `obligations` gives the cents that each contract owes; without it a share of the obligation is
    unknown and nothing is taken off.
    """
    good = columns.fault == 0
    columns.value_cents[good] = columns.gross_cents[good]
    for per in PER:
        for cap in (cap for cap in rules.scheme.caps if cap.per == per):
            keys = [block.key in cap.blocks for block in rules.scheme.blocks]
            in_scope = np.array(keys, dtype=np.bool_).take(columns.block, mode="wrap")
            at = np.flatnonzero(good & in_scope)
            _apply_cap(_Reach(rules, lines, columns, cap, at, obligations))


@dataclass(frozen=True, slots=True)
class _Reach:
    """A cap and the valued lines `at` of its blocks."""

    rules: Rules
    lines: Contributions
    columns: Columns
    cap: Cap
    at: Lines
    obligations: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Per line: its group, what that group may be worth, and whether that is unknown."""

    group: npt.NDArray[np.int32]
    allowance: Ints
    unknown: npt.NDArray[np.bool_]


def _apply_cap(reach: _Reach) -> None:
    columns, per = reach.columns, reach.cap.per
    groups = _GROUPS[per](reach)
    unknown = columns.cap_unknown.setdefault(per, np.zeros(len(reach.lines), dtype=np.bool_))
    unknown[reach.at[groups.unknown]] = True
    known = ~groups.unknown
    at = reach.at[known]
    over = _over(
        groups.group[known],
        columns.counted_from[at],
        columns.value_cents[at],
        groups.allowance[known],
    )
    reduction = columns.cap_cents.setdefault(per, np.zeros(len(reach.lines), dtype=np.int64))
    reduction[at] += over
    columns.value_cents[at] -= over


def _over(group: npt.NDArray[np.int32], day: Days, cents: Ints, allowance: Ints) -> Ints:
    """Give what each line has over its group's allowance: first come, first counted."""
    over = np.zeros(cents.size, dtype=np.int64)
    if not cents.size:
        return over
    order = in_order(group, day)
    cents = cents[order]
    starts = group_starts(group[order])
    before = np.cumsum(cents) - cents
    lengths = np.diff(np.append(starts, cents.size))
    room = allowance[order] - (before - np.repeat(before[starts], lengths))
    over[order] = cents - np.clip(room, 0, cents)
    return over


def _per_day(reach: _Reach) -> _Groups:
    """Lines of one contract that begin on one day; a line of several days brings several."""
    lines, at = reach.lines, reach.at
    day = lines.begin[at]
    contract = lines.contract.codes[at].astype(np.int64)
    keys = contract << 32 | (day.astype(np.int64) - NO_DAY)
    _, group = np.unique(keys, return_inverse=True)
    of_days = reach.rules.way.take(reach.columns.block[at]) == Way.DAY_MAXIMUM
    days = np.where(of_days, lines.count[at], 1)
    most = np.zeros(at.size, dtype=np.int64)
    np.maximum.at(most, group, days)
    allowance = most[group] * np.int64(reach.cap.amount_cents or 0)
    return _Groups(group.astype(np.int32), allowance, day == NO_DAY)


def _per_person(reach: _Reach) -> _Groups:
    """All lines of a person; a line without `persoon` is its own person."""
    person = reach.lines.person.codes[reach.at]
    alone = len(reach.lines.person.names) + np.arange(reach.at.size, dtype=np.int32)
    group = np.where(person == NOTHING, alone, person).astype(np.int32)
    allowance = np.full(reach.at.size, reach.cap.amount_cents or 0, dtype=np.int64)
    return _Groups(group, allowance, np.zeros(reach.at.size, dtype=np.bool_))


def _per_contract(reach: _Reach) -> _Groups:
    """All lines of a contract, against a share of what the contract owes."""
    contract = reach.lines.contract
    owed = [reach.obligations.get(name, NOTHING) for name in contract.names]
    codes = contract.codes[reach.at]
    of_line = np.array([*owed, NOTHING], dtype=np.int64).take(codes, mode="wrap")
    share = np.maximum(of_line, 0) * np.int64(reach.cap.share_bp or 0)
    return _Groups(codes, half_up(share, WHOLE_BP), of_line == NOTHING)


_GROUPS = {"day": _per_day, "person": _per_person, "contract": _per_contract}
