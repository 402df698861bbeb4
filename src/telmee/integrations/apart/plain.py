"""Problems as JSON can hold them: between processes, and in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from telmee.core.errors import Param, Problem
from telmee.core.explain import Text


def plain_problem(problem: Problem) -> dict[str, Any]:
    """Write a problem as texts and numbers."""
    return {
        "code": problem.code,
        "column": problem.column,
        "row": problem.row,
        "params": {name: _written(value) for name, value in problem.params.items()},
    }


def problem_of(plain: Mapping[str, Any]) -> Problem:
    """Read a problem back."""
    params = {name: _read(value) for name, value in plain["params"].items()}
    return Problem(plain["code"], plain["column"], plain["row"], params)


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
