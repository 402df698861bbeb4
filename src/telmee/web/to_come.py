"""Words for amounts of which a part is for days after today.

Effort that is still to come is never shown as if it was done: beside such an amount stands what of
it is for days up to and including today, and what is to come.
"""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.web.lists import Column
from telmee.web.templatetags.telmee import euros


class _ToCome(Column):
    """The part of the amount above it that is for days after today; none takes no line."""

    def cell(self, row: Any) -> SafeString | str:
        """The part in words; empty where all of it was done."""
        cents = self.value(row)
        return _("%(amount)s later") % {"amount": euros(cents)} if cents else ""


def to_come_column(key: str) -> Column:
    """A column to stand under an amount: what of that is for days after today."""
    return _ToCome(key, gettext_lazy("Of which after today"), kind="money")


class _Rest(Column):
    """What a decision on a part left of a line; none takes no line."""

    def cell(self, row: Any) -> SafeString | str:
        """The rest in words; empty where the line was not decided in part."""
        cents = self.value(row)
        return _("%(amount)s still to decide") % {"amount": euros(cents)} if cents else ""


def rest_column(key: str = "rest_cents") -> Column:
    """A column to stand under an amount: what of the line is still to be decided."""
    return _Rest(key, gettext_lazy("Still to decide"), kind="money")


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
