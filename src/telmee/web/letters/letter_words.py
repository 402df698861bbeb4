"""What letters are called on pages, and how far one has come."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telmee.web.enforcement.enforcement_words import sanction_name

_PENALTY = "ladder_penalty"
#: Each kind of letter, by its code in `telmee.texts.letters`.
KINDS: Mapping[str, Promise] = {
    "decision": _("Decision on a line of effort"),
    "question": _("Question about a line of effort"),
    "agreed_plan": _("Plan that was agreed"),
    "agreed_turnover": _("Turnover that was agreed"),
    "agreed_share": _("Share that was agreed"),
    "settlement": _("Settlement that was agreed"),
    "ladder_reminder": _("Reminder"),
    "ladder_signal": _("Signal"),
    "ladder_default": _("Notice of default"),
    _PENALTY: _("Sanction"),
    "ladder_leniency": _("Leniency"),
}
#: Whether a letter has its paper.
STATES: Mapping[bool, tuple[Promise, str]] = {
    True: (_("Sent"), "positive"),
    False: (_("Being made"), "info"),
}


def letter_name(kind: str, sanction: object) -> str:
    """What a letter is called: one that costs money by the word of its scheme, which it tells."""
    if kind == _PENALTY and sanction:
        return sanction_name(str(sanction))
    return str(KINDS.get(kind, kind))
