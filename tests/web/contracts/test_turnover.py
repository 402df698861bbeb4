"""Turnover in a browser without script: proposed, disputed, agreed; for both sides."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.web.contracts import turnover_list
from tests.apps.contracts.test_turnover import by_turnover
from tests.cast import Cast
from tests.registering import register

YEAR = "2025"


def page_of(browser: Any, contract: int, name: str = "contract-turnover") -> str:
    page = browser.get(reverse(name, args=[contract]))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def propose(browser: Any, contract: int, amount: str, seen: int = 0) -> Any:
    typed = {"amount": amount, "note": "Facturen 1-12", "seen": seen, "key": str(uuid4())}
    return browser.post(reverse("turnover-propose", args=[contract, YEAR]), typed)


def address_of(page: str, contract: int) -> str:
    start = f"/opdrachten/{contract}/omzet/antwoord/"
    return start + page.split(start)[1].split('"', maxsplit=1)[0].split("/", maxsplit=1)[0]


def owed(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].owed_cents // 100


def test_two_sides_dispute_and_agree_and_the_obligation_follows(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast, turnover_period="")
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    page = page_of(ours, contract)
    assert "Aangenomen: de opdracht en de regeling zeggen niet per welke periode." in page
    assert "Raming voor de hele opdracht" in page
    assert "100.000,00" in page
    for name in ("contract", "contract-obligation"):
        assert "Dat is geen opgave." in page_of(ours, contract, name)
    assert propose(theirs, contract, "600.000,00").status_code == 302
    page = page_of(ours, contract)
    assert "gaat de opgave van € 0,00 naar € 30.000,00" in page
    address = address_of(page, contract)
    refused = ours.post(f"{address}/oneens", {"reason": " "})
    assert refused.status_code == 422
    assert ours.post(f"{address}/oneens", {"reason": "Zonder meerwerk."}).status_code == 302
    assert "Zonder meerwerk." in page_of(theirs, contract)
    assert theirs.post(f"{address}/beslissen", {"reason": "x"}).status_code == 404
    late = propose(ours, contract, "550.000,00", seen=0)
    assert late.status_code == 422
    assert "600.000,00" in late.content.decode()
    assert propose(ours, contract, "550.000,00", seen=1).status_code == 302
    address = address_of(page_of(theirs, contract), contract)
    done = theirs.post(address, {"answer": "agree"}, follow=True)
    assert "De opgave volgt deze omzet." in done.content.decode()
    assert owed(cast, contract) == 27_500
    history = page_of(ours, contract, "contract-history")
    assert "Omzet vanaf 01-01-2025" in history


def test_who_did_not_see_that_a_colleague_disputed_it_does_not_end_that(
    cast: Cast, browse: Any
) -> None:
    contract = by_turnover(cast)
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    propose(theirs, contract, "600.000,00")
    address = address_of(page_of(ours, contract), contract)
    stale = {"answer": "agree", "seen": "proposed"}
    assert 'name="seen" value="proposed"' in page_of(ours, contract)
    ours.post(f"{address}/oneens", {"reason": "Zonder meerwerk."})
    said = ours.post(address, stale, follow=True).content.decode()
    assert "Iemand heeft dit intussen gewijzigd" in said
    assert owed(cast, contract) == 0
    assert 'name="seen" value="disputed"' in page_of(ours, contract)
    ours.post(address, {**stale, "seen": "disputed"})
    assert owed(cast, contract) == 30_000


def test_the_estimate_of_one_that_follows_turnover_stands_beside_others(
    cast: Cast, browse: Any
) -> None:
    for number in range(5):
        register(cast, reference=f"V-{number}", value_cents=1_000_000_00, agreed_cents=50_000_00)
    contract = by_turnover(cast, value_cents=1_000_000_00)
    ours = browse(cast.adviser)
    propose(browse(cast.contractor), contract, "100.000,00")
    ours.post(address_of(page_of(ours, contract), contract), {"answer": "agree"})
    page = page_of(ours, contract, "contract-obligation")
    assert "5% van de afgesproken omzet" in page
    assert "5 vergelijkbare opdrachten" in page
    assert "obligation_far_below_others" not in page


def test_many_are_agreed_at_once_with_what_each_does(cast: Cast, browse: Any) -> None:
    contracts = [by_turnover(cast, reference=f"M-{number}") for number in range(3)]
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    for contract in contracts:
        propose(theirs, contract, "200.000,00")
    page = ours.get(reverse("turnovers")).content.decode()
    assert page.count("10.000,00") >= 3
    ticked = [part.split('"')[0] for part in page.split('name="version" value="')[1:]]
    assert len(ticked) == 3
    assert "Omzet die op u wacht" in ours.get("/").content.decode()
    done = ours.post(reverse("turnovers-agree"), {"version": ticked[:2]}, follow=True)
    assert "U bent akkoord met 2 voorstellen." in done.content.decode()
    assert sorted(owed(cast, contract) for contract in contracts) == [0, 10_000, 10_000]
    again = ours.post(reverse("turnovers-agree"), {"version": ticked[:2]}, follow=True)
    assert "U bent akkoord" not in again.content.decode()
    assert "Iemand heeft dit intussen gewijzigd" in again.content.decode()


def test_the_list_says_how_many_silent_periods_it_does_not_show(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_turnover(cast, start=date(2024, 1, 1), end=date(2025, 12, 31))
    ours = browse(cast.adviser)
    assert "perioden staan hier niet" not in ours.get(reverse("turnovers")).content.decode()
    monkeypatch.setattr(turnover_list, "_SHOWN_MAX", 1)
    page = ours.get(reverse("turnovers")).content.decode()
    assert "Nog 1 periode staat hier niet. Het invulblad heeft ze allemaal." in page


def test_a_tick_does_not_end_a_dispute_that_was_not_on_the_screen(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast)
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    propose(theirs, contract, "600.000,00")
    address = address_of(page_of(ours, contract), contract)
    version = address.rsplit("/", maxsplit=1)[1]
    ours.post(f"{address}/oneens", {"reason": "Zonder meerwerk."})
    said = ours.post(reverse("turnovers-agree"), {"version": [version]}, follow=True)
    assert "Iemand heeft dit intussen gewijzigd" in said.content.decode()
    assert owed(cast, contract) == 0
    assert f'name="disputed" value="{version}"' in said.content.decode()
    ours.post(reverse("turnovers-agree"), {"disputed": [version]})
    assert owed(cast, contract) == 30_000


def test_what_was_agreed_already_is_said_as_an_amount(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast)
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    propose(theirs, contract, "600.000,00")
    ours.post(address_of(page_of(ours, contract), contract), {"answer": "agree"})
    again = propose(theirs, contract, "600.000,00", seen=1)
    assert again.status_code == 422
    assert "Over 2025 is deze omzet al afgesproken: €\xa0600.000,00." in again.content.decode()


def test_a_sheet_is_looked_at_before_it_is_proposed(cast: Cast, browse: Any) -> None:
    by_turnover(cast, reference="A-1")
    browser, url = browse(cast.adviser), reverse("turnover-sheet")

    def handed(text: str) -> Any:
        file = SimpleUploadedFile("omzet.csv", f"contract;periode;omzet\r\n{text}".encode())
        return browser.post(url, {"file": file})

    wrong = handed("A-1;2025;100\r\nWEG;2025;1").content.decode()
    assert "WEG" in wrong
    assert 'name="proposals"' not in wrong, "with anything wrong nothing can be proposed"
    page = handed("A-1;2025;100.000,00").content.decode()
    kept = page.split('name="proposals" value="')[1].split('"')[0]
    assert "Niets" not in page
    done = browser.post(url, {"proposals": kept}, follow=True)
    assert "1 voorstel is naar de andere kant gestuurd." in done.content.decode()
    again = browser.post(url, {"proposals": kept}, follow=True)
    assert "eerder voorgesteld" in again.content.decode()
    assert "nog niets" not in handed("A-1;2025;100.000,00").content.decode()
    stolen = browse(cast.contractor).post(url, {"proposals": kept}, follow=True)
    assert "opnieuw aan" in stolen.content.decode(), "what somebody looked at is his"
    sheet = browser.get(reverse("turnover-template"))
    assert sheet["Content-Type"].startswith("application/vnd.openxmlformats")


def test_an_offered_percentage_follows_the_sum(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast, over_turnover=False, offered_bp=7_50)
    browser = browse(cast.adviser)
    assert owed(cast, contract) == 150_000
    assert "Het aangeboden percentage geldt: 7,5%" in page_of(
        browser, contract, "contract-obligation"
    )
    typed = {
        "ground": "value", "value": "3.000.000", "effective_on": "1-1-2026", "percentage": "",
        "offered": "7,5", "wages": "", "reason": "Meerwerk.", "seen": "0", "key": str(uuid4()),
        "confirm": "1",
    }  # fmt: skip
    assert browser.post(reverse("contract-amend", args=[contract]), typed).status_code == 302
    assert owed(cast, contract) == 225_000


def test_who_comes_too_late_reads_that_and_keeps_his_words(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast)
    ours, theirs = browse(cast.adviser), browse(cast.contractor)
    propose(theirs, contract, "600.000,00")
    address = address_of(page_of(ours, contract), contract)
    theirs.post(address, {"answer": "withdraw"})
    late = ours.post(address, {"answer": "agree", "seen": "proposed"}, follow=True)
    assert "Iemand heeft dit intussen gewijzigd" in late.content.decode()
    typed = ours.post(f"{address}/oneens", {"reason": "Zonder meerwerk."})
    assert typed.status_code == 422
    assert "Zonder meerwerk." in typed.content.decode()
    assert ours.get(f"{address}/oneens").status_code == 404
    assert theirs.post(f"{address}/oneens", {"reason": "Zonder meerwerk."}).status_code == 404
    assert owed(cast, contract) == 0
