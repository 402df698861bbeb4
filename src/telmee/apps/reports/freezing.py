"""Publish a report: freeze what it says with a hash and the signature of the installation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone
from procrastinate.contrib.django import app

from telmee.apps.audit.actions import record
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.apps.reports.choices import OF_A_CLIENT, ReportKind
from telmee.apps.reports.document import YEARS, Earlier, books_of, document_of, hidden_of
from telmee.apps.reports.hiding import Behind, counted
from telmee.apps.reports.models import Counted, Report
from telmee.apps.reports.results import contracts_in
from telmee.apps.reports.together import Cell
from telmee.core.errors import DomainError, Problem
from telmee.integrations.signatures import digest, signed, text_of

#: The name under which the worker knows the making of papers (`telmee.web.reports.tasks`).
PAPERS_TASK = "reports:make_papers"
_FIRST_YEAR = 2000
#: What an organisation is to the contracts that its report of a kind tells of.
_MADE_AS = {
    ReportKind.COUNCIL: PartyRole.CLIENT,
    ReportKind.ANNUAL: PartyRole.CLIENT,
    ReportKind.REGIONAL: PartyRole.REGIONAL_TEAM,
    ReportKind.STATEMENT: PartyRole.CONTRACTOR,
}
# What is booked is written under a number of its transaction, that stays until it ends. So before
# the first moment at which any such one began nothing is written any more that nobody sees yet.
_SETTLED = """
    SELECT greatest(
        (SELECT max(as_of) FROM reports_report WHERE organisation_id = %s),
        (SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
         WHERE datname = current_database() AND backend_xid IS NOT NULL
           AND pid <> pg_backend_pid()))
"""


def reports_of(acting: Acting) -> QuerySet[Report]:
    """The reports that somebody may read, without their text, the latest first."""
    del acting  # row security: those of his organisations, and of clients they serve or audit
    rows = Report.objects.defer("document").select_related("organisation")
    return rows.order_by("-frozen_at", "-pk")


def report_for(acting: Acting, report_id: int) -> Report:
    """A report that somebody may read. Raises `Http404`."""
    del acting  # as above
    row = Report.objects.select_related("organisation", "before").filter(pk=report_id).first()
    if row is None:
        raise Http404
    return row


def kinds_to_make(acting: Acting) -> dict[int, list[ReportKind]]:
    """The kinds of report that each organisation somebody works for has a contract to tell of.

    Organisations without one are left out: an audit office reads contracts and makes no report.
    Runs one query.
    """
    parties = Party.objects.filter(organisation=OuterRef("pk"))
    has = {kind: Exists(parties.filter(role=role)) for kind, role in _MADE_AS.items()}
    rows = Organisation.objects.filter(pk__in=acting.working).annotate(**has).values("pk", *has)
    kinds = {row["pk"]: [kind for kind in ReportKind if row[kind]] for row in rows}
    return {organisation: some for organisation, some in kinds.items() if some}


def contracts_for(acting: Acting, organisation_id: int, kind: ReportKind) -> list[int]:
    """The contracts that a report of an organisation is about, as far as he who makes it sees them.

    A client's own; what a team decides on for its clients; or what a contractor carries out.
    """
    if kind == ReportKind.STATEMENT:
        return contracts_in(acting, contractors=[organisation_id])
    if kind == ReportKind.REGIONAL:
        return contracts_in(acting, teams=[organisation_id])
    return contracts_in(acting, clients=[organisation_id])


def contracts_to_report(
    acting: Acting, organisation_id: int, kind: ReportKind, year: int
) -> list[int]:
    """The contracts that a report would be about.

    Raises as `require_making` does, `report_year` for a year that has not begun, and
    `report_nothing` where there is no contract to tell of.
    """
    require_making(acting, organisation_id, kind)
    if not _FIRST_YEAR <= year <= timezone.localdate().year:
        raise DomainError(Problem("report_year", "jaar", params={"first": _FIRST_YEAR}))
    contracts = contracts_for(acting, organisation_id, kind)
    if not contracts:
        raise DomainError(Problem("report_nothing", "soort"))
    return contracts


def require_making(acting: Acting, organisation_id: int, kind: ReportKind) -> None:
    """Refuse who may not make a report of this kind.

    Raises `not_allowed`, `report_kind_not_yours`, and `report_of_a_part` for a region or a
    contractor of which he does not see all contracts.
    """
    own = next((one for one in acting.own if one.id == organisation_id), None)
    if own is None or organisation_id not in acting.working:
        raise DomainError(Problem("not_allowed"))
    # What a client awards is open to all its people, whatever else they see a part of.
    of_others = kind in (ReportKind.REGIONAL, ReportKind.STATEMENT)
    if of_others and organisation_id in acting.partly:
        raise DomainError(Problem("report_of_a_part", "soort"))
    if (kind in OF_A_CLIENT) is not own.is_client:
        raise DomainError(Problem("report_kind_not_yours", "soort"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a report says as it stands `as_of` a moment, all but its books, and what is behind it.

    Of a statement nobody stands behind it: it tells of no people.
    """

    as_of: datetime
    contracts: list[int]
    document: dict[str, Any]
    hidden: frozenset[Cell]
    behind: Behind | None


