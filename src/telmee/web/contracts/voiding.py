"""Void a contract on a page that says what that does; and the list of those that were voided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contract_to_decide
from telmee.apps.contracts.queries import voided_contracts
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.voiding import plan_voiding, void_contract
from telmee.web.contracts.contract_words import kinds_of_days
from telmee.web.contracts.forms import ReasonForm
from telmee.web.contracts.frame import around
from telmee.web.form_pages import render_form
from telmee.web.forms import KeyField, succeeds
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import euros

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

#: Lines that a page names when they forbid it.
_LEANING_MAX = 50


class VoidForm(ReasonForm):
    """Why a contract was registered by mistake."""

    key = KeyField()


@login_required
def void(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say what voiding a contract does, or why it cannot be done; ask the reason; do it."""
    access = contract_to_decide(request.acting, pk)
    form = VoidForm(request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        today = timezone.localdate()
        void_contract(access, reason=typed["reason"], key=typed["key"], today=today)

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The contract is void."))
        return redirect("contract", pk)
    title = _("Void the contract")
    voiding = plan_voiding(access.contract)
    kinds = kinds_of_days(access.contract, {entry.effective_on for entry in voiding.back})
    closed = [] if access.closed is None else [access.closed]
    context = around(access, "contract", here=title) | {
        "title": title,
        "faults": [*closed, *voiding.faults],
        "waiting": voiding.waiting,
        "leaning": [_leaning_row(line) for line in voiding.leaning[:_LEANING_MAX]],
        "back": [
            {
                "day": entry.effective_on,
                "kind": kinds[entry.effective_on][entry.kind],
                "cents": entry.amount_cents,
            }
            for entry in voiding.back
        ],
    }
    return render_form(request, "contracts/void.html", form, context)


def _leaning_row(line: Contribution) -> dict[str, str]:
    return {
        "label": line.reference,
        "note": f"{line.organisation.name} · {State(line.state).label} · "
        f"{euros(line.verified_cents)}",
        "url": reverse("contribution", args=[line.pk]),
    }


_VOIDED = ListPage(
    name=gettext_lazy("Void contracts"),
    columns=(
        Column(
            "reference",
            gettext_lazy("Reference"),
            kind="code",
            order="reference",
            url=lambda row: reverse("contract", args=[row["pk"]]),
            under=Column("name", gettext_lazy("Name"), order="name"),
        ),
        Column("client", gettext_lazy("Client"), kind="name", order="client"),
        Column("voided_on", gettext_lazy("Void since"), kind="date", order="voided_on"),
        Column("why", gettext_lazy("Why")),
    ),
    default="-voided_on",
    search=("search_text__icontains",),
)
_FIELDS = ("pk", "reference", "name", "client", "voided_on", "why")


@login_required
@require_safe
def voided(request: TelmeeRequest) -> HttpResponse:
    """List the contracts that were registered by mistake, which count nowhere else."""
    listing = _VOIDED.read(request, voided_contracts(request.acting).values(*_FIELDS))
    context: dict[str, object] = {
        "listing": listing,
        "breadcrumbs": [
            {"label": _("Contracts"), "url": reverse("contracts")},
            {"label": _("Void contracts"), "url": ""},
        ],
    }
    return listing.file() or render(request, "contracts/voided.html", context)
