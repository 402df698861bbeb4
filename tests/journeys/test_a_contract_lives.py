"""One framework between two organisations, each in a browser of its own: from award to settlement.

Everything is clicked and typed as they would; what it must come to was added up by hand.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import SignIn
from tests.journeys.pages import choose_block, fill_in, follow, look_at_both, press

_FRAMEWORK = "RAAM Onderhoud wijken"
_DE_EEM, _SUB = "30000003", "30000005"


@pytest.mark.usefixtures("cast")
def test_a_framework_from_award_to_settlement(sign_in: SignIn) -> None:
    client, contractor = sign_in("adviser"), sign_in("contractor")
    _award(client)
    _agree_on_a_plan(contractor, client)
    _change_back_in_time(client)
    _deliver(contractor, client)
    _agree_on_turnover(contractor, client)
    _pass_on(contractor, client, sign_in)
    _settle(client, contractor)


@pytest.mark.usefixtures("cast")
def test_what_a_scheme_asks_comes_when_it_is_chosen_and_stays_as_it_was_typed(
    sign_in: SignIn,
) -> None:
    page = sign_in("adviser")
    page.goto("/opdrachten/nieuw")
    page.get_by_label("Regeling", exact=True).select_option("haaglanden-zhc-2023-07")
    whose = page.get_by_label("Van wie de regels gelden")
    whose.select_option(index=1)
    chosen = whose.input_value()
    with page.expect_response(lambda answer: "hx-target" in answer.request.headers):
        page.get_by_label("Wat voor opdracht is het?").select_option("services")
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(whose).to_have_value(chosen)
    page.get_by_label("Regeling", exact=True).select_option("harlingen")
    expect(whose).to_have_count(0)


def _award(page: Page) -> None:
    """A framework, and two call-offs of it: one over its sum, one over what is invoiced."""
    _register(page, "Raamovereenkomst", "RAAM", "Onderhoud wijken", "3.000.000")
    _register(page, "Nadere overeenkomst", "RAAM-1", "Onderhoud noord", "1.000.000")
    expect(_figure(page, "Opgave")).to_contain_text("€ 50.000,00")
    _register(
        page, "Nadere overeenkomst", "RAAM-2", "Onderhoud zuid", "800.000", over_turnover=True
    )
    expect(_figure(page, "Opgave")).to_contain_text("€ 0,00")
    _open(page, "RAAM")
    expect(_figure(page, "Opgave")).to_contain_text("€ 50.000,00")


def _register(
    page: Page, form: str, reference: str, name: str, cents: str, *, over_turnover: bool = False
) -> None:
    page.goto("/opdrachten")
    page.get_by_role("main").get_by_role("link", name="Opdracht vastleggen").first.click()
    page.get_by_role("combobox", name="Opdrachtnemer").fill(_DE_EEM)
    page.get_by_label("Kenmerk", exact=True).fill(reference)
    page.get_by_label("Naam", exact=True).fill(name)
    page.get_by_label("Wat voor opdracht is het?").select_option("services")
    page.get_by_label(form, exact=True).check()
    if form == "Nadere overeenkomst":
        page.get_by_role("combobox", name="Raamovereenkomst").select_option(label=_FRAMEWORK)
    fill_in(page, Eerste_dag_van_de_opdracht="1-1-2025", Laatste_dag_van_de_opdracht="31-12-2025")
    fill_in(page, **{"Waarde van de opdracht": cents})
    page.get_by_label("Regeling", exact=True).select_option("harlingen")
    page.get_by_label("Een percentage, omdat de regeling het openlaat").check()
    fill_in(page, Percentage_uit_de_aanbestedingsstukken="5")
    fill_in(page, Reden_van_het_percentage="Het bestek vraagt 5%")
    if over_turnover:
        page.get_by_text("Omzet: wat de opdracht erover zegt").click()
        page.get_by_label("De opdracht rekent over de gefactureerde omzet").check()
    press(page, "Leg de opdracht vast")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def _agree_on_a_plan(contractor: Page, client: Page) -> None:
    """Half a year of two people is promised, and the client agrees with it."""
    _open(contractor, "RAAM-1", "Plan")
    follow(contractor, "Planregel toevoegen")
    choose_block(contractor, "<2 jaar in Participatiewet")
    days = {"Eerste_dag": "1-1-2025", "Laatste_dag": "30-6-2025", "Uren_per_week": "24"}
    fill_in(contractor, **days, Aantal_keer="2")
    press(contractor, "Opslaan")
    contractor.get_by_role("link", name=re.compile("Bekijk versie")).first.click()
    press(contractor, "Voorleggen aan de andere kant")
    expect(contractor.get_by_text("Het plan is aan de andere kant voorgelegd.")).to_be_visible()
    _open(client, "RAAM-1", "Plan")
    client.get_by_role("link", name=re.compile("Bekijk versie .* en geef antwoord")).click()
    expect(_figure(client, "Toegezegd")).to_contain_text("€ 23.141,56")
    press(client, "Akkoord")
    expect(client.get_by_text("U bent akkoord met het plan.")).to_be_visible()


def _change_back_in_time(page: Page) -> None:
    """Another sum from a day that is long past: seen before it counts, and readable after."""
    _open(page, "RAAM-1")
    follow(page, "Opdracht wijzigen")
    follow(page, "De opdrachtsom wordt anders")
    fill_in(page, **{"Opdrachtsom in euro": "1.200.000", "Vanaf welke dag": "1-7-2025"})
    fill_in(page, Waarom="Meerwerk in de zomer")
    press(page, "Bekijk wat dit doet")
    expect(page.get_by_role("main")).to_contain_text("€ 10.000,00")
    press(page, "Wijziging vastleggen")
    expect(page.get_by_text("De wijziging is vastgelegd.")).to_be_visible()
    _open(page, "RAAM-1")
    expect(_figure(page, "Opgave")).to_contain_text("€ 60.000,00")


def _deliver(contractor: Page, client: Page) -> None:
    """One of the two places is filled, handed in and accepted."""
    _open(contractor, "RAAM-1", "Inspanningen")
    contractor.get_by_role("link", name="Nieuwe inspanning").first.click()
    choose_block(contractor, "<2 jaar in Participatiewet")
    fill_in(contractor, Eerste_dag="1-1-2025", Laatste_dag="30-6-2025", Uren_per_week="24")
    fill_in(contractor, Code_van_de_persoon="P-1")
    press(contractor, "Bewaren en indienen")
    expect(contractor.get_by_text("Uw inspanning is ingediend.")).to_be_visible()
    client.goto("/werklijst?q=RAAM-1")
    client.locator("tbody").get_by_role("link").first.click()
    press(client, "Accepteer € 11.570,78")
    press(client, "Accepteer € 11.570,78 zonder dit bewijs")
    expect(client.get_by_text("is geaccepteerd").first).to_be_visible()


def _agree_on_turnover(contractor: Page, client: Page) -> None:
    """The client does not agree with the first amount, and agrees with the second."""
    _propose_turnover(contractor, "600.000")
    _open(client, "RAAM-2", "Omzet")
    follow(client, "Niet eens")
    fill_in(client, Waarom="De laatste factuur is van 2026")
    press(client, "Versturen")
    _open(contractor, "RAAM-2", "Omzet")
    expect(contractor.get_by_text("De laatste factuur is van 2026").first).to_be_visible()
    _propose_turnover(contractor, "500.000")
    _open(client, "RAAM-2", "Omzet")
    press(client, "Akkoord")
    expect(client.get_by_text("U bent akkoord. De opgave volgt deze omzet.")).to_be_visible()
    _open(client, "RAAM-2")
    expect(_figure(client, "Opgave")).to_contain_text("€ 25.000,00")
    _open(client, "RAAM")
    expect(_figure(client, "Opgave")).to_contain_text("€ 85.000,00")


def _propose_turnover(page: Page, amount: str) -> None:
    _open(page, "RAAM-2", "Omzet")
    name = re.compile("De omzet voorstellen|Een ander bedrag voorstellen")
    page.get_by_role("main").get_by_role("link", name=name).first.click()
    fill_in(page, **{"Omzet in euro's": amount})
    press(page, "Voorstellen")
    expect(page.get_by_role("main")).to_contain_text(f"€ {amount},00")


def _pass_on(contractor: Page, client: Page, sign_in: SignIn) -> None:
    """A part goes to a subcontractor, who agrees; what he has to do is not off the contract."""
    _open(client, "RAAM-1", "Wie ziet dit")
    follow(client, "Partij toevoegen")
    client.get_by_role("combobox", name="Organisatie").fill(_SUB)
    client.get_by_label("Onderaannemer").check()
    press(client, "Toevoegen")
    _open(contractor, "RAAM-1", "Verdeling")
    contractor.get_by_role("link", name=re.compile("Een deel voorstellen")).click()
    fill_in(contractor, Deel_van_de_opgave="20.000", Toelichting="Schilderwerk")
    press(contractor, "Voorstellen")
    subcontractor = sign_in("subcontractor")
    _open(subcontractor, "RAAM-1", "Verdeling")
    press(subcontractor, "Akkoord")
    expect(subcontractor.get_by_text("U bent akkoord met het deel.")).to_be_visible()
    _open(contractor, "RAAM-1", "Verdeling")
    row = contractor.get_by_role("row", name=re.compile("Schilders Onderaan")).first
    expect(row).to_contain_text("€ 20.000,00")
    look_at_both(contractor, "life-shares")


def _settle(client: Page, contractor: Page) -> None:
    """The client proposes what it comes to, the contractor agrees, and it is frozen."""
    _open(client, "RAAM-1", "Eindafrekening")
    press(client, "Deze eindafrekening voorstellen")
    _open(contractor, "RAAM-1", "Eindafrekening")
    for amount in ("€ 60.000,00", "€ 11.570,78", "€ 48.429,22"):
        expect(contractor.get_by_role("main")).to_contain_text(amount)
    look_at_both(contractor, "life-settlement")
    press(contractor, "Akkoord, en de opdracht afsluiten")
    settled = "U bent akkoord. De opdracht is afgerekend."
    expect(contractor.get_by_text(settled)).to_be_visible()
    _open(client, "RAAM-1")
    expect(_figure(client, "Open")).to_contain_text("€ 48.429,22")
    expect(client.get_by_role("main")).to_contain_text("Afgesloten")
    _open(client, "RAAM")
    expect(_figure(client, "Open")).to_contain_text("€ 73.429,22")


def _open(page: Page, reference: str, part: str = "") -> None:
    """Open a contract from the list, as somebody who knows what it is called."""
    page.goto(f"/opdrachten?q={reference}")
    page.get_by_role("main").get_by_role("link", name=reference, exact=True).first.click()
    expect(page.get_by_role("main")).to_contain_text(reference)
    if part:
        parts = page.get_by_role("navigation", name="Onderdelen van deze opdracht")
        parts.get_by_role("link", name=part, exact=True).click()


def _figure(page: Page, label: str) -> Locator:
    """A figure of a page with the words under it, by its label."""
    return page.locator(".figures > div").filter(has=page.get_by_text(label, exact=True)).first
