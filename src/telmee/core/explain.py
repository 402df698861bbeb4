"""Explanation steps: ids and values, no sentences.

The explanation of a figure *is* the named columns it came from. A step names the column, its
value, the rule that gave it, where that rule is published and what was assumed. The words are
added at the edge (`telmee.texts`), so that the screen, the import and the report say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

#: What a step's value can be. A Fraction is shown as "num/den", a date in ISO.
Value = int | Fraction | date | str | None


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence from a scheme, in Dutch and, where somebody translated it, in English."""

    nl: str
    en: str | None = None

    def in_language(self, language: str) -> str:
        """The text in `language`; Dutch is what the source says, so it is the fallback."""
        return self.en if language == "en" and self.en else self.nl


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story of a figure.

    `unit` is one of: cents, date, years, months, share, hours, count, percentage, text, code.
    `rule` is the dotted path of the scheme's rule, or `convention.<name>` where the published text
    is silent. `source` is an address. `assumed` gives the reasons of what was assumed, if anything.
    """

    step: str
    value: Value
    unit: str
    rule: str
    source: str | None = None
    assumed: tuple[Text, ...] = ()
    params: Mapping[str, Value] = field(default_factory=dict)
    text: Text | None = None
