import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from telmee.core.obligations import Category, assess
from telmee.core.obligations.european import PERIODS, European, period_of
from tests.core.obligations.published import (
    FIVE,
    checks,
    codes,
    contract_of,
    owed,
    scheme_of,
    steps,
)

LOCAL = scheme_of(FIVE + '[obligation.thresholds.all]\neu_threshold = "sub_central"')
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "scheme-format.md"


def test_no_day_between_two_periods_is_left_out_or_counted_twice() -> None:
    for earlier, later in pairwise(PERIODS):
        assert later.first == earlier.last + timedelta(days=1)
    assert period_of(PERIODS[0].first - timedelta(days=1)) is None
    assert period_of(PERIODS[-1].last + timedelta(days=1)) is None


def test_the_document_prints_the_table_that_is_reckoned_with() -> None:
    printed = re.findall(
        r"^\| ([\d-]{10}) \| ([\d-]{10}) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| .*\((.*)\) \|$",
        DOCUMENT.read_text("utf-8"),
        re.MULTILINE,
    )
    assert printed == [
        (
            *(period.first.isoformat(), period.last.isoformat()),
            *(f"{period.cents(which) // 100:,}" for which in European),
            period.source,
        )
        for period in PERIODS
    ]


@pytest.mark.parametrize(
    ("facts", "moment", "amount"),
    [
        ({"published": date(2025, 12, 31), "award": date(2026, 2, 1)}, "published", 221_000),
        ({"award": date(2025, 12, 31)}, "award", 221_000),
        ({}, "start", 216_000),
        ({"published": date(2021, 5, 1)}, "published", 214_000),
    ],
)
def test_the_publication_picks_the_line_else_the_award_else_the_start(
    facts: dict[str, date], moment: str, amount: int
) -> None:
    found = assess(LOCAL, contract_of(amount, **facts))
    (day,) = (step for step in found.explanation if step.step == "tender_day")
    assert day.params["how"] == moment
    assert steps(found)["eu_sub_central"] == amount * 100
    assert found.owed_cents == amount * 5
    assert owed(LOCAL, amount - 1, **facts) == 0
    assert ("publication_assumed" in checks(found)) == (moment != "published")


def test_the_figure_names_the_regulation() -> None:
    found = assess(LOCAL, contract_of(300_000))
    (step,) = (step for step in found.explanation if step.step == "eu_sub_central")
    assert step.source == "http://data.europa.eu/eli/reg_del/2025/2152/oj"


def test_a_call_off_goes_by_the_day_of_its_framework_and_not_by_its_own_award() -> None:
    facts = {"framework_cents": 218_000_00, "award": date(2026, 3, 1)}
    assert owed(LOCAL, 50_000, **facts) == 2_500_00
    assert owed(LOCAL, 50_000, **facts, framework_start=date(2025, 1, 1)) == 0


def test_outside_the_table_a_person_must_say() -> None:
    late = {"start": date(2028, 1, 1), "end": date(2028, 12, 31)}
    assert codes(assess(LOCAL, contract_of(1, **late))) == ["eu_threshold_outside_table"]
    assert codes(assess(LOCAL, contract_of(1, published=date(2017, 12, 31)))) != []
    assert owed(LOCAL, 300_000, **late, eu_threshold_cents=300_000_00) == 15_000_00


def test_an_amount_that_somebody_gives_goes_before_the_table() -> None:
    assert owed(LOCAL, 300_000, eu_threshold_cents=300_001_00) == 0


def test_each_amount_has_its_own_name() -> None:
    rows = "".join(
        f'[obligation.thresholds.{name}]\ncategories = ["{category}"]\neu_threshold = "{name}"\n'
        for name, category in (("works", "works"), ("sub_central", "services"), ("central", "hire"))
    )
    scheme = scheme_of(FIVE + rows)
    for category, amount in (("works", 5_404_000), ("services", 216_000), ("hire", 140_000)):
        assert owed(scheme, amount, category=Category(category)) == amount * 5
        assert owed(scheme, amount - 1, category=Category(category)) == 0
