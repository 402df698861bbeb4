"""Reports for tests, published by the same action as the pages use."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from telmee.apps.openness.actions import open_report
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import freeze, report_for


def published(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Publish a report of an organisation, and give its id."""
    with acting_as(user.pk) as acting:
        return freeze(acting, organisation.pk, kind, year, key=uuid4(), as_of=timezone.now())


def opened(user: User, report: int, *, is_open: bool = True) -> int:
    """Let everybody read a report; gives the client that it is of."""
    with acting_as(user.pk) as acting:
        row = report_for(acting, report)
        open_report(acting, row, is_open=is_open, key=uuid4())
        return row.organisation_id


def in_the_open(user: User, manager: User, organisation: Organisation) -> dict[str, int]:
    """Publish a report that everybody may read, by its id."""
    report = published(user, organisation)
    opened(manager, report)
    return {"report": report}
