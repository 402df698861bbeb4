"""A contract from its registration to its books: by an adviser, a contractor and a colleague.

The adviser decides without touching the mouse.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast
from tests.journeys.conftest import SignIn
from tests.journeys.keys import Keys
from tests.journeys.pages import fill_in, follow, look_at_both, press
from tests.journeys.serving import Site
from tests.registering import hand_in, register

_LINK = re.compile(r"http://localhost:\d+(/uitnodiging/\S+)")


def test_an_unknown_contractor_is_invited_and_sees_the_contract(
    sign_in: SignIn, site: Site
) -> None:
    adviser = sign_in("adviser")
    expect(adviser.get_by_role("heading", level=1)).to_have_text("Wat vandaag uw aandacht vraagt")
    look_at_both(adviser, "adviser-home-empty")
    adviser.goto("/opdrachten")
    adviser.get_by_role("main").get_by_role("link", name="Opdracht vastleggen").first.click()
    _fill_in_contract(adviser)
    owed = adviser.get_by_role("region", name="Wat de opgave wordt")
    expect(owed).to_contain_text("€ 50.000,00")
    look_at_both(adviser, "register")
    press(adviser, "Opdracht vastleggen")
    expect(adviser.get_by_text("De uitnodiging aan de opdrachtnemer is verstuurd.")).to_be_visible()

    (mail,) = [mail for mail in site.mails() if "nieuw@example.org" in mail]
    link = _LINK.search(mail)
    assert link is not None
    invited = sign_in(None)
    invited.goto(link[1])
    look_at_both(invited, "invitation")
    fill_in(invited, Uw_naam="Nieuwe Naam", Nog_een_keer_hetzelfde_wachtwoord=PASSWORD)
    invited.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    press(invited, "Aannemen")
    expect(invited.get_by_text("U werkt nu voor Nieuwe Bouwers")).to_be_visible()
    invited.goto("/")
    follow(invited, "HIL-9 Nieuwbouw gymzaal")
    expect(invited.get_by_role("heading", name="Nieuwbouw gymzaal")).to_be_visible()

    again = sign_in(None)
    again.on("response", lambda _: None)
    assert again.request.get(link[1]).status == 404


def _fill_in_contract(page: Page) -> None:
    page.get_by_label("Opdrachtgever").select_option("Gemeente Hilversum")
    fill_in(
        page,
        **{
            "KvK-nummer van de opdrachtnemer": "30009999",
            "Naam van de opdrachtnemer": "Nieuwe Bouwers",
            "E-mailadres van iemand bij de opdrachtnemer": "nieuw@example.org",
            "Eerste dag van de opdracht": "1-1-2026",
            "Laatste dag van de opdracht": "31-12-2027",
            "Waarde van de opdracht in euro's": "1.000.000",
        },
    )
    page.get_by_label("Kenmerk", exact=True).fill("HIL-9")
    page.get_by_label("Naam", exact=True).fill("Nieuwbouw gymzaal")
    page.get_by_label("Wat voor opdracht is het?").select_option("Werken")
    scheme = page.get_by_role("option", name=re.compile("Harlingen")).get_attribute("value")
    page.get_by_role("combobox", name="Regeling").select_option(value=scheme)
    page.get_by_label("Een bedrag dat is afgesproken").check()
    fill_in(
        page,
        **{
            "Het afgesproken bedrag in euro\u2019s": "50.000",
            "Reden van het percentage": "5% zoals in het bestek",
        },
    )
    page.keyboard.press("Tab")


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
    expect(adviser.get_by_text("L-1 is geaccepteerd.")).to_be_visible()
    keys.press("j", "Enter")
    expect(adviser.get_by_role("heading", level=1)).to_contain_text("L-2")
    look_at_both(adviser, "decide")
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
    press(colleague, "Accepteer € 11.570,78")
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
    expect(decided).to_contain_text("blocks.pw_lt2")
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
    books = page.get_by_role("table").first
    expect(books).to_contain_text("€ 100.000,00")
    expect(books).to_contain_text("€ 5.785,39")
    expect(books.get_by_text("€ 11.570,78")).to_have_count(3)
    expect(page.get_by_role("main")).to_contain_text("€ 40.497,73")  # 3 times 11.570,78 and half
    look_at_both(page, "books")
    fill_in(page, **{"Toon de boekingen zoals ze waren op": "1-1-2025"})
    press(page, "Toon")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("1-1-2025")
    expect(page.get_by_role("main")).not_to_contain_text("€ 11.570,78")
