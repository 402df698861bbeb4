"""The forms of booking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.booking import siblings
from telmee.apps.enforcement.queries import fines_by_ladder
from telmee.core.ledger import EntryKind
from telmee.web.contracts.contract_words import kinds_on
from telmee.web.forms import (
    DateField,
    KeyField,
    MoneyField,
    SafeTextArea,
    choices_with_blank,
    offer,
    only_when,
)

PENALISE, CARRY = "penalty", "carried"


class BookingForm(forms.Form):
    """What is booked, how much, why, and in which year it counts."""

    kind = forms.ChoiceField(
        label=_("What do you book?"),
        widget=forms.RadioSelect,
    )
    amount = MoneyField(label=_("Amount"))
    to = only_when(
        forms.ChoiceField(
            label=_("To which contract?"),
            help_text=_("A contract of the same contractor with the same client."),
        ),
        _("only for surplus"),
    )
    effective_on = DateField(
        label=_("Counts on"),
        help_text=_("The year of this day is the year in which it counts."),
    )
    reason = SafeTextArea(
        label=_("Why?"), help_text=_("The contractor reads this. Name no persons.")
    )
    key = KeyField()

    def __init__(self, access: ContractAccess, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_hand = [] if fines_by_ladder(access.contract) else [(PENALISE, penalty_words(access))]
        offer(self, "kind", [*by_hand, (CARRY, str(_("Surplus to another contract")))])
        others = [(str(c.pk), f"{c.reference} {c.name}") for c in siblings(access)]
        offer(self, "to", choices_with_blank(others, str(_("Choose a contract"))))

    def clean(self) -> dict[str, object]:
        """Ask for the other contract where surplus moves."""
        typed = super().clean() or {}
        if typed.get("kind") == CARRY and not typed.get("to") and "to" not in self.errors:
            self.add_error("to", _("Choose the contract that the surplus goes to."))
        return typed


def penalty_words(access: ContractAccess) -> str:
    """What the choice of a sanction says, by the word of the scheme of the contract."""
    sanction = kinds_on(access.contract)[EntryKind.PENALTY]
    return gettext("%(sanction)s: money that the contractor pays") % {"sanction": sanction}


class TakeBackForm(forms.Form):
    """Why an entry was a mistake."""

    reason = SafeTextArea(label=_("Why was this entry a mistake?"))
