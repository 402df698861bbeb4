"""Who can be reached about a contract, what was spoken of, and what is still to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from telmee.apps.organisations.journal import doers
from telmee.apps.relations import actions
from telmee.apps.relations.access import (
    contact_for,
    contract_in_touch,
    is_of_team,
    keeping_for,
)
from telmee.apps.relations.queries import (
    contacts_on,
    conversations_on,
    earlier_texts,
    open_tasks_on,
)
from telmee.core.free_text import FUNCTION, PERSON_NAME, PHONE
from telmee.web.contracts.frame import around, form_page
from telmee.web.forms import SafeEmailField, SafeTextField, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.relations.contact_words import KINDS

if TYPE_CHECKING:
    from telmee.apps.contracts.access import ContractAccess

#: Conversations that the page shows; the timeline has all.
_SHOWN = 20
_SECTION = "contract-contact"


class ContactForm(forms.Form):
    """How somebody can be reached at work."""

    name = SafeTextField(label=gettext_lazy("Name at work"), max_length=PERSON_NAME.maximum)
    function = SafeTextField(
        label=gettext_lazy("Position"),
        max_length=FUNCTION.maximum,
        required=False,
        help_text=gettext_lazy("Such as contract manager, or adviser social return."),
    )
    email = SafeEmailField(
        label=gettext_lazy("E-mail at work"),
        help_text=gettext_lazy("Not a private address: both sides of the contract see this."),
    )
    phone = SafeTextField(
        label=gettext_lazy("Telephone at work"),
        max_length=PHONE.maximum,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )


class RemoveForm(forms.Form):
    """Whether somebody goes from this contract or from all."""

    everywhere = forms.BooleanField(
        label=gettext_lazy("Remove this person from all contracts of our organisation"),
        required=False,
        help_text=gettext_lazy("When somebody leaves. Nothing of this person stays in Telmee."),
    )


@login_required
@require_safe
def contact(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the contact persons of both sides, and what was spoken of and is to be done."""
    access = contract_in_touch(request.acting, pk)
    is_team = is_of_team(access)
    context = around(access, _SECTION) | {
        "contacts": _contacts(access),
        "may_keep": keeping_for(access) is not None,
        "is_team": is_team,
        "may_write": access.deciding_for is not None,
        "conversations": _conversations(access),
        "tasks": list(open_tasks_on(request.acting, access)) if is_team else [],
    }
    return render(request, "relations/contact.html", context)


def _contacts(access: ContractAccess) -> list[dict[str, object]]:
    own = keeping_for(access)
    return [
        {"contact": row, "may_change": row.organisation_id == own} for row in contacts_on(access)
    ]


def _conversations(access: ContractAccess) -> list[dict[str, object]]:
    """The latest conversations, each with who wrote it and what stood there before."""
    rows = list(conversations_on(access)[: _SHOWN + 1])
    names = doers(access.acting, ((row.user_id, row.organisation_id) for row in rows))
    before = earlier_texts(rows)
    return [
        {
            "row": row,
            "kind": KINDS[row.kind],
            "who": names[row.user_id, row.organisation_id],
            "earlier": before.get(row.pk, []),
            "may_correct": row.organisation_id == access.deciding_for,
        }
        for row in rows
    ]


@login_required
def add(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Add a contact person of one's own side."""
    access = contract_in_touch(request.acting, pk)
    if keeping_for(access) is None:
        raise Http404
    form = ContactForm(request.POST or None)
    if succeeds(form, lambda: actions.add_contact(access, **form.cleaned_data)):
        messages.success(request, _("The contact person is added. Both sides see it."))
        return redirect(_SECTION, pk)
    return _page(request, access, form, title=_("Add a contact person"), button=_("Add"))


@login_required
def change(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Change how somebody can be reached."""
    access, row = contact_for(request.acting, pk)
    initial = {name: getattr(row, name) for name in ContactForm.base_fields}
    form = ContactForm(request.POST or None, initial=initial)
    if succeeds(form, lambda: actions.change_contact(access, pk, **form.cleaned_data)):
        messages.success(request, _("The contact person is changed."))
        return redirect(_SECTION, access.contract.pk)
    return _page(request, access, form, title=_("Change the contact person"), button=_("Save"))


@login_required
def remove(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask from how many contracts, then remove a contact person for good."""
    access, row = contact_for(request.acting, pk)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        gone = actions.remove_contact(access, pk, everywhere=form.cleaned_data["everywhere"])
        text = ngettext(
            "The contact person is removed.",
            "The contact person is removed from %(count)s contracts.",
            gone,
        )
        messages.success(request, text % {"count": gone})
        return redirect(_SECTION, access.contract.pk)
    title = _("Remove %(name)s") % {"name": row.name}
    return _page(request, access, form, title=title, button=_("Remove"), dangerous=True)


def _page(
    request: TelmeeRequest, access: ContractAccess, form: forms.Form, **more: object
) -> HttpResponse:
    back = f"/opdrachten/{access.contract.pk}/contact"
    return form_page(request, access, form, section=_SECTION, back=back, **more)
