"""Two people decide at the same moment, and one presses twice: it counts once."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from telmee.apps.contributions.evidence import record_sighting
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.journeys.conftest import SignIn
from tests.journeys.pages import choose_block, fill_in, look
from tests.registering import found, hand_in, register


@pytest.fixture
def line(cast: Cast) -> int:
    """Hand in a line, of which the proof was seen."""
    line = hand_in(cast, register(cast, reference="HIL-2", name="Onderhoud bruggen"))
    with acting_as(cast.adviser.pk) as acting:
        record_sighting(*found(acting, line), kind="", seen_on=date(2025, 9, 1))
    return line


def booked(cast: Cast, line: int) -> list[int]:
    """The amounts of this line in the books, and hold that there is one decision."""
    with acting_as(cast.adviser.pk):
        assert Decision.objects.filter(contribution=line).count() == 1
        return list(
            Entry.objects.filter(contribution_id=line).values_list("amount_cents", flat=True)
        )


def send_together(pages: dict[Page, str]) -> None:
    """Press a button in each browser before any of them hears an answer."""
    for page, name in pages.items():
        button = page.get_by_role("main").get_by_role("button", name=name)
        button.evaluate("button => setTimeout(() => button.click(), 300)")


def test_of_two_who_decide_at_once_one_is_told_and_keeps_what_he_typed(
    cast: Cast, line: int, sign_in: SignIn
) -> None:
    one, other = sign_in("adviser"), sign_in("second_adviser")
    text = "Er is geen bewijs van de eerste maand"
    for page in (one, other):
        page.goto(f"/inspanningen/{line}/beslissen?step=rejected")
        page.get_by_label("Reden").select_option("Het bewijs ontbreekt of klopt niet")
        fill_in(page, Toelichting=text)
    send_together({one: "Inspanning afkeuren", other: "Inspanning afkeuren"})
    for page in (one, other):
        expect(page.get_by_text(text).or_(page.get_by_text("is afgekeurd")).first).to_be_visible()
    loser = one if "/beslissen" in one.url else other
    expect(loser.get_by_text("Deze inspanning is intussen door iemand gewijzigd.")).to_be_visible()
    expect(loser.get_by_text(text).first).to_be_visible()
    look(loser, "decided-meanwhile")
    assert booked(cast, line) == []


def test_an_amount_is_booked_once_when_two_accept_at_once(
    cast: Cast, line: int, sign_in: SignIn
) -> None:
    one, other = sign_in("adviser"), sign_in("second_adviser")
    for page in (one, other):
        page.goto(f"/inspanningen/{line}/beslissen")
    send_together({one: "Accepteer", other: "Accepteer"})
    told = "Deze inspanning is intussen door iemand gewijzigd."
    for page in (one, other):
        answer = page.get_by_text("is geaccepteerd.").or_(page.get_by_text(told))
        expect(answer.first).to_be_visible()
    assert sorted(page.get_by_text(told).count() > 0 for page in (one, other)) == [False, True]
    assert booked(cast, line) == [11_570_78]


def test_a_double_click_decides_once(cast: Cast, line: int, sign_in: SignIn) -> None:
    page = sign_in("adviser")
    page.goto(f"/inspanningen/{line}/beslissen")
    page.get_by_role("button", name="Accepteer").dblclick()
    expect(page.get_by_text("is geaccepteerd.")).to_be_visible()
    assert booked(cast, line) == [11_570_78]


def test_a_double_click_makes_one_draft(cast: Cast, line: int, sign_in: SignIn) -> None:
    with acting_as(cast.contractor.pk):
        contract = Contribution.objects.get(pk=line).contract_id
    page = sign_in("contractor")
    page.goto(f"/opdrachten/{contract}/inspanningen/nieuw")
    choose_block(page, "<2 jaar in Participatiewet")
    page.get_by_role("button", name="Bewaren als concept").dblclick()
    expect(page.get_by_text("Het concept is bewaard.")).to_be_visible()
    with acting_as(cast.contractor.pk):
        assert Contribution.objects.filter(contract=contract).count() == 2
