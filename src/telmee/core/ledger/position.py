"""Where a contract stands: the sums of its entries, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from telmee.core.ledger.kinds import EntryKind


@dataclass(frozen=True, slots=True)
class Position:
    """The sum of each kind in cents, and owed, verified, open and surplus.

    A penalty is money and no effort, so it settles nothing: what a client lets go of in exchange
    is waived. Open and surplus are two sides of one difference, and at most one is not zero.

    Of several contracts together (`together`) both can be: `beyond_cents` is the surplus of each,
    added up, which takes nothing off what is open on another.
    """

    obligation_cents: int = 0
    reduced_cents: int = 0
    realised_cents: int = 0
    waived_cents: int = 0
    carried_in_cents: int = 0
    carried_out_cents: int = 0
    pooled_cents: int = 0
    penalty_cents: int = 0
    beyond_cents: int = 0

    @property
    def imposed_cents(self) -> int:
        """What the client asks: imposed at first or later, less what it was lowered by since."""
        return self.obligation_cents - self.reduced_cents

    @property
    def owed_cents(self) -> int:
        """What was imposed, less what was waived."""
        return self.imposed_cents - self.waived_cents

    @property
    def verified_cents(self) -> int:
        """What the client has verified; nothing else is ever called so."""
        return self.realised_cents

    @property
    def brought_cents(self) -> int:
        """What other contracts gave."""
        return self.carried_in_cents + self.pooled_cents

    @property
    def met_cents(self) -> int:
        """What counts towards what is owed: verified here, or brought here, less taken out."""
        return self.verified_cents + self.brought_cents - self.carried_out_cents

    @property
    def met_to_count_cents(self) -> int:
        """What of it takes something off what is open: of one contract all of it."""
        return self.met_cents - self.beyond_cents

    @property
    def open_cents(self) -> int:
        """What is still owed, never below zero."""
        return max(0, self.owed_cents - self.met_to_count_cents)

    @property
    def surplus_cents(self) -> int:
        """What was done beyond what is owed, never below zero."""
        return self.met_cents + self.open_cents - self.owed_cents


def position_of(sums: Mapping[str, int] | Mapping[EntryKind, int]) -> Position:
    """Make the position of the sums per kind; a kind without entries may be left out.

    The day that the sums are of is the caller's: those of what was booked up to a day give the
    position as of that day. Raises `ValueError` for a kind that does not exist.

    >>> position_of({"obligation": 100_00, "realised": 30_00, "waived": 20_00}).open_cents
    5000
    """
    return Position(**{f"{EntryKind(kind)}_cents": cents for kind, cents in sums.items()})


_KEPT = attrgetter(*(f"{kind}_cents" for kind in EntryKind))


def together(positions: Iterable[Position]) -> Position:
    """Where contracts stand together, as a framework agreement stands where its call-offs do.

    It owes the sum of what each owes, and open is the sum of what is open on each.

    >>> more = Position(obligation_cents=100_00, realised_cents=130_00)
    >>> less = Position(obligation_cents=100_00, realised_cents=20_00)
    >>> both = together([more, less])
    >>> both.owed_cents, both.verified_cents, both.open_cents, both.surplus_cents
    (20000, 15000, 8000, 3000)
    """
    each = list(positions)
    of_kinds = map(sum, zip(*map(_KEPT, each), strict=True))
    return of_several(Position(*of_kinds), sum(one.open_cents for one in each))


def of_several(sums: Position, open_cents: int) -> Position:
    """Where contracts stand together, from the sums of each kind and of what is open on each.

    >>> of_several(Position(obligation_cents=200_00, realised_cents=150_00), 80_00).surplus_cents
    3000
    """
    return replace(sums, beyond_cents=sums.met_cents + open_cents - sums.owed_cents)
