"""How a contract fares is said with its reason, and a closed one asks for nobody any more."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.planning import save_plan_line
from telmee.apps.organisations.acting import acting_as
from tests import days
from tests.cast import Cast
from tests.registering import hand_in, register


@pytest.fixture
def today() -> date:
    return days.today()


def running(cast: Cast, today: date, **changes: Any) -> int:
    """Half of its time has passed, give or take a day."""
    facts = {"start": today - timedelta(days=200), "end": today + timedelta(days=200), **changes}
    return register(cast, **facts)


def plan(cast: Cast, contract: int, first: date, number: int) -> None:
    """Promise placements of three months, each worth some thousands of euros."""
    cells = {
        "bouwblok": "pw_lt2",
        "begin": first,
        "eind": first + timedelta(days=90),
        "uren_per_week": 36_00,
    }
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        save_plan_line(access, cells, number=number, note="", line_id=None)


def text_of(page: Any) -> str:
    assert page.status_code == 200
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", html.unescape(words))


@pytest.mark.parametrize(
    ("promised", "word", "reason"),
    [(0, "Loopt achter", "te weinig verwacht"), (40, "Op koers", "")],
)
def test_what_is_expected_is_held_against_all_that_is_owed(
    cast: Cast, browse: Any, promised: int, word: str, reason: str
) -> None:
    today = timezone.localdate()
    contract = running(cast, today, start=today)
    if promised:
        plan(cast, contract, today + timedelta(days=10), promised)
    page = text_of(browse(cast.adviser).get(f"/opdrachten/{contract}"))
    assert f"Waarom hier “{word}” staat" in page
    assert ("Dit geeft de doorslag" in page) is bool(reason)
    for address in ("/opdrachten?export=csv", "/?scope=all"):
        listed = browse(cast.adviser).get(address).content.decode()
        assert ("te weinig verwacht" in listed) is bool(reason)


def test_a_plan_that_has_passed_counts_for_nothing(cast: Cast, browse: Any, today: date) -> None:
    contract = running(cast, today)
    plan(cast, contract, today - timedelta(days=150), 40)
    page = text_of(browse(cast.contractor).get(f"/opdrachten/{contract}"))
    assert "Aan het eind wordt € 0,00 verwacht van de opgave van € 100.000,00 (0%)" in page


def test_enough_expected_and_too_little_done_is_behind_by_what_is_done(
    cast: Cast, browse: Any, today: date
) -> None:
    contract = running(cast, today)
    plan(cast, contract, today + timedelta(days=10), 40)
    browser = browse(cast.adviser)
    page = text_of(browser.get(f"/opdrachten/{contract}"))
    assert "Er is minder gedaan dan past bij de tijd die voorbij is" in page
    assert "te weinig gedaan" in browser.get("/opdrachten?export=csv").content.decode()


def test_a_closed_contract_is_out_of_risk_and_out_of_what_waits(
    cast: Cast, browse: Any, today: date
) -> None:
    late = {"start": today - timedelta(days=400), "end": today - timedelta(days=1)}
    contract = register(cast, **late)
    begin = today - timedelta(days=300)
    hand_in(cast, contract, begin=begin, eind=begin + timedelta(days=90))
    browser = browse(cast.adviser)
    assert "K-1" in text_of(browser.get("/werklijst"))
    assert "HIL-2025-001" in text_of(browser.get("/opdrachten?risk=overdue"))
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        close_contract(access, on=today, reason="Afgerond met de opdrachtnemer.", today=today)
    assert "K-1" not in text_of(browser.get("/werklijst"))
    assert "HIL-2025-001" not in text_of(browser.get("/opdrachten?risk=overdue"))
    assert "Niet meer gevolgd" in text_of(browser.get("/opdrachten?risk=closed"))
    assert "Niet meer gevolgd" in text_of(browser.get(f"/opdrachten/{contract}"))
