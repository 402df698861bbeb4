"""Publish a report: freeze what it says with a hash and the signature of the installation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.document import YEARS, Earlier, document_of
from telmee.apps.reports.models import Report
from telmee.apps.reports.results import contracts_in
from telmee.core.errors import DomainError, Problem
from telmee.integrations.signatures import digest, signed, text_of

_FIRST_YEAR = 2000


def reports_of(acting: Acting) -> QuerySet[Report]:
    """The reports that somebody may read, without their text, the latest first."""
    del acting  # row security: those of his organisations, and of clients that they serve
    rows = Report.objects.defer("document").select_related("organisation")
    return rows.order_by("-frozen_at", "-pk")


def report_for(acting: Acting, report_id: int) -> Report:
    """A report that somebody may read. Raises `Http404`."""
    del acting  # as above
    row = Report.objects.select_related("organisation", "before").filter(pk=report_id).first()
    if row is None:
        raise Http404
    return row


def contracts_for(acting: Acting, organisation_id: int, kind: ReportKind) -> list[int]:
    """The contracts that a report of an organisation is about, as far as he who makes it sees them.

    A client's own; what a team decides on for its clients; or what a contractor carries out.
    """
    if kind == ReportKind.STATEMENT:
        return contracts_in(acting, contractors=[organisation_id])
    if kind == ReportKind.REGIONAL:
        return contracts_in(acting, teams=[organisation_id])
    return contracts_in(acting, clients=[organisation_id])


def draft_of(
    acting: Acting, organisation_id: int, kind: ReportKind, year: int, *, as_of: datetime
) -> dict[str, object]:
    """What a report would say if it were published now. Raises as `freeze` does."""
    organisation = _organisation(acting, organisation_id)
    if not _FIRST_YEAR <= year <= as_of.year:
        raise DomainError(Problem("report_year", "jaar", params={"first": _FIRST_YEAR}))
    contracts = contracts_for(acting, organisation_id, kind)
    if not contracts:
        raise DomainError(Problem("report_nothing", "soort"))
    earlier = earlier_of(organisation_id, year)
    return document_of(organisation, kind, year, contracts, as_of=as_of, earlier=earlier)


@transaction.atomic
def freeze(
    acting: Acting,
    organisation_id: int,
    kind: ReportKind,
    year: int,
    *,
    key: UUID,
    as_of: datetime,
) -> int:
    """Publish a report as it stands `as_of` a moment, and give its id; the same `key` does it once.

    Raises `not_allowed`, `report_year` for a year that has not begun, and `report_nothing` where
    there is no contract to tell of.
    """
    wait_for_turn(f"reports of {organisation_id}")
    known = done_before(key, Report.objects.filter(key=key, organisation_id=organisation_id))
    if known is not None:
        return known.pk
    document = draft_of(acting, organisation_id, kind, year, as_of=as_of)
    text = text_of(document)
    public_key, signature = signed(text.encode(), settings.SECRET_KEY)
    last = Report.objects.filter(organisation_id=organisation_id, kind=kind, year=year)
    report = Report.objects.create(
        organisation_id=organisation_id,
        kind=kind,
        year=year,
        as_of=as_of,
        document=text,
        sha256=digest(text.encode()),
        signature=signature,
        public_key=public_key,
        before=last.order_by("-number").first(),
        key=key,
        user_id=acting.user_id,
    )
    details = {"kind": kind, "year": year, "sha256": report.sha256}
    record(acting, "report.published", report, organisation_id=organisation_id, details=details)
    return report.pk


def earlier_of(organisation_id: int, year: int) -> Sequence[Earlier]:
    """The reports that an organisation published about a year and those before it, in order."""
    rows = Report.objects.filter(
        organisation_id=organisation_id, year__gt=year - YEARS, year__lte=year
    )
    return [
        Earlier(row.number, row.kind, row.year, row.as_of, json.loads(row.document))
        for row in rows.order_by("number")
    ]


def _organisation(acting: Acting, organisation_id: int) -> Organisation:
    if organisation_id not in acting.working:
        raise DomainError(Problem("not_allowed"))
    return Organisation.objects.get(pk=organisation_id)
