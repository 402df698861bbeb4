"""Publish a report: look at what it would say, ask for it, and see how far it is."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from telmee.apps.reports.choices import PublishingState, ReportKind
from telmee.apps.reports.freezing import drawn_up, make_papers_later, report_for
from telmee.apps.reports.publishing import ask_for_report, papers_of, publishing_for, state_of
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.reports.forms import MakeForm
from telmee.web.reports.views import above, shown


@login_required
def make(request: TelmeeRequest) -> HttpResponse:
    """Ask for a report, after looking at what it would say."""
    acting = request.acting
    own = tuple(one for one in acting.own if one.id in acting.working)
    if not own:
        raise Http404
    form = MakeForm(own, request.POST or None)
    done: list[object] = []

    def deed() -> None:
        typed = form.cleaned_data
        facts = (acting, typed["organisation"], ReportKind(typed["kind"]), typed["year"])
        if "publish" in request.POST:
            done.append(ask_for_report(*facts, key=typed["key"]).pk)
        else:
            done.append(drawn_up(*facts).document)

    fields = {"jaar": "year", "soort": "kind"}
    context = {"breadcrumbs": [above(), {"label": _("Make a report")}]}
    if not succeeds(form, deed, fields):
        return render_form(request, "reports/make.html", form, context)
    if "publish" in request.POST:
        return redirect("report-publishing", done[0])
    document = json.loads(json.dumps(done[0]))
    return render(request, "reports/make.html", {**context, "form": form, **shown(document, 0)})


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
        "failed": state == PublishingState.FAILED,
        "finished": state != PublishingState.WAITING,
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
