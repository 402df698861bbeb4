"""The facts of the letters of enforcement, from what was kept with each: nobody types a figure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import Http404
from django.utils import timezone, translation

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.chains import rules_on
from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.models import Leniency
from telmee.apps.enforcement.queries import (
    counts_since,
    holds,
    leniencies_for,
    sanction_kept,
    spans_of,
    steps_on,
    taken_of,
)
from telmee.apps.ledger.queries import entry_posted, is_reversed, positions
from telmee.apps.letters.kinds import FactsOf
from telmee.core.enforcement import Step
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
        "sanction": sanction_kept(step),
        "late_since": str(step.late_since),
        "amount_cents": step.amount_cents,
        "reason": step.reason,
        "counts_from": str(since),
        "given_days": step.days,
        "until": str(taken_of(step, lenient).until(spans_of(lenient))),
        "scheme": rules_on(access.contract, [since])[since].title.in_language(language),
    }
    return facts, access.contractor.organisation_id


def _leniency_facts(
    access: ContractAccess, leniency_id: int, language: Language
) -> tuple[Facts, int]:
    """What a client let go of on this contract or on all of his, and who carries this one out.

    Euros that were taken back since are none of it. Raises `Http404`.
    """
    if access.contractor is None or access.client is None:
        raise Http404
    contract, client = access.contract.pk, access.client.organisation_id
    rows = leniencies_for({contract: client})[contract]
    row = next((one for one in rows if one.pk == leniency_id), None)
    if row is None:
        raise Http404
    waived = _waived(contract, row)
    if row.first is None and waived["cents"] is None:
        raise Http404
    with translation.override(language):
        ground = str(Ground(row.ground).label)
    facts = {
        "of_all": row.contract_id is None,
        "ground": ground,
        "reason": row.reason,
        "first": row.first and row.first.isoformat(),
        "last": row.last and row.last.isoformat(),
        "granted": timezone.localdate(row.granted_at).isoformat(),
        "ended": row.ended_on and row.ended_on.isoformat(),
        "ended_why": row.ended_why,
        **waived,
    }
    return facts, access.contractor.organisation_id


def _waived(contract_id: int, row: Leniency) -> dict[str, int | None]:
    """The euros of leniency that stand in the books, and what was owed just before them."""
    entry = entry_posted(contract_id, row.key) if row.cents else None
    if entry is None or row.cents is None or is_reversed(entry):
        return {"cents": None, "owed_before_cents": None}
    then = positions([contract_id], as_of=entry.booked_at)[contract_id]
    return {"cents": row.cents, "owed_before_cents": then.owed_cents + row.cents}


#: By the name that a letter has for its kind.
ENFORCED_FACTS: Mapping[str, FactsOf] = {
    **{f"ladder_{rung}": partial(_step_facts, rung) for rung in Step},
    "ladder_leniency": _leniency_facts,
}
