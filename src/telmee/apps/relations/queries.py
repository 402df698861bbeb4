"""Read contact persons, conversations and tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Max, QuerySet

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.relations.access import is_of_team
from telmee.apps.relations.choices import CONTACT_KINDS
from telmee.apps.relations.models import Contact, Conversation, Task


def contacts_on(access: ContractAccess) -> QuerySet[Contact]:
    """The contact persons of both sides of a contract."""
    rows = Contact.objects.filter(contract=access.contract).select_related("organisation")
    return rows.order_by("organisation__search_name", "name", "pk")


def conversations_on(access: ContractAccess) -> QuerySet[Conversation]:
    """The conversations about a contract as they stand now, the latest first.

    Who delivers reads those that were shared, and who took the contract over those of that day on.
    """
    rows = Conversation.objects.filter(contract=access.contract, correction=None)
    if not is_of_team(access):
        rows = rows.filter(is_shared=True)
    if access.sees_lines_from is not None:
        rows = rows.filter(held_on__gte=access.sees_lines_from)
    return rows.order_by("-held_on", "-pk")


def earlier_texts(conversations: Iterable[Conversation]) -> dict[int, list[Conversation]]:
    """What stood before of conversations that were corrected, the latest first, by their ids.

    Runs one query for each time that one of them was corrected.
    """
    before: dict[int, list[Conversation]] = {}
    of = {row.corrects_id: row.pk for row in conversations if row.corrects_id is not None}
    while of:
        rows = list(Conversation.objects.filter(pk__in=of))
        for row in rows:
            before.setdefault(of[row.pk], []).append(row)
        of = {row.corrects_id: of[row.pk] for row in rows if row.corrects_id is not None}
    return before


def open_tasks_on(acting: Acting, access: ContractAccess) -> QuerySet[Task]:
    """What one's own team still has to do for a contract, the first due first."""
    rows = Task.objects.filter(
        contract=access.contract, organisation__in=acting.organisations, done_at=None
    )
    return rows.select_related("owner").order_by("due_on", "pk")


def last_contacts(contract_ids: Iterable[int]) -> dict[int, date]:
    """On which day the two sides were last in touch about each contract. Runs one query."""
    rows = Conversation.objects.filter(
        contract_id__in=listed(contract_ids), correction=None, kind__in=CONTACT_KINDS
    )
    return dict(rows.order_by().values_list("contract_id").annotate(Max("held_on")))
