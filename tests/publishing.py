"""Reports for tests, published by the same action as the pages use."""

from __future__ import annotations

from uuid import uuid4

from telmee.apps.openness.actions import open_report
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.drafts import ask_for_draft, make_draft
from telmee.apps.reports.freezing import freeze, report_for
from telmee.apps.reports.publishing import ask_for_report
from telmee.web.reports.tasks import make_papers


def frozen(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Publish a report of an organisation whose papers are still to be made, and give its id."""
    with acting_as(user.pk) as acting:
        return freeze(acting, organisation.pk, kind, year, key=uuid4())


def published(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Publish a report of an organisation with its papers, as the worker does, and give its id."""
    report = frozen(user, organisation, kind, year)
    make_papers(report_id=report, user_id=user.pk)
    return report


def drafted(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Look at what a report would say, as the worker makes it, and give the id of the draft."""
    with acting_as(user.pk) as acting:
        draft = ask_for_draft(acting, organisation.pk, kind, year).pk
    make_draft(draft, user.pk)
    return draft


def wanted(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Ask for a report that the worker is still to publish; gives the id of what was asked."""
    with acting_as(user.pk) as acting:
        return ask_for_report(acting, organisation.pk, kind, year, key=uuid4()).pk


def opened(user: User, report: int, *, is_open: bool = True) -> int:
    """Let everybody read a report; gives the client that it is of."""
    with acting_as(user.pk) as acting:
        row = report_for(acting, report)
        open_report(acting, row, is_open=is_open, key=uuid4())
        return row.organisation_id


def in_the_open(user: User, manager: User, organisation: Organisation) -> dict[str, int]:
    """A report that everybody may read, one without papers, one that was asked for, and a draft."""
    report = published(user, organisation)
    opened(manager, report)
    return {
        "report": report,
        "report_unmade": frozen(user, organisation, ReportKind.COUNCIL),
        "publishing": wanted(user, organisation),
        "report_draft": drafted(user, organisation),
    }
