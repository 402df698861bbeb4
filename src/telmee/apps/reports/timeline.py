"""Everything of a contract in order of time: the journal and what people wrote, in one query.

The journal has what was decided, booked and agreed; a conversation, a message and a task are their
own journal. The outbox is not in it: nobody but an operator reads what was mailed to whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.relations.access import is_of_team, tasks_of
from telmee.apps.relations.messages import messages_on
from telmee.apps.relations.queries import conversations_on


class Part(StrEnum):
    """What of a contract somebody looks for."""

    CONVERSATION = "conversation"
    MESSAGE = "message"
    TASK = "task"
    CONTRIBUTION = "contribution"
    AGREEMENT = "agreement"
    LEDGER = "ledger"
    CONTRACT = "contract"


#: The parts that stand in the journal, each under the kind of its events, and those that do not.
_IN_JOURNAL = (Part.CONTRIBUTION, Part.AGREEMENT, Part.LEDGER, Part.CONTRACT)
_APART = (Part.CONVERSATION, Part.MESSAGE, Part.TASK)


def timeline(access: ContractAccess, part: Part | None = None) -> QuerySet[Any, Any]:
    """What happened on a contract, or one part of it, as far as somebody may see it.

    Each row is `when`, `part` and `row`, the id of the event, conversation, message or task. A
    conversation stands on the day on which it was held, and a task on the day by which it is to be
    done, until it is.
    """
    if part is None:
        journal = _journal(access, _IN_JOURNAL)
        return journal.union(*(_part(access, one) for one in _APART), all=True)
    return _journal(access, [part]) if part in _IN_JOURNAL else _part(access, part)


def _journal(access: ContractAccess, parts: Iterable[Part]) -> QuerySet[Any, Any]:
    events = events_on_contract(access.contract.pk).filter(kind__in=parts)
    return _columns(events, F("kind"), F("at"))


def _part(access: ContractAccess, part: Part) -> QuerySet[Any, Any]:
    name = Value(str(part))
    if part is Part.CONVERSATION:
        return _columns(conversations_on(access), name, F("held_on"))
    if part is Part.MESSAGE:
        return _columns(messages_on(access).select_related(None), name, F("written_at"))
    tasks = tasks_of(access.acting).filter(contract=access.contract)
    if not is_of_team(access):
        tasks = tasks.none()
    return _columns(tasks, name, Coalesce("done_at", Cast("due_on", DateTimeField())))


def _columns(rows: QuerySet[Any, Any], part: Any, at: Any) -> QuerySet[Any, Any]:
    """The same three columns of whatever it is, without an order of its own."""
    name, moment = Cast(part, CharField()), Cast(at, DateTimeField())
    return rows.order_by().values(when=moment, part=name, row=F("pk"))
