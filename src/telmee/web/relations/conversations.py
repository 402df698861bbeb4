"""Write down what was spoken of on a contract, and put it right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.access import contract_to_decide
from telmee.apps.relations.access import conversation_for
from telmee.apps.relations.actions import write_conversation
from telmee.apps.relations.choices import ConversationKind
from telmee.web.contracts.frame import form_page
from telmee.web.forms import DateField, KeyField, SafeTextArea, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import UNKNOWN_CHOICE

#: Who reads it, as people choose it.
_TEAM, _BOTH = "team", "both"
_FIELDS = {"toelichting": "text"}


class ConversationForm(forms.Form):
    """What was spoken of, when and how, and who reads it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it was"),
        choices=ConversationKind.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A note does not count as contact with the contractor."),
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    held_on = DateField(label=gettext_lazy("On"))
    text = SafeTextArea(
        label=gettext_lazy("What was said"),
        help_text=gettext_lazy(
            "Nothing about a person who was placed: no name, no health, no BSN."
        ),
    )
    readers = forms.ChoiceField(
        label=gettext_lazy("Who reads this"),
        choices=(
            (_TEAM, gettext_lazy("Only our own team")),
            (_BOTH, gettext_lazy("The contractor as well")),
        ),
        widget=forms.RadioSelect,
        initial=_TEAM,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    key = KeyField()

    def facts(self) -> dict[str, Any]:
        """What was filled in, by the names of the action."""
        typed = dict(self.cleaned_data)
        return typed | {"is_shared": typed.pop("readers") == _BOTH}


class CorrectionForm(ConversationForm):
    """A better text; what the contractor has read, he goes on reading."""

    def __init__(self, *, was_shared: bool, **options: Any) -> None:
        super().__init__(**options)
        if was_shared:
            self.fields["readers"].disabled = True
            self.fields["readers"].help_text = _("What was shared stays shared.")


@login_required
def write(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Write down a conversation, or a note."""
    access = contract_to_decide(request.acting, pk)
    initial = {"held_on": timezone.localdate(), "kind": request.GET.get("soort", "call")}
    form = ConversationForm(request.POST or None, initial=initial)
    if succeeds(form, lambda: write_conversation(access, **form.facts()), _FIELDS):
        messages.success(request, _("The conversation is written down."))
        if request.GET.get("terug") == "vandaag":
            return redirect("today")
        return redirect("contract-contact", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Write down a conversation"),
        button=_("Save"),
        section="contract-contact",
        back=reverse("contract-contact", args=[pk]),
    )


@login_required
def correct(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Put right what was written; what stood there stays to be read."""
    access, row = conversation_for(request.acting, pk)
    readers = _BOTH if row.is_shared else _TEAM
    initial = {"kind": row.kind, "held_on": row.held_on, "text": row.text, "readers": readers}
    form = CorrectionForm(was_shared=row.is_shared, data=request.POST or None, initial=initial)
    if succeeds(form, lambda: write_conversation(access, corrects=row, **form.facts()), _FIELDS):
        messages.success(request, _("The conversation is corrected. What stood there is kept."))
        return redirect("contract-contact", access.contract.pk)
    return form_page(
        request,
        access,
        form,
        title=_("Correct a conversation"),
        button=_("Save"),
        section="contract-contact",
        lead=_("What you write takes the place of the text of now. Your team can still read that."),
        back=reverse("contract-contact", args=[access.contract.pk]),
    )
