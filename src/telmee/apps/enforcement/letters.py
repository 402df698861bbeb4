"""The facts of the letters of steps, from what was kept with each: nobody types a figure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import Http404

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.enforcement.queries import (
    counts_since,
    holds,
    leniencies_for,
    spans_of,
    steps_on,
)
from telmee.apps.letters.kinds import FactsOf
from telmee.apps.schemes.queries import rules_of
from telmee.core.enforcement import Step, term_end
from telmee.texts import Language

Facts = Mapping[str, Any]


def _step_facts(
    rung: Step, access: ContractAccess, step_id: int, language: Language
) -> tuple[Facts, int]:
    """What a step that holds rests on, and who carries the contract out. Raises `Http404`."""
    step = steps_on([access.contract.pk]).filter(pk=step_id, kind=str(rung)).first()
    if step is None or not holds(step) or access.contractor is None or access.client is None:
        raise Http404
    since = counts_since(step)
    client = access.client.organisation_id
    lenient = leniencies_for({access.contract.pk: client})[access.contract.pk]
    facts = {
        "factor": None,
        "base_cents": step.facts["open_cents"],
        "rules_cents": None,
        **step.facts,
        "late_since": str(step.late_since),
        "amount_cents": step.amount_cents,
        "reason": step.reason,
        "given_days": step.days,
        "until": str(term_end(since, step.days, spans_of(lenient))),
        "scheme": rules_of(access.contract.scheme).title.in_language(language),
    }
    return facts, access.contractor.organisation_id


#: By the name that a letter has for its kind.
STEP_FACTS: Mapping[str, FactsOf] = {
    f"ladder_{rung}": partial(_step_facts, rung)
    for rung in (Step.SIGNAL, Step.DEFAULT, Step.PENALTY)
}
