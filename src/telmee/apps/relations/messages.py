"""What the two sides of a contract write to each other, about the contract or about one line.

A line that waits for a decision has questions as well (`telmee.apps.decisions.questions`): those
stop it until they are answered. A message stops nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import (
    ContractAccess,
    contract_for,
    delivers_no_more,
    holding,
    parties_of,
)
from telmee.apps.contracts.choices import DECIDING_ROLES, DELIVERING_ROLES
from telmee.apps.contracts.telling import deciding_parties, tell_some, who_looks_after
from telmee.apps.contributions.access import TOOK_OVER, contributions_ever_of, on_contract
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.apps.relations.access import keeping_for
from telmee.apps.relations.choices import KEEPING_ROLES
from telmee.apps.relations.models import Message, Reading
from telmee.core.bsn import find_bsn
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_none

#: Who reads messages: of a line also those who see no more than their own.
READING_ROLES = (*DECIDING_ROLES, *DELIVERING_ROLES)


# Reading --------------------------------------------------------------------------------------


def contract_with_messages(acting: Acting, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who reads messages on it; an auditor does not. Raises `Http404`.

    What people write to each other holds names, and an auditor takes no names away.
    """
    access = contract_for(acting, contract_id)
    if not access.has_role(*READING_ROLES):
        raise Http404
    return access


def messages_on(access: ContractAccess) -> QuerySet[Message]:
    """The messages on a contract and its lines, each with its line and what took it back.

    The latest come first. Each has `is_new`: it stands, another wrote it, and he did not read it.
    """
    rows = _seen_on(access).annotate(is_new=_is_new(access.acting))
    return rows.select_related("contribution", "withdrawal").order_by("-written_at", "-pk")


def _seen_on(access: ContractAccess) -> QuerySet[Message]:
    """The messages that somebody reads on a contract, without the rows that take one back.

    Of the contract itself those who keep in touch about it read them; who took it over, those from
    that day on. Of a line whoever sees it, but an auditor.
    """
    written = Message.objects.filter(contract=access.contract, withdraws=None)
    if not access.has_role(*READING_ROLES):
        return written.none()
    seen = Q(contribution__in=on_contract(access).values("pk"))
    if access.has_role(*KEEPING_ROLES):
        of_contract = Q(contribution=None)
        if (since := access.sees_from(*KEEPING_ROLES)) is not None:
            of_contract &= Q(written_at__date__gte=since) & ~Q(organisation__in=access.formers)
        seen |= of_contract
    return written.filter(seen)


def _seen(acting: Acting) -> QuerySet[Message]:
    """As `_seen_on`, on all contracts of somebody."""
    parties = parties_of(acting)
    keeping = parties.filter(role__in=KEEPING_ROLES)
    whole = keeping.exclude(TOOK_OVER).values("contract")
    since = keeping.filter(TOOK_OVER, contract=OuterRef("contract"), since__lte=OuterRef("day"))
    seen = Q(contract__in=whole) | (Q(Exists(since)) & ~delivers_no_more())
    reading = parties.filter(role__in=READING_ROLES).values("contract")
    of_lines = Q(contribution__in=contributions_ever_of(acting), contract__in=reading)
    written = Message.objects.alias(day=TruncDate("written_at")).filter(withdraws=None)
    return written.filter((Q(contribution=None) & seen) | of_lines)


def _is_new(acting: Acting) -> Q:
    readings = Reading.objects.filter(message=OuterRef("pk"), user_id=acting.user_id or 0)
    return ~Q(user_id=acting.user_id) & Q(withdrawal=None) & Q(~Exists(readings))


def message_to_withdraw(acting: Acting, message_id: int) -> tuple[ContractAccess, Message]:
    """Get a message that an organisation of his wrote and did not take back. Raises `Http404`."""
    own = Message.objects.filter(organisation__in=acting.working, withdrawal=None)
    contract = own.filter(pk=message_id).values_list("contract", flat=True).first()
    if contract is None:
        raise Http404
    access = contract_with_messages(acting, contract)
    message = messages_on(access).filter(pk=message_id).first()
    if message is None or not access.works_for(message.organisation_id):
        raise Http404
    return access, message


class Unread(NamedTuple):
    """How many messages on a contract somebody did not read, and the day of the first of them."""

    messages: int
    since: date


def unread_on(access: ContractAccess) -> int:
    """How many messages somebody did not read on a contract and its lines. Runs one query.

    On one that was voided nothing is asked of him any more.
    """
    unread = unread_messages(access.acting, [access.contract.pk])
    return sum(one.messages for one in unread.values())


def unread_messages(acting: Acting, contracts: Iterable[int] | None = None) -> dict[int, Unread]:
    """What somebody did not read, by the id of the contract, of these or all. Runs one query."""
    counted = _unread(acting, None if contracts is None else list(contracts))
    return {pk: Unread(messages, timezone.localdate(first)) for pk, messages, first in counted}


