"""Predicted failures, as facts.

A problem is a code with parameters; the sentence and the remedy are added at the edge by
`telmee.texts`, in the reader's language. Everything that is wrong is told at once, so a
`DomainError` carries all problems and not the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Protocol


class Worded(Protocol):
    """Something that has its own words in each language, such as a scheme's `Text`."""

    def in_language(self, language: str) -> str:
        """The words in `language`, which is `nl` or `en`."""


#: What a problem can name. It is written at the edge, in the reader's language.
Param = str | int | Fraction | date | Worded


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `column` is the Dutch name of a column in a contribution file, or the dotted path of a value in
    a scheme. `row` is the spreadsheet's row (the header is row 1). `params` fill the placeholders
    of the sentence in the folder `texts/problems/`, as facts and not as words: a number with
    decimals is a Fraction. They never hold a BSN or another person's detail.
    """

    code: str
    column: str | None = None
    row: int | None = None
    params: Mapping[str, Param] = field(default_factory=dict)


class DomainError(Exception):
    """The whole request cannot be answered; `problems` says why, all at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Take one problem or several; at least one is needed to be worth raising."""
        together = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not together:
            raise ValueError("a DomainError needs at least one problem")
        self.problems = together
        super().__init__("; ".join(f"{p.code}@{p.column or '-'}" for p in together))
