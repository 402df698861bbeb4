"""The ladder of a client: its versions, setting the next one, and leniency on all contracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.enforcement.ladders import (
    ladders_set,
    set_ladder,
    terms_of,
)
from telmee.apps.enforcement.leniency import grant_to_all
from telmee.apps.enforcement.queries import leniencies_of
from telmee.apps.organisations.access import client_for
from telmee.apps.organisations.journal import doers
from telmee.web.contracts.contract_words import LENIENCY_GROUNDS
from telmee.web.enforcement.enforcement_words import STEPS
from telmee.web.enforcement.forms import USUAL, AllLeniencyForm, LadderForm
from telmee.web.form_pages import form_page, render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.enforcement.models import Ladder, Leniency

_REASON = {"toelichting": "reason"}


@login_required
def ladder_settings(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the ladder of a client with its versions, and let its manager set the next one."""
    client = client_for(request.acting, pk, manages=request.method == "POST")
    versions = list(ladders_set(pk))
    terms = terms_of(versions[0]) if versions else USUAL
    is_on = bool(versions) and versions[0].is_on
    form = LadderForm(terms, request.POST or None, is_on=is_on)

    def deed() -> None:
        typed = form.cleaned_data
        set_ladder(
            request.acting,
            client,
            form.terms(),
            is_on=typed["is_on"],
            reason=typed["reason"],
            key=typed["key"],
        )

    if succeeds(form, deed, _REASON):
        messages.success(request, _("The ladder holds from now on."))
        return redirect("ladder-settings", pk)
    context = {
        "client": client,
        "manages": request.acting.manages(pk),
        "versions": list(_versions(request, versions)),
        "lenient": [_lenient(row) for row in leniencies_of(pk)],
        "breadcrumbs": [
            {"label": _("Enforcement"), "url": reverse("enforcement")},
            {"label": client.name},
        ],
    }
    return render_form(request, "enforcement/ladder.html", form, context)


def _versions(request: TelmeeRequest, versions: Sequence[Ladder]) -> Iterator[dict[str, object]]:
    by = doers(request.acting, [(one.user_id, one.organisation_id) for one in versions])
    for one in versions:
        yield {
            "ladder": one,
            "by": by[one.user_id, one.organisation_id],
            "steps": [{**row, "name": STEPS[row["step"]]} for row in one.steps],
        }


def _lenient(row: Leniency) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "row": row,
        "ground": LENIENCY_GROUNDS[row.ground],
        "runs": row.ended_on is None and row.last is not None and row.last >= today,
    }


@login_required
def lenient_to_all(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Be lenient on every contract of a client for some days."""
    client = client_for(request.acting, pk, manages=True)
    form = AllLeniencyForm(request.POST or None)

    def deed() -> None:
        grant_to_all(request.acting, client, form.wanted(), key=form.cleaned_data["key"])

    if succeeds(form, deed, _REASON):
        messages.success(
            request, _("On these days nothing is enforced, on any contract. Both sides are told.")
        )
        return redirect("ladder-settings", pk)
    return form_page(
        request,
        form,
        title=_("Be lenient on all contracts"),
        button=_("Grant leniency"),
        back=("ladder-settings", pk),
        lead=client.name,
    )
