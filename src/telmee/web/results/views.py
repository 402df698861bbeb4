"""Show published results: a chart and a table per series, with the document that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from telmee.apps.reports.published import (
    OfASize,
    Survey,
    published_results,
    published_survey,
    series_facts,
)
from telmee.web.amounts import Cell, Row, Table
from telmee.web.charts import Chart, Series
from telmee.web.language import active
from telmee.web.reports.tables import published_tables
from telmee.web.templatetags.telmee import grouped


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Show every series; anybody may see it."""
    facts = {"published": [series_facts(series) for series in published_results()]}
    shown = [{**series, "chart": _chart(series)} for series in published_tables(facts)]
    survey = published_survey()
    context = {"published": shown, "survey": survey, "survey_table": _survey_table(survey)}
    context["survey_note"] = survey.note.in_language(active())
    return render(request, "results/published.html", context)


def _survey_table(survey: Survey) -> Table:
    """A row for each size of municipality, and one for all together."""
    columns = [
        _("Municipalities that knew"),
        _("People a year, on average"),
        _("Fewest"),
        _("Most"),
        _("Still at work afterwards"),
    ]
    rows = [Row(_size_in_words(one), list(_answers(one))) for one in (*survey.sizes, survey.whole)]
    return Table(_("People by size of municipality"), _("Inhabitants"), columns, rows)


def _answers(one: OfASize) -> Iterator[Cell]:
    for number in (one.answered, one.people_mean, one.people_least, one.people_most):
        yield Cell(grouped(number))
    knew = ngettext("%(count)s answer", "%(count)s answers", one.stayed_answered)
    yield Cell(f"{one.stayed_percent}%", note=knew % {"count": one.stayed_answered})


def _size_in_words(one: OfASize) -> str:
    if one.inhabitants_from is None:
        return _("All together")
    first = grouped(one.inhabitants_from)
    if one.inhabitants_to is None:
        return _("More than %(number)s") % {"number": first}
    return f"{first}\N{EN DASH}{grouped(one.inhabitants_to)}"


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
