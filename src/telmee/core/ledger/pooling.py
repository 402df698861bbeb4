"""What contracts in one pool can do for each other: surplus of one for what is open on another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Pooled:
    """A contract in a pool: its id, its last day, and what is open or beyond its obligation."""

    contract: int
    last: date
    open_cents: int
    surplus_cents: int


@dataclass(frozen=True, slots=True)
class Shift:
    """What one contract of a pool gives another: it leaves the one and comes to the other."""

    giver: int
    taker: int
    cents: int


def shifts_between(contracts: Iterable[Pooled]) -> tuple[Shift, ...]:
    """Which surplus goes where, so that as little as can be stays open in the pool together.

    What ends first gives first, and what ends first gets first: its time to make up for it is the
    shortest. Nothing gives more than its surplus, and nothing gets more than is open on it, so that
    what is given is whichever of the two is least together. Equal days go by id, so that the same
    books lead to the same proposal.

    >>> day = date(2025, 12, 31)
    >>> shifts_between([Pooled(1, day, 0, 500), Pooled(2, day, 300, 0), Pooled(3, day, 900, 0)])
    (Shift(giver=1, taker=2, cents=300), Shift(giver=1, taker=3, cents=200))
    """
    in_order = sorted(contracts, key=lambda one: (one.last, one.contract))
    left = {one.contract: one.surplus_cents for one in in_order if one.surplus_cents > 0}
    shifts = []
    for taker in in_order:
        missing = taker.open_cents
        for giver, surplus in left.items():
            cents = min(missing, surplus)
            if cents > 0:
                shifts.append(Shift(giver, taker.contract, cents))
                left[giver] = surplus - cents
                missing -= cents
    return tuple(shifts)
