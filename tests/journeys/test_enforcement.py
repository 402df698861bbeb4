"""Contracts that are behind, through the pages: a second person, letters, leniency and a fine.

What took months before today is played with the actions, on the days of then.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.enforcement.leaving import leave_ladders
from telmee.apps.letters.actions import make_paper
from telmee.core.enforcement import Step as Rung
from tests.apps.enforcement.test_corrected import decided
from tests.cast import Cast
from tests.enforcing import laddered, lenient, stepped, with_rung
from tests.journeys.conftest import SignIn
from tests.journeys.pages import follow, look_at_both, press
from tests.money import accepted
from tests.registering import hand_in, register

_ENDED: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
_STEPS_OF_THEN = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1))


def _behind(cast: Cast, reference: str, steps: int, **facts: Any) -> int:
    """A contract that ended with all of it open, and so many steps taken since."""
    contract = register(cast, reference=reference, name=f"Onderhoud {reference}", **_ENDED, **facts)
    for day in _STEPS_OF_THEN[:steps]:
        stepped(cast, contract, today=day)
    return contract


def _ladder(page: Page, contract: int) -> None:
    page.goto(f"/opdrachten/{contract}/handhaving")


def _plain(amount: str) -> str:
    """An amount as people write it, for arithmetic."""
    return amount.replace(".", "").replace(",", ".")


def _send_letter(cast: Cast, page: Page, about: str, by: str) -> int:
    """Send a letter from the ladder, and let its paper be made; its number in the address."""
    follow(page, f"Een brief sturen over de stap {about}")
    look_at_both(page, f"letter-of-{about}")
    press(page, "Verstuur deze brief")
    expect(page.get_by_text("wordt gemaakt en meteen verstuurd")).to_be_visible()
    contract, letter = map(int, re.findall(r"/(\d+)", page.url)[-2:])
    make_paper(letter, contract, getattr(cast, by).pk)
    return letter


@pytest.fixture
def fined(cast: Cast) -> int:
    """A contract on which a penalty is due: € 0,01 was let go of, so that the sum has cents."""
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    contract = register(
        cast, reference="BOETE", name="Onderhoud BOETE", scheme="noordoost-brabant-3.0", **_ENDED
    )
    lenient(cast, contract, cents=39_999_99)
    for day in _STEPS_OF_THEN:
        stepped(cast, contract, today=day)
    return contract


#: The words of names and days, and the references, that do not stand on one line.
_BROKEN = """() => Array.from(document.querySelectorAll(
    ".list :is(.is-name, .is-date .unbroken, th a)")).flatMap(cell => {
    const words = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
    while (words.nextNode()) {
        for (const {0: word, index} of words.currentNode.data.matchAll(/\\S+/g)) {
            const range = document.createRange();
            range.setStart(words.currentNode, index);
            range.setEnd(words.currentNode, index + word.length);
            if (range.getClientRects().length > 1) broken.push(word);
        }
    }
    return broken;
})"""


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_no_name_reference_or_day_breaks_inside(
    cast: Cast, sign_in: SignIn, width: int
) -> None:
    laddered(cast)
    _behind(cast, "2024-00156", 1)
    adviser = sign_in("adviser")
    adviser.set_viewport_size({"width": width, "height": 800})
    adviser.goto("/handhaving")
    expect(adviser.get_by_role("cell", name="Bouwbedrijf De Eem").first).to_be_visible()
    assert adviser.evaluate(_BROKEN) == []


def test_a_fine_is_decided_and_reckoned_again_from_its_letter(
    cast: Cast, sign_in: SignIn, fined: int
) -> None:
    manager, contractor = sign_in("manager"), sign_in("contractor")
    _ladder(manager, fined)
    look_at_both(manager, "ladder-of-a-contract")
    follow(manager, "Beslissen over de stap boete")
    manager.get_by_label("Waarom?").fill("Ook na de ingebrekestelling is niets gedaan.")
    press(manager, "Deze stap nemen")
    expect(manager.get_by_text("De stap is genomen.")).to_be_visible()
    letter = _send_letter(cast, manager, "boete", "manager")

    contractor.goto(f"/opdrachten/{fined}/brieven/{letter}")
    words = contractor.get_by_role("article").inner_text().replace("\xa0", " ")
    sum_ = re.search(r"([0-9,]+) × € ([0-9.,]+) = € ([0-9.]+,[0-9]{2})", words)
    assert sum_ is not None, words
    factor, base, fine = (Fraction(_plain(one)) for one in sum_.groups())
    # Rounded to whole cents, half up, as the letter says.
    assert int(factor * base * 100 + Fraction(1, 2)) == fine * 100
    assert "Schrijf ons waarom u het er niet mee eens bent" in words
    contractor.goto(f"/opdrachten/{fined}/boekingen")
    booked = contractor.get_by_role("main").inner_text().replace("\xa0", " ")
    assert sum_.group(3) in booked


def test_a_second_person_agrees_and_the_contractor_reads_the_letter(
    cast: Cast, sign_in: SignIn
) -> None:
    laddered(cast)
    contract = _behind(cast, "TWEEDE", 1)
    laddered(cast, with_rung(Rung.SIGNAL, second_from_cents=0))
    adviser, second, contractor = map(sign_in, ("adviser", "second_adviser", "contractor"))
    _ladder(adviser, contract)
    follow(adviser, "Beslissen over de stap signaal")
    adviser.get_by_label("Waarom?").fill("Na de herinnering is er niets gedaan.")
    press(adviser, "Deze stap nemen")
    expect(adviser.get_by_text("De stap telt als een tweede persoon instemt.")).to_be_visible()
    expect(adviser.get_by_role("link", name="Zeggen of de stap telt")).to_have_count(0)
    _ladder(contractor, contract)
    expect(contractor.get_by_text("Na de herinnering is er niets gedaan.")).to_have_count(0)

    _ladder(second, contract)
    follow(second, "Zeggen of de stap telt")
    look_at_both(second, "second-person")
    second.get_by_label("Ja", exact=False).first.check()
    press(second, "Vastleggen")
    expect(second.get_by_text("De stap telt. De opdrachtnemer krijgt bericht.")).to_be_visible()

    _ladder(adviser, contract)
    letter = _send_letter(cast, adviser, "signaal", "adviser")
    _ladder(contractor, contract)
    contractor.get_by_role("main").get_by_role("link", name=re.compile("^Brief ")).first.click()
    expect(contractor).to_have_url(re.compile(rf"/brieven/{letter}$"))
    expect(contractor.get_by_role("article")).to_contain_text("€ 100.000,00")
    with contractor.expect_download() as saved:
        follow(contractor, "Bewaar als pdf")
    assert saved.value.path().read_bytes().startswith(b"%PDF")


def test_leniency_for_all_stops_terms_and_is_told_to_both(cast: Cast, sign_in: SignIn) -> None:
    ladder, today = laddered(cast), timezone.localdate()
    contract = _behind(cast, "CORONA", 0)
    step = stepped(cast, contract, today=today)
    manager, contractor = sign_in("manager"), sign_in("contractor")
    first, last = (today + timedelta(days=days) for days in (1, 30))
    manager.goto(f"/handhaving/ladders/{ladder.organisation_id}")
    look_at_both(manager, "ladder-settings")
    follow(manager, "Coulance geven bij alle opdrachten")
    manager.get_by_label("Crisis of overmacht").check()
    manager.get_by_label("Eerste dag zonder handhaving").fill(f"{first:%d-%m-%Y}")
    manager.get_by_label("Laatste dag zonder handhaving").fill(f"{last:%d-%m-%Y}")
    manager.get_by_label("Waarom?").fill("Het land zit dicht.")
    look_at_both(manager, "leniency-for-all")
    press(manager, "Coulance geven")
    expect(manager.get_by_text("Beide kanten krijgen bericht.")).to_be_visible()
    _ladder(contractor, contract)
    main = contractor.get_by_role("main")
    expect(main).to_contain_text("Het land zit dicht.")
    # Its term of fourteen days begins tomorrow, and so after the thirty days without terms.
    until = today + timedelta(days=step.days + 30)
    expect(main).to_contain_text(f"Termijn tot en met {until:%d-%m-%Y}.")
    look_at_both(contractor, "ladder-for-a-contractor")


def test_what_caught_up_leaves_and_what_was_corrected_is_looked_at_again(
    cast: Cast, sign_in: SignIn
) -> None:
    laddered(cast)
    days: dict[str, Any] = {"begin": date(2023, 1, 1), "eind": date(2023, 6, 30)}
    caught_up = _behind(cast, "INGEHAALD", 1, agreed_cents=1_000_00)
    corrected = register(cast, reference="FOUT", name="Onderhoud FOUT", **_ENDED)
    line = hand_in(cast, corrected, **days)
    decided(cast, line, Outcome.REJECTED, reason=DecisionReason.EVIDENCE, text="Geen bewijs")
    stepped(cast, corrected, today=timezone.localdate())
    adviser = sign_in("adviser")

    accepted(cast, hand_in(cast, caught_up, kenmerk="K-9", persoon="P-9", **days))
    leave_ladders()
    _ladder(adviser, caught_up)
    expect(adviser.get_by_role("main")).to_contain_text("Ingehaald")
    expect(adviser.get_by_role("main")).to_contain_text("Van de ladder af op")

    decided(cast, line, Outcome.REOPENED, reason=DecisionReason.MISTAKE, text="Toch bewijs")
    _ladder(adviser, corrected)
    marked = adviser.get_by_text("Opnieuw bekijken: cijfers zijn gecorrigeerd")
    expect(marked).to_be_visible()
    follow(adviser, "Kijk opnieuw")
    look_at_both(adviser, "look-again")
    adviser.get_by_label("Waarom blijft").fill("Ook zo loopt het achter.")
    press(adviser, "De stap blijft staan")
    expect(adviser.get_by_text("De stap blijft staan.")).to_be_visible()
    expect(marked).to_have_count(0)
