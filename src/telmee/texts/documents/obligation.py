"""What a contract owes as JSON: every fact that went in, the answer and its story."""

from __future__ import annotations

import dataclasses
from typing import Any

from telmee.core.explain import Text
from telmee.core.obligations import ENGINE_VERSION, Assessment, Contract
from telmee.texts.documents import problem_document, step_document
from telmee.texts.formats import Language, as_json_value


def assessment_document(assessment: Assessment, language: Language) -> dict[str, Any]:
    """What a contract owes as one JSON document.

    `{"scheme": {"id", "version", "sha256"}, "engine", "contract": {every fact that went in},
    "client", "status", "owed_cents", "delivered_cents", "realised_cents", "open_cents",
    "surplus_cents", "expected_cents", "shortfall_cents", "per_year": [{"year", "first", "last",
    "cents"}], "deadlines": [{"key", "what", "moment", "days", "working", "due", "reason",
    "days_left", "note", "source", "explanation"}], "sanctions": [{"key", "kind", "factor",
    "base_cents", "amount_cents", "reason", "recovery_days", "recovery", "steps", "exception",
    "judgement", "source", "explanation"}], "explanation", "problems"}`.

    `status` is `owed`, `nothing_owed` or `needs_judgement`; a figure that is not known is null.
    What a file of contributions says is `delivered_cents` and, for the end, `expected_cents`; only
    `realised_cents`, which the client verified, is taken off what is owed.
    Steps and problems look as in a valuation (docs/algorithms/valuation.md section 10).
    """
    stands, scheme = assessment.position, assessment.scheme
    return {
        "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
        "engine": ENGINE_VERSION,
        "contract": _contract(assessment.contract),
        "client": assessment.client,
        "status": str(assessment.status),
        "owed_cents": assessment.owed_cents,
        "delivered_cents": assessment.contract.delivered_cents,
        "realised_cents": assessment.contract.realised_cents,
        "open_cents": stands.open_cents if stands else None,
        "surplus_cents": stands.surplus_cents if stands else None,
        "expected_cents": assessment.contract.expected_cents,
        "shortfall_cents": stands.shortfall_cents if stands else None,
        "per_year": [_plain(part, language) for part in assessment.per_year],
        "deadlines": [_plain(due, language) for due in assessment.deadlines],
        "sanctions": [_plain(sanction, language) for sanction in assessment.sanctions],
        "explanation": [step_document(step, language) for step in assessment.explanation],
        "problems": [problem_document(problem, language) for problem in assessment.problems],
    }


def _contract(contract: Contract) -> dict[str, Any]:
    """Repeat what went in, so that anybody can work it out again."""
    facts = {
        fact.name: _value(getattr(contract, fact.name), "nl")
        for fact in dataclasses.fields(contract)
        if fact.name != "certificates"
    }
    held = [
        {"key": c.key, "valid_until": _value(c.valid_until, "nl")} for c in contract.certificates
    ]
    return {**facts, "certificates": held}


def _plain(record: Any, language: Language) -> dict[str, Any]:
    """The fields of a part of the answer, with the words in one language."""
    return {
        part.name: _value(getattr(record, part.name), language)
        for part in dataclasses.fields(record)
        if part.name != "explanation"
    } | (
        {"explanation": [step_document(step, language) for step in record.explanation]}
        if hasattr(record, "explanation")
        else {}
    )


def _value(value: Any, language: Language) -> Any:
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, tuple):
        return [_value(item, language) for item in value]
    return value if isinstance(value, bool) else as_json_value(value)
