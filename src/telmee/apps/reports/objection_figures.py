"""Objections as figures: how many, what came of them, how long that took, how many were late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, DateField, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, ExtractYear, TruncDate

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.decisions.choices import Ruling
from telmee.apps.decisions.models import Decision, Objection
from telmee.apps.organisations.acting import Acting


@dataclass(frozen=True, slots=True)
class Year:
    """The objections that one client received in one year.

    `days` is how long it took on average, and `most_days` at most, of what was decided.
    """

    client: str
    year: int
    received: int
    upheld: int
    partly: int
    dismissed: int
    waiting: int
    late: int
    days: int | None
    most_days: int | None


def objections(acting: Acting, today: date) -> QuerySet[Objection, Any]:
    """Every objection that somebody may read of, the last to be made first.

    Each with its client, the last day, the decision that came of it, the days that it took and
    whether that was late.
    """
    client = Party.objects.filter(contract=OuterRef("contract"), role=PartyRole.CLIENT)
    answer = Decision.objects.filter(
        contribution=OuterRef("contribution"), number=OuterRef("decision__number") + 1
    )
    return (
        Objection.objects.filter(contract__in=contracts_of(acting))
        .annotate(
            client=Subquery(client.values("organisation__name")[:1]),
            received_on=TruncDate("made_at"),
            last=Coalesce("extension__until", "due"),
            ruling=Coalesce(Subquery(answer.values("ruling")[:1]), Value("")),
            decided_on=TruncDate(Subquery(answer.values("decided_at")[:1])),
        )
        .annotate(
            took=F("decided_on") - F("received_on"),
            late=Q(last__lt=Coalesce("decided_on", Value(today, DateField()))),
        )
        .order_by("-made_at", "-pk")
    )


def years_of_objections(acting: Acting, today: date) -> list[Year]:
    """The figures of each client and year, the latest year first. Runs one query."""
    rows = (
        objections(acting, today)
        .order_by()
        .annotate(year=ExtractYear("made_at"))
        .values("client", "year")
        .annotate(
            received=Count("pk"),
            upheld=Count("pk", filter=Q(ruling=Ruling.UPHELD)),
            partly=Count("pk", filter=Q(ruling=Ruling.PARTLY)),
            dismissed=Count("pk", filter=Q(ruling=Ruling.DISMISSED)),
            waiting=Count("pk", filter=Q(decided_on=None)),
            too_late=Count("pk", filter=Q(late=True)),
            average=Avg("took"),
            most=Max("took"),
        )
        .order_by("-year", "client")
    )
    return [
        Year(
            row["client"] or "",
            row["year"],
            row["received"],
            row["upheld"],
            row["partly"],
            row["dismissed"],
            row["waiting"],
            row["too_late"],
            _days(row["average"]),
            _days(row["most"]),
        )
        for row in rows
    ]


def _days(took: timedelta | None) -> int | None:
    """Whole days, half of one rounded up."""
    return None if took is None else (took + timedelta(hours=12)).days
