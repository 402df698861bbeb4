"""Settle a contract: propose what it comes to, answer, and put right what was settled.

No sum is typed anywhere: the database writes what stands in its books at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from telmee.apps.agreements.actions import Sides, confirm, dispute, propose, take, withdraw
from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.models import Agreement, Version
from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, hold, hold_by_id, holding
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.queries import is_settled
from telmee.apps.contracts.telling import deciding_parties, tell_some
from telmee.apps.organisations.turns import done_before
from telmee.apps.settlements.models import Correction, Statement
from telmee.apps.settlements.queries import (
    PartToDecide,
    Proposal,
    books_now,
    hold_initiatives,
    is_amended_since,
    lines_to_decide,
    parts_to_decide,
    proposals_of,
)
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_reason


@holding(alone=True)
def propose_settlement(access: ContractAccess, *, seen: str, key: UUID, today: date) -> None:
    """Propose to the contractor what a contract comes to, as its books are now.

    `seen` is the hash of the books that were on the screen. The same `key` twice proposes once.
    Raises `not_allowed`, `contract_closed`, `framework_owes_nothing`, `settlement_no_contractor`,
    `settlement_before_start`, `settlement_lines_wait` while something has to be decided first, and
    `settlement_books_changed` when the books are no longer those that were seen.
    """
    access.require_deciding_now()
    if done_before(key, Version.objects.filter(key=key, contract=access.contract)) is not None:
        return
    agreement = _agreement(access, today)
    _require_books(access, seen)
    contract = access.contract
    statement = Statement(
        contract=contract,
        organisation_id=agreement.organisation_id,
        due_on=today + timedelta(days=access.answer_days),
        closes_on=min(today, contract.end),
    )

    side = agreement.organisation_id
    version = propose(access.acting, agreement, organisation_id=side, key=key, content=statement)
    name = access.client.organisation.name if access.client else ""
    facts = {"by": name, "due_on": str(statement.due_on)}
    _tell(access, [agreement.other_id], "settlement_proposed", f"version {version.pk}", **facts)


@holding(alone=True)
def answer_settlement(
    access: ContractAccess, version_id: int, *, agrees: bool, reason: str = ""
) -> None:
    """Agree with a settlement, which closes the contract, or dispute it with a reason.

    Raises `not_allowed`, `contract_closed`, `agreement_changed`, `missing_explanation` of a
    dispute; and for a yes `settlement_lines_wait`, and `settlement_books_changed` or
    `settlement_contract_changed` when something was booked or amended since it was proposed.
    """
    proposal = _proposal(access, version_id)
    by = proposal.version.addressee_id
    if by is None or not access.works_for(by):
        raise DomainError(Problem("not_allowed"))
    if agrees:
        _require_parts_decided(access)
        _require_books(access, proposal.statement.hash)
        if is_amended_since(proposal.statement):
            raise DomainError(Problem("settlement_contract_changed"))
        confirm(access.acting, proposal.version, organisation_id=by)
        stands = proposal.statement
        details = {"on": str(stands.closes_on), "open_cents": stands.position.open_cents}
        _record(access, "contract.settled", by, details)
    else:
        dispute(access.acting, proposal.version, organisation_id=by, reason=reason)
    code = "settlement_agreed" if agrees else "settlement_disputed"
    _answered(access, proposal, code, reason.strip())


@holding(alone=True)
def withdraw_settlement(access: ContractAccess, version_id: int) -> None:
    """Take back a settlement that was proposed. Raises as `answer_settlement` does."""
    proposal = _proposal(access, version_id)
    access.require_deciding_now()
    side = proposal.version.organisation_id
    withdraw(access.acting, proposal.version, organisation_id=side)


@transaction.atomic
def correct(
    access: ContractAccess,
    deed: Callable[[ContractAccess], object],
    *,
    reason: str,
    key: UUID,
    seen: str,
    beside: Iterable[int] = (),
) -> None:
    """Put right what was settled: the one way to write on a contract that is.

    `deed` is one of the actions that write on a contract. It finds the contract open, and when it
    is done the contract is closed again and what its books come to then is kept: all of it stands
    or nothing. `beside` are other contracts on which it writes: all are held in one order. The same
    `key` twice corrects once. Raises `not_allowed`, `settlement_missing`, what `deed` raises, and
    as `require_reason` and `propose_settlement` do.
    """
    hold_by_id(access.acting, {access.contract.pk, *beside}, alone=True)
    _correct(access, deed, reason=reason, key=key, seen=seen)


@holding(alone=True)
def _correct(
    access: ContractAccess,
    deed: Callable[[ContractAccess], object],
    *,
    reason: str,
    key: UUID,
    seen: str,
) -> None:
    by = access.require_deciding()
    if done_before(key, Correction.objects.filter(key=key, contract=access.contract)) is not None:
        return
    require_reason(reason)
    if not is_settled(access.contract.pk):
        raise DomainError(Problem("settlement_missing"))
    _require_books(access, seen)
    before = books_now(access.contract.pk).position
    correction = Correction(
        contract=access.contract,
        organisation_id=by,
        number=1,  # the database counts
        reason=reason.strip(),
        key=key,
        user_id=access.acting.user_id,
    )
    correction.save(force_insert=True)
    correction.refresh_from_db()
    _close(access, None)
    (opened,) = hold(access, alone=True)
    deed(opened)
    _require_decided(access)
    _close(access, correction.closed_on)
    statement = Statement(contract=access.contract, organisation_id=by, correction=correction)
    statement.save(force_insert=True)
    after = books_now(access.contract.pk).position
    details = {"correction": correction.number, "open_cents": [before.open_cents, after.open_cents]}
    _record(access, "contract.corrected", by, details, reason=reason)
    if access.contractor is not None:
        facts = {"reason": reason.strip(), "before": before.open_cents, "after": after.open_cents}
        event = f"correction {correction.pk}"
        _tell(access, [access.contractor.organisation_id], "settlement_corrected", event, **facts)


def _agreement(access: ContractAccess, today: date) -> Agreement:
    """The settlement of a contract between its client and its contractor, or why there is none."""
    contract, client, contractor = access.contract, access.client, access.contractor
    if contract.form == Form.FRAMEWORK:
        raise DomainError(Problem("framework_owes_nothing"))
    if client is None or contractor is None:
        raise DomainError(Problem("settlement_no_contractor"))
    if today < contract.start:
        raise DomainError(Problem("settlement_before_start"))
    _require_parts_decided(access)
    sides = Sides(contract.pk, client.organisation_id, contractor.organisation_id)
    return take(Kind.SETTLEMENT, sides)


def _proposal(access: ContractAccess, version_id: int) -> Proposal:
    """One of the settlements proposed on an open contract, by the id of its version."""
    access.require_open()
    proposals = proposals_of(access.contract.pk)
    proposal = next((one for one in proposals if one.version.pk == version_id), None)
    if proposal is None:
        raise DomainError(Problem("not_allowed"))
    return proposal


def _require_parts_decided(access: ContractAccess) -> None:
    hold_initiatives(access.contract.pk)
    _require_decided(access, *parts_to_decide(access.contract.pk))


def _require_decided(access: ContractAccess, *elsewhere: PartToDecide) -> None:
    """Refuse while a line waits here, or one `elsewhere` of which a part will come here."""
    if lines := [*lines_to_decide(access.contract.pk), *elsewhere]:
        raise DomainError(Problem("settlement_lines_wait", params={"lines": len(lines)}))


def _require_books(access: ContractAccess, seen: str) -> None:
    if books_now(access.contract.pk).hash != seen:
        raise DomainError(Problem("settlement_books_changed"))


def _close(access: ContractAccess, on: date | None) -> None:
    access.contract.closed_on = on
    access.contract.save(update_fields=["closed_on"])


def _record(
    access: ContractAccess, verb: str, by: int, details: Mapping[str, object], reason: str = ""
) -> None:
    record(
        access.acting,
        verb,
        access.contract,
        organisation_id=by,
        contract_id=access.contract.pk,
        reason=reason,
        details=details,
    )


def _tell(
    access: ContractAccess, to: Iterable[int], code: str, event: str, **facts: object
) -> None:
    tell_some(access, to, code, event=event, page="contract-settlement", facts=facts)


def _answered(access: ContractAccess, proposal: Proposal, code: str, reason: str) -> None:
    """Write to everybody who decides on the contract what came of a settlement."""
    by = access.contractor.organisation.name if access.contractor else ""
    event = f"version {proposal.version.pk}"
    _tell(access, deciding_parties(access), code, event, by=by, reason=reason)
