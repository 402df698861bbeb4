"""Book what is neither an obligation nor effort: leniency, a penalty, and surplus that moves.

These are decisions of the client about a contract as a whole. Each has a reason, each can be taken
back, and none can bring the books below zero.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, hold, hold_by_id, holding
from telmee.apps.contracts.chains import rules_on
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.facts import assess_contract
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.telling import tell_party
from telmee.apps.ledger.actions import post, reverse
from telmee.apps.ledger.queries import (
    entry_on,
    entry_posted,
    halves_of,
    is_reversed,
    positions,
)
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.figures import Named, sanction_figure
from telmee.apps.receipts.models import Receipt
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_reason
from telmee.core.ledger import EntryKind, Position
from telmee.core.money import CENTS_MAX
from telmee.core.obligations import Assessment
from telmee.core.obligations.sanctions import Consequence

if TYPE_CHECKING:
    from telmee.apps.ledger.models import Entry

#: What somebody may take back by hand; the others go by their own decision.
REVERSIBLE = frozenset(
    (
        EntryKind.WAIVED,
        EntryKind.PENALTY,
        EntryKind.CARRIED_IN,
        EntryKind.CARRIED_OUT,
        EntryKind.POOLED,
    )
)


def waive(
    access: ContractAccess, *, amount_cents: int, reason: str, key: UUID, effective_on: date
) -> None:
    """Let go of part of what is owed, with the ground for it.

    The same `key` twice books once. Raises `waived_too_much` beyond what is open.
    """
    _book(
        access,
        EntryKind.WAIVED,
        amount_cents=amount_cents,
        reason=reason,
        key=key,
        effective_on=effective_on,
    )


def penalise(
    access: ContractAccess, *, amount_cents: int, reason: str, key: UUID, effective_on: date
) -> None:
    """Book a penalty: money that is due, which settles nothing of what is owed."""
    _book(
        access,
        EntryKind.PENALTY,
        amount_cents=amount_cents,
        reason=reason,
        key=key,
        effective_on=effective_on,
    )


def carry_over(
    access: ContractAccess,
    to: ContractAccess,
    *,
    amount_cents: int,
    reason: str,
    key: UUID,
    effective_on: date,
) -> None:
    """Bring surplus of one contract to another of the same client and contractor.

    Both entries stand or neither. Raises `carrying_not_allowed` where the rules of the client do
    not know it, `carried_too_much` beyond the surplus, and `other_parties`.
    """
    with transaction.atomic():
        access, to = hold(access, to, alone=True)
        _require(access, amount_cents, reason)
        is_same = access.contract == to.contract
        if to.deciding_for is None or sides_of(access) != sides_of(to) or is_same:
            raise DomainError(Problem("other_parties", "naar"))
        to.require_open()
        if access.client is None or not access.client.organisation.carries_surplus:
            raise DomainError(Problem("carrying_not_allowed"))
        position = positions([access.contract.pk])[access.contract.pk]
        known = entry_posted(access.contract.pk, key)
        if known is None and amount_cents > position.surplus_cents:
            params = {"surplus_cents": position.surplus_cents}
            raise DomainError(Problem("carried_too_much", "bedrag", params=params))
        move(
            access,
            to,
            EntryKind.CARRIED_IN,
            amount_cents=amount_cents,
            reason=reason,
            key=key,
            effective_on=effective_on,
        )
        if known is None:
            _tell_moved(access, to, amount_cents, reason, event=f"transfer {key}")


def move(
    access: ContractAccess,
    to: ContractAccess,
    arrives: EntryKind,
    *,
    amount_cents: int,
    reason: str,
    key: UUID,
    effective_on: date,
    contribution_id: int | None = None,
) -> None:
    """Post both entries of what moves between contracts that are held: they come to zero.

    `arrives` is what it is on the contract that gets it, `key` the transfer, and `contribution_id`
    the line for an initiative of which it is a part.
    """
    sides = (
        (access, EntryKind.CARRIED_OUT, key),
        (to, arrives, uuid5(key, "arrived")),
    )
    # Everybody writes in the books in one order, so that no two can wait for each other.
    for side, kind, its_key in sorted(sides, key=lambda side: side[0].contract.pk):
        post(
            access.acting,
            organisation_id=side.require_deciding(),
            contract_id=side.contract.pk,
            kind=kind,
            amount_cents=amount_cents,
            effective_on=effective_on,
            key=its_key,
            reason=reason,
            contribution_id=contribution_id,
            transfer=key,
        )


@transaction.atomic
def take_back(access: ContractAccess, entry_id: int, *, reason: str) -> None:
    """Take back a waiver, a penalty, or surplus that moved, which goes back as it came: as a pair.

    Raises `not_reversible`, `transfer_partner_closed` where the other half stands on a contract
    that is closed, and `carried_on` where the surplus was needed for what its contract gave to
    another since.
    """
    entry = entry_on(access.contract.pk, entry_id)
    halves = halves_of(entry) if entry is not None else []
    held = hold_by_id(
        access.acting, {access.contract.pk, *(half.contract_id for half in halves)}, alone=True
    )
    by = {pk: side.require_deciding() for pk, side in held.items()}
    for pk, side in held.items():
        if pk != access.contract.pk and not side.is_open:
            params = {"contract": side.contract.reference}
            raise DomainError(Problem("transfer_partner_closed", params=params))
        side.require_open()
    require_reason(reason)
    by_hand = entry is not None and EntryKind(entry.kind) in REVERSIBLE
    # A part of a line for an initiative follows the decision on that line.
    if entry is None or entry.reverses_id or not by_hand or entry.contribution_id is not None:
        raise DomainError(Problem("not_reversible"))
    for half in halves:
        _require_kept(half)
        reverse(access.acting, half.pk, organisation_id=by[half.contract_id], reason=reason)
    if entry.transfer is not None:
        to, gave = sorted(halves, key=lambda half: half.kind == EntryKind.CARRIED_OUT)
        sides = held[to.contract_id], held[gave.contract_id]
        _tell_moved(*sides, to.amount_cents, reason, event=f"transfer {entry.transfer} back")


def _require_kept(half: Entry) -> None:
    """Refuse to take away what a contract that got it has given to another since.

    What went back already is taken away no more.
    """
    if half.kind == EntryKind.CARRIED_OUT or half.transfer is None or is_reversed(half):
        return
    position = positions([half.contract_id])[half.contract_id]
    if position.met_cents < half.amount_cents:
        raise DomainError(Problem("carried_on"))


def _tell_moved(
    access: ContractAccess, to: ContractAccess, cents: int, reason: str, *, event: str
) -> None:
    """Write to the contractor that surplus went from one of his contracts to another, and why."""
    client, contractor = access.client, access.contractor
    if client is not None and contractor is not None:
        facts = {
            "by": client.organisation.name,
            "cents": cents,
            "other": to.contract.reference,
            "reason": reason.strip(),
        }
        tell_party(
            access,
            contractor.organisation_id,
            "surplus_moved",
            event=event,
            page="contract-ledger",
            facts=facts,
        )


@holding(alone=True)
def _book(
    access: ContractAccess,
    kind: EntryKind,
    *,
    amount_cents: int,
    reason: str,
    key: UUID,
    effective_on: date,
) -> None:
    by = _require(access, amount_cents, reason)
    position = positions([access.contract.pk])[access.contract.pk]
    known = entry_posted(access.contract.pk, key)
    if kind is EntryKind.WAIVED and known is None and amount_cents > position.open_cents:
        params = {"open_cents": position.open_cents}
        raise DomainError(Problem("waived_too_much", "bedrag", params=params))
    receipt = None
    if kind is EntryKind.PENALTY:
        named = Named(amount_cents, access.acting.user_id, reason.strip())
        receipt = (
            known.receipt if known else _sanction(access.contract, position, named, on=effective_on)
        )
    post(
        access.acting,
        organisation_id=by,
        contract_id=access.contract.pk,
        kind=kind,
        amount_cents=amount_cents,
        effective_on=effective_on,
        key=key,
        reason=reason,
        receipt=receipt,
    )
    if known is None:
        record(
            access.acting,
            f"contract.{kind}",
            access.contract,
            organisation_id=by,
            contract_id=access.contract.pk,
            reason=reason,
            details={"cents": amount_cents},
        )


def sanction_of(contract: Contract, position: Position, *, on: date) -> Consequence | None:
    """What the shortfall of a contract costs, by the rules that hold on the day on which it counts.

    None where they give no amount, or several to choose from: then a person names it.
    """
    return _only_sanction(_assessed(contract, position, on))


def _assessed(contract: Contract, position: Position, on: date) -> Assessment:
    rules = rules_on(contract, [on])[on]
    return assess_contract(contract, position, today=on, rules=rules)


def _only_sanction(assessed: Assessment) -> Consequence | None:
    sanctions = [each for each in assessed.sanctions if each.amount_cents is not None]
    return sanctions[0] if len(sanctions) == 1 else None


def _sanction(contract: Contract, position: Position, named: Named, *, on: date) -> Receipt | None:
    """Keep what the scheme itself says that a shortfall costs, beside the amount that is booked.

    Where its rules give no amount, or several to choose from, there is only the amount booked.
    """
    assessed = _assessed(contract, position, on)
    sanction = _only_sanction(assessed)
    if sanction is None:
        return None
    figure = sanction_figure(assessed, sanction.key, contract_id=contract.pk)
    (receipt,) = keep([figure.named_by(None if figure.cents == named.cents else named)])
    return receipt


def _require(access: ContractAccess, amount_cents: int, reason: str) -> int:
    by = access.require_deciding()
    faults = []
    if not 0 < amount_cents <= CENTS_MAX:
        faults.append(Problem("decision_amount_out_of_range", "bedrag"))
    faults += reason_problems(reason)
    if access.contract.form == Form.FRAMEWORK:
        faults.append(Problem("framework_owes_nothing"))
    if access.closed is not None:
        faults.append(access.closed)
    if faults:
        raise DomainError(faults)
    return by


def sides_of(access: ContractAccess) -> tuple[int | None, int | None]:
    """The ids of the client and the contractor of a contract."""
    roles = {party.role: party.organisation_id for party in access.parties}
    return roles.get(PartyRole.CLIENT), roles.get(PartyRole.CONTRACTOR)


def siblings(access: ContractAccess) -> list[Contract]:
    """The other contracts of the same client and contractor that somebody decides on."""
    client, contractor = sides_of(access)
    same = Party.objects.filter(role=PartyRole.CLIENT, organisation=client).values("contract")
    contracts = Contract.objects.filter(
        parties__role=PartyRole.CONTRACTOR, parties__organisation=contractor, pk__in=same
    ).exclude(pk=access.contract.pk)
    return list(contracts.filter(closed_on=None).exclude(form=Form.FRAMEWORK).order_by("reference"))
