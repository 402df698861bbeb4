"""The words of Telmee: codes and values in, Dutch or English sentences out.

Core speaks in codes, and several interfaces say the same things; so the words have one home, with
both languages side by side (docs/decisions/0004). Nothing here decides or calculates anything.
"""

from telmee.texts.catalogue import LANGUAGES, facts_of, phrase, problem_text, step_text
from telmee.texts.formats import (
    Language,
    as_json_value,
    count,
    day,
    euros,
    number,
    percentage,
    shown,
    with_amounts_whole,
)
from telmee.texts.sums import SumLine, sum_of

__all__ = [
    "LANGUAGES",
    "Language",
    "SumLine",
    "as_json_value",
    "count",
    "day",
    "euros",
    "facts_of",
    "number",
    "percentage",
    "phrase",
    "problem_text",
    "shown",
    "step_text",
    "sum_of",
    "with_amounts_whole",
]
