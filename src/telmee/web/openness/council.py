"""What a member of a council reads: the answers of the last report of his client about a year.

Not the register itself: who looks at a live count each day sees it change by one person.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from telmee.apps.openness.queries import account_of, reports_by_year
from telmee.apps.organisations.acting import Own
from telmee.apps.reports.freezing import report_for
from telmee.web.middleware import TelmeeRequest
from telmee.web.openness.answers import answered


def council_results(request: TelmeeRequest) -> HttpResponse:
    """Answer the questions of a council by what its client published."""
    council = _chosen(request)
    years = reports_by_year(council.id)
    typed = request.GET.get("jaar", "")
    year = next((year for year in years if str(year) == typed), next(iter(years), None))
    context: dict[str, object] = {
        "councils": request.acting.councils,
        "council": council,
        "years": list(years),
        "year": year,
        "breadcrumbs": [{"label": _("Results"), "url": ""}],
    }
    if year is None:
        return render(request, "openness/council.html", context)
    report = report_for(request.acting, years[year])
    context |= {"report": report}
    return answered(request, "openness/council.html", account_of(report), context)


def _chosen(request: TelmeeRequest) -> Own:
    """The council that the address asks for; what makes no sense falls back to the first."""
    councils = request.acting.councils
    wanted = request.GET.get("raad", "")
    return next((one for one in councils if str(one.id) == wanted), councils[0])
