"""Let everybody read a report, or nobody any more."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import Http404

from telmee.apps.audit.actions import record
from telmee.apps.openness.models import Opening
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.apps.reports.choices import OF_A_CLIENT
from telmee.apps.reports.models import Report


def may_open(acting: Acting, report: Report) -> bool:
    """Whether he may let everybody read a report: who manages the client that published it."""
    return acting.manages(report.organisation_id) and report.kind in OF_A_CLIENT


@transaction.atomic
def open_report(acting: Acting, report: Report, *, is_open: bool, key: UUID) -> None:
    """Let everybody read a report in the place of any other, or close what is open.

    The same `key` twice does it once. Raises `Http404` for who does not manage the client.
    """
    if not may_open(acting, report):
        raise Http404
    client = report.organisation_id
    if done_before(key, Opening.objects.filter(key=key, organisation=client)) is not None:
        return
    Opening.objects.create(
        organisation_id=client,
        report=report if is_open else None,
        key=key,
        user_id=acting.user_id,
    )
    verb = "organisation.account_opened" if is_open else "organisation.account_closed"
    details = {"report": report.number}
    record(acting, verb, report.organisation, organisation_id=client, details=details)
