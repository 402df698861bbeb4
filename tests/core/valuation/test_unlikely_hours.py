"""Hours a week that are hardly anybody's are valued, and listed with how else they may be meant."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from telmee.core.contributions.lines import contributions_from
from telmee.core.explain import Step
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import value
from telmee.core.valuation.explanation import explain
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import step_text


def checks(hours: int, scheme: Scheme | None = None) -> list[Step]:
    """The checks about hours of a line with so many hundredths of hours a week."""
    scheme = scheme or load_scheme("utrecht-36h-v2", None)
    row: dict[str, Any] = {
        "kenmerk": "R",
        "bouwblok": "pw",
        "begin": date(2025, 1, 1),
        "eind": date(2025, 6, 30),
        "uren_per_week": hours,
    }
    valuation = value(scheme, contributions_from([row]))
    return [step for step in explain(valuation, 0) if "weekly_hours" in str(step.value)]


@pytest.mark.parametrize("hours", [4_00, 36_00, 60_00])
def test_usual_hours_are_not_asked_about(hours: int) -> None:
    assert checks(hours) == []


def test_many_hours_may_be_those_of_a_month() -> None:
    (step,) = checks(60_01 + 69_99)
    assert "30 uur per week" in step_text(step, "nl")
    assert "130 hours" in step_text(step, "en")


def test_few_hours_may_be_a_part_of_full_time() -> None:
    (step,) = checks(75)
    assert "27 uur per week" in step_text(step, "nl")
    assert "0.75 fte" in step_text(step, "en")


def test_few_hours_that_are_no_part_of_full_time_are_asked_about_without_it() -> None:
    (step,) = checks(3_99)
    assert "fte" not in step_text(step, "nl")


def test_no_full_time_is_named_that_the_scheme_does_not_know() -> None:
    scheme = replace(load_scheme("utrecht-36h-v2", None), weekly_hours=None)
    assert all("fte" not in step_text(step, "nl") for step in checks(75, scheme))
