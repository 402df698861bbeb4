"""A contractor delivers: a line by hand, proof that was seen, a file of lines, and a plan."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import choose_block, fill_in, follow, look_at_both, press
from tests.registering import register

_FILE = """kenmerk;bouwblok;begin;eind;uren_per_week;persoon
K-1;pw_lt2;1-7-2025;31-12-2025;24;P-1
K-2;pw_lt2;1-7-2025;31-12-2025;32;P-2
K-3;onbekend;1-7-2025;31-12-2025;24;P-3
K-4;pw_lt2;maandag;31-12-2025;24;P-4
"""


@pytest.fixture
def page(cast: Cast, sign_in: SignIn) -> Page:
    """Sign the contractor in, and open his contract from his home."""
    name = f"Onderhoud scholen {uuid4().hex[:6]}"
    register(cast, reference=name[-6:], name=name)
    page = sign_in("contractor")
    expect(page.get_by_role("heading", name="Wat u levert")).to_be_visible()
    look_at_both(page, "contractor-home")
    page.get_by_role("rowheader", name=name).get_by_role("link").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    look_at_both(page, "contractor-contract")
    return page


def open_part(page: Page, name: str) -> None:
    """Open a part of the contract."""
    parts = page.get_by_role("navigation", name="Onderdelen van deze opdracht")
    parts.get_by_role("link", name=name, exact=True).click()


def place_somebody(page: Page, hours: str = "24") -> None:
    """Fill in half a year of work for somebody."""
    choose_block(page, "<2 jaar in Participatiewet")
    fill_in(page, Eerste_dag="1-1-2025", Laatste_dag="30-6-2025", Uren_per_week=hours)


def expect_amount(page: Page, region: str, amount: str) -> None:
    """Wait until a part of the page shows an amount."""
    expect(page.get_by_role("region", name=region)).to_contain_text(amount)


def test_a_line_is_entered_seen_and_handed_in(page: Page) -> None:
    open_part(page, "Inspanningen")
    page.get_by_role("link", name="Nieuwe inspanning").first.click()
    place_somebody(page)
    expect_amount(page, "Wat het waard is", "€ 11.570,78")
    fill_in(page, Uren_per_week="")
    page.get_by_label("Uren per week").press_sequentially("32")
    expect_amount(page, "Wat het waard is", "€ 15.427,70")
    look_at_both(page, "contribution-form")

    fill_in(page, Uren_per_week="veel", Code_van_de_persoon="P-7")
    press(page, "Bewaren als concept")
    expect(page.get_by_label("Uren per week")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Uren per week")).to_have_value("veel")
    expect(page.get_by_label("Code van de persoon")).to_have_value("P-7")

    fill_in(page, Uren_per_week="24")
    press(page, "Bewaren als concept")
    expect(page.get_by_text("Het concept is bewaard.")).to_be_visible()
    expect(page.get_by_role("region", name="Bewijs")).to_contain_text("Toon hem aan")
    press(page, "Indienen")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingediend")
    look_at_both(page, "contribution")


def test_a_file_is_read_once_and_its_drafts_are_handed_in(page: Page) -> None:
    file = {"name": "kwartaal.csv", "mimeType": "text/csv", "buffer": _FILE.encode()}
    open_part(page, "Inspanningen")
    contract = page.url.removesuffix("/inspanningen")
    page.get_by_role("link", name="Bestand uploaden").click()
    page.get_by_label("Bestand", exact=True).set_input_files(file)  # type: ignore[arg-type]
    press(page, "Dit bestand lezen")
    refused = page.get_by_role("table")
    expect(refused).to_contain_text("B (bouwblok)")
    expect(refused).to_contain_text("C (begin)")
    expect(page.get_by_role("main")).to_contain_text(re.compile("2 (regels|inspanningen)"))
    look_at_both(page, "upload")

    page.goto(f"{contract}/bestand")
    page.get_by_label("Bestand", exact=True).set_input_files(file)  # type: ignore[arg-type]
    press(page, "Dit bestand lezen")
    expect(page.get_by_text("al eerder toegevoegd")).to_be_visible()

    follow(page, "Concepten bekijken en indienen")
    look_at_both(page, "drafts")
    press(page, "Alle 2 concepten indienen")
    expect(page.get_by_text("Er zijn 2 concepten ingediend.")).to_be_visible()
    page.goto(f"{contract}/inspanningen")
    expect(page.get_by_role("row", name=re.compile("K-[12].*Ingediend"))).to_have_count(2)
    expect(page.get_by_role("row", name=re.compile("K-"))).to_have_count(2)


def test_a_plan_promises_what_its_lines_are_worth(page: Page) -> None:
    open_part(page, "Plan")
    follow(page, "Planregel toevoegen")
    place_somebody(page)
    fill_in(page, Aantal_keer="2")
    expect_amount(page, "Wat deze planregel toezegt", "€ 23.141,56")
    press(page, "Opslaan")
    expect(page.get_by_text("Het plan is bewaard.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("€ 23.141,56")
    look_at_both(page, "plan")
