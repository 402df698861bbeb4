"""The language of this page, as telmee.texts names it."""

from django.utils.functional import Promise
from django.utils.translation import get_language

from telmee.core.errors import Problem
from telmee.texts import Language, problem_text, with_amounts_whole

#: A text as it is, or one that waits for the language of the page.
Words = str | Promise


def active() -> Language:
    """The language that Django activated for this request; Dutch when it is neither."""
    return "en" if (get_language() or "nl").startswith("en") else "nl"


def in_two(problem: Problem) -> tuple[str, str]:
    """Two sentences: what is wrong, and what to do about it (maybe empty)."""
    text, remedy = problem_text(problem, active())
    return with_amounts_whole(text), with_amounts_whole(remedy)


def in_row(problem: Problem, place: str = "") -> dict[str, object]:
    """A problem of a line of a file, as a row of `components/refused_lines.html`.

    `place` has the letters of the column, where the file has them.
    """
    text, remedy = in_two(problem)
    column = problem.column or ""
    place = f"{place} ({column})" if place else column
    return {"row": problem.row, "place": place, "text": text, "remedy": remedy}


def in_words(problem: Problem) -> str:
    """Say what is wrong, then what to do."""
    return " ".join(in_two(problem)).strip()
