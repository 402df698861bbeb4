"""The term of an answer to a settlement: told when it ends soon, and when it has passed.

That is all that follows from a term: silence is told as silence, and settles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.acting import acting_as_system
from telmee.apps.settlements.choices import NEAR_DAYS


class _Term(NamedTuple):
    """The term of a proposal that waits, for one person who is told of it."""

    version_id: int
    contract_id: int
    reference: str
    name: str
    due_on: date
    is_over: bool
    organisation_id: int
    user_id: int
    language: str


def tell_of_terms(today: date | None = None) -> None:
    """Write to the contractor that his term ends soon, and to both that it is over; each once."""
    with acting_as_system():
        for term in _terms(today or timezone.localdate()):
            write_notice(
                "settlement_term_missed" if term.is_over else "settlement_term_near",
                Reader(user_id=term.user_id, language=term.language),
                event=f"version {term.version_id}",
                facts={
                    "reference": term.reference,
                    "contract": term.name,
                    "due_on": str(term.due_on),
                    "url": settings.SITE_URL
                    + reverse("contract-settlement", args=[term.contract_id]),
                },
                about=About(organisation_id=term.organisation_id, contract_id=term.contract_id),
            )


def _terms(today: date) -> Iterator[_Term]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_Term._fields)} FROM telmee_settlement_terms(%s, %s)",  # noqa: S608
            [today, NEAR_DAYS],
        )
        yield from map(_Term._make, cursor.fetchall())
