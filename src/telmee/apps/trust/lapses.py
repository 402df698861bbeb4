"""Trust that is away: lifted by a person of the client, and told to both sides.

It begins in the database, with the review that found a line wrong, and ends by itself, or with a
later review that finds the line right after all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.acting import Acting, acting_as_system
from telmee.apps.organisations.turns import hold_row
from telmee.apps.trust.models import Lapse
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_reason


def lapses_of(acting: Acting) -> QuerySet[Lapse]:
    """Where trust was taken away, from one's own contractors or from oneself; the latest first."""
    own = acting.organisations
    lapses = Lapse.objects.filter(Q(organisation__in=own) | Q(contractor__in=own))
    return lapses.select_related("organisation", "contractor", "review__contribution").order_by(
        "-pk"
    )


@transaction.atomic
def lift_lapse(acting: Acting, lapse: Lapse, *, reason: str, today: date) -> None:
    """The trust is back before its day, with the reason; both sides are told.

    Raises `trust_is_back` where it was lifted, or is over, and what refuses a reason.
    """
    require_reason(reason)
    row = hold_row(Lapse.objects.all(), lapse.pk)
    if row.lifted_at is not None or row.until < today:
        raise DomainError(Problem("trust_is_back"))
    require_no_code(row.review.contribution, reason)
    row.lifted_at, row.lifted_by_id = timezone.now(), acting.user_id
    row.lifted_why = reason.strip()
    row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record(
        acting,
        "organisation.trust_given_back",
        lapse.organisation,
        organisation_id=lapse.organisation_id,
        reason=reason,
        details={"contractor": lapse.contractor.name, "row": lapse.pk},
    )


# Telling ---------------------------------------------------------------------------------------


class _Told(NamedTuple):
    """Trust that went or came back, for one person who is told of it."""

    lapse_id: int
    code: str
    contract_id: int
    reference: str
    name: str
    line: str
    client: str
    contractor: str
    until_on: date
    organisation_id: int
    user_id: int
    language: str


def tell_of_lapses() -> None:
    """Write to both sides that trust was taken away, or given back by a person; each once."""
    with acting_as_system():
        for news in _to_tell():
            write_notice(
                news.code,
                Reader(user_id=news.user_id, language=news.language),
                event=f"lapse {news.lapse_id}",
                facts={
                    "reference": news.reference,
                    "contract": news.name,
                    "line": news.line,
                    "client": news.client,
                    "contractor": news.contractor,
                    "until_on": str(news.until_on),
                    "url": settings.SITE_URL + reverse("trust"),
                },
                about=About(organisation_id=news.organisation_id, contract_id=news.contract_id),
            )


def _to_tell() -> Iterator[_Told]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_Told._fields)} FROM telmee_lapses_to_tell()")  # noqa: S608
        yield from map(_Told._make, cursor.fetchall())
