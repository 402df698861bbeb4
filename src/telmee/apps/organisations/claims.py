"""Claims: who speaks for an organisation, as far as those who know it say so.

The accepted first invitation of a client is the claim; it opens the contract it was sent for.
Each client confirms it for the contracts on which it decides, the operator for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.organisations import access
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.journal import doers
from telmee.apps.organisations.models import Confirmation, Invitation, Organisation
from telmee.apps.organisations.turns import done_before


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim that somebody may confirm: whose, by which address, and how much that opens.

    It is confirmed for the client or team `deciding`, or by the operator (`None`) for all.
    """

    claim_id: int
    organisation_id: int
    organisation: str
    kvk: str | None
    email: str
    invited_by: str
    invited_at: datetime
    accepted_at: datetime
    deciding_id: int | None
    deciding: str | None
    contracts: int


def waiting_claims(acting: Acting) -> list[Waiting]:
    """The claims that wait for a client or team of his, or for the operator; oldest first.

    A claim waits as long as it would open a contract that it does not open yet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_claims_waiting()")
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    own = [row for row in rows if _confirms_for(acting, row["deciding_id"])]
    who = doers(acting, ((row["invited_by"], row["invited_for"]) for row in own))
    for row in own:
        row["invited_by"] = who[row["invited_by"], row.pop("invited_for")]
    return [Waiting(**row) for row in own]


def may_confirm(acting: Acting) -> bool:
    """Whether somebody may confirm claims, whether one waits or not."""
    return acting.is_operator or bool(acting.clients) or bool(waiting_claims(acting))


@transaction.atomic
def confirm_claim(acting: Acting, *, claim_id: int, deciding_id: int | None) -> None:
    """Say that a claim is right, for the contracts on which an organisation of his decides.

    What this client registers later opens as well. A second time changes nothing, and neither does
    a client after the operator, who confirms for all. Raises `Http404` where it is not his to say.
    """
    said = Q(confirmed_by_id=deciding_id) | Q(confirmed_by_id=None)
    confirmed = Confirmation.objects.filter(said, claim_id=claim_id)
    before = done_before(f"claim {claim_id}", confirmed)
    if _confirms_for(acting, deciding_id) and before is not None:
        return
    waits = {(waiting.claim_id, waiting.deciding_id): waiting for waiting in waiting_claims(acting)}
    waiting = waits.get((claim_id, deciding_id))
    if waiting is None:
        raise Http404
    Confirmation.objects.create(
        claim_id=claim_id, confirmed_by_id=deciding_id, user=access.account_for(acting)
    )
    claimed = Organisation.objects.get(pk=waiting.organisation_id)
    details = {"claim": claim_id, "contracts": waiting.contracts}
    verb = "organisation.claim_confirmed"
    organisation_id = claimed.pk if deciding_id is None else deciding_id
    record(acting, verb, claimed, organisation_id=organisation_id, details=details)


def unconfirmed(acting: Acting) -> list[Organisation]:
    """The organisations of his for which nobody confirmed yet that he speaks for them."""
    if not acting.partly:
        return []
    claims = Invitation.objects.filter(
        organisation__in=acting.partly, is_first=True, accepted_at__isnull=False
    )
    confirmed = Confirmation.objects.filter(claim__organisation__in=acting.partly)
    own = Organisation.objects.filter(pk__in=claims.values("organisation"))
    return list(own.exclude(pk__in=confirmed.values("claim__organisation")))


def _confirms_for(acting: Acting, deciding_id: int | None) -> bool:
    return acting.is_operator if deciding_id is None else deciding_id in acting.working
