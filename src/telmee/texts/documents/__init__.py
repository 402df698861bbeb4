"""Steps and problems as JSON documents, the same in every interface.

The fields are those of docs/algorithms/valuation.md section 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.texts.catalogue import problem_text, step_text
from telmee.texts.formats import Language, as_json_value


def step_document(step: Step, language: Language) -> dict[str, Any]:
    """One explanation step as JSON; `assumed` holds the reasons, or null."""
    reasons = " ".join(reason.in_language(language) for reason in step.assumed)
    return {
        "step": step.step,
        "value": as_json_value(step.value),
        "unit": step.unit,
        "rule": step.rule,
        "source": step.source,
        "assumed": reasons or None,
        "text": step_text(step, language),
    }


def check_document(step: Step, language: Language, rows: Sequence[int] = ()) -> dict[str, Any]:
    """What somebody should check of a line as JSON, with the rows of other lines it is about."""
    return {
        "code": step.value,
        "rule": step.rule,
        "source": step.source,
        "rows": list(rows),
        "text": step_text(step, language),
    }


def problem_document(problem: Problem, language: Language) -> dict[str, Any]:
    """One problem as JSON: its code, its column, and the two sentences in one language."""
    message, remedy = problem_text(problem, language)
    return {
        "code": problem.code,
        "column": problem.column,
        "message": message,
        "remedy": remedy,
    }


def notice_document(problem: Problem, language: Language) -> dict[str, Any]:
    """What should be known but holds no value back, as JSON; the message says what to do too."""
    return {
        "code": problem.code,
        "column": problem.column,
        "message": " ".join(problem_text(problem, language)),
    }
