"""Handing in many drafts: how far it is, and then what stayed behind."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.access import handing_in_for
from telmee.apps.contributions.choices import HandingInStatus
from telmee.apps.contributions.kept_problems import from_document
from telmee.web.contributions.line_parts import RefusedLine, contract_url, crumbs
from telmee.web.contributions.line_words import HANDING_IN_KINDS
from telmee.web.middleware import HtmxRequest


@login_required
@require_safe
def handing_in(request: HtmxRequest, handing_in_id: int) -> HttpResponse:
    """Show how far it is, and then how many were handed in and why others were not."""
    task = handing_in_for(request.acting, handing_in_id)
    access = contract_for(request.acting, task.contract_id)
    waiting = task.status == HandingInStatus.WAITING
    label = _("%(n)d drafts are being handed in. You may leave this page.")
    title = _("Drafts that are handed in")
    context = {
        "access": access,
        "title": title,
        "asked": task,
        "kind": HANDING_IN_KINDS[task.status],
        "finished": not waiting,
        "url": request.path,
        "label": label % {"n": task.count},
        "breadcrumbs": crumbs(access, title),
    }
    if request.htmx.target == "progress":
        return (
            render(request, "components/progress.html", context)
            if waiting
            else HttpResponseClientRefresh()
        )
    stayed = task.count - task.done
    context |= {
        "back": contract_url(access),
        "drafts_url": reverse("contribution-drafts", args=[access.contract.pk]),
        "summary": [
            {"label": _("Lines handed in"), "text": _lines(task.done), "strong": True},
            {"label": _("Stayed draft"), "text": _lines(stayed)},
        ],
        "refused": [
            RefusedLine(
                one["line"], one["reference"], from_document(one["problem"]).problem
            ).worded()
            for one in task.refused
        ],
    }
    return render(request, "contributions/handing_in.html", context)


def _lines(count: int) -> str:
    return ngettext("%(n)d line", "%(n)d lines", count) % {"n": count}
