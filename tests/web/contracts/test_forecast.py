"""The forecast on the pages of a contract: what will be missing, what it assumes, and in time."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.agreements.queries import plans_of
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.days import still_runs
from tests.web.contracts.conftest import PLAN, under_way
from tests.web.contracts.test_changing import LINE
from tests.web.contracts.test_plan_versions import typed


@pytest.fixture(scope="module")
def contract(module_cast: Cast) -> int:
    """Make a contract that has months to come."""
    return under_way(module_cast, end=still_runs())


def ahead(cast: Cast, contract: int, number: int) -> None:
    """Promise something from today to the end of the contract."""
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        days = {"begin": timezone.localdate(), "eind": access.contract.end}
        save_plan_line(access, {**PLAN, **days}, number=number, note="", line_id=None)


def test_a_contract_that_will_miss_is_marked_long_before_its_end(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    for name in ("contract", "contract-expected"):
        page = browser.get(reverse(name, args=[contract]))
        assert page.context["forecast"].will_miss
        assert "De opgave wordt niet gehaald, ook niet als alles doorgaat" in page.content.decode()
        assert "voor elke maand die nog komt" in page.context["forecast"].outcome


def test_the_forecast_names_what_it_assumes_and_what_is_not_agreed(
    cast: Cast, contract: int, browse: Any
) -> None:
    ahead(cast, contract, 500)
    forecast = browse(cast.adviser).get(reverse("contract", args=[contract])).context["forecast"]
    assert not forecast.will_miss
    assert forecast.outcome.startswith("De opgave is gehaald op ")
    waits, planned, not_agreed, stays = forecast.assumptions
    assert "keurt alles goed wat op een besluit wacht" in waits
    assert "vanaf vandaag uitgevoerd" in planned
    assert "niet afgesproken" in not_agreed
    assert "blijft zoals die is" in stays


def test_the_chart_has_the_three_figures_what_is_owed_and_today(
    cast: Cast, contract: int, browse: Any
) -> None:
    page = browse(cast.adviser).get(reverse("contract", args=[contract]))
    course = page.context["charts"][1]
    assert [series.name for series in course.series] == [
        "Opgave", "Toegezegd", "Geleverd", "Geverifieerd",
    ]  # fmt: skip
    assert course.marked == timezone.localdate()
    text = page.content.decode()
    assert "chart__mark" in text
    assert ">Vandaag</text>" in text


def test_what_is_agreed_on_a_line_is_asked_kept_and_shown_as_a_change(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    with acting_as(cast.contractor.pk):
        (plan,) = plans_of(contract)
        assert plan.holds
        line = plan.holds.lines[0].pk
    browser, url = browse(cast.contractor), reverse("plan-line", args=[contract, line])
    page = browser.get(url)
    assert "<details>" in page.content.decode()
    agreed = {
        "soort_dienstverband": "temporary",
        "minimale_maanden": "6",
        "begeleiding": "Een werkmeester",
        "begeleiding_uren": "40",
        "scholing_hoogstens": "5.000",
        "proefplaatsing_weken": "4",
        "voortraject": "Taalles",
        "tussenstappen": "Eerst halve dagen",
    }
    assert browser.post(url, {**typed(form_of, page), **LINE, **agreed}).status_code == 302
    with acting_as(cast.contractor.pk):
        (plan,) = plans_of(contract)
        assert plan.holds
        kept = plan.holds.lines[0]
    assert (kept.employment, kept.minimum_months, kept.guidance_hours) == ("temporary", 6, 40_00)
    assert (kept.training_cents, kept.trial_weeks, kept.steps) == (
        5_000_00, 4, "Eerst halve dagen",
    )  # fmt: skip
    page = browser.get(reverse("plan-version", args=[contract, plan.holds.version.pk]))
    (row,) = page.context["rows"]
    assert ("Soort dienstverband", "Tijdelijk dienstverband") in row["agreed"]
    assert "Duurt ten minste (maanden): \N{EN DASH} → 6" in row["change"]["how"]
    page = browser.get(reverse("plan-line", args=[contract, kept.pk]))
    assert "<details open>" in page.content.decode()
    wrong = {**typed(form_of, page), **LINE, "begeleiding": "x" * 301}
    assert browser.post(url, wrong).status_code == 422
