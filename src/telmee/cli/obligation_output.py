"""An assessment of a contract, written for people and for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from telmee.cli.story import tell_story, title_of
from telmee.core.explain import Text
from telmee.core.obligations import ENGINE_VERSION, Assessment, Consequence, Contract, Due, Status
from telmee.texts import Language, as_json_value, day, euros, phrase, problem_text, step_text
from telmee.texts.documents import problem_document, step_document


def as_json(assessment: Assessment, language: Language) -> str:
    """Write an assessment as one JSON document.

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
    return json.dumps(to_json(assessment, language), ensure_ascii=False, indent=2)


def to_json(assessment: Assessment, language: Language) -> dict[str, Any]:
    """The document that `as_json` writes, as a dict."""
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


def as_text(assessment: Assessment, language: Language) -> str:
    """Write an assessment for a terminal: the answer, its story, what is due, what follows."""
    parts = [title_of(assessment.scheme, language), _answer(assessment, language), ""]
    parts += tell_story(assessment.explanation, language)
    if assessment.problems:
        parts += ["", phrase("obligation.why_not", language), *_problems(assessment, language)]
    if assessment.deadlines:
        parts += ["", phrase("obligation.deadlines", language)]
        parts += [line for due in assessment.deadlines for line in _due(due, language)]
    if assessment.sanctions:
        parts += ["", phrase("obligation.sanctions", language)]
        parts += [line for one in assessment.sanctions for line in _sanction(one, language)]
    return "\n".join(parts)


def _answer(assessment: Assessment, language: Language) -> str:
    owed = euros(assessment.owed_cents or 0, language)
    if assessment.status is Status.OWED and assessment.position is not None:
        still_open = euros(assessment.position.open_cents, language)
        return phrase("obligation.owed", language, owed=owed, open=still_open)
    return phrase(f"obligation.{assessment.status}", language)


def _problems(assessment: Assessment, language: Language) -> Iterator[str]:
    for problem in assessment.problems:
        message, remedy = problem_text(problem, language)
        yield f"  - {message} {remedy} [{problem.code}]"


def _due(due: Due, language: Language) -> Iterator[str]:
    when = _when(due.due, language)
    yield f"  - {due.what.in_language(language)}: {when}"
    yield from (
        f"      {step_text(step, language)}" for step in due.explanation if step.step != "due"
    )
    if due.note is not None:
        yield f"      {due.note.in_language(language)}"
    if due.source:
        yield f"      {phrase('source', language)}: {due.source}"


def _when(due: date | None, language: Language) -> str:
    if due is None:
        return phrase("obligation.no_date", language)
    return phrase("obligation.at_the_latest", language, day=day(due, language))


def _sanction(sanction: Consequence, language: Language) -> Iterator[str]:
    amount = sanction.amount_cents
    shown = phrase("obligation.no_amount", language)
    if amount is not None:
        shown = euros(amount, language)
    yield f"  - {phrase(f'obligation.kind.{sanction.kind}', language)}: {shown}"
    yield from (f"      {step_text(step, language)}" for step in sanction.explanation)
    if sanction.recovery_days is not None:
        yield "      " + phrase("obligation.recovery_days", language, days=sanction.recovery_days)
    for text in (sanction.recovery, *sanction.steps):
        if text is not None:
            yield f"      {text.in_language(language)}"
    if sanction.source:
        yield f"      {phrase('source', language)}: {sanction.source}"
