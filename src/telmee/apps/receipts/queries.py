"""Read receipts: the story of a figure, as it was when somebody acted on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from telmee.apps.receipts.figures import Figure
from telmee.apps.receipts.models import Receipt
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.ledger import InYear, cents_per_year, done_cents
from telmee.core.receipts import problems_from, steps_from
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import BEGIN, END

#: The steps of a line that say from when to when it counted.
_DAYS = ("counted_from", "counted_to")


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
    return _split(receipt.amount_cents or 0, (receipt.first_day, receipt.last_day), today)


def years_of(
    receipt: Receipt, *, otherwise: date, after: date | None = None, until: date | None = None
) -> list[InYear]:
    """Divide the amount of a line over calendar years by the days that counted.

    Of the days after one and up to another, where those are said. What has no days is for the day
    that stands for them `otherwise`. The database does the same (`telmee_years`, receipts.0002).
    """
    first, last = receipt.first_day or otherwise, receipt.last_day or otherwise
    return cents_per_year(receipt.amount_cents or 0, first, last, after=after, until=until)


def years_of_figure(
    figure: Figure, *, otherwise: date, after: date | None = None, until: date | None = None
) -> list[InYear]:
    """Divide a figure that is about to be kept, as its receipt will be divided."""
    cents = figure.named.cents if figure.named else figure.cents
    first, last = _days_of(figure)
    return cents_per_year(
        cents or 0, first or otherwise, last or otherwise, after=after, until=until
    )


def split_of_figure(figure: Figure, today: date) -> tuple[int, int]:
    """Split the amount of a figure that is about to be kept, as its receipt will be split."""
    cents = figure.named.cents if figure.named else figure.cents
    return split_of_steps(cents or 0, figure.steps, figure.inputs, today)


def split_of_steps(
    cents: int, steps: Iterable[Step], inputs: Mapping[str, Any], today: date
) -> tuple[int, int]:
    """Split an amount by the days of its story, as the receipt that keeps it will be split."""
    days = {
        step.step: step.value
        for step in steps
        if step.step in _DAYS and isinstance(step.value, date)
    }
    return _split(cents, _days(days, inputs), today)


def last_day_of(figure: Figure) -> date | None:
    """The last day that counts of the effort that a figure is about; `None` where it has no day."""
    return _days_of(figure)[1]


def _days_of(figure: Figure) -> tuple[date | None, date | None]:
    days = {step.step: step.value for step in figure.steps if step.step in _DAYS}
    return _days(days, figure.inputs)


def _split(cents: int, days: tuple[date | None, date | None], today: date) -> tuple[int, int]:
    first, last = days
    if first is None or last is None:
        return cents, 0
    done = done_cents(cents, first, last, today)
    return done, cents - done


def _days(counted: Mapping[str, Any], inputs: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The first and the last day of effort: those that counted, or else as filled in."""
    first, last = (
        counted.get(step) or (inputs.get(cell) and date.fromisoformat(inputs[cell]))
        for step, cell in zip(_DAYS, (BEGIN, END), strict=True)
    )
    return first, first and max(first, last or first)


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
