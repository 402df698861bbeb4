"""Problems in the database: as facts, so that they are worded when somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telmee.core.errors import Problem
from telmee.integrations.apart import plain_problem, problem_of


@dataclass(frozen=True, slots=True)
class ListedProblem:
    """A problem of a file and the letters of its column; a notice stops nothing."""

    problem: Problem
    place: str = ""
    notice: bool = False


def as_document(listed: ListedProblem) -> dict[str, Any]:
    """Write a listed problem as JSON can hold it."""
    return {**plain_problem(listed.problem), "place": listed.place, "notice": listed.notice}


def from_document(kept: Mapping[str, Any]) -> ListedProblem:
    """Read a listed problem back."""
    return ListedProblem(problem_of(kept), kept["place"], kept["notice"])
