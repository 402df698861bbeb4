"""A contractor whom nobody knew comes in: added, invited, confirmed by the client."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast
from tests.journeys.conftest import SignIn
from tests.journeys.keys import Keys
from tests.journeys.pages import choose_block, fill_in, follow, look_at_both, press, sign_in_as
from tests.journeys.serving import Site
from tests.registering import register

_KVK, _NAME, _EMAIL = "30000099", "Tuinders Onbekend", "baas@tuinders.example"


def test_an_unknown_contractor_comes_in_and_is_confirmed(
    cast: Cast, site: Site, sign_in: SignIn
) -> None:
    first = register(cast, reference="HIL-ON-1", name="Onderhoud plantsoenen")
    second = register(cast, reference="HIL-ON-2", name="Onderhoud bermen")
    adviser, contractor = sign_in("adviser"), sign_in(None)
    _add(adviser, first, name=_NAME)
    _invite(adviser)

    _come_in(contractor, site)
    _hand_in(contractor, first)

    _add(adviser, second)
    contractor.goto("/opdrachten")
    expect(contractor.get_by_text("Onderhoud plantsoenen")).to_be_visible()
    expect(contractor.get_by_text("Onderhoud bermen")).to_have_count(0)

    _confirm(adviser)
    contractor.goto("/")
    for name in ("Onderhoud plantsoenen", "Onderhoud bermen"):
        expect(contractor.get_by_role("rowheader", name=name)).to_be_visible()
    expect(contractor.get_by_text("alleen de opdracht waarvoor")).to_have_count(0)
    contractor.goto(f"/opdrachten/{second}")
    expect(contractor.get_by_role("heading", name="Onderhoud bermen")).to_be_visible()


def _add(page: Page, contract: int, name: str = "") -> None:
    """Bring the contractor in as a partner; his name is needed once."""
    page.goto(f"/opdrachten/{contract}/wie-ziet-dit")
    follow(page, "Partij toevoegen")
    page.get_by_role("combobox", name="Organisatie").fill(_KVK)
    fill_in(page, **{"Naam van de organisatie": name})
    page.get_by_label("Partner in de combinatie").check()
    press(page, "Toevoegen")
    expect(page.get_by_role("row", name=re.compile(_NAME))).to_be_visible()


def _invite(page: Page) -> None:
    """Invite its first person, from the page of the contract that this opens."""
    look_at_both(page, "party-to-invite")
    follow(page, f"Uitnodigen {_NAME}")
    expect(page.get_by_role("combobox", name="Opdracht")).to_contain_text("HIL-ON-1")
    look_at_both(page, "invite-first")
    fill_in(page, **{"E-mailadres": _EMAIL})
    press(page, "Uitnodiging versturen")
    expect(page.get_by_text(f"De uitnodiging is onderweg naar {_EMAIL}")).to_be_visible()


def _come_in(page: Page, site: Site) -> None:
    """Open the link of the mail, choose a password, and sign in with it another time."""
    link = re.search(r"http\S+/uitnodiging/\S+", site.mail_to(_EMAIL).text)
    assert link is not None
    page.goto(link[0])
    fill_in(page, Uw_naam="Bas Tuinder", Nog_een_keer_hetzelfde_wachtwoord=PASSWORD)
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    press(page, "Aannemen")
    expect(page.get_by_text(f"U werkt nu voor {_NAME}.")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Inloggen")).to_be_visible()
    sign_in_as(page, _EMAIL)
    expect(page.get_by_text("alleen de opdracht waarvoor u bent uitgenodigd")).to_be_visible()
    expect(page.get_by_role("rowheader", name=re.compile("HIL-ON-"))).to_have_count(1)
    look_at_both(page, "unconfirmed-home")


def _hand_in(page: Page, contract: int) -> None:
    page.goto(f"/opdrachten/{contract}/inspanningen/nieuw")
    choose_block(page, "<2 jaar in Participatiewet")
    fill_in(page, Eerste_dag="1-1-2025", Laatste_dag="30-6-2025", Uren_per_week="24")
    fill_in(page, Code_van_de_persoon="P-1")
    press(page, "Bewaren en indienen")
    expect(page.get_by_text("Uw inspanning is ingediend.")).to_be_visible()


def _confirm(page: Page) -> None:
    """Read on the first page that he waits, and confirm with the keyboard."""
    page.goto("/")
    follow(page, "Opdrachtnemers om te bevestigen")
    row = page.get_by_role("row", name=re.compile(_NAME))
    for told in (_KVK, _EMAIL, "Adviser", "1 opdracht"):
        expect(row).to_contain_text(told)
    look_at_both(page, "claims")
    keys = Keys(page)
    keys.tab_to('region "Opdrachtnemers bevestigen"')
    keys.press("Tab")
    expect(page.get_by_role("button", name=f"Bevestigen {_NAME}")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("U hebt de opdrachtnemer bevestigd.")).to_be_visible()
    expect(page.get_by_text("Er wacht geen opdrachtnemer op u.")).to_be_visible()
