"""The journal goes by the moment that it shows, and a correction says what it corrects."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import take_back, waive
from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.places import places_of
from telmee.apps.ledger.queries import books_of, entries_of
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents


def text_of(page: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", html.unescape(words))


@pytest.mark.usefixtures("own_database")
def test_the_journal_goes_by_the_moment_that_it_shows(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    as_owner(
        "INSERT INTO audit_event (at, verb, kind, object_id, contract_id, reason, details)"
        " VALUES (now() - interval '3 days', 'contract.changed', 'contract', %s, %s, '', '{}')",
        contract,
        contract,
    )
    client, url = browse(cast.adviser), f"/opdrachten/{contract}/logboek"
    told = client.get(f"{url}?export=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told), delimiter=";"))
    assert rows[-1]["Wat"] == "Wijzigde de gegevens"
    assert rows[0]["Wat"] == "Diende een inspanning in"
    assert rows[0]["Gaat over"] == "K-1"
    assert [row["Gaat over"] for row in rows if row["Wat"] == "Boekte"] == ["Boeking nr. 1"]
    page = client.get(url).content.decode()
    assert re.search(r'href="/inspanningen/\d+"[^>]*>K-1<', page)
    assert f'href="/opdrachten/{contract}/boekingen/' in page


def test_a_correction_says_what_it_takes_back_and_what_follows(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        day = date(2025, 6, 1)
        why = "Uitstel van de bouw"
        waive(access, amount_cents=5_000_00, reason=why, key=uuid4(), effective_on=day)
        waived = entries_of([contract])[-1].pk
    client, url = browse(cast.adviser), f"/opdrachten/{contract}/boekingen"
    asked = text_of(client.get(f"{url}/{waived}/terug"))
    for fact in ("Boeking nr. 2 terugboeken", "Kwijtgescholden", "€ 5.000,00", "HIL-2025-001"):
        assert fact in asked
    assert "Nu open € 95.000,00" in asked
    assert "Open na het terugboeken € 100.000,00" in asked
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, contract), waived, reason="Verkeerde opdracht")
        mirror = entries_of([contract])[-1].pk
    page = text_of(client.get(f"{url}/{mirror}"))
    assert "boeking nr. 2 teruggeboekt: Kwijtgescholden, € 5.000,00" in page
    assert "Wat open staat ging van € 95.000,00 naar € 100.000,00" in page
    assert "Onderhoud gebouwen" in page
    assert "teruggeboekt met boeking nr. 3" in text_of(client.get(f"{url}/{waived}"))


def test_who_waives_sees_what_is_open_and_how_much_is_too_much(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract = register(cast)
    client, url = browse(cast.adviser), f"/opdrachten/{contract}/handhaving/coulance"
    shown = client.get(url)
    assert "Open € 100.000,00" in text_of(shown)
    typed = {"ground": "market", "cents": "100.000,01"}
    refused = client.post(url, form_of(shown) | typed | {"reason": "Te veel gevraagd"})
    assert refused.status_code == 422
    assert "Kies een bedrag tot en met € 100.000,00" in text_of(refused)


def test_an_entry_names_what_it_is_about(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        seen = seen_cents(access, row)
        decide(access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen)
    page = browse(cast.adviser).get(f"/opdrachten/{contract}/boekingen").content.decode()
    assert re.search(rf'href="/inspanningen/{line}"[^>]*>K-1<', page)
    assert f'href="/opdrachten/{contract}/opgave"' in page


def waived(cast: Cast, contract: int, *euros: int) -> list[int]:
    """Entries by which so many euros each were let go of, by their ids."""
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        for amount in euros:
            waive(
                access,
                amount_cents=amount * 100,
                reason="Uitstel van de bouw",
                key=uuid4(),
                effective_on=date(2025, 6, 1),
            )
        return [entry.pk for entry in entries_of([contract]) if entry.kind == "waived"]


def rows_of(client: Any, url: str) -> list[dict[str, str]]:
    text = client.get(url).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_a_row_has_its_number_and_position_whatever_is_left_out(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    first = waived(cast, contract, 5_000)[0]
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, contract), first, reason="Verkeerde opdracht")
    waived(cast, contract, 1_000)
    client, url = browse(cast.adviser), f"/opdrachten/{contract}/boekingen?export=csv"
    (row,) = rows_of(client, f"{url}&kind=waived&stands=stands")
    assert (row["Nr."], row["Open daarna"]) == ("4", "99000,00")
    corrected = rows_of(client, f"{url}&stands=corrected")
    assert [(row["Nr."], row["Open daarna"]) for row in corrected] == [
        ("2", "95000,00"),
        ("3", "100000,00"),
    ]
    assert [row["Nr."] for row in rows_of(client, f"{url}&sort=-number")] == ["4", "3", "2", "1"]


def test_the_books_ask_as_much_of_the_database_for_two_pages_as_for_one(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    waived(cast, contract, 1)
    client, url = browse(cast.adviser), f"/opdrachten/{contract}/boekingen"
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    waived(cast, contract, *[1] * 59)
    with CaptureQueriesContext(connection) as many:
        second = text_of(client.get(f"{url}?page=2"))
    assert len(many) == len(few)
    assert "€ 99.940,00" in second


@pytest.mark.usefixtures("own_database")
def test_the_books_of_a_moment_know_nothing_of_what_came_after(cast: Cast) -> None:
    contract = register(cast)
    (entry,) = waived(cast, contract, 5_000)
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, contract), entry, reason="Verkeerde opdracht")
        now = {one.pk: one.partner for one in books_of([contract])}
        mirror = entries_of([contract])[-1].pk
        moment = next(one.booked_at for one in entries_of([contract]) if one.pk == entry)
        then = {one.pk: one.partner for one in books_of([contract], as_of=moment)}
        places = places_of([entry, mirror], [contract], as_of=moment)
    assert (now[entry], now[mirror]) == (mirror, entry)
    assert then[entry] is None
    assert mirror not in then
    assert {pk: (place.number, place.after.open_cents) for pk, place in places.items()} == {
        entry: (2, 95_000_00)
    }
