"""Predicted failures, as facts.

A problem is a code with parameters; the sentence and the remedy are added at the edge by
`telmee.texts`, in the reader's language. Everything that is wrong is told at once, so a
`DomainError` carries all problems and not the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `column` is the Dutch name of a column in a contribution file, or the dotted path of a value in
    a scheme. `row` is the spreadsheet's row (the header is row 1). `params` fill the placeholders
    of the sentence in `texts/problems.toml`; they never hold a BSN or another person's detail.
    """

    code: str
    column: str | None = None
    row: int | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)


class DomainError(Exception):
    """The whole request cannot be answered; `problems` says why, all at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Take one problem or several; at least one is needed to be worth raising."""
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not found:
            raise ValueError("a DomainError needs at least one problem")
        self.problems = found
        super().__init__("; ".join(f"{p.code}@{p.column or '-'}" for p in found))
