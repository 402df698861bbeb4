"""Put the blocks of two schemes side by side.

Clients cut the same people into different rows: one pays by the length of a benefit, another does
not. Rows are paired by the national groups they cover, and by their key where a row names none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telmee.core.schemes.model import Block, Scheme


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows for the same people; one side is `None` where a scheme has no such row."""

    first: Block | None
    second: Block | None

    @property
    def difference_cents(self) -> int | None:
        """Give second less first, where both have an amount for the same unit."""
        if self.first is None or self.second is None or self.first.unit is not self.second.unit:
            return None
        if self.first.amount_cents is None or self.second.amount_cents is None:
            return None
        return self.second.amount_cents - self.first.amount_cents


def pair_blocks(first: Scheme, second: Scheme) -> list[Pair]:
    """Pair the rows of two schemes in the order of the first; rows without a partner follow."""
    pairs = [
        Pair(one, other) for one in first.blocks for other in second.blocks if _same(one, other)
    ]
    paired_first = {pair.first.key for pair in pairs if pair.first}
    paired_second = {pair.second.key for pair in pairs if pair.second}
    return [
        *pairs,
        *(Pair(block, None) for block in first.blocks if block.key not in paired_first),
        *(Pair(None, block) for block in second.blocks if block.key not in paired_second),
    ]


def _same(one: Block, other: Block) -> bool:
    if one.groups and other.groups:
        return bool(set(one.groups) & set(other.groups))
    return one.key == other.key


def rules_side_by_side(
    first: Scheme, second: Scheme
) -> Iterator[tuple[str, int | None, int | None]]:
    """Give the counting rules of both: a name, and each side's figure (`None` is not stated)."""
    for name in (
        "weekly_hours",
        "default_max_months",
        "gap_months",
        "look_back_months",
    ):
        yield name, getattr(first, name), getattr(second, name)
