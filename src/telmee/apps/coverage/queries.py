"""Where purchases stand, and how much of the buying power of a client is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractYear

from telmee.apps.contracts.choices import NoObligation
from telmee.apps.contracts.models import Contract
from telmee.apps.coverage.access import contracts_of_client
from telmee.apps.coverage.choices import OPEN_STATES, Outcome, Reach, State
from telmee.apps.coverage.models import Purchase, PurchaseAnswer, PurchaseList
from telmee.apps.organisations.acting import Acting
from telmee.core.coverage import Sureness
from telmee.core.money import part_bp

#: States of which the purchase reaches its threshold.
_ABOVE = frozenset(State) - {State.BELOW, State.UNSURE}
#: Those in which nobody asks for social return yet, and could.
_ROOM = frozenset({State.GAP, State.PROPOSED, State.TO_APPLY})


def purchases_of(client_id: int, *, as_of: datetime | None = None) -> QuerySet[Any, Any]:
    """The purchases of a client on lists that stand, each with its `state` (`State`) and `year`.

    A contract or an explanation decides, then the threshold, then what is proposed; with `as_of`
    only lists and answers that were there at that moment. A contract that was voided covers nothing
    and is not proposed, and one without an obligation says why in the register.
    """
    last = PurchaseAnswer.objects.filter(purchase=OuterRef("pk")).order_by("-number")
    stands = Q(list__withdrawn_at=None)
    if as_of is not None:
        last = last.filter(answered_at__lte=as_of)
        stands = (stands | Q(list__withdrawn_at__gt=as_of)) & Q(list__added_at__lte=as_of)
    contract = Contract.objects.filter(pk=OuterRef("answered_contract"), voided_on=None)
    answered = {
        "outcome": Coalesce(Subquery(last.values("outcome")[:1]), Value("")),
        "answered_contract": Subquery(last.values("contract")[:1]),
        "ground": Coalesce(Subquery(last.values("ground")[:1]), Value("")),
    }
    why_none = Subquery(contract.values("no_obligation")[:1])
    rows = Purchase.objects.filter(stands, organisation=client_id)
    return rows.annotate(**answered).annotate(
        why_none=why_none, year=ExtractYear("day"), state=_state()
    )


def _state() -> Case:
    below = Value(State.BELOW)
    matched = Q(outcome=Outcome.MATCHED, why_none__isnull=False)
    return Case(
        When(matched & Q(why_none=""), then=Value(State.COVERED)),
        When(matched, then=Value(State.EXPLAINED)),
        When(outcome=Outcome.EXPLAINED, ground=NoObligation.BELOW_THRESHOLD, then=below),
        When(outcome=Outcome.EXPLAINED, then=Value(State.EXPLAINED)),
        When(reach=Reach.BELOW, then=below),
        When(outcome=Outcome.APPLY, then=Value(State.TO_APPLY)),
        When(proposed__isnull=False, proposed__voided_on=None, then=Value(State.PROPOSED)),
        When(reach=Reach.UNSURE, then=Value(State.UNSURE)),
        default=Value(State.GAP),
        output_field=CharField(),
    )


def unanswered(client_id: int) -> QuerySet[Any, Any]:
    """The purchases of a client of which nobody said anything that holds."""
    return purchases_of(client_id).filter(outcome__in=["", Outcome.REOPENED])


def surest_first(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Purchases by how sure it is what they are, and then by their amount."""
    place = Case(
        *(When(sureness=one, then=Value(at)) for at, one in enumerate(map(str, Sureness))),
        default=Value(len(Sureness)),
        output_field=IntegerField(),
    )
    return rows.order_by(place, "-cents", "pk")


def usual_scheme(acting: Acting, client_id: int) -> str:
    """The scheme of the latest contract of a client; empty where it has none."""
    latest = contracts_of_client(acting, client_id).order_by("-start", "-pk")
    return latest.values_list("scheme__scheme_id", flat=True).first() or ""


def state_of(purchase: Purchase) -> State:
    """Where one purchase stands."""
    rows = purchases_of(purchase.organisation_id).filter(pk=purchase.pk)
    return State(rows.values_list("state", flat=True).get())


# The buying power ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Purchases of one state in a year: how many, for how much, and what they would owe.

    `owed_cents` is of those of which the rules say so; of `unknown` purchases a person has to.
    """

    count: int = 0
    cents: int = 0
    owed_cents: int = 0
    unknown: int = 0

    def __add__(self, other: Part) -> Part:
        return Part(
            self.count + other.count,
            self.cents + other.cents,
            self.owed_cents + other.owed_cents,
            self.unknown + other.unknown,
        )


@dataclass(frozen=True, slots=True)
class Year:
    """The buying power of a client in a year, and what was done with it."""

    year: int
    parts: Mapping[State, Part]

    def part(self, *states: State) -> Part:
        """The purchases of some states together."""
        return sum((self.parts[s] for s in states if s in self.parts), Part())

    @property
    def above(self) -> Part:
        """All purchases that reach their threshold."""
        return self.part(*_ABOVE)

    @property
    def covered(self) -> Part:
        """Those with an obligation in the register."""
        return self.part(State.COVERED)

    @property
    def explained(self) -> Part:
        """Those without, of which somebody said why."""
        return self.part(State.EXPLAINED)

    @property
    def room(self) -> Part:
        """Those of which nobody asks social return yet, and nobody said why not."""
        return self.part(*_ROOM)

    @property
    def unsure(self) -> Part:
        """What may be above the threshold or below it: the rules do not say by what is known."""
        return self.part(State.UNSURE)

    @property
    def used_bp(self) -> int | None:
        """Which share of what is above the threshold has an obligation, in basis points."""
        return _share_bp(self.covered.cents, self.above.cents)


def _share_bp(part: int, whole: int) -> int | None:
    """A share in basis points; None of nothing."""
    return part_bp(part, whole) if whole > 0 else None


def years_of(client_id: int, *, today: date) -> list[Year]:
    """The years of which there are purchases, the latest first; those to come are left out.

    Runs one query.
    """
    return [year for year in bought_by_year(client_id) if year.year <= today.year]


def bought_by_year(client_id: int, *, as_of: datetime | None = None) -> list[Year]:
    """The years of which there are purchases, the latest first. Runs one query."""
    parts: dict[int, dict[State, Part]] = defaultdict(dict)
    rows = purchases_of(client_id, as_of=as_of).order_by().values("year", "state")
    sums = rows.annotate(
        count=Count("pk"),
        total=Sum("cents"),
        owed=Coalesce(Sum("owed_cents"), Value(0), output_field=IntegerField()),
        unknown=Count("pk", filter=Q(owed_cents=None)),
    )
    for row in sums:
        part = Part(row["count"], int(row["total"]), int(row["owed"]), row["unknown"])
        parts[row["year"]][State(row["state"])] = part
    return [Year(year, parts[year]) for year in sorted(parts, reverse=True)]


def open_purchases(years: Iterable[Year]) -> Part:
    """What still waits for somebody, over years together."""
    return sum((year.part(*OPEN_STATES) for year in years), Part())


def counted_lists(lists: QuerySet[PurchaseList]) -> QuerySet[PurchaseList]:
    """Lists, each with how many purchases are kept of it and for how much."""
    return lists.annotate(
        count=Count("purchases"),
        cents=Coalesce(Sum("purchases__cents"), Value(0), output_field=IntegerField()),
    )
