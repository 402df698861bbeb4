"""Read the journal.

Who may see which event is for row security; `telmee.apps.organisations.journal` names who did it.
"""

from __future__ import annotations

from django.db.models import QuerySet

from telmee.apps.audit.models import Event


def events_on_contract(contract_id: int) -> QuerySet[Event]:
    """Everything that was done on a contract, latest first, as far as one may see it."""
    return Event.objects.filter(contract_id=contract_id).order_by("-at", "-id")


def events_on(kind: str, object_id: int) -> QuerySet[Event]:
    """Everything that was done to one object, latest first, as far as one may see it."""
    return Event.objects.filter(kind=kind, object_id=object_id).order_by("-at", "-id")
