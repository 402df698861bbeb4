"""What somebody checks of the lines of a file, for a table: each sentence once, with its lines."""

from __future__ import annotations

from telmee.core.valuation import Status, Valuation
from telmee.core.valuation.checks import checks_of, is_general
from telmee.core.valuation.line import Line
from telmee.texts import Language, phrase, step_text

#: So many lines are looked at one by one; the JSON has them all.
LINES_MAX = 10_000
#: So many lines are named at one sentence, and so many sentences are told.
_NAMED_MAX, _SENTENCES_MAX = 8, 200


def own_checks(valuation: Valuation, number: int, language: Language) -> list[str]:
    """What one line leaves open, without what holds for every line of its block."""
    line = Line.of(valuation, number)
    if line is None or line.status is Status.REFUSED:
        return []
    checks = (check for check in checks_of(line) if not is_general(check))
    return list(dict.fromkeys(step_text(check, language) for check in checks))


def told_to_check(valuation: Valuation, language: Language) -> list[str]:
    """The part of a table that says what lines leave open, and where the rest stands."""
    lines_of: dict[str, list[int]] = {}
    for number in range(min(len(valuation), LINES_MAX)):
        for text in own_checks(valuation, number, language):
            lines_of.setdefault(text, []).append(number)
    sentences = [
        f"  {_lines_in_words(valuation, lines, language)}: {text}"
        for text, lines in list(lines_of.items())[:_SENTENCES_MAX]
    ]
    if (more := len(lines_of) - _SENTENCES_MAX) > 0:
        sentences.append(phrase("value.more_checks", language, count=more))
    if (left := len(valuation) - LINES_MAX) > 0:
        sentences.append(phrase("value.unchecked_lines", language, count=left))
    sentences = ["", phrase("checks", language), *sentences] if sentences else []
    return [*sentences, "", phrase("value.general_checks", language)]


def _lines_in_words(valuation: Valuation, lines: list[int], language: Language) -> str:
    """The lines that a sentence is about: one by its reference, of more only the rows."""
    rows = [str(valuation.lines.row[line]) for line in lines[:_NAMED_MAX]]
    if len(lines) == 1:
        row = phrase("row", language, row=rows[0])
        return f"{row}, {valuation.lines.reference[lines[0]] or '-'}"
    row = phrase("row", language, row=", ".join(rows))
    more = len(lines) - _NAMED_MAX
    return f"{row} {phrase('value.and_more', language, count=more)}" if more > 0 else row
