"""Read contributions across tables: the queue, the lines of a contract, their sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess, contracts_to_decide, parties_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contributions.choices import OPEN_STATES, State
from telmee.apps.contributions.models import Contribution, Evidence, Sighting, Upload
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.people.access import people_of
from telmee.apps.people.models import Person
from telmee.apps.receipts.models import Receipt

#: Files that a page shows of one contract.
_UPLOADS_MAX = 20


def waiting_lines(day: date) -> QuerySet[Contribution]:
    """All lines that wait for a decision; on a closed contract nobody decides any more.

    What was decided up to a day waits for the rest once its effort is over, and what somebody asked
    about waits again once the term of his question is over.
    """
    over = Q(state=State.PARTLY, rest_after__lt=day) | Q(state=State.ASKED, answer_by__lt=day)
    # All states that can wait are said together as well: so the index of a contract has them.
    states = (*OPEN_STATES, State.PARTLY, State.ASKED)
    waits = Q(state__in=OPEN_STATES) | over
    return Contribution.objects.filter(waits, state__in=states, contract__closed_on=None)


def asked_lines() -> QuerySet[Contribution]:
    """All lines about which a question is open, whether its term is over or not."""
    return Contribution.objects.filter(state=State.ASKED, contract__closed_on=None)


def queue(acting: Acting, today: date) -> QuerySet[Contribution]:
    """What waits for a decision by the organisations somebody acts for, oldest first.

    Their ids alone, to narrow, sort and count; `client_name` is there to narrow and sort by. What
    a page shows of them is in `lines_in_queue`, for the lines of one page: a join would fetch it
    for everything that waits before the page is cut out of it.
    """
    return _to_decide(acting, waiting_lines(today))


def queue_of_questions(acting: Acting) -> QuerySet[Contribution]:
    """As `queue`, what they asked about that has no answer: it waits for the other side."""
    return _to_decide(acting, asked_lines())


def queue_of(line_ids: Iterable[int]) -> QuerySet[Contribution]:
    """As `queue`, of lines that are known to wait for who asks: that is not looked up again."""
    return _in_order(Contribution.objects.filter(pk__in=listed(line_ids)))


def _to_decide(acting: Acting, lines: QuerySet[Contribution]) -> QuerySet[Contribution]:
    decides = parties_of(acting).filter(contract=OuterRef("contract"), role__in=DECIDING_ROLES)
    return _in_order(lines.filter(Exists(decides), contract__voided_on=None))


def _in_order(lines: QuerySet[Contribution]) -> QuerySet[Contribution]:
    client = Party.objects.filter(contract=OuterRef("contract"), role=PartyRole.CLIENT)
    name = Subquery(client.values("organisation__name")[:1])
    return lines.alias(client_name=name).order_by("submitted_at", "id").only("pk")


def lines_in_queue(acting: Acting, lines: Iterable[Contribution]) -> list[Any]:
    """Lines of `queue` with all that a page tells of them, in the same order. Runs one query.

    Each has its contract and who delivered it, `client_name`, and `to_come`: the cents that are
    for days after today. `may_decide` says whether somebody decides on it, or only reads for who
    does.
    """
    ids = [line.pk for line in lines]
    known = {line.pk: line for line in _shown(acting, ids, timezone.localdate())} if ids else {}
    return [known[pk] for pk in ids]


@prepared
def _shown(acting: Acting, line_ids: Collection[int], today: date) -> QuerySet[Contribution]:
    client = Party.objects.filter(contract=OuterRef("contract"), role=PartyRole.CLIENT)
    to_decide = contracts_to_decide(acting).filter(pk=OuterRef("contract"))
    return (
        Contribution.objects.filter(pk__in=listed(line_ids))
        .select_related("contract", "organisation")
        .defer("note", "contract__percentage_reason", "contract__no_obligation_reason")
        .annotate(
            client_name=Subquery(client.values("organisation__name")[:1]),
            may_decide=Exists(to_decide),
            to_come=_to_come_of_shown("value_cents", "receipt", today),
        )
    )


def to_come(cents: str, receipt: str, today: date) -> Func:
    """Of an amount of a line, the cents for days after a day, by the days that a receipt counts.

    `cents` and `receipt` name fields of the line. The database does what `split_of` does.
    """
    dates = (F(f"{receipt}__first_day"), F(f"{receipt}__last_day"))
    return _to_come(F(cents), *dates, today)


def _to_come_of_shown(cents: str, receipt: str, today: date) -> Coalesce:
    """The same, looked up for the rows that come out: a page reads no receipt of other lines."""
    kept = Receipt.objects.filter(pk=OuterRef(receipt))
    of_line = _to_come(OuterRef(cents), F("first_day"), F("last_day"), today)
    return Coalesce(Subquery(kept.values_list(of_line)), Value(0), output_field=BigIntegerField())


def _to_come(cents: F, first: F, last: F, today: date) -> Func:
    day = Value(today, DateField())
    return Func(cents, first, last, day, function="telmee_to_come", output_field=BigIntegerField())


class BeforeTakeover(NamedTuple):
    """What effort of one block came to in a year, before somebody took the contract over."""

    block: str
    year: int | None
    lines: int
    delivered_cents: int
    verified_cents: int
    undecided_cents: int


def before_takeover(contract_id: int) -> list[BeforeTakeover]:
    """What was delivered that who took a contract over does not see line by line. One query.

    The database tells these sums to him and to nobody else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_before_takeover(%s)", [contract_id])
        return [BeforeTakeover(*row) for row in cursor.fetchall()]


