"""The words of coverage: states, what is alike, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy

from telmee.apps.coverage.choices import State
from telmee.core.coverage import Sign, Sureness
from telmee.web.language import Words

STATES: Mapping[str, tuple[Words, str]] = {
    State.GAP: (State.GAP.label, "negative"),
    State.PROPOSED: (State.PROPOSED.label, "info"),
    State.UNSURE: (State.UNSURE.label, "warning"),
    State.TO_APPLY: (State.TO_APPLY.label, "warning"),
    State.COVERED: (State.COVERED.label, "positive"),
    State.EXPLAINED: (State.EXPLAINED.label, ""),
    State.BELOW: (State.BELOW.label, ""),
}
SURENESS: Mapping[str, Words] = {
    Sureness.SURE: gettext_lazy("almost sure"),
    Sureness.LIKELY: gettext_lazy("likely"),
    Sureness.POSSIBLE: gettext_lazy("possible"),
    "": "",
}
_SIGNS: Mapping[str, Words] = {
    Sign.REFERENCE: gettext_lazy("the same reference"),
    Sign.NUMBER: gettext_lazy("the same KvK number"),
    Sign.NAME: gettext_lazy("the same name"),
    Sign.AMOUNT: gettext_lazy("the same amount"),
    Sign.NEAR_AMOUNT: gettext_lazy("nearly the same amount"),
    Sign.DAY: gettext_lazy("around the same day"),
}


def state_in_words(state: str) -> tuple[Words, str]:
    """A state with its look."""
    return STATES[state]


def signs_in_words(signs: Iterable[Sign]) -> str:
    """What a purchase and a contract share, as one text."""
    return ", ".join(str(_SIGNS[sign]) for sign in signs)
