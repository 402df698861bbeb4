"""Effort entered in one place, on whichever contract, through HTTP."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution, Evidence
from telmee.apps.organisations.acting import acting_as
from tests.apps.contributions.test_evidence import PDF
from tests.cast import Cast
from tests.registering import hand_in, register

pytestmark = pytest.mark.django_db

URL = reverse("contribution-enter")
PLACEMENT = {
    "bouwblok": "pw_lt2",
    "begin": "1-7-2025",
    "eind": "31-12-2025",
    "uren_per_week": "24",
    "persoon": "P-1",
    "note": "",
    "doen": "nog-een",
}
PURCHASE = {"bouwblok": "training", "bedrag": "1000", "begin": "1-2-2025", "doen": "nog-een"}


def typed(contract: int, **changes: str) -> dict[str, Any]:
    return {**PLACEMENT, "opdracht": str(contract), "key": str(uuid4()), **changes}


def lines(cast: Cast) -> list[Contribution]:
    with acting_as(cast.contractor.pk):
        return list(Contribution.objects.select_related("person").order_by("pk"))


def value_of(page: str, name: str) -> str:
    """What stands in a field of the page."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', tag[0]) if tag else None
    return value[1] if value else ""


def chosen(page: str, name: str) -> str:
    """What is chosen in a field of the page."""
    box = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    option = re.search(r'value="([^"]*)"[^>]*selected', box[0]) if box else None
    return option[1] if option else ""


def test_the_next_line_keeps_what_it_has_in_common_and_asks_for_the_rest(
    cast: Cast, browse: Any
) -> None:
    contract, client = register(cast), browse(cast.contractor)
    saved = client.post(URL, typed(contract), follow=True)
    page = saved.content.decode()
    (line,) = lines(cast)
    assert saved.redirect_chain == [(f"{URL}?na={line.pk}", 302)]
    assert (line.state, line.reference) == (State.DRAFT, "001")
    kept = [value_of(page, name) for name in ("begin", "eind", "uren_per_week", "persoon")]
    assert kept == ["01-07-2025", "31-12-2025", "24,00", ""]
    assert (chosen(page, "bouwblok"), chosen(page, "opdracht")) == ("pw_lt2", str(contract))
    assert re.search(r'<input[^>]*name="persoon"[^>]*autofocus', page)
    assert f'data-kept-done="{line.key}"' in page


def test_the_contract_of_the_latest_line_comes_first_with_the_period_that_follows(
    cast: Cast, browse: Any
) -> None:
    other, contract = (register(cast, reference=f"HIL-{number}") for number in (1, 2))
    client = browse(cast.contractor)
    hand_in(cast, contract)
    page = client.get(URL).content.decode()
    assert chosen(page, "opdracht") == str(contract)
    assert [value_of(page, name) for name in ("begin", "eind")] == ["01-07-2025", "31-12-2025"]
    fresh = client.get(f"{URL}?opdracht={other}").content.decode()
    assert (chosen(fresh, "opdracht"), chosen(fresh, "bouwblok")) == (str(other), "")


def test_another_contract_in_the_form_keeps_what_was_typed(cast: Cast, browse: Any) -> None:
    one, other = (register(cast, reference=f"HIL-{number}") for number in (1, 2))
    client = browse(cast.contractor)
    client.post(URL, typed(one))
    live = {"HX-Request": "true", "HX-Target": "entry"}
    part = client.post(URL, typed(other, persoon="P-2"), headers=live).content.decode()
    assert "<html" not in part
    assert (chosen(part, "opdracht"), value_of(part, "persoon")) == (str(other), "P-2")
    assert len(lines(cast)) == 1


def test_a_line_that_is_sent_again_is_entered_once_with_its_photo(cast: Cast, browse: Any) -> None:
    contract, client = register(cast), browse(cast.contractor)
    sent = typed(contract, **PURCHASE, persoon="")
    for _ in range(2):
        photo = SimpleUploadedFile("bon.pdf", PDF, content_type="application/pdf")
        answer = client.post(URL, {**sent, "foto": photo}, headers={"X-Telmee-Kept": "1"})
        assert (answer.status_code, answer.content) == (204, b"")
    (line,) = lines(cast)
    with acting_as(cast.contractor.pk):
        assert Evidence.objects.filter(contribution=line).count() == 1


def test_what_cannot_be_saved_keeps_what_was_typed_and_adds_no_line(
    cast: Cast, browse: Any
) -> None:
    contract, client = register(cast), browse(cast.contractor)
    page = client.post(URL, typed(contract, persoon="123456782"), headers={"X-Telmee-Kept": "1"})
    assert page.status_code == 422
    assert value_of(page.content.decode(), "begin") == "1-7-2025"
    photo = SimpleUploadedFile("bon.jpg", b"geen foto", content_type="image/jpeg")
    refused = client.post(URL, {**typed(contract, **PURCHASE), "foto": photo})
    assert refused.status_code == 422
    assert 'id="id_foto"' in refused.content.decode()
    assert lines(cast) == []


