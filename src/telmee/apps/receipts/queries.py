"""Read receipts: the story of a figure, as it was when somebody acted on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telmee.apps.receipts.models import Receipt
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.ledger import done_cents
from telmee.core.receipts import problems_from, steps_from
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import BEGIN, END

#: The steps of a line that say from when to when it counted.
COUNTED_DAYS = ("counted_from", "counted_to")


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
    """Split the amount of a line into what is for days up to and including today, and after it.

    By the days that counted, as the receipt has them; both add up to the amount. Without a period
    it is the day of the line that decides, and without any day all of it was done. The database
    does the same (`telmee_to_come`, receipts.0002), for sums over many lines.
    """
    days = {
        step["step"]: date.fromisoformat(step["value"]["day"])
        for step in receipt.steps
        if step["step"] in COUNTED_DAYS
    }
    return split_by_days(receipt.amount_cents or 0, days, receipt.inputs, today)


def split_by_days(
    cents: int, counted: Mapping[str, date], inputs: Mapping[str, Any], today: date
) -> tuple[int, int]:
    """Split an amount as `split_of` does, by the days that `COUNTED_DAYS` names and the inputs."""
    first, last = (
        counted.get(step) or (inputs.get(cell) and date.fromisoformat(inputs[cell]))
        for step, cell in zip(COUNTED_DAYS, (BEGIN, END), strict=True)
    )
    if first is None:
        return cents, 0
    done = done_cents(cents, first, max(first, last or first), today)
    return done, cents - done


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
