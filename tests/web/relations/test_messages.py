"""The pages with messages: of a contract, of a line, and where what is new is shown."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.messages import message_to_withdraw, withdraw_message
from tests.apps.relations.test_messages import write
from tests.cast import Cast
from tests.registering import hand_in, register


def page(browser: Any, contract: int, query: str = "") -> Any:
    return browser.get(reverse("contract-messages", args=[contract]) + query)


def read(browser: Any, shown: Any) -> None:
    """Say that what is on a page was read, as its script does."""
    url = reverse("messages-read", args=[shown.context["access"].contract.pk])
    browser.post(url, {"bericht": shown.context["unread"]})


def tab(answer: Any) -> int:
    """The number beside the section of the messages."""
    (section,) = [one for one in answer.context["sections"] if one["name"] == "contract-messages"]
    return int(section["count"])


def test_a_message_is_new_once_and_the_tab_counts_it(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    write(cast, contract, text="Eerste regel\nTweede <b>regel</b>")
    contractor = browse(cast.contractor)
    assert tab(contractor.get(reverse("contract", args=[contract]))) == 1
    first = page(contractor, contract)
    assert "Nieuw" in first.content.decode()
    assert "Tweede &lt;b&gt;regel&lt;/b&gt;" in first.content.decode()
    assert tab(page(contractor, contract)) == 1, "getting a page changes nothing"
    read(contractor, first)
    second = page(contractor, contract)
    assert tab(second) == 0
    assert "Nieuw" not in second.content.decode()


def test_a_message_is_sent_from_the_page_and_a_wrong_one_keeps_what_was_typed(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    contractor = browse(cast.contractor)
    for url in (
        reverse("contract-messages", args=[contract]),
        reverse("line-message", args=[line]),
    ):
        wrong = contractor.post(url, {"text": "burger 111222333", "key": uuid4()})
        assert wrong.status_code == 422
        assert "burger 111222333" in wrong.content.decode()
        sent = contractor.post(url, {"text": "Komt goed.", "key": uuid4()}, follow=True)
        assert "Komt goed." in sent.content.decode()
    decide = browse(cast.adviser).get(reverse("decide", args=[line])).content.decode()
    assert "1 bericht over deze inspanning" in decide
    texts = page(browse(cast.adviser), contract).content.decode()
    assert texts.count("Komt goed.") == 2
    assert reverse("contribution", args=[line]) in texts


def test_what_was_withdrawn_says_so_and_is_no_news(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    message = write(cast, contract)
    adviser = browse(cast.adviser)
    url = reverse("message-withdraw", args=[message])
    assert adviser.get(url).status_code == 200
    assert "Ingetrokken" in adviser.post(url, follow=True).content.decode()
    assert adviser.post(url).status_code == 404
    shown = page(browse(cast.contractor), contract).content.decode()
    assert "Ingetrokken" in shown
    assert "Nieuw" not in shown


def test_all_messages_can_be_reached_and_are_read_page_by_page(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    for number in range(31):
        write(cast, contract, text=f"Bericht {number:02}.")
    contractor = browse(cast.contractor)
    first = page(contractor, contract)
    assert "Bericht 00." not in first.content.decode()
    read(contractor, first)
    older = page(contractor, contract, f"?voor={first.context['older']}")
    assert [entry["row"].text for entry in older.context["written"]] == ["Bericht 00."]
    assert tab(older) == 1
    read(contractor, older)
    assert tab(page(contractor, contract)) == 0
    assert page(contractor, contract, "?voor=x").status_code == 200


def test_the_timeline_has_messages_without_the_text_of_one_that_was_withdrawn(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    write(cast, contract, line=line, text="Over de inspanning")
    gone = write(cast, contract, text="Vergissing")
    with acting_as(cast.adviser.pk) as acting:
        withdraw_message(*message_to_withdraw(acting, gone))
    timeline = reverse("contract-timeline", args=[contract]) + "?part=message"
    for who in (cast.adviser, cast.contractor):
        rows = browse(who).get(timeline).context["listing"].shown
        assert [row["text"] for row in rows] == ["", "Over de inspanning"]
        assert rows[1]["about"] == "K-1"


@pytest.mark.parametrize("who", ["adviser", "contractor", "subcontractor"])
def test_what_is_new_stands_where_somebody_begins(cast: Cast, browse: Any, who: str) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    line = hand_in(cast, contract, by="subcontractor", kenmerk="S-1")
    write(cast, contract, "contractor" if who == "adviser" else "adviser", line=line)
    browser = browse(getattr(cast, who))
    begin = reverse("today" if who == "adviser" else "home")
    url = reverse("contract-messages", args=[contract])
    assert url in browser.get(begin).content.decode()
    read(browser, page(browser, contract))
    assert url not in browser.get(begin).content.decode()


def test_the_number_of_queries_does_not_depend_on_the_messages(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    contractor = browse(cast.contractor)
    counts = []
    for _round in range(2):
        for _each in range(4):
            write(cast, contract, line=line)
        page(contractor, contract)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(contractor, contract)
            contractor.get(reverse("contribution", args=[line]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
