"""Keep contact persons, write conversations, and give and do tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, holding
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import WORKING
from telmee.apps.organisations.models import Membership
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.apps.relations.access import keeping_for
from telmee.apps.relations.models import Contact, Conversation, NothingToReport, Task
from telmee.core.bsn import find_bsn
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import EMAIL, FUNCTION, PERSON_NAME, PHONE, REASON, TASK, require_none

#: A number as one dials it from anywhere, or from within the Netherlands; also 0800, and 14 0xx.
_PHONE = re.compile(r"\+[0-9]{8,15}|00[0-9]{8,15}|0[1-9][0-9]{8}|0[89]00[0-9]{4,7}|140[0-9]{2,3}")
_BETWEEN = str.maketrans("", "", " -()./\N{NO-BREAK SPACE}")


# Contact persons ----------------------------------------------------------------------------


@holding()
def add_contact(
    access: ContractAccess, *, name: str, email: str, function: str = "", phone: str = ""
) -> Contact:
    """Add somebody whom the other side can reach at work.

    Raises `not_allowed`, `contact_name_needed`, `contact_known`, `phone_not_read`, `bsn_typed`, and
    what refuses a text.
    """
    by = _keeping(access)
    facts = _facts(name=name, email=email, function=function, phone=phone)
    contact = Contact(contract=access.contract, organisation_id=by, **facts)
    _save(contact)
    _record(access, "contract.contact_added", by)
    return contact


@holding()
def change_contact(
    access: ContractAccess,
    contact_id: int,
    *,
    name: str,
    email: str,
    function: str = "",
    phone: str = "",
) -> None:
    """Change what stands of a contact person. Raises as `add_contact` does."""
    contact = _own_contact(access, contact_id)
    facts = _facts(name=name, email=email, function=function, phone=phone)
    for field, value in facts.items():
        setattr(contact, field, value)
    _save(contact, update_fields=list(facts))
    _record(access, "contract.contact_changed", contact.organisation_id)


@holding()
def remove_contact(access: ContractAccess, contact_id: int, *, everywhere: bool = False) -> int:
    """Remove a contact person; gives from how many contracts. Raises `not_allowed`.

    `everywhere` removes him from all contracts of his organisation, as when he leaves. Nothing of
    him stays: the journal says that a contact person was removed, and not who.
    """
    contact = _own_contact(access, contact_id)
    same = Contact.objects.filter(pk=contact_id)
    if everywhere:
        same = Contact.objects.filter(
            organisation=contact.organisation_id, email__iexact=contact.email
        )
    rows = list(same.select_related("contract").order_by("contract_id"))
    same.delete()
    for row in rows:
        record(
            access.acting,
            "contract.contact_removed",
            row.contract,
            organisation_id=row.organisation_id,
            contract_id=row.contract_id,
        )
    return len(rows)


def _keeping(access: ContractAccess) -> int:
    by = keeping_for(access)
    if by is None:
        raise DomainError(Problem("not_allowed"))
    return by


def _own_contact(access: ContractAccess, contact_id: int) -> Contact:
    contact = Contact.objects.filter(pk=contact_id, contract=access.contract).first()
    if contact is None or contact.organisation_id != _keeping(access):
        raise DomainError(Problem("not_allowed"))
    return contact


def _facts(*, name: str, email: str, function: str, phone: str) -> dict[str, str]:
    """What was typed of a contact person. Raises everything that is wrong with it."""
    facts = {
        "name": name.strip(),
        "email": email.strip().lower(),
        "function": function.strip(),
        "phone": phone.strip(),
    }
    require_none(_contact_faults(facts))
    return facts


def _contact_faults(facts: dict[str, str]) -> Iterator[Problem]:
    if not facts["name"]:
        yield Problem("contact_name_needed", "name")
    kinds = {"name": PERSON_NAME, "email": EMAIL, "function": FUNCTION, "phone": PHONE}
    for field, kind in kinds.items():
        yield from kind.problems(field, facts[field])
        if find_bsn(facts[field]):
            yield Problem("bsn_typed", field)
    if facts["phone"] and not _PHONE.fullmatch(facts["phone"].translate(_BETWEEN)):
        yield Problem("phone_not_read", "phone")


def _save(contact: Contact, update_fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            contact.save(update_fields=update_fields)
    except IntegrityError:
        raise DomainError(Problem("contact_known", "email")) from None


# Conversations ------------------------------------------------------------------------------


@holding()
def write_conversation(
    access: ContractAccess,
    *,
    kind: str,
    held_on: date,
    text: str,
    is_shared: bool,
    key: UUID,
    corrects: Conversation | None = None,
) -> Conversation:
    """Write what was spoken of; a correction takes the place of what it corrects.

    What was shared stays shared. The same `key` twice writes once. Raises `not_allowed`,
    `conversation_to_come`, `missing_explanation`, `agreement_changed`, and what refuses a text.
    """
    by = access.deciding_for
    if by is None or (corrects is not None and corrects.organisation_id != by):
        raise DomainError(Problem("not_allowed"))
    require_none(_conversation_faults(text, held_on))
    known = done_before(key, Conversation.objects.filter(key=key, contract=access.contract))
    if known is not None:
        return known
    if corrects is not None and Conversation.objects.filter(corrects=corrects).exists():
        raise DomainError(Problem("agreement_changed"))
    return Conversation.objects.create(
        contract=access.contract,
        organisation_id=by,
        kind=kind,
        held_on=held_on,
        text=text.strip(),
        is_shared=is_shared or (corrects is not None and corrects.is_shared),
        corrects=corrects,
        key=key,
        user_id=access.acting.user_id,
    )


def _conversation_faults(text: str, held_on: date) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("missing_explanation", "text")
    yield from REASON.problems("text", text)
    if held_on > timezone.localdate():
        yield Problem("conversation_to_come", "held_on")


# Reports ------------------------------------------------------------------------------------


@holding()
def say_nothing_to_report(access: ContractAccess, *, first: date, last: date) -> None:
    """Say that there is nothing to report on a period; said twice it stands once.

    Raises `not_allowed`, and `contract_closed` as every action on a contract that is closed does.
    """
    by = access.leading_for
    if by is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    row = NothingToReport(
        contract=access.contract,
        organisation_id=by,
        first=first,
        last=last,
        user_id=access.acting.user_id,
    )
    wait_for_turn(f"nothing {access.contract.pk} {first}")
    if NothingToReport.objects.filter(contract=access.contract, organisation=by, first=first):
        return
    row.save()
    record(
        access.acting,
        "contract.nothing_to_report",
        access.contract,
        organisation_id=by,
        contract_id=access.contract.pk,
        details={"start": str(first), "end": str(last)},
    )


# Tasks --------------------------------------------------------------------------------------


@transaction.atomic
def add_task(
    acting: Acting,
    *,
    organisation_id: int,
    owner_id: int,
    text: str,
    due_on: date,
    key: UUID,
    access: ContractAccess | None = None,
) -> Task:
    """Write down what somebody of a team has to do by a day, for a contract or apart from any.

    The same `key` twice gives it once. Raises `not_allowed`, `not_a_colleague`,
    `missing_explanation`, and what refuses a text.
    """
    if access is None:
        allowed = organisation_id in {own.id for own in acting.clients}
    else:
        allowed = access.deciding_for == organisation_id
    if not allowed:
        raise DomainError(Problem("not_allowed"))
    require_none(_task_faults(text, owner_id, organisation_id))
    known = done_before(key, Task.objects.filter(key=key, organisation=organisation_id))
    if known is not None:
        return known
    return Task.objects.create(
        contract=access.contract if access is not None else None,
        organisation_id=organisation_id,
        owner_id=owner_id,
        text=text.strip(),
        due_on=due_on,
        key=key,
        user_id=acting.user_id,
    )


@transaction.atomic
def change_task(acting: Acting, task: Task, *, owner_id: int, text: str, due_on: date) -> None:
    """Change whose a task is, what it asks, and by when. Raises as `add_task` does."""
    require_working_for(acting, task.organisation_id)
    require_none(_task_faults(text, owner_id, task.organisation_id))
    Task.objects.filter(pk=task.pk).update(owner_id=owner_id, text=text.strip(), due_on=due_on)


@transaction.atomic
def finish_task(acting: Acting, task: Task, *, done: bool) -> None:
    """Say that a task is done, or that it is not after all; said twice it changes nothing."""
    require_working_for(acting, task.organisation_id)
    now = {"done_at": timezone.now(), "done_by_id": acting.user_id}
    not_done = {"done_at": None, "done_by_id": None}
    still = Task.objects.filter(pk=task.pk, done_at__isnull=done)
    still.update(**(now if done else not_done))


def require_working_for(acting: Acting, organisation_id: int) -> None:
    """Raise `not_allowed` to who may not change anything for an organisation."""
    if organisation_id not in acting.working:
        raise DomainError(Problem("not_allowed"))


def works_there(user_id: int, organisation_id: int) -> bool:
    """Whether somebody may change something for an organisation."""
    return Membership.objects.filter(
        user=user_id, organisation=organisation_id, role__in=WORKING
    ).exists()


def _task_faults(text: str, owner_id: int, organisation_id: int) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("missing_explanation", "text")
    yield from TASK.problems("text", text)
    if not works_there(owner_id, organisation_id):
        yield Problem("not_a_colleague", "owner")


def _record(access: ContractAccess, verb: str, by: int) -> None:
    record(access.acting, verb, access.contract, organisation_id=by, contract_id=access.contract.pk)
