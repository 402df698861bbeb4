"""What asks for attention: what waits, what runs out, who is not there yet, what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    Q,
    QuerySet,
    Sum,
    When,
    Window,
)

from telmee.apps.contracts.access import contracts_of, delivers_no_more, parties_of
from telmee.apps.contracts.choices import (
    DECIDING_ROLES,
    DELIVERING_NOW,
    DELIVERING_ROLES,
    PartyRole,
)
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contributions.choices import UNDECIDED_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import to_come as line_to_come
from telmee.apps.contributions.queries import waiting_lines
from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import RecognitionKind
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.models import Organisation, Recognition
from telmee.apps.organisations.prepared import prepared
from telmee.apps.reports.to_come import NOTHING_TO_COME, ToCome, to_come

_FEW = 10
#: So many lines of one kind are more than a short list shows.
_MOST = 50
#: Who did a part of a contract that another answers for: under him, or before him.
WITH_A_PART = (PartyRole.SUBCONTRACTOR, PartyRole.FORMER)
#: What waits of a line: all of it, or the rest of what was decided in part.
WAITING_CENTS = Case(
    When(state__in=UNDECIDED_STATES, then="value_cents"),
    When(state=State.PARTLY, then="rest_cents"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a decision: how many lines, objections among them, and since when.

    Of the objections `late` have a term that is over.

    `to_come_cents` is the part of what was claimed that is for days after today. Each of the oldest
    has its own as `to_come`.
    """

    lines: int = 0
    objections: int = 0
    late: int = 0
    since: datetime | None = None
    claimed_cents: int = 0
    to_come_cents: int = 0
    oldest: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Expiring:
    """A certificate that runs out: whose, which and when; of a line, also its contract."""

    holder: str
    certificate: str
    until: date
    contract_id: int | None = None
    contract: str = ""


def waiting(contract_ids: Iterable[int], *, today: date, few: int = _FEW) -> Waiting:
    """What waits on these contracts, and the lines that wait longest. Runs one query."""
    ids = list(contract_ids)
    oldest = _few_waiting(ids, today)[:few] if few <= _FEW else [*_oldest(ids, today)[:few]]
    if not oldest:
        return Waiting()
    first: Any = oldest[0]
    return Waiting(
        lines=first.all_lines,
        objections=first.all_objections,
        late=first.all_late,
        since=first.submitted_at,
        claimed_cents=int(first.all_cents or 0),
        to_come_cents=int(first.all_to_come or 0),
        oldest=tuple(oldest),
    )


@prepared
def _few_waiting(contract_ids: Collection[int], today: date) -> QuerySet[Contribution]:
    return _oldest(contract_ids, today)[:_FEW]


def _oldest(contract_ids: Collection[int], today: date) -> QuerySet[Contribution]:
    """What waits, the longest first; each row says of all of them what they come to."""
    names = ("contract__reference", "organisation__name")
    to_come = line_to_come("value_cents", "receipt", today)
    return (
        waiting_lines(today)
        .filter(contract_id__in=listed(contract_ids))
        .select_related("contract", "organisation")
        .only("state", "reference", "submitted_at", "value_cents", "rest_cents", *names)
        .annotate(
            all_lines=Window(Count("pk")),
            all_objections=Window(Count("pk", filter=Q(state=State.OBJECTION))),
            all_late=Window(Count("pk", filter=Q(state=State.OBJECTION, answer_by__lt=today))),
            all_cents=Window(Sum(WAITING_CENTS)),
            all_to_come=Window(Sum(Case(When(state__in=UNDECIDED_STATES, then=to_come)))),
            to_come=to_come,
        )
        .order_by("submitted_at", "pk")
    )


def expiring(contract_ids: list[int], *, today: date, days: int = 60) -> list[Expiring]:
    """The certificates that run out within some days, the first one first.

    Those are the recognitions of who delivers on these contracts, and the certificates of
    suppliers on lines that count or wait. Runs two queries.
    """
    last = today + timedelta(days=days)
    ending = [*_recognitions(contract_ids, today, last), *_on_lines(contract_ids, today, last)]
    return sorted(ending, key=lambda entry: (entry.until, entry.holder))


def _recognitions(contract_ids: list[int], first: date, last: date) -> Iterable[Expiring]:
    for holder, kind, level, until in _recognised_until(contract_ids, first, last):
        name = " ".join(filter(None, (str(RecognitionKind(kind).label), level)))
        yield Expiring(holder, name, until or last)


@prepared
def _recognised_until(
    contract_ids: Collection[int], first: date, last: date
) -> QuerySet[Recognition, tuple[Any, ...]]:
    delivering = Party.objects.filter(
        contract_id__in=listed(contract_ids), role__in=DELIVERING_ROLES
    )
    return Recognition.objects.filter(
        valid_until__range=(first, last), organisation__in=delivering.values("organisation")
    ).values_list("organisation__name", "kind", "level", "valid_until")


def _on_lines(contract_ids: list[int], first: date, last: date) -> Iterable[Expiring]:
    for holder, certificate, until, contract_id, contract in _certified_until(
        contract_ids, first, last
    ):
        yield Expiring(holder, certificate, until or last, contract_id, contract)


@prepared
def _certified_until(
    contract_ids: Collection[int], first: date, last: date
) -> QuerySet[Contribution, tuple[Any, ...]]:
    lines = Contribution.objects.filter(
        contract_id__in=listed(contract_ids), certificate_until__range=(first, last)
    ).exclude(state__in=(State.DRAFT, State.WITHDRAWN, State.REJECTED))
    columns = ("organisation__name", "certificate", "certificate_until", "contract_id")
    return lines.order_by().values_list(*columns, "contract__reference").distinct()


