"""The only way to a client's purchases for somebody: they are its own people's, and nobody else's.

"Not there" and "not yours" look alike: both raise `Http404`.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.coverage.models import Purchase, PurchaseList
from telmee.apps.organisations.acting import Acting, Own


def covered_client(acting: Acting, client_id: int, *, works: bool = False) -> Own:
    """A client whose purchases somebody sees, or works on. Raises `Http404`."""
    for own in acting.clients if works else acting.own:
        if own.id == client_id and own.is_client:
            return own
    raise Http404


def lists_of(*client_ids: int) -> QuerySet[PurchaseList]:
    """The lists of clients, the latest first."""
    return PurchaseList.objects.filter(organisation__in=client_ids).order_by("-pk")


def list_to_withdraw(acting: Acting, list_id: int) -> PurchaseList:
    """A list that still stands, for somebody who works for its client. Raises `Http404`."""
    own = PurchaseList.objects.filter(organisation__in=acting.working, withdrawn_at=None)
    for one in own.filter(pk=list_id):
        return one
    raise Http404


def purchase_for(acting: Acting, purchase_id: int, *, works: bool = False) -> Purchase:
    """A purchase of a list that stands, that somebody sees or works on. Raises `Http404`."""
    organisations = acting.working if works else acting.organisations
    rows = Purchase.objects.select_related("list", "version", "organisation")
    own = rows.filter(organisation__in=organisations, list__withdrawn_at=None)
    for purchase in own.defer("version__document").filter(pk=purchase_id):
        return purchase
    raise Http404


def contracts_of_client(acting: Acting, client_id: int) -> QuerySet[Contract]:
    """The contracts of a client that somebody sees, without those that were voided."""
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation=client_id)
    return contracts_of(acting).filter(pk__in=clients.values("contract"))
