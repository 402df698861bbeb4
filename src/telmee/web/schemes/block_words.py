"""The words of one line of effort on a screen: its categories, its status, its columns."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from telmee.core.schemes.model import Block, Scheme
from telmee.core.valuation import Status
from telmee.texts.columns import column_help, column_label
from telmee.web.language import Words, active

#: The categories of blocks, in the order in which people look for them.
CATEGORIES: Mapping[str, Words] = {
    "placement": _("Somebody gets work"),
    "education": _("Somebody learns a trade"),
    "work_experience": _("Somebody gains work experience"),
    "training": _("Somebody takes a course"),
    "social_procurement": _("Buying from a social enterprise"),
    "activity": _("Hours and activities"),
}

#: Each status of a value, with its look.
STATUSES: Mapping[Status, tuple[Words, str]] = {
    Status.VALUED: (_("Valued"), "positive"),
    Status.NEEDS_JUDGEMENT: (_("Somebody must judge this"), "warning"),
    Status.REFUSED: (_("Does not count"), "negative"),
}

ANSWERS: Mapping[str, Words] = {
    "both": _("Value and obligation"),
    "value": _("Value of effort"),
    "obligation": _("What a contract owes"),
    "rules": _("Deadlines and conditions"),
    "proposal": _("Value (a proposal)"),
}

CHOOSE_BLOCK = _("Choose a building block")
CHOOSE_CERTIFICATE = _("Choose a certificate")
EITHER = _("Fill in the hours or the amount, not both.")
NEEDED_WITH = _("Needed with: %(bonuses)s.")
UNKNOWN_CHOICE = _("This choice does not exist. Choose from the list.")


def block_names(scheme: Scheme) -> dict[str, str]:
    """The name of each block of a scheme, in the active language, by its key."""
    return {block.key: block.label.in_language(active()) for block in scheme.blocks}


def label_of(column: str, block: Block | None = None) -> str:
    """The name of a column on a screen, as far as possible in the words of its block."""
    return column_label(column, active(), block.unit if block else "")


def help_of(column: str) -> str:
    """The sentence below a field that helps people to fill it in; mostly empty."""
    return column_help(column, active())