def test_handing_in_at_once_leaves_no_draft_where_it_cannot_be(cast: Cast, browse: Any) -> None:
    contract, client = register(cast), browse(cast.contractor)
    assert client.post(URL, typed(contract, eind="", doen="indienen")).status_code == 422
    assert lines(cast) == []
    assert client.post(URL, typed(contract, doen="indienen")).status_code == 302
    assert [line.state for line in lines(cast)] == [State.SUBMITTED]


def test_a_line_can_be_entered_once_more_whole(cast: Cast, browse: Any) -> None:
    one, other = (register(cast, reference=f"HIL-{number}") for number in (1, 2))
    line, client = hand_in(cast, one), browse(cast.contractor)
    page = client.get(f"{URL}?kopie={line}&opdracht={other}").content.decode()
    begun = [value_of(page, name) for name in ("begin", "eind", "persoon")]
    assert begun == ["01-01-2025", "30-06-2025", "P-1"]
    assert chosen(page, "opdracht") == str(other)
    assert browse(cast.competitor).get(f"{URL}?kopie={line}").status_code == 404


def test_all_drafts_of_all_contracts_are_handed_in_and_what_stays_says_why(
    cast: Cast, browse: Any
) -> None:
    contracts = [register(cast, reference=f"HIL-{number}") for number in (1, 2)]
    client = browse(cast.contractor)
    for number, contract in enumerate(contracts):
        client.post(URL, typed(contract, persoon=f"P-{number}"))
    unfinished = typed(contracts[0], uren_per_week="", persoon="P-9")
    client.post(URL, unfinished)
    page = client.get(URL).content.decode()
    assert "Alle 3 concepten indienen" in page
    stayed = client.post(reverse("contribution-hand-in-all"), {"key": str(uuid4())})
    assert stayed.status_code == 422
    assert "002" in stayed.content.decode()
    states = [line.state for line in lines(cast)]
    assert states == [State.SUBMITTED, State.SUBMITTED, State.DRAFT]


def test_nobody_enters_on_a_contract_of_another_or_one_that_is_closed(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    for who in (cast.competitor, cast.adviser, cast.outsider):
        assert browse(who).get(f"{URL}?opdracht={contract}").status_code == 404
        assert browse(who).post(URL, typed(contract)).status_code == 404
    assert "geen open opdracht" in browse(cast.outsider).get(URL).content.decode()
    assert lines(cast) == []


def test_the_page_asks_as_many_queries_for_forty_contracts_as_for_two(
    cast: Cast, browse: Any, django_assert_max_num_queries: Any
) -> None:
    client = browse(cast.contractor)
    for number in range(12):
        register(cast, reference=f"HIL-{number}", start=date(2025, 1, 1))
    client.get(URL)
    with django_assert_max_num_queries(22):
        assert client.get(URL).content.decode().count("<option") > 12


def test_what_a_line_is_worth_stands_side_by_side_and_nothing_is_kept(
    cast: Cast, browse: Any
) -> None:
    here = register(cast, reference="HIER")
    there = register(cast, reference="DAAR", scheme="utrecht-36h-v2")
    over = register(cast, reference="OVER", end=date(2025, 3, 31))
    page = browse(cast.contractor).post(URL, typed(here, doen="waar")).content.decode()
    table = page[page.index('id="where-title"') :]
    rows = {
        name: re.sub(r"<[^>]+>|\s+", " ", row.replace("\xa0", " "))
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        for name in ("HIER", "DAAR", "OVER")
        if name in row
    }
    assert "11.762,56" in rows["HIER"]
    assert re.search(r"€ [1-9]", rows["DAAR"])
    assert "11.762,56" not in rows["DAAR"]
    assert "Telt niet mee" in rows["OVER"]
    assert lines(cast) == []
    assert {here, there, over} == {int(pk) for pk in re.findall(r'href="/opdrachten/(\d+)"', table)}


def test_worth_is_told_with_as_many_queries_for_many_contracts(cast: Cast, browse: Any) -> None:
    client, contract = browse(cast.contractor), register(cast)
    asked = []
    for more in (1, 12):
        for number in range(more):
            register(cast, reference=f"HIL-{more}-{number}")
        client.post(URL, typed(contract, doen="waar"))
        with CaptureQueriesContext(connection) as queries:
            client.post(URL, typed(contract, doen="waar"))
        asked.append(len(queries))
    assert asked[0] == asked[1]
