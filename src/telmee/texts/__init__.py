"""The words of Telmee: codes and values in, Dutch or English sentences out.

Core speaks in codes, and several interfaces say the same things; so the words have one home, with
both languages side by side (docs/decisions/0004). Nothing here decides or calculates anything.
"""

from telmee.texts.catalogue import LANGUAGES, phrase, problem_text, step_text
from telmee.texts.formats import Language, as_json_value, day, euros, number, percentage, shown

__all__ = [
    "LANGUAGES",
    "Language",
    "as_json_value",
    "day",
    "euros",
    "number",
    "percentage",
    "phrase",
    "problem_text",
    "shown",
    "step_text",
]
