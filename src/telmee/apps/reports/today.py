"""What somebody has to do today over all his contracts: one list, whatever it is about.

The first page tells of the same things with the same functions. Everything is read for all
contracts at once, so the number of queries does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum
from django.utils import timezone

from telmee.apps.agreements.choices import Kind as AgreementKind
from telmee.apps.agreements.choices import Outcome
from telmee.apps.agreements.models import Answer, Version
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import waiting_lines
from telmee.apps.decisions.models import Reply
from telmee.apps.decisions.queries import decisions_on_each, took_part
from telmee.apps.decisions.reviewers import his_own
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.relations.access import tasks_of
from telmee.apps.relations.contact_terms import next_contacts
from telmee.apps.relations.messages import unread_messages
from telmee.apps.relations.models import Task
from telmee.apps.reports.deadlines import Deadline, deadlines
from telmee.apps.reports.portfolio import Standing
from telmee.apps.reports.work import WAITING_CENTS, expiring
from telmee.apps.settlements.queries import Proposal, under_way
from telmee.core.explain import Text

#: What is due within so many days stands in the list before its day.
SOON_DAYS = 7
#: The same for what a scheme asks, and for certificates: others have to act as well.
_ASKED_DAYS, _CERTIFICATE_DAYS = 14, 30
#: A contract that ends within so many days with something open.
ENDING_DAYS = 90


class Kind(StrEnum):
    """What there is to do, in the order in which it stands in the list."""

    OBJECTION = "objection"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    MESSAGE = "message"
    LINES = "lines"
    REST = "rest"
    PLAN = "plan"
    TURNOVER = "turnover"
    SHARE = "share"
    POOL = "pool"
    DISPUTE = "dispute"
    SETTLEMENT = "settlement"
    TASK = "task"
    FIRST_CONTACT = "first_contact"
    CONTACT = "contact"
    DEADLINE = "deadline"
    CERTIFICATE = "certificate"
    ENDING = "ending"
    UNSETTLED = "unsettled"


class Urgency(IntEnum):
    """How soon: its day is over, it is for today, or it comes soon."""

    LATE = 0
    NOW = 1
    SOON = 2


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do.

    `day` is by when, or with `is_since` from when it waits. `about` is the id of the one task,
    line or version that it is about, and `agreement` what kind of agreement is disputed. With
    `by_colleague` he may not do it himself: it is told, and not asked.
    """

    kind: Kind
    urgency: Urgency
    day: date
    contract: Contract | ListedContract | None
    about: int | None = None
    count: int = 1
    cents: int | None = None
    what: Text | str = ""
    agreement: str = ""
    owner_id: int | None = None
    is_since: bool = False
    by_colleague: bool = False


def todos(
    acting: Acting,
    contracts: Sequence[Standing],
    owners: Collection[int] | None,
    *,
    today: date,
    beside: Collection[int] = (),
) -> list[Todo]:
    """Everything to do on these contracts, and the tasks of these people; of all without any.

    Of the contracts `beside` them, which others look after, come the objections on which he may
    decide and who looks after them may not. The most urgent comes first, and what is done in the
    same way stands together.
    """
    ids = [standing.contract.pk for standing in contracts]
    by_id = {standing.contract.pk: standing.contract for standing in contracts}
    settling = under_way(by_id)
    every: Iterable[Iterator[Todo]] = (
        _tasks(acting, owners, today),
        _messages(acting, by_id),
        _contacts(contracts, today),
        _lines(by_id, today),
        _objections(acting, by_id, beside, today),
        _proposals(acting, by_id, today),
        _disputes(by_id, today),
        _silent(settling, by_id, today),
        _deadlines(by_id, today),
        _certificates(ids, by_id, today),
        _ending(contracts, settling, today),
    )
    order = list(Kind)
    everything = [todo for some in every for todo in some]
    return sorted(everything, key=lambda one: (one.urgency, order.index(one.kind), one.day))


_Contracts = dict[int, Contract | ListedContract]
_BY_THEMSELVES = frozenset((Kind.SETTLEMENT, Kind.POOL))


def asked_of(acting: Acting, contracts: Sequence[Standing], *, today: date) -> list[Todo]:
    """What is asked of who delivers on these contracts, disputed and due, the first first.

    Messages, questions on lines, settlements and pools have a list of their own.
    """
    ids = [standing.contract.pk for standing in contracts]
    by_id = {standing.contract.pk: standing.contract for standing in contracts}
    every = (
        _proposals(acting, by_id, today),
        _disputes(by_id, today),
        _deadlines(by_id, today),
        _certificates(ids, by_id, today),
        _ending_open(contracts, today),
    )
    everything = [todo for some in every for todo in some if todo.kind not in _BY_THEMSELVES]
    return sorted(everything, key=lambda one: (one.urgency, one.day, list(Kind).index(one.kind)))


def _urgency(due: date, today: date) -> Urgency:
    if due < today:
        return Urgency.LATE
    return Urgency.NOW if due == today else Urgency.SOON


# Tasks and contacts -------------------------------------------------------------------------


