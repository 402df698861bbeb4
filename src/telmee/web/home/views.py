"""The first page: for a visitor, and for who decides, delivers, audits or runs the platform."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contracts.queries import party_names
from telmee.apps.notices.suspects import seen_suspects
from telmee.apps.reports.portfolio import standings
from telmee.apps.reports.work import WITH_A_PART, roles_of
from telmee.web.contracts.listing import AUDITS
from telmee.web.home.client import client_home
from telmee.web.home.contractor import contractor_home, contractor_list
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest

_DELIVERING = frozenset((PartyRole.CONTRACTOR, PartyRole.CONSORTIUM))
_AUDITED_MAX = 50


@require_safe
def home(request: TelmeeRequest) -> HttpResponse:
    """Show what somebody needs today, by the roles of the organisations he works for.

    Who acts for a client and for a contractor sees both; a visitor reads what Telmee is, and a
    member of a council has his one page.
    """
    if request.acting.user_id is None:
        return render(request, "home/welcome.html", {"accounts": _demo_accounts()})
    if request.acting.is_only_of_council:
        return redirect("results")
    today, roles = timezone.localdate(), roles_of(request.acting)
    if roles & _DELIVERING and "export" in request.GET:
        answer = contractor_list(request, today).listing.file()
        if answer is not None:
            return answer
    context: dict[str, object] = {"today": today, "is_operator": request.acting.is_operator}
    # Who works for a client may have no contract yet.
    if roles & {*DECIDING_ROLES} or request.acting.is_of_client:
        context["client"] = client_home(request, today)
    if roles & {*_DELIVERING, *WITH_A_PART}:
        context["contractor"] = contractor_home(request, today, roles)
    if PartyRole.AUDITOR in roles:
        context["audited"] = _audited(request, today)
    refused = seen_suspects([request.user.email]) if request.user.is_authenticated else {}
    context["is_nobody"] = context.keys() == {"today", "is_operator"}
    context["refused"] = next(iter(refused.values()), "")
    return render(request, "home/home.html", context)


def _demo_accounts() -> list[dict[str, str]]:
    """Whom a visitor of a demonstration can be; nobody in an installation in earnest."""
    return [
        {"name": one["name"], "email": one["email"], "part": one[active()]}
        for one in settings.DEMO_ACCOUNTS
    ]


def _audited(request: TelmeeRequest, today: date) -> dict[str, object]:
    """The contracts that somebody may look at and not touch, the last to end first."""
    contracts = contracts_of(request.acting, PartyRole.AUDITOR).order_by("-end", "pk")
    stands = standings(contracts[:_AUDITED_MAX], today=today)
    names = party_names(entry.contract.pk for entry in stands)
    return {
        "count": contracts.count(),
        "url": f"{reverse('contracts')}?side={AUDITS}",
        "rows": [{"standing": entry, "names": names[entry.contract.pk]} for entry in stands],
    }
