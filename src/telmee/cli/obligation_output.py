"""An assessment of a contract, written for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from telmee.cli.story import tell_story, title_of
from telmee.core.errors import Problem
from telmee.core.obligations import Assessment, Consequence, Due, Status
from telmee.core.obligations.proportion import proportion_of
from telmee.texts import Language, day, euros, phrase, problem_text, step_text, sum_of
from telmee.texts.meaning import meaning_of


def as_text(assessment: Assessment, language: Language) -> str:
    """Write an assessment for a terminal: the answer, its story, what is due, what follows."""
    parts = [title_of(assessment.scheme, language), _answer(assessment, language), ""]
    if summed := sum_of(assessment.explanation, language):
        parts += [*(f"  {line}" for line in summed), ""]
    parts += tell_story(assessment.explanation, language)
    if assessment.owed_cents:
        parts += ["", phrase("meaning.title", language), *_meaning(assessment, language)]
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


def _meaning(assessment: Assessment, language: Language) -> Iterator[str]:
    proportion = proportion_of(assessment.scheme, assessment.contract, assessment.owed_cents or 0)
    yield from (f"  - {sentence}" for sentence in meaning_of(proportion, language))
    yield from _listed(proportion.oddities, language)


def _problems(assessment: Assessment, language: Language) -> Iterator[str]:
    yield from _listed(assessment.problems, language)


def _listed(problems: Iterable[Problem], language: Language) -> Iterator[str]:
    for problem in problems:
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