def _tasks(acting: Acting, owners: Collection[int] | None, today: date) -> Iterator[Todo]:
    until = today + _days(SOON_DAYS)
    for task in _open_tasks(acting, until, None if owners is None else list(owners)):
        yield Todo(
            Kind.TASK,
            _urgency(task.due_on, today),
            task.due_on,
            task.contract,
            about=task.pk,
            what=task.text,
            owner_id=task.owner_id,
        )


@prepared
def _open_tasks(acting: Acting, until: date, owners: Collection[int] | None) -> QuerySet[Task]:
    rows = tasks_of(acting).filter(
        organisation__in=listed(acting.working), done_at=None, due_on__lte=until
    )
    if owners is not None:
        rows = rows.filter(owner__in=listed(owners))
    return rows.select_related("contract", "owner")


def _contacts(contracts: Sequence[Standing], today: date) -> Iterator[Todo]:
    running = {
        standing.contract.pk: standing.contract
        for standing in contracts
        if standing.contract.end >= today and standing.owes
    }
    for pk, contact in next_contacts(running.values()).items():
        if contact.due <= today + _days(SOON_DAYS):
            kind = Kind.FIRST_CONTACT if contact.is_first else Kind.CONTACT
            yield Todo(kind, _urgency(contact.due, today), contact.due, running[pk])


def _messages(acting: Acting, contracts: _Contracts) -> Iterator[Todo]:
    """What the other side wrote and somebody did not read, of each contract together."""
    for pk, unread in unread_messages(acting, contracts).items():
        yield Todo(
            Kind.MESSAGE,
            Urgency.NOW,
            unread.since,
            contracts[pk],
            count=unread.messages,
            is_since=True,
        )


# Lines --------------------------------------------------------------------------------------


def _lines(contracts: _Contracts, today: date) -> Iterator[Todo]:
    """What waits for a decision, of each contract together by why it waits; no objections."""
    for row in _waiting(list(contracts), today):
        kind = _why(row)
        since = timezone.localdate(row["since"]) if row["since"] else today
        term = row["answer_by"] if kind is Kind.UNANSWERED else None
        yield Todo(
            kind,
            Urgency.NOW,
            term or since,
            contracts[row["contract_id"]],
            about=row["first"],
            count=row["lines"],
            cents=None if row["cents"] is None else int(row["cents"]),
            is_since=term is None,
        )


@prepared
def _waiting(contract_ids: Collection[int], today: date) -> QuerySet[Contribution, Any]:
    replied = Exists(Reply.objects.filter(contribution=OuterRef("pk")))
    lines = waiting_lines(today).filter(contract_id__in=listed(contract_ids)).order_by()
    others = lines.exclude(state=State.OBJECTION)
    each = others.annotate(replied=replied).values("contract_id", "state", "replied")
    return each.annotate(
        lines=Count("pk"),
        first=Min("pk"),
        since=Min("submitted_at"),
        answer_by=Min("answer_by"),
        cents=Sum(WAITING_CENTS),
    )


def _objections(
    acting: Acting, contracts: _Contracts, beside: Collection[int], today: date
) -> Iterator[Todo]:
    """Each objection that waits: asked of who may decide on it, and told to who may not.

    On contracts `beside`, which others look after, those to a decision that they took themselves.
    """
    lines = _objected([*contracts, *beside], today)
    if not lines:
        return
    decided = decisions_on_each([line.pk for line in lines])
    own = his_own(acting, lines)
    for line in lines:
        is_mine = line.contract_id in contracts
        barred = line.pk in own or took_part(decided[line.pk], acting.user_id)
        if is_mine or (not barred and took_part(decided[line.pk], line.contract.adviser_id)):
            yield _of_objection(line, barred=barred, today=today)


def _of_objection(line: Contribution, *, barred: bool, today: date) -> Todo:
    term = line.answer_by
    urgency = Urgency.LATE if term is not None and term < today else Urgency.NOW
    return Todo(
        Kind.OBJECTION,
        Urgency.SOON if barred else urgency,
        term or today,
        line.contract,
        about=line.pk,
        by_colleague=barred,
    )


@prepared
def _objected(contract_ids: Collection[int], today: date) -> QuerySet[Contribution]:
    lines = waiting_lines(today).filter(state=State.OBJECTION, contract_id__in=listed(contract_ids))
    return lines.select_related("contract").order_by("pk")


def _why(row: Mapping[str, Any]) -> Kind:
    kinds = {
        State.PARTLY: Kind.REST,
        State.ASKED: Kind.UNANSWERED,
    }
    return kinds.get(row["state"], Kind.ANSWERED if row["replied"] else Kind.LINES)


# Agreements ---------------------------------------------------------------------------------


_PROPOSED = {
    AgreementKind.PLAN: Kind.PLAN,
    AgreementKind.TURNOVER: Kind.TURNOVER,
    AgreementKind.SHARE: Kind.SHARE,
    AgreementKind.POOLING: Kind.POOL,
    AgreementKind.SETTLEMENT: Kind.SETTLEMENT,
}


