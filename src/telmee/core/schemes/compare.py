"""Put the blocks of two schemes side by side.

Clients cut the same people into different rows: one pays by the length of a benefit, another does
not. Rows are paired by the national groups they cover, and by their key where a row names none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from telmee.core.schemes.model import Block, Scheme, Unit


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows for the same people; one side is `None` where a scheme has no such row."""

    first: Block | None
    second: Block | None
    same_hours: bool

    @property
    def difference_cents(self) -> int | None:
        """Second less first; None unless both have an amount for the same unit, and name it.

        Amounts for a year of 40 and for one of 36 hours a week are for different things, so full
        time has to be the same number of hours in both.
        """
        if self.first is None or self.second is None or self.first.unit is not self.second.unit:
            return None
        if self.first.unit is Unit.NOT_STATED:
            return None
        if self.is_of_other_hours:
            return None
        if self.first.amount_cents is None or self.second.amount_cents is None:
            return None
        return self.second.amount_cents - self.first.amount_cents

    @property
    def is_of_other_hours(self) -> bool:
        """Whether both are for full time, which is not known to be as many hours a week."""
        units = {block.unit for block in (self.first, self.second) if block}
        both = self.first is not None and self.second is not None
        return both and units == {Unit.FULL_TIME_YEAR} and not self.same_hours


def pair_blocks(first: Scheme, second: Scheme) -> list[Pair]:
    """Pair the rows of two schemes in the order of the first; rows without a partner follow."""
    hours = _has_same_hours(first, second)
    pairs = [
        Pair(one, other, hours)
        for one in first.blocks
        for other in second.blocks
        if _same(one, other)
    ]
    paired_first = {pair.first.key for pair in pairs if pair.first}
    paired_second = {pair.second.key for pair in pairs if pair.second}
    return [
        *pairs,
        *(Pair(block, None, hours) for block in first.blocks if block.key not in paired_first),
        *(Pair(None, block, hours) for block in second.blocks if block.key not in paired_second),
    ]


def _has_same_hours(first: Scheme, second: Scheme) -> bool:
    """Whether full time is known to be the same number of hours a week in both."""
    return first.weekly_hours is not None and first.weekly_hours == second.weekly_hours


def _same(one: Block, other: Block) -> bool:
    if one.groups and other.groups:
        return bool(set(one.groups) & set(other.groups))
    return one.key == other.key


@dataclass(frozen=True, slots=True)
class Rule:
    """One counting rule on both sides; no figures is not stated, more is one per kind of row."""

    name: str
    figures: tuple[tuple[int, ...], tuple[int, ...]]
    assumed: tuple[bool, bool]
    in_hours: bool


#: Each counting rule with its path in a scheme file.
_RULES = {
    "weekly_hours": "time.weekly_hours",
    "default_max_months": "limit.max_months",
    "gap_months": "limit.gap_months",
    "look_back_months": "limit.look_back_months",
    "min_weekly_hours": "minimum.weekly_hours",
    "min_months": "minimum.months",
}


def rules_side_by_side(first: Scheme, second: Scheme) -> Iterator[Rule]:
    """Each rule of counting with the figures of both schemes, and whether each is assumed."""
    for name, path in _RULES.items():
        yield Rule(
            name,
            (_figures(first, name), _figures(second, name)),
            (is_assumed(first, path), is_assumed(second, path)),
            in_hours=name.endswith("hours"),
        )


def _figures(scheme: Scheme, name: str) -> tuple[int, ...]:
    if hasattr(scheme, name):
        values = {getattr(scheme, name)}
    else:
        values = {getattr(block, name) for block in scheme.blocks if block.unit.counts_time}
    return tuple(sorted(figure for figure in values if figure is not None))


def is_assumed(scheme: Scheme, path: str) -> bool:
    """Whether no source states the value at exactly this path."""
    return path in scheme.assumed


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_Row = TypeVar("_Row", bound=_Keyed)


def matched_keys(
    first: Iterable[_Row], second: Iterable[_Row]
) -> Iterator[tuple[_Row | None, _Row | None]]:
    """Pair rows by their key, in the order of the first."""
    one, other = ({row.key: row for row in rows} for rows in (first, second))
    for key in dict.fromkeys([*one, *other]):
        yield one.get(key), other.get(key)
