"""The forms of enforcement."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from telmee.apps.enforcement.choices import Ground, StepKind
from telmee.apps.enforcement.leniency import Wanted
from telmee.core.enforcement import DAYS_MAX, WEEKS_MAX, Step, StepTerms, Terms
from telmee.web.forms import CountField, DateField, KeyField, MoneyField, SafeTextArea, only_when
from telmee.web.schemes.forms import PercentField

#: What a ladder could be, before a client has one of its own.
USUAL = Terms(
    steps=(
        StepTerms(Step.REMINDER, 14),
        StepTerms(Step.SIGNAL, 42),
        StepTerms(Step.DEFAULT, 28, by_manager=True),
        StepTerms(Step.PENALTY, 30, by_manager=True, second_from_cents=10_000_00),
    ),
    behind_bp=10_00,
    least_cents=1_000_00,
    after_end_days=28,
    effect_weeks=12,
)
_DAYS: dict[str, object] = {
    StepKind.REMINDER: _("Days after a reminder"),
    StepKind.SIGNAL: _("Days after a signal: the recovery period"),
    StepKind.DEFAULT: _("Days after a notice of default"),
    StepKind.PENALTY: _("Days to pay a sanction"),
}


class LadderForm(forms.Form):
    """When a contract is behind, which steps follow, and who decides on each."""

    is_on = forms.BooleanField(
        label=_("Enforce by this ladder"),
        required=False,
        help_text=_("Telmee proposes a step; a person decides on each."),
    )
    behind_bp = PercentField(
        label=_("Behind from"),
        help_text=_("In percent of what is owed, that lacks at the pace of the contract."),
    )
    least_cents = MoneyField(label=_("And from this amount"), zero=False)
    after_end_days = CountField(
        label=_("Days after the end of a contract"),
        maximum=DAYS_MAX,
        help_text=_("From then on anything that is open asks for a step."),
    )
    effect_weeks = CountField(
        label=_("Weeks in which a signal should work"), zero=False, maximum=WEEKS_MAX
    )
    reason = SafeTextArea(label=_("Why this ladder?"), help_text=_("It stands with this version."))
    key = KeyField()

    def __init__(self, terms: Terms, data: QueryDict | None = None, *, is_on: bool) -> None:
        initial = {
            "is_on": is_on,
            **{name: getattr(terms, name) for name in self.base_fields if hasattr(terms, name)},
        }
        super().__init__(data, initial=initial)
        for kind in StepKind.values:
            rung = terms.of(Step(kind))
            self._add_rung(kind, rung or StepTerms(Step(kind), 14), is_used=bool(rung))
        self.order_fields(
            ["is_on", "behind_bp", "least_cents", "after_end_days", *self._names(), "effect_weeks"]
        )

    def _add_rung(self, kind: str, rung: StepTerms, *, is_used: bool) -> None:
        self.fields[f"{kind}_on"] = forms.BooleanField(
            label=_("This step is part of the ladder"), required=False, initial=is_used
        )
        self.fields[f"{kind}_days"] = only_when(
            CountField(label=_DAYS[kind], zero=False, maximum=DAYS_MAX, initial=rung.days),
            _("only for a step of the ladder"),
        )
        self.fields[f"{kind}_manager"] = forms.BooleanField(
            label=_("Only a manager decides on it"), required=False, initial=rung.by_manager
        )
        self.fields[f"{kind}_second"] = MoneyField(
            label=_("A second person has to agree, from"),
            required=False,
            initial=rung.second_from_cents,
            help_text=_("The amount of the sanction, else what lacks. Empty: never."),
        )

    @staticmethod
    def _names() -> list[str]:
        parts = ("on", "days", "manager", "second")
        return [f"{kind}_{part}" for kind in StepKind.values for part in parts]

    @property
    def rungs(self) -> Iterator[dict[str, object]]:
        """The fields of each step together, for the page."""
        for kind, label in StepKind.choices:
            parts = ("on", "days", "manager", "second")
            yield {"kind": kind, "label": label, "fields": [self[f"{kind}_{p}"] for p in parts]}

    def clean(self) -> dict[str, object]:
        """Ask for the days of every step that is used."""
        typed = super().clean() or {}
        for kind in StepKind.values:
            name = f"{kind}_days"
            if typed.get(f"{kind}_on") and typed.get(name) is None and name not in self.errors:
                self.add_error(name, _("Fill in how many days the contractor has."))
        return typed

    def terms(self) -> Terms:
        """What was typed, as the rules ask it."""
        typed = self.cleaned_data
        return Terms(
            steps=tuple(
                StepTerms(
                    Step(kind),
                    typed[f"{kind}_days"],
                    typed[f"{kind}_manager"],
                    typed[f"{kind}_second"],
                )
                for kind in StepKind.values
                if typed[f"{kind}_on"]
            ),
            behind_bp=typed["behind_bp"],
            least_cents=typed["least_cents"],
            after_end_days=typed["after_end_days"],
            effect_weeks=typed["effect_weeks"],
        )


class StepForm(forms.Form):
    """Why a step is taken, on the figures that are shown."""

    reason = SafeTextArea(
        label=_("Why?"), help_text=_("The contractor reads this. Name no persons.")
    )
    step = forms.ChoiceField(widget=forms.HiddenInput, choices=StepKind.choices)
    behind_cents = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = KeyField()


class PenaltyForm(StepForm):
    """The same with the amount: that of the scheme, or what somebody names instead."""

    amount = MoneyField(
        label=_("Amount"),
        zero=False,
        help_text=_(
            "What the scheme says is filled in, where it says anything. Another amount is kept"
            " beside it, with your reason."
        ),
    )
    field_order = ("amount", "reason")


class SecondForm(forms.Form):
    """What the second person says of a step."""

    agrees = forms.ChoiceField(
        label=_("Does this step count?"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Yes, I agree")), ("no", _("No, it does not count"))],
    )
    reason = SafeTextArea(
        label=_("Why?"), required=False, help_text=_("Needed where you do not agree.")
    )


class WithdrawForm(forms.Form):
    """Why a step is taken back."""

    reason = SafeTextArea(
        label=_("Why do you withdraw it?"),
        help_text=_("The contractor reads this. Name no persons."),
    )


class LookForm(forms.Form):
    """Why a step stands although figures were corrected."""

    reason = SafeTextArea(label=_("Why does it stand?"))
    key = KeyField()


class AllLeniencyForm(forms.Form):
    """On what ground nothing is enforced for some days."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect, choices=Ground.choices)
    first = DateField(label=_("First day without enforcement"))
    last = DateField(label=_("Last day without enforcement"))
    reason = SafeTextArea(
        label=_("Why?"), help_text=_("The contractor reads this. Name no persons.")
    )
    key = KeyField()

    def wanted(self) -> Wanted:
        """What was typed."""
        typed = self.cleaned_data
        return Wanted(
            Ground(typed["ground"]),
            typed["reason"],
            typed["first"],
            typed["last"],
            typed.get("cents"),
        )


class LeniencyForm(AllLeniencyForm):
    """The same on one contract, where euros can be let go of as well, or alone."""

    first = DateField(label=_("First day without enforcement"), required=False)
    last = DateField(label=_("Last day without enforcement"), required=False)
    cents = MoneyField(
        label=_("Amount that does not have to be done"),
        required=False,
        zero=False,
        help_text=_("It is waived in the books. Leave it empty to let go of days alone."),
    )
    field_order = ("ground", "first", "last", "cents", "reason")


class EndForm(forms.Form):
    """Why leniency ends before its last day."""

    reason = SafeTextArea(
        label=_("Why does it end today?"),
        help_text=_("The contractor reads this. Name no persons."),
    )
