"""Void a contract that was registered by mistake, as long as no decision leans on it.

What stands in its books is taken back, and from that day it counts nowhere. It stays to be read,
and figures as of an earlier day stay what they were (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.contracts.choices import Ground
from telmee.apps.contracts.models import Amendment, Contract
from telmee.apps.contracts.telling import tell_party
from telmee.apps.contributions.choices import UNDECIDED_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.actions import reverse
from telmee.apps.ledger.queries import entries_standing
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import REASON, reason_problems

if TYPE_CHECKING:
    from telmee.apps.ledger.models import Entry

#: Lines on which nobody decided, or of which the decision was taken back.
_UNDECIDED = (State.DRAFT, *UNDECIDED_STATES, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Voiding:
    """What voiding a contract would do, and what forbids it.

    `back` are the entries that are taken back, each on its own day; `waiting` is how many lines
    were handed in and will not be decided on; `leaning` are those on which was decided.
    """

    back: tuple[Entry, ...]
    waiting: int
    leaning: tuple[Contribution, ...]
    faults: tuple[Problem, ...]


def plan_voiding(contract: Contract) -> Voiding:
    """What voiding a contract would do; nothing is written. Runs three queries, or four."""
    lines = contract.contributions.select_related("organisation").order_by("begin", "pk")
    leaning = tuple(lines.exclude(state__in=_UNDECIDED))
    back = tuple(entries_standing(contract.pk))
    return Voiding(
        back=back,
        waiting=contract.contributions.filter(state__in=UNDECIDED_STATES).count(),
        leaning=leaning,
        faults=tuple(_faults(contract, back, leaning)),
    )


@holding(alone=True)
def void_contract(access: ContractAccess, *, reason: str, key: UUID, today: date) -> None:
    """Void a contract; the same `key` twice does it once.

    Raises `not_allowed`, `contract_closed`, `contract_voided`, and what `Voiding.faults` holds.
    """
    by = access.require_deciding()
    contract = access.contract
    known = done_before(key, Amendment.objects.filter(key=key))
    if known is not None and (known.contract_id, known.ground) != (contract.pk, Ground.VOIDED):
        raise DomainError(Problem("ledger_key_reused"))
    if known is not None:
        return
    access.require_open()
    voiding = plan_voiding(contract)
    if faults := [*reason_problems(reason), *voiding.faults]:
        raise DomainError(faults)
    amendment = Amendment.objects.create(
        contract=contract,
        number=contract.amended + 1,
        effective_on=contract.awarded_on or contract.start,
        ground=Ground.VOIDED,
        reason=reason.strip()[: REASON.maximum],
        facts={},
        key=key,
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    for entry in voiding.back:
        reverse(
            access.acting,
            entry.pk,
            organisation_id=by,
            reason=amendment.reason,
            amendment=amendment.number,
        )
    contract.amended = amendment.number
    contract.obligation_cents = 0
    contract.closed_on = contract.voided_on = today
    contract.save(update_fields=["amended", "obligation_cents", "closed_on", "voided_on"])
    _tell(access, amendment)


def _faults(
    contract: Contract, back: tuple[Entry, ...], leaning: tuple[Contribution, ...]
) -> Iterator[Problem]:
    """Why a contract cannot be voided."""
    if leaning:
        yield Problem("void_decided_on", params={"count": len(leaning)})
    if any(entry.transfer is not None for entry in back):
        yield Problem("void_has_transfers")
    if Contract.objects.filter(parent=contract, voided_on=None).exists():
        yield Problem("void_has_call_offs")


def _tell(access: ContractAccess, amendment: Amendment) -> None:
    """Write the journal, and a notice to who carries the contract out."""
    contract = access.contract
    record(
        access.acting,
        "contract.voided",
        contract,
        organisation_id=amendment.organisation_id,
        contract_id=contract.pk,
        reason=amendment.reason,
        details={"amendment": amendment.number, "ground": str(amendment.ground)},
    )
    if access.contractor is None:
        return
    tell_party(
        access,
        access.contractor.organisation_id,
        "contract_voided",
        event=f"contract {contract.pk} voided",
        page="contract",
        facts={"by": access.name_of(amendment.organisation_id), "why": amendment.reason},
    )
