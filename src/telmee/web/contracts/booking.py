"""Book a penalty or surplus that moves, and take a mistake back.

Leniency is granted with its ground, and a penalty of a ladder is a step: `telmee.web.enforcement`.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess, contract_for, contract_to_decide
from telmee.apps.contracts.booking import carry_over, penalise
from telmee.apps.contracts.booking import take_back as take_entry_back
from telmee.apps.enforcement.queries import step_of_fine
from telmee.apps.ledger.places import places_of, without
from telmee.apps.ledger.queries import entry_on, other_sides, position_together
from telmee.web.contracts.booking_forms import (
    CARRY,
    BookingForm,
    TakeBackForm,
)
from telmee.web.contracts.contract_words import kinds_of_days
from telmee.web.contracts.frame import form_page
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import euros, moment

_FIELDS = {"bedrag": "amount", "naar": "to", "toelichting": "reason"}


@login_required
def book(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Book something on a contract that one decides on."""
    access = contract_to_decide(request.acting, pk)
    initial = {"effective_on": timezone.localdate()}
    form = BookingForm(access, request.POST or None, initial=initial)
    if succeeds(form, lambda: _book(request, access, form), _FIELDS):
        messages.success(request, _("Booked."))
        return redirect("contract-ledger", pk)
    position = position_together([pk])
    return form_page(
        request,
        access,
        form,
        title=_("Book on {contract}").format(contract=access.contract),
        button=_("Book"),
        lead=_("Leniency is granted under Enforcement, with its ground."),
        section="contract-ledger",
        back=reverse("contract-ledger", args=[pk]),
        facts=[
            (_("Owed"), euros(position.owed_cents)),
            (_("Verified"), euros(position.verified_cents)),
            (_("Open"), euros(position.open_cents)),
            (_("Surplus"), euros(position.surplus_cents)),
        ],
    )


def _book(request: TelmeeRequest, access: ContractAccess, form: BookingForm) -> None:
    typed = form.cleaned_data
    facts = {
        "amount_cents": typed["amount"],
        "reason": typed["reason"],
        "key": typed["key"],
        "effective_on": typed["effective_on"],
    }
    if typed["kind"] == CARRY:
        carry_over(access, contract_for(request.acting, int(typed["to"])), **facts)
    else:
        penalise(access, **facts)


@login_required
def take_back(request: TelmeeRequest, pk: int, entry_id: int) -> HttpResponse:
    """Take back a waiver or a penalty that was a mistake."""
    access = contract_to_decide(request.acting, pk)
    entry = entry_on(pk, entry_id)
    if entry is None:
        raise Http404
    step = step_of_fine(entry)
    if step is not None:
        return redirect("ladder-withdraw", pk, step.pk)
    form = TakeBackForm(request.POST or None)
    if succeeds(
        form,
        lambda: take_entry_back(access, entry_id, reason=form.cleaned_data["reason"]),
        _FIELDS,
    ):
        messages.success(request, _("Taken back. Both entries stay to be seen."))
        return redirect("contract-ledger", pk)
    on = entry.effective_on
    number = {"number": places_of([entry_id], [pk])[entry_id].number}
    before = position_together([pk])
    after = without(before, entry)
    return form_page(
        request,
        access,
        form,
        title=_("Take entry no. %(number)s back") % number,
        button=_("Take back"),
        section="contract-ledger",
        back=reverse("contract-ledger", args=[pk]),
        facts=[
            (_("Kind"), kinds_of_days(access.contract, [on])[on][entry.kind]),
            (_("Amount"), euros(entry.amount_cents)),
            (_("Booked"), moment(entry.booked_at)),
            (_("Why"), entry.reason),
            *(
                (_("Goes back together with the entry on"), reference)
                for _pk, reference in other_sides([entry]).values()
            ),
            (_("Open now"), euros(before.open_cents)),
            (_("Open after it is taken back"), euros(after.open_cents)),
        ],
    )
