"""How often somebody is told, for each group of notices: a page of his own account."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from telmee.apps.notices.choices import USUAL, Group, Rhythm
from telmee.apps.notices.wishes import choose, wishes_of
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import UNKNOWN_CHOICE

#: What belongs to a group, for who has never seen a notice of it.
_EXAMPLES = {
    Group.ASKED: gettext_lazy(
        "A question about a line, an objection, or a plan, turnover, pool or settlement to agree"
        " on."
    ),
    Group.MESSAGES: gettext_lazy(
        "Somebody of the other side wrote to you. The mail says who, and not what."
    ),
    Group.LINES: gettext_lazy(
        "Lines wait for your decision, or were decided on, also by themselves. Together they are"
        " one mail that says how many."
    ),
    Group.TERMS: gettext_lazy(
        "The term of a question, an objection, a proposal or a settlement; a certificate or a"
        " contract that ends; what the scheme asks by a day."
    ),
    Group.ANSWERED: gettext_lazy(
        "An answer to a question, a decision on an objection, or the other agrees with you."
    ),
    Group.CONTRACT: gettext_lazy(
        "It is changed, taken over or void, or another organisation works on it as well."
    ),
    Group.TEAM: gettext_lazy("Contracts are handed over, or you stand in for somebody."),
}


class WishesForm(forms.Form):
    """How often somebody is told, for each group that he may choose about."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # a form's own
        for group in USUAL:
            self.fields[group] = forms.ChoiceField(
                label=group.label,
                help_text=_EXAMPLES[group],
                choices=Rhythm.choices,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": UNKNOWN_CHOICE},
            )


@login_required
def mine(request: TelmeeRequest) -> HttpResponse:
    """Show and change how often one is told."""
    form = WishesForm(request.POST or None, initial=wishes_of(request.acting))
    if succeeds(form, lambda: choose(request.acting, form.cleaned_data)):
        messages.success(request, gettext("Your choice was kept."))
        return redirect("my-notices")
    context = {
        "breadcrumbs": [
            {"label": gettext("My account"), "url": reverse("my-account")},
            {"label": gettext("How often you get mail")},
        ],
    }
    return render_form(request, "notices/mine.html", form, context)
