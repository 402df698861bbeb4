"""A contract on paper: what it says, and nothing to press."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import look
from tests.registering import hand_in, register


def test_paper_has_the_figures_and_no_menu_or_buttons(cast: Cast, sign_in: SignIn) -> None:
    contract = register(cast, reference="HIL-P", name="Onderhoud scholen")
    hand_in(cast, contract)
    page = sign_in("adviser")
    figures = {"": "€ 100.000,00", "/inspanningen": "€ 11.570,78", "/boekingen": "€ 100.000,00"}
    for path, figure in figures.items():
        page.goto(f"/opdrachten/{contract}{path}")
        page.emulate_media(media="print")
        look(page, f"print{path.replace('/', '-')}")
        expect(page.get_by_role("heading", name="Onderhoud scholen")).to_be_visible()
        expect(page.get_by_text(figure).first).to_be_visible()
        for gone in (
            page.get_by_role("navigation"),
            page.get_by_role("button"),
            page.get_by_role("search"),
            page.get_by_role("link", name="Wijzigen"),
        ):
            expect(gone.locator("visible=true")).to_have_count(0)
        page.emulate_media(media="screen")
    assert page.pdf(format="A4").startswith(b"%PDF-")
