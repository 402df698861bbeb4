"""Decided lines that an amendment touched: in the work list, until somebody looked at each."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import decides_on_any
from telmee.apps.contributions.access import line_to_decide
from telmee.apps.contributions.touched import review, waiting_reviews
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest

_TOUCHED = ListPage(
    name=gettext_lazy("Decided lines that an amendment touched"),
    columns=(
        Column(
            "contribution__reference",
            gettext_lazy("Line"),
            kind="code",
            order="contribution__reference",
            url=lambda row: reverse("contribution", args=[row["contribution_id"]]),
            under=Column("contribution__organisation__name", gettext_lazy("Contractor")),
        ),
        Column(
            "contract__reference",
            gettext_lazy("Contract"),
            kind="code",
            order="contract__reference",
            url=lambda row: reverse("contract-history", args=[row["contract_id"]]),
            under=Column("contract__name", gettext_lazy("Name")),
        ),
        Column("amendment", gettext_lazy("Amendment"), kind="count"),
        Column("decided_cents", gettext_lazy("Decided"), kind="money", order="decided_cents"),
        Column("then_cents", gettext_lazy("By the rules now"), kind="money", order="then_cents"),
        Column("created_at", gettext_lazy("Since"), kind="date", order="created_at"),
    ),
    default="-created_at",
    search=("contribution__reference__icontains", "contract__search_text__icontains"),
)
_FIELDS = (
    *("contribution_id", "contribution__reference", "contribution__organisation__name"),
    *("contract_id", "contract__reference", "contract__name"),
    *("amendment", "decided_cents", "then_cents", "created_at"),
)


@login_required
@require_safe
def touched(request: TelmeeRequest) -> HttpResponse:
    """List the decided lines that an amendment touched and nobody looked at yet."""
    listing = _TOUCHED.read(request, waiting_reviews(request.acting).values(*_FIELDS))
    context: dict[str, object] = {
        "listing": listing,
        "may_decide": decides_on_any(request.acting),
        "breadcrumbs": [
            {"label": _("Work list"), "url": reverse("queue")},
            {"label": _("Touched by an amendment"), "url": ""},
        ],
    }
    return listing.file() or render(request, "decisions/touched.html", context)


@login_required
@require_POST
def keep(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say that the decision on a line stays as it is."""
    access, line = line_to_decide(request.acting, pk)
    review(access, line)
    text = _("The decision on %(line)s stays as it is.")
    messages.success(request, text % {"line": line.reference})
    return redirect("queue-touched")
