"""Leniency: days on which no step is taken, euros that need not be done, each with its ground."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import (
    ContractAccess,
    contract_to_decide,
    contracts_of,
    contracts_to_decide,
    holding,
)
from telmee.apps.contracts.booking import waive
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.telling import tell_parties, tell_party
from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.models import Leniency
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before, hold_row
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_reason

#: Leniency is for a time: longer than this is a change of the contract.
_DAYS_MAX = 366 * 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is let go of, on what ground: days with both ends, euros, or both."""

    ground: Ground
    reason: str
    first: date | None = None
    last: date | None = None
    cents: int | None = None

    def problems(self) -> Iterator[Problem]:
        """What cannot be granted, each beside its field."""
        yield from reason_problems(self.reason)
        if self.first is None and self.last is None:
            if self.cents is None:
                yield Problem("leniency_of_nothing", "first")
        elif self.first is None or self.last is None or self.last < self.first:
            yield Problem("leniency_days", "last")
        elif (self.last - self.first).days > _DAYS_MAX:
            yield Problem("leniency_too_long", "last", params={"days": _DAYS_MAX})

    def require(self) -> None:
        """Raise what cannot be granted."""
        if faults := [*self.problems()]:
            raise DomainError(faults)


@holding(alone=True)
def grant_leniency(access: ContractAccess, wanted: Wanted, *, key: UUID, today: date) -> Leniency:
    """Be lenient on one contract; euros are waived in its books. The same `key` twice does it once.

    Raises `leniency_of_nothing`, `leniency_days`, `leniency_too_long` and `waived_too_much`.
    """
    if access.deciding_for is None or access.client is None:
        raise DomainError(Problem("not_allowed"))
    wanted.require()
    known = done_before(key, Leniency.objects.filter(key=key, contract=access.contract))
    if known is not None:
        return known
    access.require_open()
    if wanted.cents is not None:
        waive(access, amount_cents=wanted.cents, reason=wanted.reason, key=key, effective_on=today)
    client = access.client.organisation
    row = _row(access.acting, client, wanted, key, access.contract.pk)
    record(
        access.acting,
        "contract.leniency_granted",
        access.contract,
        organisation_id=access.deciding_for,
        contract_id=access.contract.pk,
        reason=wanted.reason,
        details={**_details(wanted), "row": row.pk},
    )
    _tell_contractor(access, row, "ladder_leniency", {**_details(wanted), "reason": row.reason})
    return row


@transaction.atomic
def grant_to_all(acting: Acting, client: Organisation, wanted: Wanted, *, key: UUID) -> Leniency:
    """Be lenient on every contract of a client for some days; only who manages it does so.

    It says nothing of euros: what need not be done differs per contract. Raises as above, and
    `not_allowed`.
    """
    if not acting.manages(client.pk) or wanted.cents is not None:
        raise DomainError(Problem("not_allowed"))
    wanted.require()
    known = done_before(key, Leniency.objects.filter(key=key, organisation=client))
    if known is not None:
        return known
    row = _row(acting, client, wanted, key, None)
    record(
        acting,
        "organisation.leniency_granted",
        client,
        organisation_id=client.pk,
        reason=wanted.reason,
        details={**_details(wanted), "row": row.pk},
    )
    _tell_all(acting, row, "leniency_for_all", {**_details(wanted), "reason": row.reason})
    return row


def leniency_to_end(acting: Acting, leniency_id: int) -> Leniency:
    """Leniency of which somebody ends the days. Raises `Http404`."""
    row = Leniency.objects.filter(pk=leniency_id).select_related("contract", "organisation").first()
    if row is None or row.first is None:
        raise Http404
    if row.contract_id is None:
        may = acting.manages(row.organisation_id)
    else:
        may = contracts_to_decide(acting).filter(pk=row.contract_id).exists()
    if not may:
        raise Http404
    return row


@transaction.atomic
def end_leniency(acting: Acting, row: Leniency, *, reason: str, today: date) -> None:
    """Let days of leniency end today, before their last day; what was waived stays waived.

    Raises `leniency_is_over`, and what refuses a reason.
    """
    require_reason(reason)
    now = hold_row(Leniency.objects.all(), row.pk)
    if now.ended_on is not None or now.last is None or now.last < today:
        raise DomainError(Problem("leniency_is_over"))
    now.ended_on, now.ended_why = today, reason.strip()
    now.ended_by_id = acting.user_id
    now.save(update_fields=["ended_on", "ended_by_id", "ended_why"])
    about: Organisation | Contract = row.organisation
    by: int | None = row.organisation_id
    access = None if row.contract is None else contract_to_decide(acting, row.contract.pk)
    if access is not None:
        about, by = access.contract, access.deciding_for
    record(
        acting,
        "organisation.leniency_ended" if row.contract is None else "contract.leniency_ended",
        about,
        organisation_id=by,
        contract_id=row.contract_id,
        reason=reason,
        details={"row": row.pk, "ended_on": today.isoformat()},
    )
    ended = {"reason": reason.strip(), "last": str(row.last)}
    if access is None:
        _tell_all(acting, row, "leniency_for_all_ended", ended)
    else:
        _tell_contractor(access, row, "ladder_leniency_ended", ended)


def _tell_contractor(
    access: ContractAccess, row: Leniency, code: str, facts: Mapping[str, object]
) -> None:
    if access.contractor is not None:
        tell_party(
            access,
            access.contractor.organisation_id,
            code,
            event=f"leniency {row.pk}",
            page="contract-enforcement",
            facts={"by": row.organisation.name, **facts},
        )


def _tell_all(acting: Acting, row: Leniency, code: str, facts: Mapping[str, object]) -> None:
    """A notice to both sides of the contracts of a client that run, and its teams: once each."""
    client = Party.objects.filter(role=PartyRole.CLIENT, organisation=row.organisation_id)
    running = contracts_of(acting, *DECIDING_ROLES).filter(
        pk__in=client.values("contract"), closed_on=None
    )
    tell_parties(
        acting,
        running.values_list("pk", flat=True),
        (*DECIDING_ROLES, PartyRole.CONTRACTOR),
        code,
        event=f"leniency {row.pk}",
        page="contract-enforcement",
        facts={"by": row.organisation.name, **facts},
    )


def _row(
    acting: Acting, client: Organisation, wanted: Wanted, key: UUID, contract_id: int | None
) -> Leniency:
    return Leniency.objects.create(
        organisation=client,
        contract_id=contract_id,
        ground=wanted.ground,
        first=wanted.first,
        last=wanted.last,
        cents=wanted.cents,
        reason=wanted.reason.strip(),
        key=key,
        user_id=acting.user_id,
    )


def _details(wanted: Wanted) -> dict[str, object]:
    details = {
        "leniency": str(wanted.ground),
        "first": str(wanted.first) if wanted.first else None,
        "last": str(wanted.last) if wanted.last else None,
        "cents": wanted.cents,
    }
    return {name: fact for name, fact in details.items() if fact is not None}
