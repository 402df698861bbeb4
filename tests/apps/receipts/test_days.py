"""The days of effort as the database keeps them, beside those that Python takes from a story."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from telmee.apps.receipts.choices import Kind
from telmee.apps.receipts.figures import Figure
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import (
    split_of,
    split_of_figure,
    split_of_steps,
    years_of,
    years_of_figure,
)
from telmee.core.explain import Step
from telmee.core.tables.contribution_columns import BEGIN, END

FIRST = date(2024, 11, 20)
_ASKED = """
    SELECT telmee_first_day(steps, inputs), telmee_to_come(
        %s, telmee_first_day(steps, inputs), telmee_last_day(steps, inputs), %s)
    FROM (SELECT %s::jsonb AS steps, %s::jsonb AS inputs) receipt
"""


def some_day(random: Random) -> date | None:
    return None if random.random() < 0.3 else FIRST + timedelta(days=random.randrange(500))


@pytest.mark.django_db
def test_the_database_splits_an_amount_as_python_does() -> None:
    random = Random(9)  # noqa: S311 - a repeatable walk, no secret
    seen = set()
    for _number in range(400):
        counted = {step: some_day(random) for step in ("counted_from", "counted_to")}
        inputs = {cell: (day := some_day(random)) and day.isoformat() for cell in (BEGIN, END)}
        steps = [Step("years", 1, "years", "x")] + [
            Step(step, day, "date", "x") for step, day in counted.items() if day
        ]
        facts = [
            {"step": step.step, "value": {"day": str(step.value)} if step.step in counted else 1}
            for step in steps
        ]
        cents, today = random.randrange(10_000_00), FIRST + timedelta(days=random.randrange(500))
        done, to_come = split_of_steps(cents, steps, inputs, today)
        with connection.cursor() as cursor:
            cursor.execute(_ASKED, [cents, today, json.dumps(facts), json.dumps(inputs)])
            first, later = cursor.fetchone()
        assert later == to_come, (counted, inputs, cents, today)
        seen.add((first is None, done == 0, to_come == 0))
    # Without a day, before, during and after.
    assert len(seen) == 4


def test_a_figure_is_split_as_its_receipt_will_be_and_nothing_comes_to_nothing() -> None:
    facts: dict[str, Any] = {"kind": Kind.CONTRIBUTION, "scheme": None, "engine": 1}
    days = {BEGIN: "2025-01-01", END: "2025-01-10"}
    for cents, split in ((1_000_00, (400_00, 600_00)), (None, (0, 0))):
        figure = Figure(inputs=days, status="valued", steps=(), contract_id=1, cents=cents, **facts)
        assert split_of_figure(figure, date(2025, 1, 4)) == split
        receipt = Receipt(cents=cents, first_day=FIRST, last_day=FIRST)
        assert split_of(receipt, FIRST) == (sum(split), 0)


def test_a_figure_is_divided_over_years_as_its_receipt_will_be() -> None:
    """And what has no days is for the day that stands for them."""
    facts: dict[str, Any] = {"kind": Kind.CONTRIBUTION, "scheme": None, "engine": 1}
    otherwise = date(2027, 3, 1)
    days = [("2025-12-22", "2026-01-20"), (None, None)]
    expected = [[(2025, 333_33), (2026, 666_67)], [(2027, 1_000_00)]]
    for (first, last), years in zip(days, expected, strict=True):
        inputs = {BEGIN: first, END: last}
        figure = Figure(
            inputs=inputs, status="valued", steps=(), contract_id=1, cents=1_000_00, **facts
        )
        receipt = Receipt(
            cents=1_000_00,
            first_day=first and date.fromisoformat(first),
            last_day=last and date.fromisoformat(last),
        )
        divided = years_of_figure(figure, otherwise=otherwise)
        assert [(one.day.year, one.cents) for one in divided] == years
        assert divided == years_of(receipt, otherwise=otherwise)
