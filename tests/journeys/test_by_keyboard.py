"""Somebody who has no mouse: to the content, through the menu, a form filled and sent."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast
from tests.journeys.conftest import SignIn
from tests.journeys.keys import Keys
from tests.journeys.pages import look
from tests.registering import hand_in, register

#: What a browser shows around the element that has the focus.
_OUTLINE = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused);
    const box = focused.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return (outlined || style.boxShadow !== "none") && box.width > 0 && box.bottom > 0;
}"""
#: A name for the element that has the focus, the same each time that it is reached.
_WHERE = """() => {
    const all = Array.from(document.querySelectorAll("*"));
    return all.indexOf(document.activeElement) + document.activeElement.outerHTML.slice(0, 90);
}"""
_TABS_MAX = 150


def stops(page: Page) -> list[str]:
    """Go through a page with Tab until it begins again; hold that each stop can be seen."""
    found: list[str] = []
    while len(found) < _TABS_MAX:
        page.keyboard.press("Tab")
        where = page.evaluate(_WHERE)
        if where in found or "<body" in where:
            return found
        assert page.evaluate(_OUTLINE), f"{page.url}: the focus cannot be seen at {where}"
        found.append(where)
    raise AssertionError(f"{page.url}: Tab does not come to an end")


def test_the_skip_link_leads_past_the_menu(sign_in: SignIn) -> None:
    page = sign_in("adviser")
    page.goto("/opdrachten")
    keys = Keys(page)
    keys.press("Tab")
    expect(page.get_by_role("link", name="Ga naar de inhoud")).to_be_focused()
    look(page, "skip-link")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    keys.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_no_page_holds_the_focus_and_each_stop_can_be_seen(cast: Cast, sign_in: SignIn) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    contractor, adviser = sign_in("contractor"), sign_in("adviser")
    asked = {
        contractor: ("/", f"/opdrachten/{contract}", f"/opdrachten/{contract}/inspanningen/nieuw"),
        adviser: ("/", "/opdrachten", "/werklijst", f"/inspanningen/{line}/beslissen"),
    }
    for page, paths in asked.items():
        for path in paths:
            page.goto(path)
            assert len(stops(page)) > 8, path


def test_a_visitor_signs_in_and_out_with_keys_alone(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto("/")
    keys = Keys(page)
    keys.tab_to('link "Inloggen"')
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()
    keys.type('textbox "E-mailadres"', "contractor@example.org")
    keys.type('textbox "Wachtwoord"', PASSWORD)
    keys.press("Enter")
    expect(page.get_by_text("U bent ingelogd als Contractor.")).to_be_visible()
    keys.tab_to('link "Opdrachten"')
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Opdrachten", level=1)).to_be_visible()
    keys.tab_to('button "Uitloggen"')
    keys.press("Enter")
    expect(page.get_by_role("link", name="Inloggen").first).to_be_visible()


def test_the_menu_of_a_phone_opens_with_keys(sign_in: SignIn) -> None:
    page = sign_in("contractor", phone=True)
    keys = Keys(page)
    menu = page.get_by_role("navigation", name="Hoofdmenu")
    keys.tab_to("Menu")
    keys.press("Enter")
    expect(menu.get_by_role("link", name="Opdrachten")).to_be_visible()
    look(page, "menu-phone")
    keys.tab_to('link "Opdrachten"')
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Opdrachten", level=1)).to_be_visible()


def test_a_line_is_entered_with_keys_alone(cast: Cast, sign_in: SignIn) -> None:
    contract = register(cast, reference="HIL-T", name="Toetsen")
    page = sign_in("contractor")
    page.goto(f"/opdrachten/{contract}/inspanningen/nieuw")
    keys = Keys(page)
    keys.choose("Bouwblok", "<2 jaar")
    expect(page.get_by_label("Uren per week")).to_be_visible()
    keys.type('textbox "Eerste dag"', "1-1-2025")
    keys.type('textbox "Laatste dag"', "30-6-2025")
    keys.type('textbox "Uren per week"', "24")
    keys.type('textbox "Code van de persoon', "P-3")
    expect(page.locator("#value")).to_contain_text("€ 11.570,78")
    keys.tab_to('button "Bewaren en indienen"')
    keys.press("Enter")
    expect(page.get_by_text("Uw inspanning is ingediend.")).to_be_visible()


def test_the_help_with_the_keys_opens_and_lets_go(cast: Cast, sign_in: SignIn) -> None:
    hand_in(cast, register(cast, reference="HIL-H", name="Hulp"))
    page = sign_in("adviser")
    page.goto("/werklijst")
    keys = Keys(page)
    keys.press("?")
    expect(page.get_by_role("dialog", name="Toetsen")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog", name="Toetsen")).to_be_hidden()
    keys.press("j", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingediend")


def test_who_types_on_is_where_the_page_takes_him_before_it_is_drawn(
    cast: Cast, sign_in: SignIn
) -> None:
    """A browser that is busy draws late, and the key that comes first would go nowhere."""
    line = hand_in(cast, register(cast))
    page = sign_in("adviser")
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            window.asFirst = document.activeElement === document.querySelector("[autofocus]");
        });"""
    )
    page.goto(f"/inspanningen/{line}/beslissen?step=rejected")
    assert page.evaluate("window.asFirst")
