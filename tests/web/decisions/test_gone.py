"""A line that is gone, or decided on, while somebody looks at it: a page that says so."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contributions.actions import remove_draft, take_back
from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.settled_partners import decide_with_partners
from tests.cast import Cast
from tests.money import accepted
from tests.registering import found, hand_in, register

GONE = ("De inspanning is er niet meer.", "De opdrachtnemer heeft haar intussen teruggehaald")
HTMX = {"HX-Request": "true", "HX-Target": "value"}
_SENT = {"version": "1", "reason": "other", "text": "Dit klopt niet."}


def fetched_back(cast: Cast, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))


def sent(outcome: str) -> dict[str, str]:
    return {**_SENT, "key": str(uuid4()), "outcome": outcome, "seen": "1"} | {"without_proof": "1"}


def says_it_is_gone(page: Any) -> bool:
    text = page.content.decode()
    return page.status_code == 409 and all(words in text for words in GONE)


def booked(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return len(entries_of([contract]))


def test_every_page_of_deciding_says_that_a_line_is_gone(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client, before = browse(cast.adviser), booked(cast, contract)
    fetched_back(cast, line)
    at = f"/inspanningen/{line}"
    for address in ("", "/beslissen", "/beslissen?step=adjusted", "/beslissen?step=rejected",
                    "/heropenen"):  # fmt: skip
        assert says_it_is_gone(client.get(at + address)), address
    for outcome in ("accepted", "adjusted", "rejected"):
        assert says_it_is_gone(client.post(f"{at}/beslissen", sent(outcome))), outcome
    assert says_it_is_gone(client.post(f"{at}/heropenen", sent("reopened")))
    part = client.post(f"{at}/beslissen/waarde", {"bouwblok": "pw_lt2"}, headers=HTMX)
    assert part.headers["HX-Refresh"] == "true"
    assert booked(cast, contract) == before


def test_who_could_not_read_that_it_was_there_is_told_nothing(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    fetched_back(cast, line)
    for who in ("competitor", "colleague", "outsider", "operator"):
        client = browse(getattr(cast, who))
        assert client.get(f"/inspanningen/{line}").status_code == 404
        assert client.get(f"/inspanningen/{line}/beslissen").status_code == 404
    assert browse(cast.adviser).get(f"/inspanningen/{line + 1}").status_code == 404


@pytest.mark.parametrize("outcome", ["accepted", "adjusted", "rejected"])
def test_a_line_that_goes_while_the_decision_is_taken(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    before = booked(cast, contract)

    def late(*args: Any, **facts: Any) -> Any:
        fetched_back(cast, line)
        return decide_with_partners(*args, **facts)

    monkeypatch.setattr("telmee.web.decisions.views.decide_with_partners", late)
    typed = sent(outcome) | {"bouwblok": "pw_lt2", "begin": "01-01-2025", "eind": "30-06-2025",
                             "uren_per_week": "12"}  # fmt: skip
    assert says_it_is_gone(browse(cast.adviser).post(f"/inspanningen/{line}/beslissen", typed))
    assert booked(cast, contract) == before


@pytest.mark.parametrize("name", ["one", "line"])
def test_the_queue_says_which_could_not_be_accepted(cast: Cast, browse: Any, name: str) -> None:
    contract = register(cast)
    gone = hand_in(cast, contract, kenmerk="A", persoon="A")
    fetched_back(cast, gone)
    page = browse(cast.adviser).post(
        "/werklijst/accepteren", {name: [f"{gone}:2:100"], "key": str(uuid4())}, follow=True
    )
    assert page.status_code == 200
    assert "Een inspanning die u koos is er niet meer." in page.content.decode()


@pytest.mark.parametrize("step", ["terugnemen", "intrekken", "bezwaar", "wijzigen"])
def test_the_contractor_is_told_what_was_decided_meanwhile(
    cast: Cast, browse: Any, step: str
) -> None:
    line = hand_in(cast, register(cast))
    accepted(cast, line)
    typed = {"toelichting": "Daarom.", "version": "2", "doen": "concept", "bouwblok": "pw_lt2",
             "kenmerk": "K-1", "key": str(uuid4())}  # fmt: skip
    client = browse(cast.contractor)
    page = client.post(f"/inspanningen/{line}/{step}", typed, follow=True)
    assert page.status_code in (200, 422)
    assert 'role="alert"' in page.content.decode() or "intussen" in page.content.decode()
    with acting_as(cast.contractor.pk) as acting:
        assert found(acting, line)[1].state == "accepted"


def test_a_draft_that_a_colleague_threw_away_is_gone_too(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    fetched_back(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        remove_draft(*found(acting, line))
    for address in ("", "/wijzigen"):
        page = browse(cast.contractor_manager).get(f"/inspanningen/{line}{address}")
        assert says_it_is_gone(page)
