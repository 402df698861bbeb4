"""The words of one line of effort on a screen: its columns, its categories, its status."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telmee.core.schemes.model import Block, Scheme, Unit
from telmee.core.valuation import Status
from telmee.web.language import active

Words = str | Promise

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

_COLUMNS: Mapping[str, tuple[Words, Words]] = {
    "bouwblok": (_("Building block"), ""),
    "begin": (_("First day"), _("For example 1-3-2026.")),
    "eind": (_("Last day"), _("The last day counts.")),
    "uren_per_week": (_("Hours a week"), _("The hours in the employment contract.")),
    "uren": (_("Hours worked"), ""),
    "bedrag": (_("Amount in euros"), _("Without VAT.")),
    "aantal": (_("How many"), _("A whole number.")),
    "voltijd_uren_per_jaar": (
        _("Hours of a full-time job in a year"),
        _("The collective agreement or the employer says how many."),
    ),
    "toeslagen": (_("Bonuses"), _("Choose what applies.")),
    "persoon": (
        _("Code of the person"),
        _("A code of your own, always the same for this person. No name, no BSN."),
    ),
    "certificaat": (_("Certificate of the supplier"), ""),
    "certificaat_tot": (
        _("Certificate valid until"),
        _("The last day on which the certificate is valid."),
    ),
    "contract_begin": (
        _("First day of the contract"),
        _("Only what lies within the contract counts."),
    ),
    "contract_eind": (_("Last day of the contract"), ""),
}
CHOOSE_BLOCK = _("Choose a building block")
CHOOSE_CERTIFICATE = _("Choose a certificate")
EITHER = _("Fill in the hours or the amount, not both.")
NEEDED_WITH = _("Needed with: %(bonuses)s.")
UNKNOWN_CHOICE = _("This choice does not exist. Choose from the list.")

_INVOICE_DAY = _("Date of the invoice")
#: Where a column asks something more exact than its general name says.
_IN_UNIT: Mapping[tuple[str, Unit], Words] = {
    ("begin", Unit.ACTUAL_COST): _INVOICE_DAY,
    ("aantal", Unit.HOUR): _("Number of employees"),
    ("aantal", Unit.DAY_MAXIMUM): _("Number of days"),
    ("aantal", Unit.PIECE): _("How many times"),
}


def block_names(scheme: Scheme) -> dict[str, str]:
    """The name of each block of a scheme, in the active language, by its key."""
    return {block.key: block.label.in_language(active()) for block in scheme.blocks}


def label_of(column: str, block: Block | None = None) -> str:
    """The name of a column on a screen, as far as possible in the words of its block."""
    exact = _IN_UNIT.get((column, block.unit)) if block else None
    return str(exact or _COLUMNS[column][0])


def help_of(column: str) -> str:
    """The sentence below a field that helps people to fill it in; mostly empty."""
    return str(_COLUMNS[column][1])
