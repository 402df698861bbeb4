"""Show published results: a chart and a table per series, with the document that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from telmee.apps.reports.published import published_results, series_facts
from telmee.web.charts import Chart, Series
from telmee.web.reports.tables import published_tables


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Show every series; anybody may see it."""
    facts = {"published": [series_facts(series) for series in published_results()]}
    shown = [{**series, "chart": _chart(series)} for series in published_tables(facts)]
    return render(request, "results/published.html", {"published": shown})


def _chart(series: Mapping[str, Any]) -> Chart | None:
    """What was realised year by year; None of one year, which is no course."""
    years, rows = series["years"], series["rows"]
    if len(years) <= 1:
        return None
    return Chart(
        title=_("Realised, per year"),
        description=_("What {publisher} says was realised, in euros.").format(**series),
        labels=[row["name"] for row in rows],
        series=[
            Series(pgettext("published", "Realised"), [year["realised_cents"] for year in years])
        ],
        unit="cents",
        first_heading=_("Year"),
    )
