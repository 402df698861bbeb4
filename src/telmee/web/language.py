"""The language of this page, as telmee.texts names it."""

from django.utils.translation import get_language

from telmee.texts import Language


def active() -> Language:
    """Give the language that Django activated for this request; Dutch when it is neither."""
    return "en" if (get_language() or "nl").startswith("en") else "nl"