def references_of(line_ids: Iterable[int | None]) -> dict[int, str]:
    """The references of lines by their ids, as far as somebody sees them. Runs one query."""
    ids = [pk for pk in line_ids if pk is not None]
    return dict(_references(ids) if ids else ())


@prepared
def _references(line_ids: Collection[int]) -> QuerySet[Contribution, tuple[int, str]]:
    return Contribution.objects.filter(pk__in=listed(line_ids)).values_list("pk", "reference")


def verified_to_come(today: date) -> Case:
    """Of the verified amount of a line, the cents for days after a day; of a part, all was done."""
    of_whole = to_come("verified_cents", "decided", today)
    return Case(When(rest_cents__isnull=True, then=of_whole), default=Value(0))


def lines_of_people(acting: Acting) -> QuerySet[Person]:
    """List the people that somebody reports effort of, each with how much and from when to when."""
    last = Coalesce("lines__end", "lines__begin")
    counts = Q(lines__contract__voided_on=None)
    return people_of(acting).annotate(
        effort=Count("lines", filter=counts),
        begin=Min("lines__begin", filter=counts),
        end=Max(last, filter=counts),
    )


def evidence_of(line: Contribution) -> list[Evidence]:
    """The files that prove a line and were not removed, in the order in which they were added."""
    return list(line.evidence.filter(removed_at__isnull=True).order_by("id"))


def sightings_of(line: Contribution) -> list[Sighting]:
    """Who saw which proof of a line, for which organisation, the first first."""
    return list(line.sightings.select_related("organisation").order_by("id"))


def drafts_of(access: ContractAccess, upload: Upload | None = None) -> QuerySet[Contribution]:
    """The drafts of one's own organisation on a contract, or those that came from one file."""
    drafts = Contribution.objects.filter(
        contract=access.contract, organisation=access.delivering_for, state=State.DRAFT
    )
    return drafts if upload is None else drafts.filter(upload=upload)


def uploads_on(access: ContractAccess) -> list[Upload]:
    """The latest files that one's own organisation handed over on a contract, the last first."""
    own = Upload.objects.filter(contract=access.contract, organisation=access.delivering_for)
    return list(own.defer("refused").order_by("-id")[:_UPLOADS_MAX])
