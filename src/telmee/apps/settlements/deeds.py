"""What can be put right on a settled contract: each is a deed for `actions.correct`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.booking import penalise, take_back, waive
from telmee.apps.contributions.access import contribution_for
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import DecisionReason, Outcome

Deed = Callable[[ContractAccess], object]


def waived(cents: int, *, reason: str, key: UUID) -> Deed:
    """Let go of a part of what is still open, on the day on which the contract ended."""

    def deed(access: ContractAccess) -> None:
        day = access.contract.end
        waive(access, amount_cents=cents, reason=reason, key=uuid5(key, "booked"), effective_on=day)

    return deed


def penalised(cents: int, *, reason: str, key: UUID) -> Deed:
    """Book a penalty, on the day on which the contract ended."""

    def deed(access: ContractAccess) -> None:
        day = access.contract.end
        own = uuid5(key, "booked")
        penalise(access, amount_cents=cents, reason=reason, key=own, effective_on=day)

    return deed


def taken_back(entry_id: int, *, reason: str) -> Deed:
    """Take back leniency, a penalty, or surplus that moved with its other half."""
    return partial(take_back, entry_id=entry_id, reason=reason)


def decided_again(line_id: int, cents: int, *, reason: str, key: UUID) -> Deed:
    """Let a line of effort count for another amount: its decision is opened and taken anew."""

    def deed(access: ContractAccess) -> None:
        steps = ((Outcome.REOPENED, None), (Outcome.ADJUSTED, cents))
        for outcome, amount in steps:
            its_contract, line = contribution_for(access.acting, line_id)
            decide(
                its_contract,
                line,
                outcome=outcome,
                key=uuid5(key, outcome),
                reason=DecisionReason.MISTAKE,
                text=reason,
                amount_cents=amount,
                tells=outcome is not Outcome.REOPENED,  # told with what takes its place
            )

    return deed