@prepared
def _unread(
    acting: Acting, contracts: Collection[int] | None
) -> QuerySet[Message, tuple[int, int, datetime]]:
    rows = _seen(acting).filter(_is_new(acting), contract__voided_on=None)
    if contracts is not None:
        rows = rows.filter(contract_id__in=listed(contracts))
    return rows.values_list("contract").annotate(Count("pk"), Min("written_at"))


def mark_read(acting: Acting, messages: Iterable[Message]) -> None:
    """Remember that somebody had messages on his screen; twice does it once."""
    news = [message for message in messages if message.is_new]  # type: ignore[attr-defined]
    if acting.user_id is not None:
        Reading.objects.bulk_create(
            [Reading(message=message, user_id=acting.user_id) for message in news],
            ignore_conflicts=True,
        )


# Writing --------------------------------------------------------------------------------------


def writing_for(access: ContractAccess, line: Contribution | None = None) -> int | None:
    """The id of the organisation for which somebody writes on a contract or a line, if any.

    Nobody writes about a draft, which the other side does not see.
    """
    if line is None:
        return keeping_for(access)
    if line.state == State.DRAFT or not access.has_role(*READING_ROLES):
        return None
    if access.works_for(line.organisation_id):
        return line.organisation_id
    return keeping_for(access)


@holding()
def write_message(
    access: ContractAccess, *, text: str, key: UUID, line: Contribution | None = None
) -> Message:
    """Write to the other side, about a contract or a line of it, and tell that there is a message.

    The same `key` twice writes once. Raises `not_allowed`, `bsn_typed`, `text_names_person`, and
    what refuses a text.
    """
    faults = reason_problems(text)
    if find_bsn(text):
        faults.append(Problem("bsn_typed", "toelichting"))
    require_none(faults)
    by = writing_for(access, line)
    if by is None or (line is not None and line.contract_id != access.contract.pk):
        raise DomainError(Problem("not_allowed"))
    if line is not None:
        require_no_code(line, text)
    known = done_before(key, Message.objects.filter(key=key, contract=access.contract))
    if known is not None:
        return known
    message = Message.objects.create(
        contract=access.contract,
        contribution=line,
        organisation_id=by,
        text=text.strip(),
        key=key,
        user_id=access.acting.user_id,
    )
    _tell(access, message, line)
    return message


@holding()
def withdraw_message(access: ContractAccess, message: Message) -> None:
    """Take back what one's own side wrote: it stays to be seen, marked as taken back.

    Twice does it once. Raises `not_allowed`.
    """
    if not access.works_for(message.organisation_id):
        raise DomainError(Problem("not_allowed"))
    wait_for_turn(f"message {message.pk}")
    if Message.objects.filter(withdraws=message).exists():
        return
    Message.objects.create(
        contract=access.contract,
        contribution_id=message.contribution_id,
        organisation_id=message.organisation_id,
        withdraws=message,
        user_id=access.acting.user_id,
    )


def _tell(access: ContractAccess, message: Message, line: Contribution | None) -> None:
    """Write a notice to the other side: to whom it concerns there, else to everybody.

    It says who wrote, and not what: a text can be about a person.
    """
    beside = Message.objects.filter(contract=access.contract, contribution=line, withdraws=None)
    wrote = dict(beside.order_by("pk").values_list("user_id", "organisation_id"))
    people = who_looks_after(access.contract.pk) | {user for user in wrote if user is not None}
    if line is not None:
        people |= {line.submitted_by_id or 0, line.created_by_id or 0}
    for side in _other_sides(access, message, line, set(wrote.values())):
        tell_some(
            access,
            side,
            "message_written",
            event=f"message {message.pk}",
            page="contract-messages" if line is None else "contribution",
            args=None if line is None else (line.pk,),
            facts={
                "by": access.name_of(message.organisation_id),
                "line": line.reference if line is not None else "",
            },
            people=people,
        )


def _other_sides(
    access: ContractAccess, message: Message, line: Contribution | None, wrote: set[int]
) -> Iterator[list[int]]:
    """Who is told: who decides, as one side, and each that delivers by itself.

    Of a line, who delivered it, and others that deliver once they wrote about it.
    """
    deciding = deciding_parties(access)
    if message.organisation_id not in deciding:
        yield deciding
    roles = KEEPING_ROLES if line is None else DELIVERING_ROLES
    concerned = wrote | {line.organisation_id} if line is not None else set()
    passed = {message.organisation_id, *deciding}
    for party in access.parties:
        pk = party.organisation_id
        if party.role in roles and pk not in passed and (line is None or pk in concerned):
            passed.add(pk)
            yield [pk]
