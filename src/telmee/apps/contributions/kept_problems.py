"""Problems in the database: as facts, so that they are worded when somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from telmee.core.errors import Param, Problem
from telmee.core.explain import Text


@dataclass(frozen=True, slots=True)
class ListedProblem:
    """A problem of a file and the letters of its column; a notice stops nothing."""

    problem: Problem
    place: str = ""
    notice: bool = False


def as_document(listed: ListedProblem) -> dict[str, Any]:
    """Write a listed problem as JSON can hold it."""
    problem = listed.problem
    return {
        "code": problem.code,
        "column": problem.column,
        "row": problem.row,
        "params": {name: _written(value) for name, value in problem.params.items()},
        "place": listed.place,
        "notice": listed.notice,
    }


def from_document(kept: Mapping[str, Any]) -> ListedProblem:
    """Read a listed problem back."""
    params = {name: _read(value) for name, value in kept["params"].items()}
    problem = Problem(kept["code"], kept["column"], kept["row"], params)
    return ListedProblem(problem, kept["place"], kept["notice"])


def _written(value: Param) -> Any:
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, str | int):
        return value
    return {"nl": value.in_language("nl"), "en": value.in_language("en")}


def _read(value: Any) -> Param:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]  # a text or a whole number, as it was written
    if "fraction" in value:
        return Fraction(value["fraction"])
    if "date" in value:
        return date.fromisoformat(value["date"])
    return Text(value["nl"], value["en"])
