"""Words for amounts of which a part is for days after today.

Effort that is still to come is never shown as if it was done: beside such an amount stands what of
it is for days up to and including today, and what is to come.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.web.language import Words
from telmee.web.lists import Column
from telmee.web.templatetags.telmee import euros


@dataclass(frozen=True, slots=True)
class _Part(Column):
    """A part of the amount above it, in a sentence; a part of nothing takes no line."""

    sentence: Words = ""

    def cell(self, row: object) -> SafeString | str:
        """The part in words; empty where there is none."""
        cents = self.value(row)
        return str(self.sentence) % {"amount": euros(cents)} if cents else ""


def part_column(key: str, label: Words, sentence: Words) -> Column:
    """A column to stand under an amount: the part of it that a sentence is about."""
    return _Part(key, label, kind="money", sentence=sentence)


def to_come_column(key: str) -> Column:
    """A column to stand under an amount: what of that is for days after today."""
    label, sentence = gettext_lazy("Of which after today"), gettext_lazy("%(amount)s later")
    return part_column(key, label, sentence)


def rest_column(key: str = "rest_cents") -> Column:
    """A column to stand under an amount: what a decision on a part left of the line."""
    label, sentence = gettext_lazy("Still to decide"), gettext_lazy("%(amount)s still to decide")
    return part_column(key, label, sentence)


def with_to_come(note: str, cents: int | None, to_come_cents: int) -> str:
    """The note below an amount, with what of it was done and what is still to come."""
    if not to_come_cents:
        return note
    split = _("%(done)s up to and including today, %(to_come)s to come") % {
        "done": euros((cents or 0) - to_come_cents),
        "to_come": euros(to_come_cents),
    }
    between = " " if note.endswith(".") else " · "
    return f"{note}{between}{split}" if note else split
