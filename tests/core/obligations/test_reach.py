"""Whether a purchase reaches the threshold, by no more than a list of purchases says."""

from datetime import date

import pytest

from telmee.core.obligations import Category
from telmee.core.obligations.reach import Reach, Reached, reach_of
from telmee.integrations.scheme_files import load_scheme
from tests.core.obligations.published import scheme_of

_AMOUNT = """
[obligation.thresholds.all]
amount = 50000

[obligation.percentages.all]
percentage = 5
basis = "contract_sum"
"""
_DURATION = _AMOUNT.replace("amount = 50000", "amount = 50000\nmin_duration_months = 6")


def reached(rules: str, euros: int, day: date = date(2025, 1, 1)) -> Reached:
    return reach_of(
        scheme_of(rules), category=Category.SERVICES, cents=euros * 100, day=day, client=None
    )


def test_the_amount_of_the_scheme_decides_and_what_it_would_owe_follows() -> None:
    assert reached(_AMOUNT, 49_999).reach is Reach.BELOW
    above = reached(_AMOUNT, 50_000)
    assert (above.reach, above.owed_cents) == (Reach.ABOVE, 2_500_00)
    assert reached(_AMOUNT, 49_999).owed_cents is None


def test_a_duration_that_the_list_does_not_say_is_for_a_person() -> None:
    unsure = reached(_DURATION, 60_000)
    assert (unsure.reach, unsure.owed_cents) == (Reach.UNSURE, None)
    assert [problem.code for problem in unsure.problems] == ["purchase_duration_unknown"]
    # Where the amount is too low already, no duration makes up for it.
    assert reached(_DURATION, 49_999).reach is Reach.BELOW


@pytest.mark.parametrize(
    ("day", "reach"),
    [
        (date(2023, 6, 1), Reach.ABOVE),
        (date(2023, 12, 31), Reach.ABOVE),
        (date(2024, 1, 1), Reach.BELOW),
        (date(2025, 12, 31), Reach.BELOW),
        (date(2026, 1, 1), Reach.ABOVE),
    ],
)
def test_the_threshold_is_that_of_the_day_of_the_purchase(day: date, reach: Reach) -> None:
    # The European threshold of a municipality: 215,000 euros, then 221,000, then 216,000.
    amsterdam = load_scheme("amsterdam", "undated-2")
    of_day = reach_of(amsterdam, category=Category.SERVICES, cents=218_000_00, day=day, client=None)
    assert of_day.reach is reach


def test_a_client_that_the_scheme_does_not_have_takes_its_default() -> None:
    one = reach_of(
        scheme_of(_AMOUNT),
        category=Category.WORKS,
        cents=60_000_00,
        day=date(2025, 1, 1),
        client="Gemeente Elders",
    )
    assert one.reach is Reach.ABOVE
