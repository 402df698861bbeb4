from typing import Any

import pytest

from telmee.core.obligations import Assessment, assess
from tests.core.obligations.published import (
    FIVE,
    checks,
    contract_of,
    scheme_of,
    steps,
)

FINE = """
[sanctions.fine]
kind = "fine"
factor = 1.5
"""
WITHHOLDING = """
[sanctions.withholding]
kind = "withholding"
factor = 1
recovery_days = 30
recovery = "a reasonable period first"
steps = ["withheld from the last payment"]
exception = "not when the contractor is not to blame"
"""
BUY_OUT = """
[sanctions.buy_out]
kind = "buy_out"
judgement = "the municipality may choose payment in cash"
"""


def found(rules: str, euros: int | str = 100_000, **facts: Any) -> Assessment:
    return assess(scheme_of(rules), contract_of(euros, **facts))


def test_one_and_a_half_times_what_was_not_realised() -> None:
    """Noordoost-Brabant 3.0."""
    (fine,) = found(FIVE + FINE, realised_cents=2_000_00).sanctions
    assert (fine.kind, fine.base_cents, fine.amount_cents) == ("fine", 3_000_00, 4_500_00)
    assert [step.step for step in fine.explanation] == [
        "unrealised_today",
        "factor",
        "sanction_fine",
    ]


def test_the_shortfall_at_the_end_goes_before_what_is_open_today() -> None:
    (fine,) = found(FIVE + FINE, realised_cents=2_000_00, expected_cents=4_000_00).sanctions
    assert (fine.base_cents, fine.amount_cents) == (1_000_00, 1_500_00)
    assert fine.explanation[0].step == "unrealised_at_end"


def test_half_a_cent_of_a_fine_goes_up() -> None:
    (fine,) = found(FIVE + FINE, "0.20").sanctions
    assert (fine.base_cents, fine.amount_cents) == (1, 2)


def test_all_sanctions_are_shown_with_their_conditions() -> None:
    fine, withholding, buy_out = found(FIVE + FINE + WITHHOLDING + BUY_OUT).sanctions
    assert (fine.amount_cents, withholding.amount_cents) == (7_500_00, 5_000_00)
    assert withholding.recovery_days == 30
    assert withholding.exception is not None
    assert withholding.explanation[-1].value == "sanction_exception"
    assert (buy_out.amount_cents, buy_out.reason) == (None, "no_factor")
    assert buy_out.judgement is not None
    assert buy_out.explanation[-1].text == buy_out.judgement


def test_what_a_person_judges_stands_beside_an_amount_or_in_its_place() -> None:
    judged = FINE + 'judgement = "the municipality may ask less"\n'
    fine, buy_out = found(FIVE + judged + BUY_OUT).sanctions
    assert fine.amount_cents == 7_500_00
    assert [(step.step, step.text) for step in fine.explanation[-2:]] == [
        ("sanction_fine", None),
        ("to_check", fine.judgement),
    ]
    assert [step.step for step in buy_out.explanation] == ["unrealised_today", "factor_unstated"]


def test_without_an_obligation_there_is_a_factor_and_no_amount() -> None:
    (fine,) = found(FINE).sanctions
    assert (fine.base_cents, fine.amount_cents, fine.reason) == (None, None, "owed_unknown")
    assert fine.factor is not None


def test_where_nothing_is_owed_there_is_no_sanction() -> None:
    assert found(FIVE + FINE + "[obligation.thresholds.all]\namount = 100001").sanctions == ()


@pytest.mark.parametrize(
    ("realised", "expected", "position"),
    [
        (0, None, (5_000_00, 0, None)),
        (4_000_00, 4_500_00, (1_000_00, 0, 500_00)),
        (5_000_00, 5_000_00, (0, 0, 0)),
        (6_000_00, 9_000_00, (0, 1_000_00, 0)),
    ],
)
def test_open_surplus_and_shortfall(
    realised: int, expected: int | None, position: tuple[int, int, int | None]
) -> None:
    stands = found(FIVE, realised_cents=realised, expected_cents=expected).position
    assert stands is not None
    assert (stands.open_cents, stands.surplus_cents, stands.shortfall_cents) == position


def test_a_surplus_is_a_step_only_when_there_is_one() -> None:
    assert "surplus_cents" not in steps(found(FIVE))
    assert steps(found(FIVE, realised_cents=6_000_00))["surplus_cents"] == 1_000_00
    assert checks(found(FIVE)) == ["threshold_not_found"]


def test_effort_where_nothing_is_owed_is_all_surplus() -> None:
    nothing = found(FIVE + "[obligation.thresholds.all]\namount = 100001", realised_cents=7_00)
    assert nothing.owed_cents == 0
    assert steps(nothing)["surplus_cents"] == 7_00


def test_what_was_delivered_is_told_and_taken_off_nothing() -> None:
    delivered = found(FIVE, realised_cents=1_000_00, delivered_cents=4_000_00)
    assert delivered.position is not None
    assert (delivered.position.delivered_cents, delivered.position.open_cents) == (
        *(4_000_00, 4_000_00),
    )
    assert [step.rule for step in delivered.explanation if step.step == "delivered_cents"] == [
        "contract.geleverd"
    ]


def test_what_a_file_expects_is_told_as_such() -> None:
    told = steps(found(FIVE, delivered_cents=0, expected_cents=4_000_00))
    assert (told["expected_by_file_cents"], told["shortfall_cents"]) == (4_000_00, 1_000_00)
    assert "expected_cents" not in told
