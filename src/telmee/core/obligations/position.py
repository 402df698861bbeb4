"""Where a contract stands against what it owes.

Verified, expected and owed are three figures that are never mixed: open and surplus are about
what was verified so far, the shortfall is about what is expected at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telmee.core.explain import Step
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.finding import told
from telmee.core.schemes.model import Scheme


@dataclass(frozen=True, slots=True)
class Position:
    """What is open, over and missing, in cents; none is ever below zero.

    `shortfall_cents` is `None` where nobody said what is expected at the end.
    """

    owed_cents: int
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
        open_cents=max(0, owed_cents - contract.realised_cents),
        surplus_cents=max(0, contract.realised_cents - owed_cents),
        shortfall_cents=None if expected is None else max(0, owed_cents - expected),
    )


def position_steps(scheme: Scheme, contract: Contract, position: Position) -> Iterator[Step]:
    """Tell the position in the order in which it follows."""
    if contract.as_of is not None:
        yield told(scheme, "as_of", contract.as_of, "date", "contract.peildatum")
    realised = contract.realised_cents
    yield told(scheme, "realised_cents", realised, "cents", "contract.gerealiseerd")
    yield told(scheme, "open_cents", position.open_cents, "cents", "convention.open")
    if position.surplus_cents:
        yield told(scheme, "surplus_cents", position.surplus_cents, "cents", "convention.open")
    if contract.expected_cents is not None:
        cents = contract.expected_cents
        yield told(scheme, "expected_cents", cents, "cents", "contract.verwacht")
        shortfall = position.shortfall_cents
        yield told(scheme, "shortfall_cents", shortfall, "cents", "convention.shortfall")
