"""Read receipts: the story of a figure, as it was when somebody acted on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telmee.apps.receipts.models import Receipt
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.ledger import ahead_cents
from telmee.core.receipts import problems_from, steps_from
from telmee.core.schemes.model import Scheme

#: The steps of a line that say from when to when it counted.
_DAYS = frozenset(("counted_from", "counted_to"))


def story_of(receipt: Receipt) -> tuple[Step, ...]:
    """The steps of a receipt, with the texts of the version that it was written under.

    Nothing is calculated again: a new version of the scheme, or another decision beside this one,
    changes no word of it.
    """
    return tuple(steps_from(receipt.steps, rules_of(receipt.scheme)))


def problems_of(receipt: Receipt) -> tuple[Problem, ...]:
    """What kept a line from having a value by the rules, when its receipt was written."""
    return tuple(problems_from(receipt.problems, rules_of(receipt.scheme)))


def split_of(receipt: Receipt, today: date) -> tuple[int, int]:
    """Split the amount of a line into what was done before today and what is still to come.

    By the days that counted, as the receipt has them; both add up to the amount. Without a period
    it is the day of the line that decides, and without any day all of it was done.
    """
    amount = receipt.amount_cents or 0
    counted = {
        step["step"]: step["value"]["day"] for step in receipt.steps if step["step"] in _DAYS
    }
    first = counted.get("counted_from") or receipt.inputs.get("begin")
    last = counted.get("counted_to") or receipt.inputs.get("eind") or first
    if first is None:
        return amount, 0
    begin, end = date.fromisoformat(first), date.fromisoformat(str(last))
    to_come = ahead_cents(amount, begin, max(begin, end), today)
    return amount - to_come, to_come


def content_of(receipt: Receipt, scheme: Scheme) -> Mapping[str, Any]:
    """What the hash of a receipt is made of: plain JSON, with the scheme by id and bytes."""
    named = [receipt.named_cents, receipt.named_by, receipt.named_why]
    return {
        "kind": receipt.kind,
        "scheme": [scheme.id, scheme.version, receipt.scheme_sha256],
        "engine": receipt.engine,
        "contract": receipt.contract_id,
        "organisation": receipt.organisation_id,
        "person": receipt.person_id,
        "inputs": receipt.inputs,
        "used": receipt.used,
        "status": receipt.status,
        "cents": receipt.cents,
        "named": None if receipt.named_cents is None else named,
        "steps": receipt.steps,
        "problems": receipt.problems,
    }
