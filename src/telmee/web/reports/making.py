"""Publish a report: look at a draft of it, ask for it, and see how far both are."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from telmee.apps.reports.choices import Making, ReportKind
from telmee.apps.reports.drafts import (
    ask_for_draft,
    draft_for,
    draft_problems,
    draft_state,
    drafts_of,
    publish_draft,
)
from telmee.apps.reports.freezing import kinds_to_make, make_papers_later, report_for
from telmee.apps.reports.publishing import papers_of, publishing_for, state_of
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.reports.forms import MakeForm
from telmee.web.reports.views import above, shown


@login_required
def make(request: TelmeeRequest) -> HttpResponse:
    """Ask for a draft of a report, and find back those of the last days."""
    acting = request.acting
    kinds = kinds_to_make(acting)
    if not kinds:
        raise Http404
    form = MakeForm(acting.own, kinds, request.POST or None)
    done: list[int] = []

    def deed() -> None:
        typed = form.cleaned_data
        kind = ReportKind(typed["kind"])
        done.append(ask_for_draft(acting, typed["organisation"], kind, typed["year"]).pk)

    if succeeds(form, deed, {"jaar": "year", "soort": "kind"}):
        return redirect("report-draft", done[0])
    context = {
        "drafts": list(drafts_of(acting).defer("document", "problems")),
        "breadcrumbs": [above(), {"label": _("Make a report")}],
    }
    return render_form(request, "reports/make.html", form, context)


@login_required
@require_safe
def draft(request: HtmxRequest, pk: int) -> HttpResponse:
    """Show how far a draft is; once it is there, what the report would say."""
    wanted = draft_for(request.acting, pk)
    state = draft_state(wanted)
    context = {
        "draft": wanted,
        "failed": state == Making.FAILED,
        "problems": draft_problems(wanted),
        "finished": state != Making.WAITING,
        "url": request.path,
        "label": _("The draft is being made. You may leave this page."),
        "breadcrumbs": [above(), {"label": _("Draft of a report")}],
    }
    if request.htmx.target == "progress":
        if context["finished"]:
            return HttpResponseClientRefresh()
        return render(request, "components/progress.html", context)
    if state == Making.DONE:
        context |= shown(json.loads(wanted.document), 0)
    return render(request, "reports/draft.html", context)


@login_required
@require_POST
def publish(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask for the report that somebody looked at the draft of."""
    return redirect("report-publishing", publish_draft(request.acting, pk).pk)


@login_required
@require_safe
def publishing(request: HtmxRequest, pk: int) -> HttpResponse:
    """Show how far a report is that was asked for; once it is there, that report."""
    wanted = publishing_for(request.acting, pk)
    state, report = state_of(wanted)
    if report is not None:
        if request.htmx.target == "progress":
            return HttpResponseClientRefresh()
        messages.success(request, _("The report was published. Nothing in it changes any more."))
        return redirect("report", report)
    context = {
        "publishing": wanted,
        "failed": state == Making.FAILED,
        "finished": state != Making.WAITING,
        "url": request.path,
        "label": _("The report is being made. You may leave this page."),
        "breadcrumbs": [above(), {"label": _("A report is being made")}],
    }
    if request.htmx.target == "progress":
        if context["failed"]:
            return HttpResponseClientRefresh()
        return render(request, "components/progress.html", context)
    return render(request, "reports/publishing.html", context)


@login_required
@require_POST
def again(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Let the worker make the files of a report that has none yet."""
    report = report_for(request.acting, pk)
    if report.organisation_id not in request.acting.working:
        raise Http404
    if not papers_of(report):
        make_papers_later(request.acting, report.pk)
        messages.success(request, _("The files are being made."))
    return redirect("report", pk)
