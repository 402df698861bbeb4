"""What people type in words: how long each kind may be, and which signs it may hold.

Forms, files, actions and tables take their limits here. A sign that cannot be seen, or that turns
the direction of reading round, lets two texts look alike that differ, or makes an amount read
otherwise than it was typed; such a text is refused wherever it comes in, and never mended in
silence. Letters of every script with their accents and emoji of one sign pass; an emoji that is put
together with joiners does not. Blanks of every width count as blanks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from telmee.core.errors import DomainError, Problem

#: Signs that Unicode counts as letters, marks or symbols although nothing is drawn.
_DRAWN_AS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BETWEEN_LINES = frozenset("\n\r\t")
#: The first letter of the categories of what can be seen: letters, numbers, punctuation, symbols.
_SEEN = "LNPS"


def can_be_read(text: str, *, lines: bool = False) -> bool:
    r"""Whether all of a text can be seen as it is; `lines` lets it have several.

    >>> can_be_read("Café, 3 plaatsen"), can_be_read("naam\u202e"), can_be_read("\u200b")
    (True, False, False)
    """
    if text.isascii() and text.isprintable():
        return True
    signs = set(text) - _BETWEEN_LINES if lines else set(text)
    if not all(_is_drawn(sign) for sign in signs):
        return False
    # Marks alone, such as a choice between two shapes of an emoji, are nothing to the eye.
    return not text.strip() or any(unicodedata.category(sign)[0] in _SEEN for sign in signs)


def _is_drawn(sign: str) -> bool:
    blank = unicodedata.category(sign) == "Zs"
    return (sign.isprintable() or blank) and sign not in _DRAWN_AS_NOTHING


@dataclass(frozen=True, slots=True)
class FreeText:
    """A kind of text: how many characters it has at most, and whether it may have lines."""

    maximum: int
    lines: bool = False

    def problems(self, column: str, text: str, row: int | None = None) -> Iterator[Problem]:
        """What is wrong with a text of this kind: too long, or with signs that nobody can see."""
        if len(text) > self.maximum:
            yield Problem("text_too_long", column, row, {"maximum": self.maximum})
        if not can_be_read(text, lines=self.lines):
            yield Problem("text_not_printable", column, row)


#: Why something was done, and what somebody notes beside it.
REASON = FreeText(2000, lines=True)
#: A name of an organisation or a contract, and of somebody who signs in.
NAME, PERSON_NAME = FreeText(200), FreeText(120)
#: What a contract, a tender or a line is called by those who made it; one part of a tender.
REFERENCE, LOT = FreeText(60), FreeText(80)
#: The code of a person, and a key or several of a scheme.
CODE, KEY, KEYS = FreeText(80), FreeText(80), FreeText(200)
#: The number of an enterprise in the trade register.
ENTERPRISE = FreeText(8)
#: A word about a plan line; the step and the number of a certificate; the path of a rule.
PLAN_NOTE, CERTIFICATE, RULE_PATH = FreeText(300), FreeText(40), FreeText(120)
#: What somebody calls a filter of a list that he keeps, and what it asks of the list.
FILTER, QUERY = FreeText(60), FreeText(500)
#: What somebody is at work, the number of his telephone there, and what he has to do.
FUNCTION, PHONE, TASK = FreeText(80), FreeText(30), FreeText(300)
#: What stands in every letter of an organisation: where it can be written to, what stands before
#: the number of a letter, on which ground it writes, and its colour.
ADDRESS, LETTER_PREFIX = FreeText(400, lines=True), FreeText(12)
LETTER_LINE, COLOUR = FreeText(300), FreeText(7)
#: An address on the web, and one for mail.
URL, EMAIL = FreeText(200), FreeText(254)


def reason_problems(reason: str, *, required: bool = True) -> list[Problem]:
    """What is wrong with the reason of a deed: missing, too long, or with unseen signs."""
    missing = [Problem("missing_explanation", "toelichting")]
    empty = missing if required and not reason.strip() else []
    return [*empty, *REASON.problems("toelichting", reason)]


def require_reason(reason: str, *, required: bool = True) -> None:
    """Raise `missing_explanation`, `text_too_long` and `text_not_printable` of a reason."""
    require_none(reason_problems(reason, required=required))


def require_none(problems: Iterator[Problem] | list[Problem]) -> None:
    """Raise all problems there are."""
    if faults := list(problems):
        raise DomainError(faults)
