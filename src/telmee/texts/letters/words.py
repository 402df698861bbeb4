"""The words of one kind of letter in one language."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from telmee.texts.catalogue import words_in
from telmee.texts.formats import Language, day, euros


@dataclass(frozen=True, slots=True)
class Words:
    """Says the sentences of a kind: `words("counts", cents=5)`, by the codes in its file.

    What is called `…cents` is written in euros as `{…euros}`, and a date as people write one; so
    nobody types a figure in a sentence.
    """

    kind: str
    language: Language

    def __call__(self, code: str, **facts: Any) -> str:
        """The sentence of a code, filled in."""
        filled = {
            name: self.day(fact) if isinstance(fact, date) else fact for name, fact in facts.items()
        }
        filled |= {
            f"{name.removesuffix('cents')}euros": self.euros(fact)
            for name, fact in facts.items()
            if name.endswith("cents")
        }
        return str(_words(self.kind)[code][self.language]).format_map(filled)

    def day(self, on: date | str | None) -> str:
        """A day as people write it; facts have it as `2026-11-29`, and nothing where it lacks."""
        if not on:
            return ""
        return day(on if isinstance(on, date) else date.fromisoformat(on), self.language)

    def euros(self, cents: int) -> str:
        """Cents as people write euros."""
        return euros(cents, self.language)

    def period(self, begin: str | None, end: str | None) -> str:
        """From when until when, or on which day; nothing without a day."""
        if begin and end and begin != end:
            return f"{self.day(begin)} \N{EN DASH} {self.day(end)}"
        return self.day(begin or end)


@functools.cache
def _words(kind: str) -> Mapping[str, Mapping[str, str]]:
    return words_in(f"letters/{kind}.toml")
