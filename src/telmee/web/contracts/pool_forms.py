"""The forms of a pool: which contracts, until when, and what is booked in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from telmee.core.free_text import NAME, PLAN_NOTE, REFERENCE
from telmee.web.contracts.forms import ReasonForm
from telmee.web.forms import DateField, KeyField, SafeTextArea, SafeTextField
from telmee.web.schemes.forms import PercentField

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract

#: How many contracts can take part in an initiative.
_PARTS_MAX = 6


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


class InitiativeForm(forms.Form):
    """What is done together, and which part each contract has of it."""

    template_name = "contracts/_initiative_fields.html"
    name = SafeTextField(
        label=_("Name of the initiative"),
        max_length=NAME.maximum,
        help_text=_("For example: work places in the park."),
    )
    note = SafeTextField(
        label=_("What is done, and where?"),
        max_length=PLAN_NOTE.maximum,
        help_text=_("The contractors read this. Name no persons."),
    )
    begin = DateField(label=_("First day"))
    key = KeyField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, _PARTS_MAX + 1):
            self.fields[f"contract-{number}"] = SafeTextField(
                label=_("Contract %(number)s") % {"number": number},
                max_length=REFERENCE.maximum,
                required=False,
                help_text=_("Its reference. Leave empty what you do not need."),
            )
            self.fields[f"part-{number}"] = PercentField(
                label=_("Part of contract %(number)s") % {"number": number}, required=False
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each contract: its reference and its part."""
        rows = range(1, _PARTS_MAX + 1)
        return [(self[f"contract-{number}"], self[f"part-{number}"]) for number in rows]

    def parts(self) -> list[tuple[str, int]]:
        """The references that were typed, each with its part in basis points."""
        typed = self.cleaned_data
        rows = range(1, _PARTS_MAX + 1)
        return [
            (typed[f"contract-{number}"], typed[f"part-{number}"] or 0)
            for number in rows
            if typed[f"contract-{number}"]
        ]


class DisputeForm(ReasonForm):
    """Why somebody does not agree with what was on his screen."""

    seen = forms.RegexField(
        r"\A[0-9,]*\Z", widget=forms.HiddenInput, required=False, max_length=10_000
    )


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
