"""What a line leaves open for a person to check: each said where it matters, and nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telmee.core.explain import Text
from telmee.core.schemes.model import Cap, Certificate, Unit
from telmee.core.valuation import value
from telmee.core.valuation.explanation import explain
from tests.builders import contributions_of
from tests.strategies import block_of, bonus_of, scheme_of

CERTIFICATES = (Certificate(key="pso", label=Text("PSO"), percentage_bp=None),)
SCHEME = scheme_of(
    weekly_hours=36_00,
    blocks=(
        block_of("time", Unit.FULL_TIME_YEAR),
        block_of("limited", Unit.FULL_TIME_YEAR, max_months=12),
        block_of("benefit", Unit.FULL_TIME_YEAR, max_months=12, from_last_benefit_day=True),
        block_of("brief", Unit.HOUR, amount_cents=30_00, max_months=1),
        block_of("hours", Unit.HOUR, amount_cents=30_00),
        block_of("idea", Unit.AGREEMENT),
        block_of("piece", Unit.PIECE),
        block_of("capped", Unit.PIECE),
        block_of("bought", Unit.ACTUAL_COST, certificates=CERTIFICATES),
    ),
    bonuses=(bonus_of("once", ["piece"], once=True), bonus_of("each", ["piece"])),
    caps=(
        Cap(
            key="p",
            per="person",
            amount_cents=1_000_00,
            share_bp=None,
            blocks=frozenset(["capped"]),
        ),
        Cap(
            key="c",
            per="contract",
            amount_cents=None,
            share_bp=10_00,
            blocks=frozenset(["idea", "hours"]),
        ),
        Cap(key="d", per="day", amount_cents=1_000_00, share_bp=None, blocks=frozenset(["piece"])),
    ),
    certificates=CERTIFICATES,
)
BEGIN, END = date(2025, 1, 1), date(2025, 6, 30)
PERIOD: dict[str, Any] = {"begin": BEGIN, "eind": END, "uren_per_week": 36_00}
CONTRACT: dict[str, Any] = {"contract_begin": date(2024, 1, 1), "contract_eind": date(2027, 1, 1)}
DATED: dict[str, Any] = {**CONTRACT, "begin": BEGIN}
PIECE: dict[str, Any] = {**DATED, "aantal": 1}
BOUGHT: dict[str, Any] = {**DATED, "bedrag": 1, "certificaat": "pso"}
HOURS: dict[str, Any] = {**CONTRACT, "uren": 1_00, "begin": date(2026, 12, 1)}
WHOLE: dict[str, Any] = {**PERIOD, **CONTRACT, "persoon": "P"}


def open_of(block: str, **cells: Any) -> set[str]:
    """The codes of what is left open on one line."""
    row = {"kenmerk": "A", "bouwblok": block, **cells}
    steps = explain(value(SCHEME, contributions_of([row])), 0)
    return {str(step.value) for step in steps if step.step == "to_check"}


@pytest.mark.parametrize(
    ("code", "where", "elsewhere"),
    [
        ("no_person", ("time", {**WHOLE, "persoon": None}), ("time", WHOLE)),
        (
            "no_person",
            ("capped", PIECE),
            ("piece", PIECE),
        ),
        (
            "no_person",
            ("piece", {**PIECE, "toeslagen": "once"}),
            ("piece", {**PIECE, "toeslagen": "each"}),
        ),
        ("no_contract_begin", ("time", {**WHOLE, "contract_begin": None}), ("time", WHOLE)),
        ("no_contract_end", ("time", {**WHOLE, "contract_eind": None}), ("time", WHOLE)),
        ("limit_over_contractors", ("limited", WHOLE), ("time", WHOLE)),
        (
            "no_date",
            ("piece", {**CONTRACT, "aantal": 1}),
            ("piece", PIECE),
        ),
        (
            "no_last_benefit_day",
            ("benefit", WHOLE),
            ("benefit", {**WHOLE, "laatste_uitkeringsdag": date(2024, 12, 31)}),
        ),
        ("no_last_benefit_day", ("benefit", WHOLE), ("limited", WHOLE)),
        ("limit_over_contractors", ("limited", WHOLE), ("benefit", WHOLE)),
        (
            "benefit_after_begin",
            ("benefit", {**WHOLE, "laatste_uitkeringsdag": BEGIN}),
            ("benefit", {**WHOLE, "laatste_uitkeringsdag": date(2024, 12, 31)}),
        ),
        (
            "spread_over_days",
            ("brief", {**DATED, "eind": END, "uren": 1_00}),
            ("brief", {**DATED, "eind": date(2025, 1, 31), "uren": 1_00}),
        ),
        ("no_person", ("brief", {**DATED, "uren": 1_00}), ("hours", HOURS)),
        ("cap_judged_contract", ("idea", DATED), ("hours", HOURS)),
        (
            "partly_outside_contract",
            (
                "hours",
                {**HOURS, "eind": date(2027, 1, 2)},
            ),
            (
                "hours",
                {**HOURS, "eind": date(2027, 1, 1)},
            ),
        ),
        (
            "certificate_not_tested",
            ("bought", BOUGHT),
            (
                "bought",
                {**BOUGHT, "certificaat_tot": END},
            ),
        ),
    ],
)
def test_a_check_is_said_where_it_matters(
    code: str, where: tuple[str, dict[str, Any]], elsewhere: tuple[str, dict[str, Any]]
) -> None:
    assert code in open_of(where[0], **where[1])
    assert code not in open_of(elsewhere[0], **elsewhere[1])
