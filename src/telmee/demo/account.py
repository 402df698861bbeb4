"""Goals, and reports that were published, by the same actions as the pages use."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from django.utils import timezone

from telmee.apps.openness.actions import open_report
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import User
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.freezing import freeze, report_for
from telmee.apps.reports.goals import set_goal

_MANAGER, _TEAM = "gemeente@telmee.example", "beheerder@telmee.example"
_SOURCE = "Beleidskader Participatie (voorbeeld)"
#: Of the year before this one, and of this one.
_GOALS = (
    (Measure.PERCENTAGE, (90_00, 95_00)),
    (Measure.PLACES, (26, 50)),
    (Measure.VERIFIED, (1_000_000_00, 1_200_000_00)),
)
#: What the region wants of this year: partners, and enterprises that it or a partner recognised.
_REGIONAL = ((Measure.PARTNERS, 10), (Measure.ENTERPRISES, 25))
_KINDS = (ReportKind.ANNUAL, ReportKind.COUNCIL)


def _set_goals_of_region(year: int) -> None:
    """Set what the regional team wants of a year."""
    with acting_as(User.objects.get(email=_TEAM).pk) as acting:
        for measure, amount in _REGIONAL:
            set_goal(
                acting,
                acting.clients[0].id,
                measure=measure,
                year=year,
                amount=amount,
                source=_SOURCE,
                key=uuid5(NAMESPACE_OID, f"goal of the region {measure} {year}"),
            )


def publish_account() -> None:
    """Set goals of the client of the demonstration, publish its reports, and open the last."""
    now = timezone.now()
    last = timezone.localdate(now).year - 1
    _set_goals_of_region(last + 1)
    manager = User.objects.get(email=_MANAGER)
    with acting_as(manager.pk) as acting:
        client = acting.clients[0].id
        for measure, amounts in _GOALS:
            for year, amount in enumerate(amounts, start=last):
                set_goal(
                    acting,
                    client,
                    measure=measure,
                    year=year,
                    amount=amount,
                    source=_SOURCE,
                    key=uuid5(NAMESPACE_OID, f"goal {measure} {year}"),
                )
        reports = [
            freeze(
                acting,
                client,
                kind,
                last,
                key=uuid5(NAMESPACE_OID, f"report {kind}"),
            )
            for kind in _KINDS
        ]
        opening = uuid5(NAMESPACE_OID, "opening")
        open_report(acting, report_for(acting, reports[-1]), is_open=True, key=opening)