def without_users(contract_ids: list[int]) -> list[tuple[int, str]]:
    """Who delivers on these contracts while nobody signs in for him. Runs one query.

    Subcontractors too: the contractor brings them in, and who decides invites them.
    """
    rows = _with_members(contract_ids)
    return [(pk, name) for pk, name, has_members in rows if not has_members]


@prepared
def _with_members(
    contract_ids: Collection[int],
) -> QuerySet[Organisation, tuple[int, str, bool]]:
    contractors = Party.objects.filter(
        contract_id__in=listed(contract_ids), role__in=DELIVERING_NOW
    )
    has_members = Func(F("pk"), function="telmee_has_members", output_field=BooleanField())
    rows = Organisation.objects.filter(pk__in=contractors.values("organisation"))
    return rows.order_by("search_name").values_list("pk", "name", has_members)


@prepared
def drafts(acting: Acting) -> QuerySet[Contribution]:
    """One's own drafts that could still be handed in, the oldest first."""
    return _own_lines(acting, State.DRAFT).order_by("created_at", "pk")[:_MOST]


@prepared
def open_questions(acting: Acting) -> QuerySet[Contribution]:
    """One's own lines on which a question of the client is open, the first to answer first."""
    return _own_lines(acting, State.ASKED).order_by("answer_by", "pk")[:_MOST]


@prepared
def own_objections(acting: Acting) -> QuerySet[Contribution]:
    """One's own lines with an objection that waits for the client, the first due first."""
    return _own_lines(acting, State.OBJECTION).order_by("answer_by", "pk")[:_MOST]


def _own_lines(acting: Acting, state: State) -> QuerySet[Contribution]:
    """One's own lines in a state, on contracts that are open: what a short list shows of them."""
    lines = Contribution.objects.filter(
        organisation__in=listed(acting.organisations), state=state, contract__closed_on=None
    )
    shown = ("reference", "value_cents", "answer_by", "contract__reference", "contract__name")
    return lines.select_related("contract").only(*shown)


@prepared
def decided_lately(acting: Acting) -> QuerySet[Decision]:
    """The latest decisions on one's own lines: what a short list shows of them and their line."""
    own = Decision.objects.filter(contribution__organisation__in=listed(acting.organisations))
    line, contract = "contribution", "contribution__contract"
    decisions = own.select_related(f"{contract}__scheme").only(
        *("outcome", "until", "rule", "reason", "ruling", "text", "decided_at", "amount_cents"),
        *(f"{line}__reference", f"{contract}__reference", f"{contract}__scheme__sha256"),
    )
    return decisions.order_by("-decided_at", "-pk")[:_FEW]


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation itself did on a contract that somebody else answers for."""

    contract_id: int
    reference: str
    name: str
    end: date
    delivered_cents: int
    waiting_lines: int
    verified_cents: int
    to_come: ToCome


def subcontracted(acting: Acting, *, today: date) -> list[Part]:
    """One's own part of the open contracts that another answers for. Runs two queries.

    Who has a part does not see the books, so what is verified is added up from his own lines.
    """
    rows = _parts_of(acting, today)
    later = to_come((pk for pk, *_ in rows), today=today)
    return [
        Part(
            contract_id=pk,
            reference=reference,
            name=name,
            end=end,
            delivered_cents=int(delivered or 0),
            waiting_lines=waits,
            verified_cents=int(verified or 0),
            to_come=later.get(pk, NOTHING_TO_COME),
        )
        for pk, reference, name, end, delivered, waits, verified in rows
    ]


@prepared
def _parts_of(acting: Acting, today: date) -> QuerySet[Party, tuple[Any, ...]]:
    lines = "contract__contributions"
    delivering = listed(acting.organisations)
    own = Q(**{f"{lines}__organisation__in": delivering})
    # Of one's own alone, or the database looks for what waits in the whole country first.
    waits = Q(**{f"{lines}__in": waiting_lines(today).filter(organisation__in=delivering)})
    claimed = own & ~Q(**{f"{lines}__state__in": (State.DRAFT, State.WITHDRAWN)})
    return (
        parties_of(acting)
        .filter(Q(role=PartyRole.SUBCONTRACTOR) | (Q(role=PartyRole.FORMER) & delivers_no_more()))
        .filter(contract__closed_on=None)
        .order_by("contract__end", "contract_id")
        .values_list("contract_id", "contract__reference", "contract__name", "contract__end")
        .annotate(
            delivered=Sum(f"{lines}__value_cents", filter=claimed),
            waiting=Count(f"{lines}__pk", filter=waits),
            verified=Sum(f"{lines}__verified_cents", filter=claimed),
        )
    )


@prepared
def decided_contracts(acting: Acting) -> QuerySet[Contract, tuple[int, int | None, date | None]]:
    """The contracts that one's organisations decide on: id, adviser, and since when closed."""
    contracts = contracts_of(acting, *DECIDING_ROLES)
    return contracts.values_list("pk", "adviser_id", "closed_on")


def roles_of(acting: Acting) -> frozenset[str]:
    """Every role in which somebody's organisations stand on a contract. Runs one query."""
    return frozenset(_roles(acting))


@prepared
def _roles(acting: Acting) -> QuerySet[Party, str]:
    return parties_of(acting).order_by().values_list("role", flat=True).distinct()
