"""Accounts that everybody may read, and the choice of a client to open one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.openness.actions import may_open, open_report
from telmee.apps.openness.queries import (
    account_of,
    open_account,
    open_accounts,
    open_report_of,
)
from telmee.apps.reports.choices import OF_A_CLIENT
from telmee.apps.reports.freezing import report_for
from telmee.integrations.signatures import mark_of
from telmee.web.forms import KeyField, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.openness.answers import answered


class OpeningForm(forms.Form):
    """Open a report to everybody, or close it."""

    key = KeyField()


@require_safe
def accounts(request: TelmeeRequest) -> HttpResponse:
    """List the clients that let everybody read their account."""
    context = {"accounts": open_accounts(), "breadcrumbs": [{"label": _("Accounts"), "url": ""}]}
    return render(request, "openness/accounts.html", context)


@require_safe
def account(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Answer the five questions for everybody, from the report that a client opened."""
    shown = open_account(pk)
    if shown is None:
        raise Http404
    context = {
        "breadcrumbs": [
            {"label": _("Accounts"), "url": reverse("open-accounts")},
            {"label": shown.client, "url": ""},
        ],
    }
    return answered(request, "openness/account.html", shown, context)


@login_required
def opening(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show a report as everybody would read it; let who manages the client open or close it.

    A statement of a contractor is never for everybody.
    """
    report = report_for(request.acting, pk)
    if request.acting.is_of_council(report.organisation_id) or report.kind not in OF_A_CLIENT:
        raise Http404
    is_open = open_report_of(report.organisation_id) == report.pk
    form = OpeningForm(request.POST or None)
    if request.method == "POST" and not may_open(request.acting, report):
        raise Http404

    def deed() -> None:
        wanted = request.POST.get("deed") == "open"
        key = form.cleaned_data["key"]
        open_report(request.acting, report, is_open=wanted, key=key)

    if succeeds(form, deed):
        messages.success(request, _("Your choice was kept."))
        return redirect("report-opening", pk)
    context = {
        "report": report,
        "form": form,
        "is_open": is_open,
        "may_open": may_open(request.acting, report),
        "mark": mark_of(report.public_key),
        "breadcrumbs": [
            {"label": _("Reports"), "url": reverse("reports")},
            {
                "label": _("Report %(number)s") % {"number": report.number},
                "url": reverse("report", args=[pk]),
            },
            {"label": _("For everybody"), "url": ""},
        ],
    }
    return answered(request, "openness/opening.html", account_of(report), context)
