"""Words for what was promised: whether both sides agreed on it, or the contractor says it alone.

What is not agreed is never shown as if it was: it stands beside every amount that is promised.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.web.lists import Column
from telmee.web.templatetags.telmee import euros
from telmee.web.to_come import part_column


def not_agreed_column(key: str = "not_agreed") -> Column:
    """A column to stand under what is promised: what of it is not agreed."""
    label, sentence = gettext_lazy("Of which not agreed"), gettext_lazy("%(amount)s not agreed")
    return part_column(key, label, sentence)


def with_agreed(note: str, promised_cents: int, agreed_cents: int) -> str:
    """The note below what is promised, with whether it is agreed; of nothing there is no more."""
    if not promised_cents:
        return note
    text = _("%(agreed)s agreed, the rest is the word of the contractor")
    words = text % {"agreed": euros(agreed_cents)}
    if agreed_cents == promised_cents:
        words = _("agreed by both")
    elif not agreed_cents:
        words = _("not agreed: the word of the contractor")
    return f"{note} · {words}" if note else words
