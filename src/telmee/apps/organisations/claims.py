"""Claims: who speaks for an organisation, as far as those who know it say so.

The accepted first invitation of a client is the claim; it opens the contract it was sent for.
Each client confirms it for the contracts on which it decides, the operator for all.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.organisations import access
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Confirmation, Organisation


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim that somebody may confirm: whose, by which address, and how much that opens."""

    claim_id: int
    organisation: str
    organisation_id: int
    email: str
    deciding_id: int | None
    contracts: int


def waiting_claims(acting: Acting, deciding_id: int | None) -> list[Waiting]:
    """Give the claims that wait for a client or team of his, or (`None`) for the operator."""
    if deciding_id not in acting.working and not (deciding_id is None and acting.is_operator):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_claims_waiting(%s)", [deciding_id])
        return [Waiting(*row) for row in cursor.fetchall()]


@transaction.atomic
def confirm_claim(acting: Acting, *, claim_id: int, deciding_id: int | None) -> None:
    """Say that a claim is right, for the contracts on which an organisation of his decides.

    What this client registers later opens as well. Raises `Http404` where it is not his to say.
    """
    found = [w for w in waiting_claims(acting, deciding_id) if w.claim_id == claim_id]
    if not found:
        raise Http404
    Confirmation.objects.create(
        claim_id=claim_id, confirmed_by_id=deciding_id, user=access.account_for(acting)
    )
    claimed = Organisation.objects.get(pk=found[0].organisation_id)
    details = {"claim": claim_id, "contracts": found[0].contracts}
    verb = "organisation.claim_confirmed"
    about = claimed.pk if deciding_id is None else deciding_id
    record(acting, verb, claimed, organisation_id=about, details=details)
