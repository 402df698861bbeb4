"""Correct a settlement: the one page on which something changes on a contract that is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.access import ContractAccess, contract_to_decide
from telmee.apps.contracts.booking import REVERSIBLE
from telmee.apps.contracts.queries import is_settled
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.choices import State
from telmee.apps.ledger.queries import books_of
from telmee.apps.settlements import deeds
from telmee.apps.settlements.actions import correct as correct_settlement
from telmee.apps.settlements.queries import books_now
from telmee.web.contracts.booking_forms import penalty_words
from telmee.web.contracts.contract_words import kinds_of_days
from telmee.web.contracts.forms import ReasonForm
from telmee.web.contracts.frame import form_page
from telmee.web.contributions.line_words import STATES
from telmee.web.forms import (
    KeyField,
    MoneyField,
    choices_with_blank,
    offer,
    only_when,
    see_again,
    succeeds,
)
from telmee.web.language import Words
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.ledger.models import Entry

_LINE, _WAIVE, _PENALISE, _TAKE_BACK = "line", "waived", "penalty", "entry"
_FIELDS = {
    "bedrag": "amount",
    "vastgesteld_bedrag": "amount",
    "toelichting": "reason",
}
_DECIDED = (State.ACCEPTED, State.ADJUSTED, State.REJECTED)


class CorrectionForm(ReasonForm):
    """What was wrong in a settlement, and what it becomes."""

    what = forms.ChoiceField(
        label=gettext_lazy("What do you correct?"),
        widget=forms.RadioSelect,
    )
    line = only_when(
        forms.ChoiceField(label=gettext_lazy("Which line?")),
        gettext_lazy("only to correct a line"),
    )
    entry = only_when(
        forms.ChoiceField(label=gettext_lazy("Which entry?")),
        gettext_lazy("only to take something back"),
    )
    amount = only_when(
        MoneyField(
            label=gettext_lazy("Amount"),
            help_text=gettext_lazy(
                "Of a line: the whole amount that it counts for, not the difference."
            ),
        ),
        gettext_lazy("not to take something back"),
    )
    seen = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput, max_length=64)
    key = KeyField()
    field_order = ("what", "line", "entry", "amount", "reason")

    def __init__(self, access: ContractAccess, data: QueryDict | None = None) -> None:
        pk = access.contract.pk
        super().__init__(data, initial={"seen": books_now(pk).hash})
        lines = on_contract(access).filter(state__in=_DECIDED).order_by("reference", "pk")
        entries = books_of([pk]).filter(kind__in=REVERSIBLE, partner=None).order_by("turn")
        kinds = kinds_of_days(access.contract, {entry.effective_on for entry in entries})
        blank = str(_("Choose"))
        offer(self, "what", _choices(access))
        offer(self, "line", choices_with_blank(map(_line_choice, lines), blank))
        to_take_back = [_entry_choice(one, kinds[one.effective_on]) for one in entries]
        offer(self, "entry", choices_with_blank(to_take_back, blank))

    def clean(self) -> dict[str, object]:
        """Ask for what belongs to the choice."""
        typed = super().clean() or {}
        wanted = {_LINE: ("line", "amount"), _WAIVE: ("amount",), _PENALISE: ("amount",)}
        wanted[_TAKE_BACK] = ("entry",)
        for name in wanted.get(typed.get("what", ""), ()):
            if typed.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("Fill this in for what you chose."))
        return typed

    def deed(self) -> deeds.Deed:
        """What is to be done, as it was typed."""
        typed = self.cleaned_data
        reason, key, what = typed["reason"], typed["key"], typed["what"]
        if what == _LINE:
            return deeds.decided_again(int(typed["line"]), typed["amount"], reason=reason, key=key)
        if what == _TAKE_BACK:
            return deeds.taken_back(int(typed["entry"]), reason=reason, key=key)
        act = deeds.waived if what == _WAIVE else deeds.penalised
        return act(typed["amount"], reason=reason, key=key)

    def beside(self, access: ContractAccess) -> Iterable[int]:
        """The other contracts on which that is done as well."""
        typed = self.cleaned_data
        if typed["what"] == _TAKE_BACK:
            return deeds.other_half(access.contract.pk, int(typed["entry"]))
        if typed["what"] == _LINE:
            return deeds.partners_of(access.acting, int(typed["line"]))
        return ()


def _choices(access: ContractAccess) -> list[tuple[str, str]]:
    return [
        (_LINE, _("What a line of effort counts for")),
        (_WAIVE, _("Leniency: part of what is owed does not have to be done")),
        (_PENALISE, penalty_words(access)),
        (_TAKE_BACK, _("Take back leniency, a sanction or surplus that moved")),
    ]


@login_required
def correct(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Put right what was settled, with the reason."""
    access = contract_to_decide(request.acting, pk)
    if not is_settled(pk):
        raise Http404
    form = CorrectionForm(access, request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        correct_settlement(
            access,
            form.deed(),
            reason=typed["reason"],
            key=typed["key"],
            seen=typed["seen"],
            beside=form.beside(access),
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The settlement was corrected. The contractor is told."))
        return redirect("contract-settlement", pk)
    books = books_now(pk)
    see_again(form, seen=books.hash)
    position = books.position
    return form_page(
        request,
        access,
        form,
        title=_("Correct the settlement"),
        button=_("Correct"),
        section="contract-settlement",
        back=reverse("contract-settlement", args=[pk]),
        lead=_("What was agreed stays readable, and stands beside what it becomes."),
        facts=[
            (_("Owed"), euros(position.owed_cents)),
            (_("Verified"), euros(position.verified_cents)),
            (_("Open"), euros(position.open_cents)),
            (_("Surplus"), euros(position.surplus_cents)),
        ],
    )


def _line_choice(line: Contribution) -> tuple[str, str]:
    words = f"{line.reference} · {STATES[line.state][0]} · {euros(line.verified_cents or 0)}"
    return str(line.pk), words


def _entry_choice(entry: Entry, kinds: Mapping[str, Words]) -> tuple[str, str]:
    words = f"{kinds[entry.kind]} · {day(entry.effective_on)} · {euros(entry.amount_cents)}"
    return str(entry.pk), words
