"""Pages of reports: the list, reading one, and its files."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.letters.choices import Media
from telmee.apps.reports.choices import OF_A_CLIENT, ReportKind
from telmee.apps.reports.freezing import kinds_to_make, report_for, reports_of
from telmee.apps.reports.publishing import paper_content, papers_of
from telmee.integrations.signatures import mark_of, public_key_of
from telmee.web.language import active
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.reports import files, report_words, sustainability, tables

_REPORTS = ListPage(
    name=gettext_lazy("Reports"),
    columns=(
        Column(
            "number",
            gettext_lazy("Report"),
            order="number",
            words=lambda number: _("Report %(number)s") % {"number": number},
            url=lambda row: reverse("report", args=[row["pk"]]),
            under=Column("kind", gettext_lazy("Kind"), words=lambda kind: ReportKind(kind).label),
        ),
        Column(
            "organisation__name",
            gettext_lazy("Organisation"),
            kind="name",
            order="organisation__search_name",
        ),
        Column("year", gettext_lazy("About the year"), kind="count", order="year"),
        Column("frozen_at", gettext_lazy("Published on"), kind="date", order="frozen_at"),
    ),
    default="-frozen_at",
)


@login_required
@require_safe
def reports(request: TelmeeRequest) -> HttpResponse:
    """List the reports that somebody may read."""
    fields = ("pk", "number", "kind", "organisation__name", "year", "frozen_at")
    listing = _REPORTS.read(request, reports_of(request.acting).values(*fields))
    context = {
        "listing": listing,
        "may_make": bool(kinds_to_make(request.acting)),
        "breadcrumbs": [{"label": _("Reports")}],
    }
    return listing.file() or render(request, "reports/reports.html", context)


@login_required
@require_safe
def report(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show a report as it was published."""
    row = report_for(request.acting, pk)
    document = json.loads(row.document)
    papers = papers_of(row)
    of_council = request.acting.is_of_council(row.organisation_id)
    context = {
        "report": row,
        "has_questions": not of_council and row.kind in OF_A_CLIENT,
        "papers": papers,
        "has_word": any(one.media == Media.DOCX for one in papers),
        "may_make": not papers and row.organisation_id in request.acting.working,
        "mark": mark_of(row.public_key),
        "breadcrumbs": [above(), {"label": _("Report %(number)s") % {"number": row.number}}],
        **shown(document, 0 if of_council else pk),
    }
    return render(request, "reports/report.html", context)


@login_required
@require_safe
def file(request: TelmeeRequest, pk: int) -> HttpResponse:
    """A report as a file that carries its signature."""
    row = report_for(request.acting, pk)
    kind = request.GET.get("soort", "json")
    if kind == "json":
        content = files.document_file(row)
    elif kind == "xlsx":
        content = files.workbook_file(row, json.loads(row.document))
    elif kind == Media.PDF:
        content = paper_content(row, Media.PDF, active())
    elif kind == Media.DOCX:
        content = paper_content(row, Media.DOCX, files.LANGUAGE_OF_TEMPLATES)
    else:
        raise Http404
    response = HttpResponse(content, content_type=files.KINDS[kind])
    name = f"verslag-{row.organisation_id}-{row.number}-{row.year}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The public key by which anybody can check a report, without signing in."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    publics = [public_key_of(secret) for secret in secrets if secret]
    context = {"keys": [{"key": one, "mark": mark_of(one)} for one in publics]}
    return render(request, "reports/keys.html", context)


def shown(document: dict[str, Any], report_id: int) -> dict[str, Any]:
    """What a page shows of a document; its numbers open to lines where there is a `report_id`."""
    return {
        "document": document,
        "kind": ReportKind(document["kind"]).label,
        "as_of": report_words.moment_of(document),
        "complete_until": report_words.complete_until(document),
        "years_table": tables.years_table(document, report_id),
        "chart": report_words.chart_of(document),
        "dash": report_words.dash_of(document),
        "ahead": tables.ahead_table(document),
        "promised_ahead": report_words.promised_ahead(document),
        "more_than_delivered": report_words.more_than_delivered(document),
        "divisions": list(tables.division_tables(document, report_id)),
        "coverage": tables.coverage_table(document),
        "corrections": tables.corrections_table(document),
        "changes": tables.changes_table(document),
        "moved": report_words.moved_of(document),
        "counted": list(report_words.counted_of(document)),
        "effects": report_words.effects_of(document),
        "effects_source": report_words.effects_source(document),
        "sustainability": sustainability.of_statement(document),
        "published": list(tables.published_tables(document)),
    }


def above() -> dict[str, str]:
    """The page above those of a report."""
    return {"label": _("Reports"), "url": reverse("reports")}
