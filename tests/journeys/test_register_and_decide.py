"""Lines that are decided on and objected to: by an adviser, a contractor and a colleague.

The adviser decides without touching the mouse.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.keys import Keys
from tests.journeys.pages import fill_in, follow, look_at_both, press
from tests.registering import hand_in, register


@pytest.fixture
def lines(cast: Cast) -> dict[str, int]:
    """Hand in four lines on one contract."""
    contract = register(cast, reference="HIL-K", name="Onderhoud bruggen")
    return {
        name: hand_in(cast, contract, kenmerk=name, persoon=f"P-{name}")
        for name in ("L-1", "L-2", "L-3", "L-4")
    }


@pytest.mark.usefixtures("lines")
def test_lines_are_decided_on_by_keyboard_and_objected_to(sign_in: SignIn) -> None:
    adviser = sign_in("adviser")
    adviser.goto("/werklijst")
    look_at_both(adviser, "queue")
    keys = Keys(adviser)

    keys.press("j", "j", "k", "a")  # the first line, from the list
    expect(adviser.get_by_text("Er ontbreekt bewijs")).to_be_visible()
    look_at_both(adviser, "proof-missing")
    keys.press("Enter")
    expect(adviser.get_by_text("L-1 is geaccepteerd.")).to_be_visible()
    keys.press("Enter")  # the next row is the current one
    expect(adviser.get_by_role("heading", level=1)).to_contain_text("L-2")
    look_at_both(adviser, "decide")
    keys.press("a")
    expect(adviser.get_by_text("zonder dit bewijs?")).to_be_visible()
    keys.press("a")
    expect(adviser.get_by_text("L-2 is geaccepteerd.")).to_be_visible()
    _adjust(adviser, keys)
    _reject(adviser, keys)
    expect(adviser.get_by_role("main")).to_contain_text("Er wacht niets")

    contractor = sign_in("contractor")
    _object(contractor)
    adviser.goto("/werklijst")
    follow(adviser, "L-4")
    expect(adviser.get_by_text("Een collega beslist over dit bezwaar.").last).to_be_visible()
    colleague = sign_in("second_adviser")
    colleague.goto("/werklijst")
    follow(colleague, "L-4")
    expect(colleague.get_by_text("Wij vinden van wel")).to_be_visible()
    follow(colleague, "Accepteer € 11.570,78")
    colleague.get_by_label("Uitkomst van het bezwaar").select_option(label="Gegrond")
    fill_in(colleague, Toelichting="Het bewijs is alsnog gezien")
    look_at_both(colleague, "ruling")
    press(colleague, "Op het bezwaar beslissen")
    expect(colleague.get_by_text("L-4 is geaccepteerd.")).to_be_visible()
    _read_books(adviser)


def _adjust(page: Page, keys: Keys) -> None:
    """Take half of the hours of the third line."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("L-3")
    keys.press("w")
    expect(page.get_by_role("heading", name="Wijzigen")).to_be_visible()
    keys.type("Uren per week", "12")
    expect(page.locator("#value")).to_contain_text("€ 5.785,39")
    keys.choose("Reden", "De uren")
    keys.type('textbox "Toelichting', "Het arbeidscontract zegt 12 uur")
    look_at_both(page, "adjust")
    keys.tab_to("Aangepaste waarde")
    keys.press("Enter")
    expect(page.get_by_text("L-3 is aangepast: € 5.785,39 is geverifieerd.")).to_be_visible()


def _reject(page: Page, keys: Keys) -> None:
    """Reject the fourth line, and name the rule on which that turns."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("L-4")
    keys.press("r")
    expect(page.get_by_role("heading", name="Afkeuren")).to_be_visible()
    keys.choose("Reden", "De persoon")
    keys.choose("Regel uit de regeling", "Bouwblok")
    keys.tab_to('textbox "Toelichting')
    keys.tab_to("Inspanning afkeuren")
    keys.press("Enter")  # without an explanation: refused, and nothing is lost
    expect(page.get_by_label("Toelichting")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Reden")).to_have_value("target_group")
    keys.type('textbox "Toelichting', "Deze persoon had een andere uitkering")
    keys.tab_to("Inspanning afkeuren")
    keys.press("Enter")
    expect(page.get_by_text("L-4 is afgekeurd.")).to_be_visible()


def _object(page: Page) -> None:
    """See on which rule it turned, and object."""
    page.goto("/opdrachten")
    follow(page, "HIL-K")
    page.get_by_role("link", name="Inspanningen").click()
    follow(page, "L-4")
    decided = page.get_by_role("region", name="Wat is besloten")
    expect(decided).to_contain_text("De persoon hoort niet bij de doelgroep")
    expect(decided).to_contain_text("Deze persoon had een andere uitkering")
    expect(decided).to_contain_text("jaar in Participatiewet")
    look_at_both(page, "rejected")
    follow(page, "Bezwaar maken")
    fill_in(page, Waarom="Wij vinden van wel, zie het bewijs")
    press(page, "Bezwaar indienen")
    expect(page.get_by_text("Uw bezwaar is ingediend.")).to_be_visible()


def _read_books(page: Page) -> None:
    """See the entries, and that they were not there on an earlier day."""
    page.goto("/opdrachten")
    follow(page, "HIL-K")
    page.get_by_role("link", name="Boekingen").click()
    books = page.get_by_role("table").last
    expect(books).to_contain_text("€ 100.000,00")
    expect(books).to_contain_text("€ 5.785,39")
    # Three entries, and the running total after the first of them.
    expect(books.get_by_text("€ 11.570,78")).to_have_count(4)
    expect(page.get_by_role("main")).to_contain_text("€ 40.497,73")  # 3 times 11.570,78 and half
    look_at_both(page, "books")
    fill_in(page, **{"Toon de boekingen zoals ze waren op": "1-1-2025"})
    page.get_by_label("Toon de boekingen zoals ze waren op").press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("01-01-2025")
    expect(page.get_by_role("main")).not_to_contain_text("€ 11.570,78")
