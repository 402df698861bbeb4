"""The five answers of an account, for the page that shows them."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from telmee.apps.openness.queries import OpenAccount
from telmee.web import exports
from telmee.web.charts import Chart
from telmee.web.openness import questions
from telmee.web.reports.report_words import counted_of, more_than_delivered
from telmee.web.reports.tables import ahead_table, coverage_table


def answered(
    request: HttpRequest, template: str, shown: OpenAccount, context: Mapping[str, object]
) -> HttpResponse:
    """The page with the answers of an account, or the figures of one of its charts as a file."""
    content = answers(shown)
    if table := request.GET.get("tabel"):
        chart, kind = content.get(table), request.GET.get("export", "")
        if not isinstance(chart, Chart) or kind not in exports.KINDS:
            raise Http404
        return exports.of_chart(kind, chart)
    return render(request, template, {**context, **content, "file_kinds": list(exports.KINDS)})


def answers(shown: OpenAccount) -> dict[str, object]:
    """What `openness/_answers.html` shows of an account."""
    document = shown.document
    return {
        "account": shown,
        "reached": questions.reached(document),
        "of_contractors": questions.asked_of_contractors(document),
        "buying_power": questions.buying_power(document),
        "coverage": coverage_table(document),
        "more_than_delivered": more_than_delivered(document),
        "euros_chart": questions.euros_chart(document),
        "progress_chart": questions.progress_chart(document),
        "ahead": ahead_table(document),
        "of_later": questions.of_later(document),
        "bought": questions.bought(document),
        "people": questions.people(document),
        "not_well": questions.not_well(document),
        "where_chart": questions.where_chart(document),
        "whom_chart": questions.whom_chart(document),
        "unknown": questions.not_known(document),
        "put_right": questions.put_right(document),
        "counted": list(counted_of(document)),
    }
