"""The check number of the books: what a client keeps, to show later that nothing was altered."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.audit.seals import Head, latest_head
from telmee.apps.organisations.heads import file_name
from telmee.web.middleware import TelmeeRequest


def _require_client(request: TelmeeRequest) -> None:
    if not request.acting.is_of_client:
        raise Http404


def _latest_head() -> Head:
    head = latest_head()
    if head is None:
        raise Http404
    return head


@login_required
@require_safe
def head(request: TelmeeRequest) -> HttpResponse:
    """Show the newest check number, and say what it is for."""
    _require_client(request)
    context = {"head": latest_head(), "breadcrumbs": [{"label": _("Check number of the books")}]}
    return render(request, "site/head.html", context)


@login_required
@require_safe
def download(request: TelmeeRequest) -> HttpResponse:
    """The newest check number as a file to download, for clients."""
    _require_client(request)
    head = _latest_head()
    answer = HttpResponse(head.as_text(settings.SITE_URL), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(head)}"'
    return answer
