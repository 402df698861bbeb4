"""The facts of letters about a line of effort, as they are kept with the letter.

All of them come from what was decided, asked and kept: nobody types one. A person is in none: not
his code, and not what is noted about him.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone, translation

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Ruling
from telmee.apps.decisions.models import Decision, Question
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import story_of
from telmee.apps.schemes.queries import rules_of
from telmee.core.schemes.model import Scheme
from telmee.texts import Language, step_text, sum_of

Facts = Mapping[str, Any]


def decision_facts(
    access: ContractAccess, decision_id: int, language: Language
) -> tuple[Facts, int]:
    """What a decision says, and who delivered the line. Raises `Http404`."""
    rows = Decision.objects.filter(pk=decision_id, contract=access.contract)
    decision = rows.select_related("receipt__scheme").first()
    if decision is None:
        raise Http404
    line = _line(access, decision.contribution_id)
    facts = {
        **_facts_of_line(access, line, language),
        "outcome": decision.outcome,
        "counts_cents": decision.counted_cents,
        "until": _iso(decision.until),
        "decided": _iso(timezone.localdate(decision.decided_at)),
        "submitted": _iso(timezone.localdate(decision.submitted_at)),
        "text": decision.text,
        **_labels(decision, language),
        **_story(decision.receipt, language),
        "scheme": rules_of(access.contract.scheme).title.in_language(language),
    }
    return facts, line.organisation_id


def question_facts(
    access: ContractAccess, question_id: int, language: Language
) -> tuple[Facts, int]:
    """What is asked about a line by when, and who delivered it. Raises `Http404`."""
    question = Question.objects.filter(pk=question_id, contract=access.contract).first()
    if question is None:
        raise Http404
    line = _line(access, question.contribution_id)
    facts = {
        **_facts_of_line(access, line, language),
        "text": question.text,
        "due": _iso(question.due),
    }
    return facts, line.organisation_id


def _line(access: ContractAccess, line_id: int) -> Contribution:
    line = on_contract(access).filter(pk=line_id).first()
    if line is None:
        raise Http404
    return line


def _facts_of_line(
    access: ContractAccess, line: Contribution, language: Language
) -> dict[str, Any]:
    return {
        "reference": line.reference,
        "block": _block(rules_of(access.contract.scheme), line.block, language),
        "begin": _iso(line.begin),
        "end": _iso(line.end),
        "delivered_cents": line.value_cents,
    }


def _block(scheme: Scheme, key: str, language: Language) -> str:
    labels = (block.label for block in scheme.blocks if block.key == key)
    label = next(labels, None)
    return key if label is None else label.in_language(language)


def _labels(decision: Decision, language: Language) -> dict[str, str]:
    with translation.override(language):
        return {
            "why": str(DecisionReason(decision.reason).label) if decision.reason else "",
            "ruling": str(Ruling(decision.ruling).label) if decision.ruling else "",
        }


def _story(receipt: Receipt | None, language: Language) -> dict[str, Any]:
    """How a figure came about, in words: its sum, its steps, and an amount that somebody named."""
    if receipt is None:
        return {"sum": [], "steps": [], "named_cents": None, "rules_cents": None}
    # What a person had to look at was looked at when he decided.
    story = [step for step in story_of(receipt) if step.step != "to_check"]
    return {
        "sum": [
            [_part(line.sign, line.words, line.factors), line.result]
            for line in sum_of(story, language)
        ],
        "steps": [step_text(step, language) for step in story],
        "named_cents": receipt.named_cents,
        "rules_cents": receipt.cents,
    }


def _part(sign: str, words: str, factors: tuple[str, ...]) -> str:
    """A line of the sum without what it comes to; the last line is a sign alone."""
    about = ": ".join(filter(None, (words, " × ".join(factors))))
    return f"{sign} {about}".strip()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
