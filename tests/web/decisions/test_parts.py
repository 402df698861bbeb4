"""Deciding in parts on the pages: what is said before, what is told after, and what comes back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.queries import split_of
from telmee.web.templatetags.telmee import euros
from tests.cast import Cast
from tests.days import today
from tests.registering import hand_in, register

DAY = timedelta(days=1)
#: What says that somebody accepts a line although proof is missing.
SURE = {"without_proof": "1"}
QUEUE, ACCEPT, UNDO = "/werklijst", "/werklijst/accepteren", "/werklijst/terugdraaien"


def running(cast: Cast, *, last: int) -> int:
    """Hand in a line of 200 days, of which the last is so many days from today."""
    contract = register(cast, start=today() - 400 * DAY, end=today() + 400 * DAY)
    end = today() + last * DAY
    return hand_in(cast, contract, kenmerk="LOOPT", begin=end - 199 * DAY, eind=end)


def line_of(cast: Cast, pk: int) -> Contribution:
    with acting_as(cast.adviser.pk):
        return Contribution.objects.select_related("receipt", "decided").get(pk=pk)


def hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match is not None, name
    return match.group(1)


def accept(client: Any, line: int, **typed: Any) -> Any:
    """Press the button on the page of a line."""
    address = f"/inspanningen/{line}/beslissen"
    page = client.get(address).content.decode()
    sent = {name: hidden(page, name) for name in ("key", "version", "on", "seen")}
    sent |= {"outcome": "accepted", **SURE, **typed}
    return client.post(address, sent, follow=True)


def test_the_page_says_what_accepting_books_and_what_it_leaves(cast: Cast, browse: Any) -> None:
    line, adviser = running(cast, last=99), browse(cast.adviser)
    receipt = line_of(cast, line).receipt
    assert receipt is not None
    done, to_come = split_of(receipt, today())
    page = adviser.get(f"/inspanningen/{line}/beslissen").content.decode()
    assert f"Accepteren boekt nu {euros(done)}. De rest, {euros(to_come)}," in page
    assert re.search(rf'data-key="a">\s*[^<]*{euros(done)}', page)
    told = accept(adviser, line).content.decode()
    assert f"{euros(to_come)} komt nog" in told
    row = line_of(cast, line)
    assert (row.state, row.verified_cents, row.rest_cents) == ("partly", done, to_come)


def test_both_sides_see_what_is_left_and_after_which_day(cast: Cast, browse: Any) -> None:
    line = running(cast, last=99)
    accept(browse(cast.adviser), line)
    row, last = line_of(cast, line), today() + 99 * DAY
    for who in (cast.adviser, cast.contractor):
        page = browse(who).get(f"/inspanningen/{line}").content.decode()
        assert "Deels besloten" in page
        assert euros(row.rest_cents) in page
        assert f"te beslissen na {last:%d-%m-%Y}" in page


def test_it_leaves_the_work_list_until_the_effort_is_over(cast: Cast, browse: Any) -> None:
    line, adviser = running(cast, last=99), browse(cast.adviser)
    accept(adviser, line)
    assert "LOOPT" not in adviser.get(QUEUE).content.decode().split("data-keys")[-1]
    page = adviser.get(f"/inspanningen/{line}/beslissen").content.decode()
    assert 'value="accepted"' not in page
    assert "step=adjusted" in page


def test_the_rest_is_accepted_from_the_work_list_once_it_is_over(cast: Cast, browse: Any) -> None:
    line, adviser = running(cast, last=-1), browse(cast.adviser)
    # Decided on a page that was made before it was over.
    accept(adviser, line, on=(today() - 20 * DAY).isoformat())
    row = line_of(cast, line)
    assert (row.state, row.rest_after) == ("partly", today() - DAY)
    page = adviser.get(QUEUE).content.decode()
    assert f"{euros(row.rest_cents)} nog te beslissen" in page
    one = re.search(rf'name="one" value="({line}:[^"]*)"', page)
    assert one is not None
    sent = {"one": one.group(1), "key": str(uuid4()), "on": hidden(page, "on"), **SURE}
    told = adviser.post(ACCEPT, sent, follow=True).content.decode()
    assert f"{euros(row.rest_cents)} erbij" in told
    row = line_of(cast, line)
    assert (row.state, row.verified_cents) == ("accepted", row.value_cents)


def test_many_at_once_are_each_counted_up_to_today(cast: Cast, browse: Any) -> None:
    line, adviser = running(cast, last=99), browse(cast.adviser)
    page = adviser.get(QUEUE).content.decode()
    assert "tot en met vandaag" in page
    chosen = re.search(rf'name="line" value="({line}:[^"]*)"', page)
    assert chosen is not None
    sent = {"line": chosen.group(1), "key": str(uuid4()), "on": hidden(page, "on"), **SURE}
    told = adviser.post(ACCEPT, sent, follow=True).content.decode()
    row = line_of(cast, line)
    assert row.state == "partly"
    assert f"{euros(row.rest_cents)} komt nog" in told
    undo = {"line": hidden(told[told.index(UNDO) :], "line"), "key": str(uuid4())}
    adviser.post(UNDO, undo)
    row = line_of(cast, line)
    assert (row.state, row.verified_cents, row.rest_cents) == ("submitted", None, None)


@pytest.mark.parametrize(
    ("who", "chooses"), [("manager", True), ("adviser", False), ("contractor_manager", False)]
)
def test_the_choice_of_a_client_is_on_the_page_of_its_organisation(
    cast: Cast, browse: Any, who: str, chooses: bool
) -> None:
    client, address = browse(getattr(cast, who)), f"/organisaties/{cast.hilversum.pk}"
    client.post(f"{address}/wijzigen", {"name": cast.hilversum.name, "accepts_ahead": "on"})
    page = browse(cast.manager).get(address).content.decode()
    assert ("meteen geaccepteerd, voor de hele waarde" in page) is chooses
    assert ("Koos ervoor om inspanning die nog komt meteen te accepteren" in page) is chooses
    line = running(cast, last=99)
    accept(browse(cast.adviser), line)
    assert line_of(cast, line).state == ("accepted" if chooses else "partly")