def drawn_up(acting: Acting, organisation_id: int, kind: ReportKind, year: int) -> Drawn:
    """A report as it would be published now. Raises as `contracts_to_report` does."""
    as_of = _settled_moment(organisation_id)
    contracts = contracts_to_report(acting, organisation_id, kind, year)
    organisation = Organisation.objects.get(pk=organisation_id)
    hidden, behind = hidden_of(organisation_id, kind, contracts, year, as_of)
    document = document_of(
        organisation,
        kind,
        year,
        contracts,
        as_of=as_of,
        hidden=hidden,
        earlier=earlier_of(organisation_id, year),
    )
    return Drawn(as_of, contracts, document, hidden, behind)


@transaction.atomic
def freeze(acting: Acting, organisation_id: int, kind: ReportKind, year: int, *, key: UUID) -> int:
    """Publish a report as it stands now, and give its id; the same `key` does it once.

    Its papers are made by the worker. Raises as `contracts_to_report` does.
    """
    wait_for_turn("reports")  # each is held against all that was published before it
    known = done_before(key, Report.objects.filter(key=key, organisation_id=organisation_id))
    if known is not None:
        return known.pk
    drawn = drawn_up(acting, organisation_id, kind, year)
    text = text_of({**drawn.document, "books": books_of(drawn.contracts, drawn.as_of)})
    public_key, signature = signed(text.encode(), settings.SECRET_KEY)
    last = Report.objects.filter(organisation_id=organisation_id, kind=kind, year=year)
    report = Report.objects.create(
        organisation_id=organisation_id,
        kind=kind,
        year=year,
        as_of=drawn.as_of,
        document=text,
        sha256=digest(text.encode()),
        signature=signature,
        public_key=public_key,
        before=last.order_by("-number").first(),
        key=key,
        user_id=acting.user_id,
    )
    if drawn.behind is not None:
        _keep_counted(report, drawn.behind, drawn.hidden)
    details = {"kind": kind, "year": year, "sha256": report.sha256}
    record(acting, "report.published", report, organisation_id=organisation_id, details=details)
    make_papers_later(acting, report.pk)
    return report.pk


def _keep_counted(report: Report, behind: Behind, hidden: frozenset[Cell]) -> None:
    """Keep the people behind a report, for what is published next to be held against."""
    people, cells = counted(behind)
    clients = sorted({int(client) for client, *_ in people})
    Counted.objects.create(
        report=report, clients=clients, people=people, cells=cells, hidden=sorted(hidden)
    )


def make_papers_later(acting: Acting, report_id: int) -> None:
    """Let the worker make the papers of a report, in the name of who asks it."""
    app.configure_task(PAPERS_TASK).defer(report_id=report_id, user_id=acting.user_id)


def _settled_moment(organisation_id: int) -> datetime:
    """The last moment of which everything is known that was written until then.

    A report as of that moment comes out the same whenever it is made again. Never before that of an
    earlier report, which was such a moment too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [organisation_id])
        moment: datetime = cursor.fetchone()[0]
    return moment


def earlier_of(organisation_id: int, year: int) -> Sequence[Earlier]:
    """The reports of an organisation that tell of a year, or of one in its series, in order."""
    rows = Report.objects.filter(
        organisation_id=organisation_id, year__gt=year - YEARS, year__lt=year + YEARS
    )
    return [
        Earlier(row.number, row.kind, row.year, row.as_of, json.loads(row.document))
        for row in rows.order_by("number")
    ]
