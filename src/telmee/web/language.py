"""The language of this page, as telmee.texts names it."""

from django.utils.translation import get_language

from telmee.core.errors import Problem
from telmee.texts import Language, problem_text


def active() -> Language:
    """The language that Django activated for this request; Dutch when it is neither."""
    return "en" if (get_language() or "nl").startswith("en") else "nl"


def in_words(problem: Problem) -> str:
    """Say what is wrong, then what to do."""
    return " ".join(problem_text(problem, active())).strip()
