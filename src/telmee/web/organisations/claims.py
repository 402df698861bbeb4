"""The contractors of whom a client, a regional team or an operator confirms who speaks for them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.organisations import claims
from telmee.web.addresses import number_in
from telmee.web.middleware import TelmeeRequest

#: For whom is confirmed: the id of a client or team, and nothing for an operator.
_FOR = "voor"


@login_required
@require_safe
def waiting(request: TelmeeRequest) -> HttpResponse:
    """List what waits, for all clients and teams of somebody together."""
    if not claims.may_confirm(request.acting):
        raise Http404
    context = {"waiting": claims.waiting_claims(request.acting), "confirms_for": _FOR}
    return render(request, "organisations/claims.html", context)


@login_required
@require_POST
def confirm(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Confirm one, and go on with the rest of the list."""
    claims.confirm_claim(request.acting, claim_id=pk, deciding_id=_deciding(request))
    messages.success(request, _("You confirmed the contractor. Its contracts are open to it now."))
    return redirect("claims")


def _deciding(request: TelmeeRequest) -> int | None:
    text = request.POST.get(_FOR, "")
    if not text:
        return None
    number = number_in(text)
    if number is None:
        raise Http404
    return number
