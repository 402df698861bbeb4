"""Whoever has no script can do all of it: deliver, decide and calculate."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import fill_in, follow, look, press
from tests.registering import register

_FIELDS = "Toon de velden van dit bouwblok"


def test_a_line_is_handed_in_and_decided_on(cast: Cast, sign_in: SignIn) -> None:
    contract = register(cast, reference="HIL-S", name="Onderhoud scholen")
    page = sign_in("contractor", java_script_enabled=False)
    page.goto(f"/opdrachten/{contract}/inspanningen/nieuw")
    page.get_by_label("Bouwblok").select_option("<2 jaar in Participatiewet")
    press(page, _FIELDS)
    fill_in(page, Eerste_dag="1-1-2025", Laatste_dag="30-6-2025", Uren_per_week="24")
    press(page, "Bereken")
    expect(page.locator("#value")).to_contain_text("€ 11.570,78")
    look(page, "contribution-form-without-script")
    press(page, "Bewaren en indienen")
    expect(page.get_by_text("Uw inspanning is ingediend.")).to_be_visible()
    reference = page.get_by_role("heading", level=1).inner_text().split()[0]

    adviser = sign_in("adviser", java_script_enabled=False)
    adviser.goto("/werklijst")
    follow(adviser, reference)
    follow(adviser, "Wijzigen")
    fill_in(adviser, Uren_per_week="12", Toelichting="Het arbeidscontract zegt 12 uur")
    adviser.get_by_label("Reden").select_option("De uren kloppen niet")
    press(adviser, "Aangepaste waarde vastleggen")
    expect(adviser.get_by_text("€ 5.785,39 is geverifieerd.")).to_be_visible()


def test_the_calculator_gives_a_value(sign_in: SignIn) -> None:
    page = sign_in(None, java_script_enabled=False)
    page.goto("/regelingen/harlingen")
    follow(page, "Wat is het waard?")
    page.get_by_label("Bouwblok").select_option("<2 jaar in Participatiewet")
    press(page, _FIELDS)
    page.get_by_label("Eerste dag", exact=True).fill("1-1-2025")
    page.get_by_label("Laatste dag", exact=True).fill("30-6-2025")
    fill_in(page, Uren_per_week="24")
    press(page, "Bereken")
    expect(page.get_by_role("region", name="Wat het waard is")).to_contain_text("€ 11.570,78")
