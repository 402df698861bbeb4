"""Show published results: a chart and a table per series, with the document that they stand in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from telmee.apps.reports.published import Series, Year, published_results
from telmee.web.charts import Chart
from telmee.web.charts import Series as Bars
from telmee.web.language import active
from telmee.web.templatetags.telmee import day


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Show every series; anybody may see it."""
    shown = [_shown(series) for series in published_results()]
    return render(request, "results/published.html", {"series": shown})


def _shown(series: Series) -> dict[str, object]:
    return {
        "series": series,
        "note": series.note.in_language(active()),
        "chart": Chart(
            title=_("Realised, per year"),
            description=_("What {publisher} says was realised, in euros.").format(
                publisher=series.publisher
            ),
            labels=[_name(year) for year in series.years],
            series=[
                Bars(
                    pgettext("published", "Realised"),
                    [year.realised_cents for year in series.years],
                )
            ],
            unit="cents",
            first_heading=_("Year"),
        ),
        "years": [{"name": _name(year), "year": year} for year in series.years],
        "has_target": any(year.target_percent for year in series.years),
        "has_places": any(year.workplaces for year in series.years),
    }


def _name(year: Year) -> str:
    """Name a year, and say it when it is not a whole one."""
    if year.until is None:
        return str(year.year)
    return _("{year}, until {day}").format(year=year.year, day=day(year.until))
