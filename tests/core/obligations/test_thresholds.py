from datetime import date

import pytest

from telmee.core.obligations import Category, assess
from tests.core.obligations.published import (
    FIVE,
    checks,
    codes,
    contract_of,
    owed,
    scheme_of,
    steps,
)


def test_a_threshold_counts_at_the_amount_itself() -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\namount = 100000.50")
    assert owed(scheme, 100_000) == 0
    assert owed(scheme, 100_001) == 5_000_05
    assert assess(scheme, contract_of(100_001)).owed_cents == 5_000_05


def test_above_means_above() -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\namount = 100000\nstrictly_above = true")
    found = assess(scheme, contract_of(100_000))
    assert found.owed_cents == 0
    assert "threshold_above_not_met" in steps(found)
    assert owed(scheme, 100_001) == 5_000_05


def test_without_a_threshold_the_contract_owes_and_says_so() -> None:
    found = assess(scheme_of(FIVE), contract_of(1))
    assert found.owed_cents == 5
    assert checks(found) == ["threshold_not_found"]


def test_a_category_of_its_own_goes_before_all() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.thresholds.all]
        amount = 100000
        [obligation.thresholds.works]
        categories = ["works"]
        amount = 1000000
        """
    )
    assert owed(scheme, 500_000, category=Category.WORKS) == 0
    assert owed(scheme, 500_000) == 25_000_00


def test_value_and_duration_in_two_tables_must_both_be_met() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.thresholds.value]
        amount = 100000
        [obligation.thresholds.duration]
        min_duration_months = 12
        """
    )
    assert owed(scheme, 100_000) == 5_000_00
    assert owed(scheme, 99_999) == 0
    assert owed(scheme, 100_000, end=date(2026, 12, 30)) == 0


def test_rows_of_one_kind_that_agree_are_sure() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.thresholds.old]
        amount = 150000
        [obligation.thresholds.new]
        amount = 214000
        """
    )
    assert owed(scheme, 149_999) == 0
    assert owed(scheme, 214_000) == 10_700_00
    found = assess(scheme, contract_of(150_000))
    assert codes(found) == ["thresholds_disagree"]
    assert found.problems[0].params == {"rules": "old, new"}


def test_a_row_that_a_person_must_judge_is_not_decided() -> None:
    scheme = scheme_of(
        FIVE
        + """
        [obligation.thresholds.investment]
        amount = 15000
        judgement = "only for investment projects"
        """
    )
    for euros in (1, 15_000, 1_000_000):
        found = assess(scheme, contract_of(euros))
        assert codes(found) == ["threshold_needs_judgement"]
        assert steps(found)["threshold_contested"] == 15_000_00
        assert "obligation_cents" not in steps(found)


def test_what_is_not_met_for_sure_needs_no_judgement_of_the_rest() -> None:
    scheme = scheme_of(
        """
        [obligation.thresholds.value]
        judgement = "large contracts"
        [obligation.thresholds.duration]
        min_duration_months = 24
        """
    )
    assert owed(scheme, 1_000_000) == 0
    found = assess(scheme, contract_of(1_000_000, end=date(2027, 12, 31)))
    assert codes(found) == ["threshold_needs_judgement", "no_obligation_percentage"]


def test_a_published_amount_beats_the_supplied_eu_threshold() -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\namount = 193000\neu_threshold = true")
    assert owed(scheme, 193_000, eu_threshold_cents=221_000_00) == 9_650_00


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 1), date(2026, 1, 30), 0),
        (date(2026, 1, 1), date(2026, 1, 31), 1),
        (date(2026, 1, 31), date(2026, 2, 28), 1),  # until the day before 1 March
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_months_run_from_the_first_day_of_the_contract(start: date, end: date, months: int) -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\nmin_duration_months = 1")
    found = assess(scheme, contract_of(100, start=start, end=end))
    assert found.explanation[1].params == {"months": months}
    assert found.owed_cents == (500 if months else 0)


FRAMEWORK = {
    "framework_cents": 600_000_00,
    "framework_start": date(2025, 1, 1),
    "framework_end": date(2028, 12, 31),
}


def test_a_framework_decides_whether_and_its_call_offs_how_much() -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\namount = 125000")
    found = assess(scheme, contract_of(80_000, **FRAMEWORK))
    assert found.owed_cents == 4_000_00
    assert steps(found)["framework_value"] == 600_000_00
    rules = {step.step: step.rule for step in found.explanation}
    assert rules["framework_value"] == "convention.framework_decides"
    assert owed(scheme, 80_000) == 0
    assert owed(scheme, 130_000, framework_cents=124_999_99) == 0


def test_a_call_off_larger_than_its_framework_or_outside_its_days_is_asked_about() -> None:
    scheme = scheme_of(FIVE)
    large = assess(scheme, contract_of(600_001, **FRAMEWORK))
    assert "call_off_above_framework" in checks(large)
    long = assess(scheme, contract_of(600_000, end=date(2029, 1, 1), **FRAMEWORK))
    assert "call_off_after_framework" in checks(long)
    early = assess(scheme, contract_of(600_000, start=date(2024, 12, 31), **FRAMEWORK))
    assert "call_off_before_framework" in checks(early)
    days = {"start": date(2025, 1, 1), "end": date(2028, 12, 31)}
    fits = assess(scheme, contract_of(600_000, **days, **FRAMEWORK))
    assert checks(fits) == ["threshold_not_found"]


def test_a_scheme_that_says_so_itself_is_named_for_it() -> None:
    rules = '[obligation.thresholds.all]\namount = 125000\ncall_offs = "framework"'
    found = assess(scheme_of(FIVE + rules), contract_of(80_000, **FRAMEWORK))
    (step,) = (step for step in found.explanation if step.step == "framework_value")
    assert step.rule == "obligation.thresholds.all.call_offs"
    assert step.source == "https://example.nl/social-return"


def test_how_long_a_framework_lasts_must_be_known_where_it_decides() -> None:
    scheme = scheme_of(FIVE + "[obligation.thresholds.all]\nmin_duration_months = 6")
    short = {"end": date(2026, 2, 28)}
    assert owed(scheme, 80_000, **short) == 0
    assert owed(scheme, 80_000, **short, **FRAMEWORK) == 4_000_00
    unknown = assess(scheme, contract_of(80_000, framework_cents=600_000_00))
    assert codes(unknown) == ["framework_dates_unknown"]


def test_a_threshold_with_vat_asks_the_value_with_vat() -> None:
    scheme = scheme_of(FIVE + '[obligation.thresholds.all]\namount = 121000\nvat = "included"')
    assert owed(scheme, 100_000, with_vat_cents=121_000_00) == 5_000_00
    assert owed(scheme, 100_000, with_vat_cents=120_999_99) == 0
    assert codes(assess(scheme, contract_of(100_000))) == ["value_with_vat_unknown"]
    of_framework = contract_of(100_000, with_vat_cents=121_000_00, **FRAMEWORK)
    assert codes(assess(scheme, of_framework)) == ["value_with_vat_unknown"]
