"""Which contracts a colleague sees, chosen by who manages the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.queries import party_names
from telmee.apps.contracts.restricting import (
    colleague_to_restrict,
    contracts_to_give,
    give_contracts,
    given_to,
)
from telmee.web.form_pages import form_page
from telmee.web.forms import offer, succeeds
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.organisations.models import Membership

_ALL, _SOME = "all", "some"


class GivenForm(forms.Form):
    """All contracts of the organisation, or those that are ticked."""

    scope = forms.ChoiceField(
        label=gettext_lazy("What this colleague sees"),
        choices=[
            (_ALL, gettext_lazy("All contracts, also those that come")),
            (_SOME, gettext_lazy("Only the contracts ticked below")),
        ],
        widget=forms.RadioSelect,
    )
    contracts = forms.MultipleChoiceField(
        label=gettext_lazy("Contracts"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def ids(self) -> set[int] | None:
        """The ids of the contracts that were ticked; nothing where it is all of them."""
        if self.cleaned_data["scope"] == _ALL:
            return None
        return {int(pk) for pk in self.cleaned_data["contracts"]}


@login_required
def contracts(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose which contracts a colleague sees."""
    membership = colleague_to_restrict(request.acting, pk)
    form = _form(request, membership)
    if succeeds(form, lambda: give_contracts(request.acting, pk, form.ids())):
        messages.success(request, _("It was saved. It holds from now on."))
        return redirect("organisation", membership.organisation_id)
    return form_page(
        request,
        form,
        title=_("Contracts of %(name)s") % {"name": membership.user},
        button=_("Save"),
        lead=_(
            "What you do not give is not there for this colleague: no line, no figure, no message."
            " The codes of people stay in sight, for they are of the whole organisation."
        ),
        back=("organisation", membership.organisation_id),
    )


def _form(request: TelmeeRequest, membership: Membership) -> GivenForm:
    given = given_to(membership)
    initial: dict[str, object] = {
        "scope": _ALL if given is None else _SOME,
        "contracts": [str(one) for one in given or ()],
    }
    form = GivenForm(request.POST or None, initial=initial)
    some = list(contracts_to_give(request.acting, membership.organisation_id))
    clients = party_names(one.pk for one in some)
    offer(form, "contracts", [(str(one.pk), f"{one} · {clients[one.pk].client}") for one in some])
    return form
