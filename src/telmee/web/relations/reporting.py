"""The report on a period: that there is nothing is one click."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from telmee.apps.contracts.access import contract_for
from telmee.apps.relations.actions import say_nothing_to_report
from telmee.apps.reports.reporting import open_report
from telmee.core.errors import DomainError
from telmee.web.form_pages import tell_problems
from telmee.web.middleware import TelmeeRequest


@login_required
@require_POST
def say_nothing(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say in one click that there is nothing to report on a period."""
    access = contract_for(request.acting, pk)
    if access.leading_for is None:
        raise Http404
    try:
        first = date.fromisoformat(request.POST.get("first", ""))
    except ValueError:
        raise Http404 from None
    back = redirect("home") if request.POST.get("back") == "home" else redirect("contract", pk)
    report = open_report(pk, first, today=timezone.localdate())
    if report is not None:
        try:
            say_nothing_to_report(access, first=first, last=report.term.last)
        except DomainError as error:
            tell_problems(request, error.problems)
            return back
    text = _(
        "Written down for %(contract)s. If you hand in a line about this period after all, that"
        " counts."
    )
    messages.success(request, text % {"contract": access.contract.reference})
    return back
