"""Reports for tests, published by the same action as the pages use."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import freeze


def published(
    user: User, organisation: Organisation, kind: ReportKind = ReportKind.ANNUAL, year: int = 2025
) -> int:
    """Publish a report of an organisation, and give its id."""
    with acting_as(user.pk) as acting:
        return freeze(acting, organisation.pk, kind, year, key=uuid4(), as_of=timezone.now())