def _proposals(acting: Acting, contracts: _Contracts, today: date) -> Iterator[Todo]:
    """What the other side proposed, and waits for an answer of who asks."""
    for version in _proposed(acting, list(contracts)):
        day = min(timezone.localdate(version.proposed_at), today)
        kind = _PROPOSED[AgreementKind(version.agreement.kind)]
        contract = contracts[version.contract_id]
        yield Todo(kind, Urgency.NOW, day, contract, about=version.pk, is_since=True)


@prepared
def _proposed(acting: Acting, contract_ids: Collection[int]) -> QuerySet[Version]:
    to_him = Version.objects.waiting().filter(addressee__in=listed(acting.working))
    return to_him.filter(contract_id__in=listed(contract_ids)).select_related("agreement")


def _disputes(contracts: _Contracts, today: date) -> Iterator[Todo]:
    """What one side disputed, with the day until which the two try to come to something."""
    for answer in _disputed(list(contracts)):
        day = answer.until or timezone.localdate(answer.answered_at)
        urgency = Urgency.NOW if answer.until is None else _urgency(day, today)
        contract = contracts[answer.contract_id]
        agreement = answer.version.agreement.kind
        yield Todo(
            Kind.DISPUTE,
            urgency,
            day,
            contract,
            answer.version_id,
            agreement=agreement,
            is_since=answer.until is None,
        )


@prepared
def _disputed(contract_ids: Collection[int]) -> QuerySet[Answer]:
    last = Version.objects.last_ones()
    disputed = last.filter(pk=OuterRef("version"), contract_id__in=listed(contract_ids))
    return Answer.objects.filter(
        Exists(disputed),
        contract_id__in=listed(contract_ids),
        outcome=Outcome.DISPUTED,
        version__resolution=None,
    ).select_related("version__agreement")


def _silent(settling: Mapping[int, Proposal], contracts: _Contracts, today: date) -> Iterator[Todo]:
    """The settlements of which the term ends soon or is over: silence settles nothing."""
    for pk, proposal in settling.items():
        due = proposal.statement.due_on
        if due is not None and due <= today + _days(SOON_DAYS):
            urgency = _urgency(due, today)
            yield Todo(Kind.SETTLEMENT, urgency, due, contracts[pk], proposal.version.pk)


# Terms and ends -----------------------------------------------------------------------------


def asked_within(
    contracts: Iterable[Contract | ListedContract], *, today: date, days: int
) -> list[tuple[int, Deadline]]:
    """What the schemes of contracts ask within some days, each with the id of its contract."""
    last = today + _days(days)
    return [
        (pk, one)
        for pk, dated in deadlines(contracts).items()
        for one in dated
        if today <= one.due <= last
    ]


def _deadlines(contracts: _Contracts, today: date) -> Iterator[Todo]:
    for pk, one in asked_within(contracts.values(), today=today, days=_ASKED_DAYS):
        yield Todo(Kind.DEADLINE, _urgency(one.due, today), one.due, contracts[pk], what=one.what)


def _certificates(ids: list[int], contracts: _Contracts, today: date) -> Iterator[Todo]:
    for one in expiring(ids, today=today, days=_CERTIFICATE_DAYS):
        contract = contracts.get(one.contract_id or 0)
        what = f"{one.holder}: {one.certificate}"
        yield Todo(Kind.CERTIFICATE, _urgency(one.until, today), one.until, contract, what=what)


def ending_open(contracts: Iterable[Standing], *, today: date) -> list[Standing]:
    """The contracts that end soon with something open, the first to end first."""
    last = today + _days(ENDING_DAYS)
    soon = [one for one in contracts if today <= one.contract.end <= last and one.open_cents]
    return sorted(soon, key=lambda one: (one.contract.end, one.contract.reference))


def ended_unsettled(
    contracts: Iterable[Standing], *, today: date
) -> list[tuple[Standing, Proposal | None]]:
    """The contracts that ended and were not settled, the longest ago first, with what waits."""
    ended = _ended(contracts, today)
    waiting = under_way(one.contract.pk for one in ended) if ended else {}
    return [(one, waiting.get(one.contract.pk)) for one in ended]


def _ended(contracts: Iterable[Standing], today: date) -> list[Standing]:
    """The contracts that ended and were not settled, the longest ago first."""
    ended = [
        one
        for one in contracts
        if one.contract.end < today and one.owes and one.contract.form != Form.FRAMEWORK
    ]
    return sorted(ended, key=lambda one: (one.contract.end, one.contract.reference))


def _ending_open(contracts: Iterable[Standing], today: date) -> Iterator[Todo]:
    for one in ending_open(contracts, today=today):
        cents = one.open_cents
        yield Todo(Kind.ENDING, Urgency.SOON, one.contract.end, one.contract, cents=cents)


def _ending(
    contracts: Sequence[Standing], settling: Mapping[int, Proposal], today: date
) -> Iterator[Todo]:
    yield from _ending_open(contracts, today)
    for one in _ended(contracts, today):
        if one.contract.pk not in settling:
            cents = one.open_cents
            yield Todo(
                Kind.UNSETTLED,
                Urgency.NOW,
                one.contract.end,
                one.contract,
                cents=cents,
                is_since=True,
            )


def _days(number: int) -> timedelta:
    return timedelta(days=number)
