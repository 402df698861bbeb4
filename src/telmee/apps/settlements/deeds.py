"""What can be put right on a settled contract: each is a deed for `actions.correct`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.booking import penalise, take_back, waive
from telmee.apps.contracts.pooling import contracts_beside
from telmee.apps.contracts.queries import is_settled
from telmee.apps.contributions.access import contribution_for
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.ledger.queries import entry_on, halves_of
from telmee.apps.organisations.acting import Acting
from telmee.apps.settlements.actions import correct
from telmee.apps.settlements.queries import books_now, settled_on
from telmee.apps.settlements.settled_partners import with_partners

if TYPE_CHECKING:
    from telmee.apps.ledger.models import Entry

Deed = Callable[[ContractAccess], object]


def waived(cents: int, *, reason: str, key: UUID) -> Deed:
    """Let go of a part of what is still open, on the day with which the contract was settled."""

    def deed(access: ContractAccess) -> None:
        day = settled_on(access.contract.pk)
        waive(access, amount_cents=cents, reason=reason, key=uuid5(key, "booked"), effective_on=day)

    return deed


def penalised(cents: int, *, reason: str, key: UUID) -> Deed:
    """Book a penalty, on the day with which the contract was settled."""

    def deed(access: ContractAccess) -> None:
        day = settled_on(access.contract.pk)
        own = uuid5(key, "booked")
        penalise(access, amount_cents=cents, reason=reason, key=own, effective_on=day)

    return deed


def taken_back(entry_id: int, *, reason: str, key: UUID) -> Deed:
    """Take back leniency, a penalty, or surplus that moved with its other half.

    Where the contract of that half was settled as well, both settlements are corrected: neither
    opens for the other.
    """

    def deed(access: ContractAccess) -> None:
        half = _half_elsewhere(access.contract.pk, entry_id)
        if half is None or not is_settled(half.contract_id):
            take_back(access, entry_id, reason=reason)
            return
        correct(
            contract_for(access.acting, half.contract_id),
            partial(take_back, entry_id=half.pk, reason=reason),
            reason=reason,
            key=uuid5(key, "other half"),
            seen=books_now(half.contract_id).hash,
        )

    return deed


def other_half(contract_id: int, entry_id: int) -> list[int]:
    """The ids of the other contracts in whose books an entry is taken back, for who holds them."""
    half = _half_elsewhere(contract_id, entry_id)
    return [] if half is None else [half.contract_id]


def _half_elsewhere(contract_id: int, entry_id: int) -> Entry | None:
    """The other half of surplus that moved, which stands on another contract."""
    entry = entry_on(contract_id, entry_id)
    halves = [] if entry is None else halves_of(entry)
    return next((half for half in halves if half.contract_id != contract_id), None)


def decided_again(line_id: int, cents: int, *, reason: str, key: UUID) -> Deed:
    """Let a line of effort count for another amount: its decision is opened and taken anew.

    Where a part of it belongs to another contract that was settled, that is corrected as well.
    """

    def deed(access: ContractAccess) -> None:
        _contract, its = contribution_for(access.acting, line_id)
        again = partial(_decide_again, access, line_id, cents, reason=reason, key=key)
        with_partners(access.acting, its, again, reason=reason, key=key)

    return deed


def _decide_again(
    access: ContractAccess, line_id: int, cents: int, *, reason: str, key: UUID
) -> None:
    why = partial(Judgement, reason=DecisionReason.MISTAKE, text=reason)
    for judgement in (
        why(outcome=Outcome.REOPENED),
        why(outcome=Outcome.ADJUSTED, amount_cents=cents),
    ):
        its_contract, line = contribution_for(access.acting, line_id)
        decide(
            its_contract,
            line,
            judgement,
            seen=Seen(),
            key=uuid5(key, judgement.outcome),
            tells=judgement.counts,  # what was opened again is told with what takes its place
        )


def partners_of(acting: Acting, line_id: int) -> set[int]:
    """The ids of the contracts over which a line is divided, for who holds them."""
    _access, line = contribution_for(acting, line_id)
    return contracts_beside(line.pool)
