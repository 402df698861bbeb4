"""A school confirms a start by a link that the contractor forwards, without an account."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import fill_in, follow, look_at_both, press
from tests.registering import hand_in, register


def test_a_school_confirms_a_start_once(cast: Cast, sign_in: SignIn) -> None:
    line = hand_in(cast, register(cast, reference="HIL-WP"), kenmerk="L-WP")
    contractor, school, adviser = sign_in("contractor"), sign_in(None), sign_in("adviser")
    contractor.goto(f"/inspanningen/{line}")
    follow(contractor, "Bevestiging vragen")
    look_at_both(contractor, "counterparty-ask")
    fill_in(contractor, Wie_bevestigt="ROC Midden")
    press(contractor, "Link maken")
    look_at_both(contractor, "counterparty-link")
    link = urlsplit(contractor.get_by_label("De link").input_value()).path

    school.goto(link)
    expect(school.get_by_role("heading", name="Klopt dit?")).to_be_visible()
    expect(school.get_by_role("main")).not_to_contain_text("P-1")
    look_at_both(school, "counterparty-answer")
    school.get_by_label("Ja, dit klopt").check()
    fill_in(school, Uw_naam="Noor Bakker", Uw_functie="Praktijkbegeleider")
    press(school, "Antwoord versturen")
    expect(school.get_by_text("Uw antwoord is ontvangen.")).to_be_visible()

    adviser.goto(f"/inspanningen/{line}/beslissen")
    said = adviser.get_by_role("region", name="Bevestiging door de wederpartij")
    expect(said).to_contain_text("Bevestigd")
    expect(said).to_contain_text("Noor Bakker, Praktijkbegeleider")
