"""Hand contracts over to a colleague, on a page that says what will move before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telmee.apps.relations.handing_over import (
    HandOver,
    Moved,
    contracts_looked_after,
    hand_over,
    loose_tasks,
    who_looks_after,
)
from telmee.web.addresses import numbers_in
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import KeyField, choices_with_blank, offer, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.relations.team_tasks import workers
from telmee.web.schemes.block_words import UNKNOWN_CHOICE

if TYPE_CHECKING:
    from telmee.apps.organisations.acting import Acting

_NOBODY = "nobody"


class WhoForm(forms.Form):
    """From whom to whom contracts go."""

    client = forms.TypedChoiceField(
        label=gettext_lazy("Organisation"),
        coerce=int,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Contracts of"), error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )
    to = forms.TypedChoiceField(
        label=gettext_lazy("Go to"), coerce=int, error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )

    def __init__(self, acting: Acting, data: QueryDict) -> None:
        clients = acting.clients
        client = next((own for own in clients if str(own.id) == data.get("client")), clients[0])
        initial = {
            "client": str(client.id),
            "origin": data.get("origin") or data.get("from") or str(acting.user_id),
            "to": data.get("to", ""),
        }
        super().__init__(initial if initial["to"] else None, initial=initial)
        self.client_id = client.id
        offer(self, "client", [(str(own.id), own.name) for own in clients])
        people = [(str(one.pk), str(one)) for one in who_looks_after(acting, client.id)]
        own = workers(acting, client.id)
        known = {**dict(own), **dict(people)}
        offer(self, "origin", [(_NOBODY, _("Nobody yet")), *known.items()])
        offer(self, "to", choices_with_blank(own, _("Choose a colleague")))
        if len(clients) == 1:
            self.fields["client"].widget = forms.HiddenInput()

    @property
    def from_id(self) -> int | None:
        """Whose contracts go; nobody's where they had no adviser."""
        origin = self.cleaned_data["origin"]
        return None if origin == _NOBODY else int(origin)


class MoveForm(forms.Form):
    """Which contracts go, and whether his other tasks go along."""

    contracts = forms.TypedMultipleChoiceField(
        coerce=int, required=False, error_messages={"invalid_choice": UNKNOWN_CHOICE}
    )
    loose = forms.BooleanField(required=False)
    key = KeyField()


@login_required
def move(request: TelmeeRequest) -> HttpResponse:
    """Choose from whom to whom, see what each contract takes along, and hand it over at once."""
    acting = request.acting
    if not acting.clients:
        raise Http404
    who = WhoForm(acting, request.GET)
    context: dict[str, object] = {"who": who, "breadcrumbs": [{"label": _("Hand over")}]}
    if not who.is_bound or not who.is_valid():
        return render(request, "relations/hand_over.html", context)
    contracts = list(contracts_looked_after(acting, who.client_id, who.from_id))
    loose = list(loose_tasks(acting, who.client_id, who.from_id))
    form = MoveForm(request.POST or None)
    known = {str(row.pk): str(row) for row in contracts}
    sent = [str(pk) for pk in numbers_in(request.POST.getlist("contracts"))]
    offer(form, "contracts", [*known.items(), *((pk, pk) for pk in sent if pk not in known)])
    moved = Moved()

    def deed() -> None:
        nonlocal moved
        typed = form.cleaned_data
        wanted = HandOver(
            organisation_id=who.client_id,
            from_id=who.from_id,
            to_id=who.cleaned_data["to"],
            contract_ids=typed["contracts"],
            with_loose_tasks=typed["loose"],
            key=typed["key"],
        )
        moved = hand_over(acting, wanted)

    if succeeds(form, deed):
        messages.success(request, _done(moved))
        return redirect("today")
    chosen = set(sent) if form.is_bound else set(known)
    context |= {
        "form": form,
        "rows": [{"contract": row, "is_chosen": str(row.pk) in chosen} for row in contracts],
        "loose": loose,
        "is_loose_chosen": "loose" in request.POST or not form.is_bound,
        "origin": dict(who.fields["origin"].choices)[who.cleaned_data["origin"]],  # type: ignore[attr-defined]
        "to": dict(who.fields["to"].choices)[str(who.cleaned_data["to"])],  # type: ignore[attr-defined]
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "relations/hand_over.html", context, status=status)


def _done(moved: Moved) -> str:
    contracts = ngettext(
        "%(count)s contract is handed over", "%(count)s contracts are handed over", moved.contracts
    ) % {"count": moved.contracts}
    tasks = ngettext("%(count)s open task", "%(count)s open tasks", moved.tasks)
    return _("%(contracts)s, with %(tasks)s. Both were told.") % {
        "contracts": contracts,
        "tasks": tasks % {"count": moved.tasks},
    }
