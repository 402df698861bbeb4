"""Where a contract stands against what it owes.

Owed, delivered, verified and expected are figures that are never mixed: open and surplus are about
what was verified so far, the shortfall is about what is expected at the end, and what a
contractor's own file says was delivered is told beside them and taken off nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telmee.core.explain import Step
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.finding import sourced_step
from telmee.core.schemes.model import Scheme


@dataclass(frozen=True, slots=True)
class Position:
    """What is open, over and missing, in cents; none is ever below zero.

    `delivered_cents` is `None` where no file says it, `shortfall_cents` where nobody said what is
    expected at the end.
    """

    owed_cents: int
    delivered_cents: int | None
    open_cents: int
    surplus_cents: int
    shortfall_cents: int | None

    @property
    def unrealised_cents(self) -> int:
        """The part that a sanction is about: at the end where that is known, else today."""
        return self.open_cents if self.shortfall_cents is None else self.shortfall_cents


def position_of(owed_cents: int, contract: Contract) -> Position:
    """Set what is owed against what was verified and what is expected."""
    expected = contract.expected_cents
    return Position(
        owed_cents=owed_cents,
        delivered_cents=contract.delivered_cents,
        open_cents=max(0, owed_cents - contract.realised_cents),
        surplus_cents=max(0, contract.realised_cents - owed_cents),
        shortfall_cents=None if expected is None else max(0, owed_cents - expected),
    )


def position_steps(scheme: Scheme, contract: Contract, position: Position) -> Iterator[Step]:
    """The position in the order in which it follows."""
    if contract.as_of is not None:
        yield sourced_step(scheme, "as_of", contract.as_of, "date", "contract.peildatum")
    realised, delivered = contract.realised_cents, contract.delivered_cents
    if delivered is not None:
        # Where something was verified, the words cannot call all of it "not verified".
        how = "verified_or_not" if realised else None
        yield sourced_step(
            scheme, "delivered_cents", delivered, "cents", "contract.geleverd", how=how
        )
    yield sourced_step(scheme, "realised_cents", realised, "cents", "contract.gerealiseerd")
    yield sourced_step(scheme, "open_cents", position.open_cents, "cents", "convention.open")
    if position.surplus_cents:
        yield sourced_step(
            scheme, "surplus_cents", position.surplus_cents, "cents", "convention.open"
        )
    if contract.expected_cents is not None:
        cents = contract.expected_cents
        name = "expected_cents" if delivered is None else "expected_by_file_cents"
        yield sourced_step(scheme, name, cents, "cents", "contract.verwacht")
        shortfall = position.shortfall_cents
        yield sourced_step(scheme, "shortfall_cents", shortfall, "cents", "convention.shortfall")
