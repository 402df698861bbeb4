"""The forms of deciding: reject, adjust, ask, reopen, and on an objection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.decisions.choices import DecisionReason, Ruling
from telmee.apps.decisions.dividing import CORRECTING
from telmee.apps.decisions.judgement import Seen
from telmee.apps.settlements.settled_partners import settled_beside
from telmee.core.explain import Step
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import BLOCK, PERSON
from telmee.texts import step_text
from telmee.web.forms import DateField, MoneyField, SafeTextArea, choices_with_blank, only_when
from telmee.web.language import active
from telmee.web.value_forms import LineForm

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

_F = TypeVar("_F", bound=forms.BaseForm)
_CHOICE_MAX = 110
#: The field for an amount that somebody names himself, and the column of its problems.
AMOUNT = "vastgesteld_bedrag"
#: The pseudonym is the contractor's own: who decides does not choose another one.
_NOT_ADJUSTED = (PERSON,)
#: Column of a problem -> field of these forms.
FIELDS: Mapping[str, str] = {
    "reden": "reason",
    "toelichting": "text",
    "termijn": "due",
    "uitkomst": "ruling",
    CORRECTING: "correcting",
}


class Once(forms.Form):
    """What every decision is sent with: once, on the line as it was seen."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)
    on = forms.DateField(widget=forms.HiddenInput, required=False, input_formats=["%Y-%m-%d"])
    seen = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62
    )

    def as_seen(self) -> Seen:
        """The line as the page showed it, of a form that is valid."""
        sent = self.cleaned_data
        return Seen(sent["version"], sent["seen"], sent["on"])


class QuestionForm(forms.Form):
    """What somebody asks about a line before he decides, and until when that can be answered."""

    text = SafeTextArea(
        label=gettext_lazy("Question for the contractor"),
        help_text=gettext_lazy("Say what is missing or not clear. No name and no BSN."),
    )
    due = DateField(
        label=gettext_lazy("Answer until and including"),
        help_text=gettext_lazy("After this day the line comes back in the work list."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs["autofocus"] = True


class ReasonForm(forms.Form):
    """Why: a reason, the rule on which it turned, and words for the contractor."""

    def __init__(
        self,
        *args: Any,
        steps: Iterable[Step] = (),
        with_rule: bool = True,
        rules: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields |= reason_fields(steps if with_rule else None, rules=rules)
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class RulingForm(forms.Form):
    """What comes of an objection, and why; one that only `dismisses` chooses nothing."""

    def __init__(self, *args: Any, dismisses: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not dismisses:
            self.fields["ruling"] = _ruling_field()
        self.fields["text"] = _text_field()
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class ExtensionForm(forms.Form):
    """Until when somebody takes longer for an objection, and why."""

    until = DateField(label=gettext_lazy("New last day"))
    text = SafeTextArea(
        label=gettext_lazy("Why it takes longer"),
        help_text=gettext_lazy("The contractor reads this. No name and no BSN."),
    )


def with_correction(form: _F, line: Contribution) -> _F:
    """Ask in a form of a decision why settlements change of which the line has a part, if any do.

    It may stay empty: only a decision that changes such a part needs it.
    """
    settled = settled_beside(line)
    if settled:
        names = ", ".join(contract.reference for contract in settled)
        form.fields["correcting"] = only_when(
            SafeTextArea(
                label=_("Why the settlement changes"),
                help_text=_(
                    "Of this initiative was settled: %(names)s. When your decision changes its "
                    "part, its settlement is corrected with this reason. Its contractor reads it. "
                    "No name and no BSN."
                )
                % {"names": names},
            ),
            _("needed when a part changes"),
        )
    return form


def _ruling_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("What comes of the objection"),
        choices=[("", _("Choose an outcome")), *Ruling.choices],
        error_messages={"required": gettext_lazy("Choose an outcome.")},
    )


def _text_field() -> SafeTextArea:
    return SafeTextArea(
        label=gettext_lazy("Explanation for the contractor"),
        help_text=gettext_lazy("No name and no BSN."),
    )


def reason_fields(steps: Iterable[Step] | None, *, rules: bool = False) -> dict[str, forms.Field]:
    """Make the fields that say why; without `steps` no rule is asked.

    With `rules` they also say what comes of the objection.
    """
    reasons = [("", _("Choose a reason")), *DecisionReason.choices]
    fields: dict[str, forms.Field] = {"ruling": _ruling_field()} if rules else {}
    fields |= {
        "reason": forms.ChoiceField(
            label=gettext_lazy("Reason"),
            choices=reasons,
            error_messages={"required": gettext_lazy("Choose a reason.")},
        )
    }
    if steps is not None:
        fields["rule"] = forms.ChoiceField(
            label=gettext_lazy("Rule on which it turns"),
            choices=choices_with_blank(rule_choices(steps), _("No rule in particular")),
            required=False,
            help_text=gettext_lazy("The contractor sees this rule with the decision."),
        )
    fields["text"] = _text_field()
    return fields


def rule_choices(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """The rules that an explanation rests on, as choices, each by its sentence."""
    language = active()
    sentences: dict[str, str] = {}
    for step in steps:
        if step.rule and not step.rule.startswith("column."):
            sentences.setdefault(step.rule, _short(step_text(step, language)))
    return list(sentences.items())


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _CHOICE_MAX else sentence[: _CHOICE_MAX - 1] + "…"


def adjust_form(
    scheme: Scheme,
    steps: Iterable[Step],
    typed: Mapping[str, object] | None,
    initial: Mapping[str, object],
    *,
    with_reason: bool = True,
    rules: bool = False,
) -> LineForm:
    """Make the form of another value: other cells, or an amount that somebody decides on."""
    amount_by_hand = MoneyField(
        required=False,
        label=gettext_lazy("Or decide on an amount yourself"),
        help_text=gettext_lazy("Leave this empty to take the value that follows from the fields."),
    )
    extra = {
        AMOUNT: amount_by_hand,
        **(reason_fields(steps, rules=rules) if with_reason else {}),
    }
    form = LineForm(scheme, typed, initial, extra_fields=extra, leave_out=_NOT_ADJUSTED)
    form.fields[BLOCK].widget.attrs["autofocus"] = True
    return form
