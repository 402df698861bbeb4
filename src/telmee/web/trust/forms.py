"""The forms of samples and of rules of trust."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from telmee.apps.trust.access import Drawing
from telmee.apps.trust.choices import Decided
from telmee.core.sampling import SEED, SIZE_MAX
from telmee.core.trust import AWAY_DAYS_MAX, LINES_MAX, MONTHS_MAX, Terms
from telmee.web.forms import (
    CountField,
    DateField,
    KeyField,
    MoneyField,
    SafeTextArea,
    SafeTextField,
    offer,
    only_when,
)
from telmee.web.schemes.forms import PercentField

RIGHT, WRONG = "right", "wrong"
_USUAL_SIZE = 30


def choice_of(drawing: Drawing) -> str:
    """How a form names for whom somebody draws, and from whose decisions."""
    return f"{drawing.client_id}-{drawing.drawn_for_id}"


class DrawForm(forms.Form):
    """From which decisions to draw, how many lines, and by which seed."""

    drawing = forms.ChoiceField(label=_("Decisions of which client?"))
    decided = forms.ChoiceField(
        label=_("Which decisions?"), widget=forms.RadioSelect, choices=Decided.choices
    )
    first = DateField(label=_("Decided from"))
    last = DateField(
        label=_("Decided until and including"), help_text=_("Yesterday at the latest.")
    )
    size = CountField(
        label=_("How many lines to look at?"),
        zero=False,
        maximum=SIZE_MAX,
        help_text=_("A line of a large amount has a larger chance; a very large one is always in."),
    )
    seed = SafeTextField(
        label=_("Seed"),
        max_length=SEED.maximum,
        help_text=_(
            "Which lines are drawn follows from this word and from the lines themselves. Take one"
            " that you agreed on beforehand, or keep the one that is here. Anybody can draw the"
            " same sample again with it."
        ),
    )
    key = KeyField()

    def __init__(self, drawings: list[Drawing], *args: Any, **kwargs: Any) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        usual = {
            "decided": Decided.ALL,
            "first": yesterday.replace(month=1, day=1),
            "last": yesterday,
            "size": _USUAL_SIZE,
            "seed": secrets.token_hex(6),
        }
        super().__init__(*args, **{"initial": usual, **kwargs})
        offer(self, "drawing", [(choice_of(one), one.client_name) for one in drawings])


class ReviewForm(forms.Form):
    """Whether a line of a sample is right, and what it should have counted for."""

    verdict = forms.ChoiceField(
        label=_("What did you see?"),
        widget=forms.RadioSelect,
        choices=[
            (RIGHT, _("It counts for the right amount")),
            (WRONG, _("It should have counted for another amount")),
        ],
    )
    right_cents = only_when(
        MoneyField(
            label=_("The right amount"),
            help_text=_("€ 0,00 if it should not count."),
        ),
        _("only where it is wrong"),
    )
    reason = only_when(
        SafeTextArea(
            label=_("What is wrong, or what did you look at?"),
            help_text=_("The contractor may read this. Name no persons."),
        ),
        _("needed where it is wrong, or was called wrong before"),
    )
    key = KeyField()

    def clean(self) -> dict[str, object]:
        """Ask for the amount where a line is wrong, and for none where it is right."""
        typed = super().clean() or {}
        verdict, cents = typed.get("verdict"), typed.get("right_cents")
        if "right_cents" not in self.errors:
            if verdict == WRONG and cents is None:
                self.add_error("right_cents", _("Fill in what it should have counted for."))
            if verdict == RIGHT and cents is not None:
                self.add_error("right_cents", _("Leave this empty, or say that it is wrong."))
        return typed


class RuleForm(forms.Form):
    """The rule by which a client accepts lines without a person looking."""

    is_on = forms.BooleanField(
        label=_("Accept lines automatically by this rule"),
        required=False,
        help_text=_("Only lines that are handed in from now on. Without it nothing is automatic."),
    )
    least_lines = CountField(
        label=_("Lines of a contractor that somebody looked at, at least"),
        zero=False,
        maximum=LINES_MAX,
        help_text=_("What was accepted automatically does not count, unless a sample had it."),
    )
    least_right_bp = PercentField(
        label=_("Of which accepted unchanged, at least"),
        help_text=_("In percent. A line that a sample found wrong counts as changed."),
    )
    months = CountField(label=_("Over how many months?"), zero=False, maximum=MONTHS_MAX)
    most_cents = MoneyField(
        label=_("Highest amount of a line"),
        zero=False,
        help_text=_("A larger amount always goes to a person."),
    )
    blocks = forms.MultipleChoiceField(
        label=_("Building blocks"), widget=forms.CheckboxSelectMultiple
    )
    with_assumed = forms.BooleanField(
        label=_("Also where the value leans on something that the scheme assumes"),
        required=False,
        help_text=_(
            "Many schemes do not say how days are counted, and Telmee assumes it for every line."
            " Without this such lines go to a person."
        ),
    )
    without_proof = forms.BooleanField(
        label=_("Also where the client has not seen the proof"),
        required=False,
        help_text=_(
            "The proof of a person stays with the contractor, and somebody looks at it. Choose this"
            " where it is enough that a sample asks for it."
        ),
    )
    away_days = CountField(
        label=_("Days without trust after a wrong line"),
        zero=False,
        maximum=AWAY_DAYS_MAX,
        help_text=_("When a sample finds a line wrong that was accepted automatically."),
    )
    reason = SafeTextArea(label=_("Why this rule?"), help_text=_("It stands with this version."))
    key = KeyField()

    def __init__(self, blocks: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "blocks", blocks)

    def terms(self) -> Terms:
        """What was typed, as the rule asks it."""
        typed = self.cleaned_data
        return Terms(
            least_lines=typed["least_lines"],
            least_right_bp=typed["least_right_bp"],
            months=typed["months"],
            most_cents=typed["most_cents"],
            blocks=frozenset(typed["blocks"]),
            with_assumed=typed["with_assumed"],
            without_proof=typed["without_proof"],
        )


class LiftForm(forms.Form):
    """Why trust is given back before its day."""

    reason = SafeTextArea(label=_("Why?"), help_text=_("Both sides read this. Name no persons."))
