"""The only way to a contact person, a conversation, a task or an absence for somebody."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.relations.choices import KEEPING_ROLES
from telmee.apps.relations.models import Absence, Contact, Conversation, Task


def keeping_for(access: ContractAccess) -> int | None:
    """The id of the organisation whose contact persons he keeps on a contract, if any."""
    return access.deciding_for or access.leading_for


def contract_in_touch(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who sees its contact persons. Raises `Http404`.

    An auditor takes no names away, and a subcontractor sees his own lines.
    """
    access = contract_for(acting, contract_id)
    if not access.has_role(*KEEPING_ROLES):
        raise Http404
    return access


def is_of_team(access: ContractAccess) -> bool:
    """Whether he sees what the team of who decides keeps to itself."""
    return access.has_role(*DECIDING_ROLES)


def contact_for(acting: Acting, contact_id: int) -> tuple[ContractAccess, Contact]:
    """Get a contact person of an organisation that he works for. Raises `Http404`."""
    contact = Contact.objects.filter(pk=contact_id, organisation__in=acting.working).first()
    if contact is None:
        raise Http404
    access = contract_in_touch(acting, contact.contract_id)
    if not access.works_for(contact.organisation_id):
        raise Http404
    return access, contact


def conversation_for(acting: Acting, conversation_id: int) -> tuple[ContractAccess, Conversation]:
    """Get a conversation that his organisation wrote, as it stands now. Raises `Http404`."""
    standing = Conversation.objects.filter(correction=None, organisation__in=acting.working)
    row = standing.filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    access = contract_in_touch(acting, row.contract_id)
    if access.deciding_for != row.organisation_id:
        raise Http404
    return access, row


def tasks_of(acting: Acting) -> QuerySet[Task]:
    """The tasks of the teams that somebody belongs to, done or not."""
    return Task.objects.filter(organisation__in=listed(acting.organisations))


def task_for(acting: Acting, task_id: int) -> Task:
    """Get a task of a team that he works for. Raises `Http404`."""
    own = tasks_of(acting).filter(organisation__in=acting.working)
    task = own.select_related("contract", "owner").filter(pk=task_id).first()
    if task is None:
        raise Http404
    return task


def absence_for(acting: Acting, absence_id: int) -> Absence:
    """Get an absence that he may end: his own, or of somebody whom he manages."""
    rows = Absence.objects.filter(organisation__in=acting.working).select_related("user")
    absence = rows.filter(pk=absence_id).first()
    if absence is None or not (
        absence.user_id == acting.user_id or acting.manages(absence.organisation_id)
    ):
        raise Http404
    return absence
