"""The list of contracts: what it finds, and how many queries it and each page cost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.web.contracts.contract_words import DEEDS
from tests.cast import Cast, find_cast
from tests.registering import hand_in, register

APPS = Path(__file__).parents[3] / "src" / "telmee" / "apps"
SECTIONS = (
    "contract",
    "contract-obligation",
    "contract-contributions",
    "contract-ledger",
    "contract-documents",
    "contract-journal",
    "contract-people",
    "contract-plan",
    "contract-expected",
    "contract-settlement",
    "contract-amend",
    "contract-history",
    "contract-timeline",
)


def queries(browser: Any, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


def test_a_hundred_contracts_cost_as_many_queries_as_ten(cast: Cast, browse: Any) -> None:
    browsers = [browse(who) for who in (cast.adviser, cast.contractor, cast.subcontractor)]
    for number in range(10):
        register(cast, reference=f"A-{number:03}")
    few = [queries(browser, "/opdrachten") for browser in browsers]
    for number in range(90):
        register(cast, reference=f"B-{number:03}")
    assert [queries(browser, "/opdrachten") for browser in browsers] == few
    assert max(few) <= 13


@pytest.fixture(scope="module")
def costs(contract: int) -> dict[str, tuple[int, int]]:
    """Count the queries of each page of a contract, before and after it has ten more lines."""
    with acting_as(None):
        cast = find_cast()
    urls = {name: reverse(name, args=[contract]) for name in SECTIONS}
    with transaction.atomic():
        browser = Client()
        browser.force_login(cast.adviser)
        few = {name: queries(browser, url) for name, url in urls.items()}
        for number in range(10):
            hand_in(cast, contract, kenmerk=f"N-{number}", persoon=f"N-{number}")
        many = {name: queries(browser, url) for name, url in urls.items()}
        transaction.set_rollback(True)
    return {name: (few[name], many[name]) for name in SECTIONS}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_page_costs_the_same_however_many_lines_there_are(
    costs: dict[str, tuple[int, int]], name: str
) -> None:
    few, many = costs[name]
    assert many == few <= 18


def test_a_search_finds_every_word_whatever_its_accents(cast: Cast, browse: Any) -> None:
    register(cast, reference="EEN", name="Groen in Súdwest")
    register(cast, reference="TWEE", name="Grijs")
    browser = browse(cast.adviser)
    page = browser.get("/opdrachten", {"q": "SUDWEST eem"})
    assert [row["reference"] for row in page.context["listing"].shown] == ["EEN"]
    assert 'name="q"' in page.content.decode()


def test_the_filters_and_the_file_hold_the_same_rows(cast: Cast, browse: Any) -> None:
    register(cast, reference="EEN", category="works")
    register(cast, reference="TWEE")
    browser = browse(cast.adviser)
    file = browser.get("/opdrachten", {"category": "works", "export": "csv"})
    text = file.content.decode("utf-8-sig")
    assert "EEN" in text
    assert "TWEE" not in text
    assert "Gemeente Hilversum" in text


def test_every_deed_of_the_journal_has_words() -> None:
    written = set()
    for path in (APPS / "contracts").glob("*.py"):
        written |= set(re.findall(r'"(contract\.[a-z_]+)"', path.read_text("utf-8")))
    assert written
    assert written <= DEEDS.keys()
