"""The forms of samples."""

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
from telmee.web.forms import (
    CountField,
    DateField,
    KeyField,
    MoneyField,
    SafeTextArea,
    SafeTextField,
    offer,
)

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
    right_cents = MoneyField(
        label=_("The right amount"),
        required=False,
        help_text=_("Only where it should have been another. € 0,00 if it should not count."),
    )
    reason = SafeTextArea(
        label=_("What is wrong, or what did you look at?"),
        required=False,
        help_text=_("Needed where it is wrong. The contractor may read this. Name no persons."),
    )
    key = KeyField()

    def clean(self) -> dict[str, Any]:
        """Ask for the amount where a line is wrong, and for none where it is right."""
        typed = super().clean() or {}
        verdict, cents = typed.get("verdict"), typed.get("right_cents")
        if "right_cents" not in self.errors:
            if verdict == WRONG and cents is None:
                self.add_error("right_cents", _("Fill in what it should have counted for."))
            if verdict == RIGHT and cents is not None:
                self.add_error("right_cents", _("Leave this empty, or say that it is wrong."))
        return typed
