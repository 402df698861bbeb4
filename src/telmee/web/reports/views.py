"""Pages of reports: the list, publishing one, reading it, and the lines behind each number."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.reports.choices import OF_A_CLIENT, ReportKind
from telmee.apps.reports.figures import By
from telmee.apps.reports.freezing import draft_of, freeze, report_for, reports_of
from telmee.apps.reports.results import contracts_seen, lines_of
from telmee.core.errors import DomainError, Problem
from telmee.integrations.signatures import mark_of, public_key_of
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.reports import files, words
from telmee.web.reports.forms import MakeForm

#: Rows whose key is the id of something, and how many digits one has at most.
_NUMBERED, _DIGITS_MAX = (By.CLIENT, By.CONTRACTOR, By.CONTRACT), 18
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
_LINES = ListPage(
    name=gettext_lazy("Lines behind a number"),
    columns=(
        Column(
            "reference",
            gettext_lazy("Line"),
            order="reference",
            url=lambda row: reverse("contribution", args=[row["pk"]]),
            under=Column("organisation__name", gettext_lazy("Delivered by")),
        ),
        Column(
            "contract__reference",
            gettext_lazy("Contract"),
            order="contract__reference",
            under=Column("contract__name", gettext_lazy("Name"), on_phone=False),
        ),
        Column(
            "delivered_in_year",
            gettext_lazy("Delivered in the year"),
            kind="money",
            order="delivered_in_year",
        ),
        Column(
            "verified_in_year",
            gettext_lazy("Verified in the year"),
            kind="money",
            order="verified_in_year",
        ),
    ),
    default="-verified_in_year",
    search=("reference__icontains", "contract__reference__icontains"),
)
_LINE = (
    *("pk", "reference", "organisation__name", "contract__reference", "contract__name"),
    *("delivered_in_year", "verified_in_year"),
)


@login_required
@require_safe
def reports(request: TelmeeRequest) -> HttpResponse:
    """List the reports that somebody may read."""
    fields = ("pk", "number", "kind", "organisation__name", "year", "frozen_at")
    listing = _REPORTS.read(request, reports_of(request.acting).values(*fields))
    context = {
        "listing": listing,
        "may_make": bool(request.acting.working),
        "breadcrumbs": [{"label": _("Reports")}],
    }
    return listing.file() or render(request, "reports/reports.html", context)


@login_required
def make(request: TelmeeRequest) -> HttpResponse:
    """Publish a report, after looking at what it would say."""
    acting = request.acting
    own = tuple(one for one in acting.own if one.id in acting.working)
    if not own:
        raise Http404
    form = MakeForm(own, request.POST or None)
    done: list[Any] = []

    def deed() -> None:
        typed = form.cleaned_data
        organisation = next(one for one in own if one.id == typed["organisation"])
        kind = ReportKind(typed["kind"])
        if (kind in OF_A_CLIENT) is not organisation.is_client:
            raise DomainError(Problem("report_kind_not_yours", "soort"))
        facts = (acting, organisation.id, kind, typed["year"])
        now = timezone.now()
        if "publish" in request.POST:
            done.append(freeze(*facts, key=typed["key"], as_of=now))
        else:
            done.append(draft_of(*facts, as_of=now))

    fields = {"jaar": "year", "soort": "kind"}
    context = {"breadcrumbs": [_above(), {"label": _("Make a report")}]}
    if not succeeds(form, deed, fields):
        return render_form(request, "reports/make.html", form, context)
    if "publish" in request.POST:
        messages.success(request, _("The report was published. Nothing in it changes any more."))
        return redirect("report", done[0])
    document = json.loads(json.dumps(done[0]))
    return render(request, "reports/make.html", {**context, "form": form, **_shown(document, 0)})


@login_required
@require_safe
def report(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show a report as it was published."""
    row = report_for(request.acting, pk)
    document = json.loads(row.document)
    of_council = request.acting.is_of_council(row.organisation_id)
    context = {
        "report": row,
        "of_council": of_council,
        "mark": mark_of(row.public_key),
        "breadcrumbs": [_above(), {"label": _("Report %(number)s") % {"number": row.number}}],
        **_shown(document, 0 if of_council else pk),
    }
    return render(request, "reports/report.html", context)


@login_required
@require_safe
def lines(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The lines behind a row of a report, of those that somebody may see himself."""
    row = report_for(request.acting, pk)
    if request.acting.is_of_council(row.organisation_id):
        raise Http404
    document = json.loads(row.document)
    by = next((one for one in By if one.value == request.GET.get("per")), None)
    key = request.GET.get("rij", "")
    contracts = contracts_seen(contract for contract, _, _ in document["books"])
    numbered = key.isdecimal() and len(key) <= _DIGITS_MAX
    if (by in _NUMBERED and not numbered) or "\0" in key:
        raise Http404
    rows = lines_of(contracts, row.year, by, key).values(*_LINE)
    listing = _LINES.read(request, rows)
    number = _("Report %(number)s") % {"number": row.number}
    crumbs = [_above(), {"label": number, "url": reverse("report", args=[pk])}]
    context = {
        "listing": listing,
        "report": row,
        "breadcrumbs": [*crumbs, {"label": _("Lines behind it")}],
    }
    return listing.file() or render(request, "reports/lines.html", context)


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
    elif kind == "pdf":
        content = files.paper_file(row, json.loads(row.document))
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


def _shown(document: dict[str, Any], report_id: int) -> dict[str, Any]:
    """What a page shows of a document; its numbers open to lines where there is a `report_id`."""
    return {
        "document": document,
        "opens": bool(report_id),
        "kind": ReportKind(document["kind"]).label,
        "as_of": words.moment_of(document),
        "complete_until": words.complete_until(document),
        "years": words.years_of(document),
        "series": list(words.series_of(document)),
        "chart": words.chart_of(document),
        "divisions": list(words.divisions_of(document, report_id)),
        "corrections": list(words.corrections_of(document)),
        "counted": list(words.counted_of(document)),
        "effects": words.effects_of(document),
        "published": list(words.published_of(document)),
    }


def _above() -> dict[str, str]:
    return {"label": _("Reports"), "url": reverse("reports")}
