"""What decisions wait for each other on: a value may lean on what is decided beside it."""

from __future__ import annotations

from collections.abc import Iterable

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.turns import wait_for_turn
from telmee.apps.schemes.queries import rules_of
from telmee.core.valuation.decided import blocks_shared_on_contract

#: What is waited for: a person or a contract, by its id.
Lock = tuple[str, int]


def locks_of(access: ContractAccess, line: Contribution) -> set[Lock]:
    """Name what the value of a line leans on: its person's clock, and the caps of its contract."""
    locks = set()
    if line.person_id is not None:
        locks.add(("person", line.person_id))
    if blocks_shared_on_contract(rules_of(access.contract.scheme)):
        locks.add(("contract", line.contract_id))
    return locks


def take_locks(locks: Iterable[Lock]) -> None:
    """Take all of these for oneself until the transaction ends; whoever has one is waited for.

    Everybody takes contracts before persons and each in one order, so that no two can wait for each
    other; and who decides on many lines takes what they lean on all at once, at the start.
    """
    wait_for_turn(*(f"telmee.decide {kind} {number}" for kind, number in sorted(locks)))
