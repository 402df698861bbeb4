"""Everything of a contract in order of time: the journal and what people wrote, in one query.

The journal has what was decided, booked and agreed; a conversation, a message and a task are their
own journal. The outbox is not in it: nobody but an operator reads what was mailed to whom.
"""

from __future__ import annotations

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


#: The parts that stand in the journal, each under the kind of its events.
_IN_JOURNAL = (Part.CONTRIBUTION, Part.AGREEMENT, Part.LEDGER, Part.CONTRACT)


def timeline(access: ContractAccess, part: Part | None = None) -> QuerySet[Any, Any]:
    """What happened on a contract, or one part of it, as far as somebody may see it.

    Each row is `when`, `part` and `row`, the id of the event, conversation, message or task. A
    conversation stands on the day on which it was held, and a task on the day by which it is to be
    done, until it is.
    """
    rows = [_part(access, one) for one in ([part] if part else Part)]
    return rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]


def _part(access: ContractAccess, part: Part) -> QuerySet[Any, Any]:
    if part in _IN_JOURNAL:
        return _columns(events_on_contract(access.contract.pk).filter(kind=part), part, F("at"))
    if part is Part.CONVERSATION:
        held = Cast("held_on", DateTimeField())
        return _columns(conversations_on(access), part, held)
    if part is Part.MESSAGE:
        return _columns(messages_on(access).select_related(None), part, F("written_at"))
    tasks = tasks_of(access.acting).filter(contract=access.contract)
    if not is_of_team(access):
        tasks = tasks.none()
    done = Coalesce("done_at", Cast("due_on", DateTimeField()))
    return _columns(tasks, part, done)


def _columns(rows: QuerySet[Any, Any], part: Part, at: Any) -> QuerySet[Any, Any]:
    """The same three columns of whatever it is, without an order of its own."""
    name = Value(str(part), CharField())
    moment = Cast(at, DateTimeField())
    return rows.order_by().values(when=moment, part=name, row=F("pk"))
