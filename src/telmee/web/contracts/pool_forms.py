"""The forms of a pool: which contracts, until when, and what is booked in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from telmee.core.free_text import NAME, PLAN_NOTE
from telmee.web.forms import DateField, KeyField, SafeTextArea, SafeTextField

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract


class PoolForm(forms.Form):
    """Which contracts come in a pool, from when and why; a new pool is given a name."""

    name = SafeTextField(
        label=_("Name of the pool"),
        max_length=NAME.maximum,
        help_text=_("For example: cleaning, all buildings."),
    )
    contracts = forms.MultipleChoiceField(
        label=_("Contracts"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Contracts of the same contractor with the same client."),
    )
    begin = DateField(
        label=_("First day"),
        help_text=_("From this day on the contracts serve each other's obligation."),
    )
    note = SafeTextField(
        label=_("Why?"),
        max_length=PLAN_NOTE.maximum,
        help_text=_("The other side reads this. Name no persons."),
    )
    key = KeyField()

    def __init__(self, others: Iterable[Contract], *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["contracts"]
        chosen.choices = [(str(one.pk), str(one)) for one in others]  # type: ignore[attr-defined]
        if not is_new:
            del self.fields["name"]


class LeavingForm(forms.Form):
    """The last day of a contract in its pool, and why."""

    end = DateField(
        label=_("Last day in the pool"),
        help_text=_("What was moved until then stays. Later it takes no part any more."),
    )
    note = SafeTextField(
        label=_("Why?"),
        max_length=PLAN_NOTE.maximum,
        help_text=_("The other side reads this. Name no persons."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = KeyField()


class BalanceForm(forms.Form):
    """That what is proposed is booked: on which day, and why."""

    effective_on = DateField(
        label=_("Counts on"),
        help_text=_("The year of this day is the year in which it counts."),
    )
    reason = SafeTextArea(
        label=_("Why?"), help_text=_("The contractor reads this. Name no persons.")
    )
    seen = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput, max_length=64)
    key = KeyField()
