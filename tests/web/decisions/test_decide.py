"""The page of a decision: what it shows, what it takes, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client

from telmee.apps.contributions.evidence import record_sighting
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.queries import check_ledger, entries_of, positions
from telmee.apps.organisations.acting import acting_as
from tests.apps.agreements.planning import planned
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.conftest import connected
from tests.registering import PLACEMENT, found, hand_in, register

ADJUSTED = {
    "bouwblok": PLACEMENT["bouwblok"],
    "begin": "01-01-2025",
    "eind": "30-06-2025",
    "uren_per_week": "12",
    "reason": "hours",
    "text": "Op de loonstrook staat 12 uur.",
}
#: Accepting a line of which the proof is missing, after that was asked once more.
ACCEPTED = {"outcome": "accepted", "without_proof": "1"}


def url(line: int) -> str:
    return f"/inspanningen/{line}/beslissen"


def once(page: Any) -> dict[str, str]:
    """Read what every form of a page is sent with."""
    return dict(re.findall(r'name="(key|version|seen)" value="([^"]+)"', page.content.decode()))


def book(cast: Cast, contract: int) -> Any:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract]


def state(cast: Cast, line: int) -> str:
    with acting_as(cast.adviser.pk) as acting:
        return found(acting, line)[1].state


def rejected(browse: Any, who: Any, line: int) -> Any:
    client = browse(who)
    sent = once(client.get(url(line))) | {
        "outcome": "rejected",
        "reason": "evidence",
        "rule": "blocks.pw_lt2",
        "text": "Er is geen bewijs.",
    }
    return client.post(url(line), sent)


@pytest.mark.parametrize(
    "who",
    [
        "reader",
        "colleague",
        "contractor",
        "competitor",
        "subcontractor",
        "auditor",
        "outsider",
        "operator",
    ],
)
def test_for_who_does_not_decide_there_is_no_such_page(cast: Cast, browse: Any, who: str) -> None:
    line = hand_in(cast, register(cast))
    client = browse(getattr(cast, who))
    assert client.get(url(line)).status_code == 404
    assert client.post(url(line), ACCEPTED).status_code == 404
    assert client.post(f"{url(line)}/waarde", {}).status_code == 404
    assert client.post(f"/inspanningen/{line}/heropenen", {}).status_code == 404


def test_the_page_shows_cells_value_position_and_keys(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    page = browse(cast.adviser).get(url(line)).content.decode()
    for text in ("P-1", "01-01-2025", "100.000,00", "Harlingen"):
        assert text in page
    for key in "awr":
        assert f'data-key="{key}"' in page


def test_a_reader_in_english_gets_english(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    client.cookies["django_language"] = "en"
    assert "Your decision" in client.get(url(line)).content.decode()


def test_accepting_goes_on_to_the_next_line_of_the_queue(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    first = hand_in(cast, contract, kenmerk="A", persoon="A")
    second = hand_in(cast, contract, kenmerk="B", persoon="B")
    client = browse(cast.adviser)
    sent = once(client.get(f"{url(first)}?block=pw_lt2")) | ACCEPTED
    answer = client.post(f"{url(first)}?block=pw_lt2", sent)
    assert answer.headers["Location"] == f"{url(second)}?block=pw_lt2"
    assert book(cast, contract).verified_cents > 0


def test_accepting_without_proof_asks_once_more(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | {"outcome": "accepted"}
    asked = client.post(url(line), sent)
    assert asked.status_code == 422
    assert state(cast, line) == "submitted"
    assert "Accepteert u deze inspanning zonder dit bewijs?" in asked.content.decode()
    again = dict(re.findall(r'name="(without_proof)" value="([^"]+)"', asked.content.decode()))
    assert client.post(url(line), sent | again).status_code == 302
    assert state(cast, line) == "accepted"


def test_who_saw_the_proof_is_not_asked_again(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        record_sighting(*found(acting, line), kind="", seen_on=date(2025, 9, 1))
    client = browse(cast.adviser)
    client.post(url(line), once(client.get(url(line))) | {"outcome": "accepted"})
    assert state(cast, line) == "accepted"


def test_a_page_begins_with_what_is_to_check_and_then_has_the_sum(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast), toeslagen="age50")
    page = browse(cast.adviser).get(url(line)).content.decode()
    page = page[page.index("<h1") :]
    said = ("Let op", "Klopt de toeslag", "Er is nog geen bewijs.", 'class="sum"', "<details>")
    places = [page.index(text) for text in said]
    assert places == sorted(places)
    folded = page[page.index("Wat altijd geldt bij dit bouwblok") :]
    assert "Hoort de persoon bij deze doelgroep?" not in page[: page.index(folded)]
    assert "Hoort de persoon bij deze doelgroep?" in folded
    assert not re.search(r"(blocks|bonuses|time)\.[a-z0-9_]+", page)


def test_the_same_submit_twice_decides_once(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | ACCEPTED
    for _ in range(2):
        assert client.post(url(line), sent).status_code == 302
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 2


def test_adjusting_the_hours_halves_the_value(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    page = client.get(f"{url(line)}?step=adjusted")
    assert 'name="persoon"' not in page.content.decode()
    answer = client.post(url(line), once(page) | ADJUSTED | {"outcome": "adjusted"})
    assert answer.status_code == 302
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
    assert row.state == "adjusted"
    assert row.value_cents == 2 * (row.verified_cents or 0)
    assert str(row.person) == "P-1"


def test_an_amount_can_be_named(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | ADJUSTED
    sent |= {"outcome": "adjusted", "vastgesteld_bedrag": "1.234,56", "reason": "agreement"}
    client.post(url(line), sent)
    assert book(cast, contract).verified_cents == 1_234_56


def test_adjusting_nothing_is_no_adjustment(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | ADJUSTED | {"uren_per_week": "24"}
    answer = client.post(url(line), sent | {"outcome": "adjusted"})
    assert answer.status_code == 422
    assert "U hebt niets gewijzigd." in answer.content.decode()


def test_without_a_reason_everything_typed_stays(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | {"outcome": "rejected", "text": "Dit klopt niet."}
    answer = client.post(url(line), sent)
    assert answer.status_code == 422
    assert "Kies een reden." in answer.content.decode()
    assert "Dit klopt niet." in answer.content.decode()
    assert state(cast, line) == "submitted"


def test_a_bsn_in_the_explanation_is_refused(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | {"outcome": "rejected", "reason": "other"}
    answer = client.post(url(line), sent | {"text": "Het gaat om 111222333."})
    assert answer.status_code == 422
    assert state(cast, line) == "submitted"


def test_who_comes_second_is_told_and_keeps_what_he_typed(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    first, second = browse(cast.adviser), browse(cast.second_adviser)
    pages = [client.get(url(line)) for client in (first, second)]
    first.post(url(line), once(pages[0]) | ACCEPTED)
    sent = {"outcome": "rejected", "reason": "period", "text": "De periode klopt niet."}
    answer = second.post(url(line), once(pages[1]) | sent)
    told = answer.content.decode()
    assert answer.status_code == 422
    assert "De periode klopt niet." in told
    assert 'role="alert"' in told
    assert state(cast, line) == "accepted"


def test_two_browsers_that_decide_at_once_book_once(
    own_database: str, cast: Cast, server: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    statuses: list[int] = []
    both_read = meeting(2)

    def accept_as(user: Any) -> None:
        client = Client()
        client.force_login(user)
        sent = once(client.get(url(line))) | ACCEPTED
        both_read.wait()
        statuses.append(client.post(url(line), sent).status_code)

    people = (cast.adviser, cast.second_adviser)
    assert at_once(*(partial(accept_as, user) for user in people)) == ["done", "done"]
    assert sorted(statuses) == [302, 422]
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 2
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_an_objection_asks_for_a_second_person(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    rejected(browse, cast.adviser, line)
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Het bewijs is getoond op 3 maart.")
    mine = browse(cast.adviser).get(url(line)).content.decode()
    other = browse(cast.second_adviser).get(url(line)).content.decode()
    for page in (mine, other):
        assert "Het bewijs is getoond op 3 maart." in page
    assert 'data-key="a"' not in mine
    assert 'data-key="a"' in other


def test_reopening_takes_the_amount_back_and_asks_why(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    client = browse(cast.adviser)
    client.post(url(line), once(client.get(url(line))) | ACCEPTED)
    reopen = f"/inspanningen/{line}/heropenen"
    sent = once(client.get(reopen))
    assert client.post(reopen, sent | {"text": ""}).status_code == 422
    assert book(cast, contract).verified_cents > 0
    answer = client.post(reopen, sent | {"reason": "mistake", "text": "Verkeerde regel."})
    assert answer.headers["Location"] == url(line)
    assert book(cast, contract).verified_cents == 0
    assert state(cast, line) == "submitted"


def test_the_new_value_is_shown_while_typing_and_nothing_is_saved(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    htmx = {"HX-Request": "true", "HX-Target": "value"}
    answer = client.post(f"{url(line)}/waarde", ADJUSTED, headers=htmx)
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
    half = f"{(row.value_cents or 0) // 200:,}".replace(",", ".")
    assert half in answer.content.decode()
    assert row.state == "submitted"
    fields = client.post(
        f"{url(line)}/waarde", ADJUSTED, headers=htmx | {"HX-Target": "line-fields"}
    )
    assert 'name="uren_per_week"' in fields.content.decode()


def test_the_new_value_stays_beside_the_fields_after_an_error(cast: Cast, browse: Any) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    page = client.get(f"{url(line)}?step=adjusted")
    for unfinished in ({"outcome": "adjusted", "text": ""}, {"calculate": "1"}):
        answer = client.post(url(line), {**ADJUSTED, **once(page), **unfinished}).content.decode()
        beside = answer[answer.index('id="value"') : answer.index('value="adjusted"')]
        assert "12/36 uur" in beside
    assert state(cast, line) == "submitted"


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "nonsense"},
        {"version": "-1"},
        {"version": "9" * 40},
        {"outcome": "reopened"},
        {"outcome": "' OR 1=1"},
        {"seen": "nonsense"},
    ],
)
def test_a_form_that_was_tampered_with_decides_nothing(
    cast: Cast, browse: Any, changes: dict[str, str]
) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | ACCEPTED | changes
    assert client.post(url(line), sent).status_code == 302
    assert state(cast, line) == "submitted"


@pytest.mark.parametrize(
    "changes",
    [
        {"bouwblok": "bestaat-niet"},
        {"begin": "31-02-2025"},
        {"uren_per_week": "1e9"},
        {"vastgesteld_bedrag": "-1"},
        {"vastgesteld_bedrag": "9" * 30},
        {"rule": "blocks.bestaat-niet"},
        {"reason": "bestaat-niet"},
        {"text": "x" * 5000},
        {"text": "\0"},
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field(
    cast: Cast, browse: Any, changes: dict[str, str]
) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    sent = once(client.get(url(line))) | ADJUSTED | {"outcome": "adjusted"} | changes
    assert client.post(url(line), sent).status_code == 422
    assert state(cast, line) == "submitted"


def test_what_may_be_double_stands_above_the_decision(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, persoon="K-020")
    days: dict[str, Any] = {"begin": date(2026, 1, 1), "eind": date(2026, 3, 31)}
    hand_in(cast, contract, kenmerk="K-2", persoon="K-20", **days)
    page = browse(cast.adviser).get(url(line)).content.decode()
    sentence = "De code van deze persoon lijkt op die op K-2. Is het dezelfde persoon?"
    assert -1 < page.find(sentence) < page.index('id="deciding"')


def test_who_decides_sees_what_the_plan_says_and_how_the_line_differs(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    planned(cast, contract, soort_dienstverband="permanent", minimale_maanden=12)
    for address, who in ((url(line), cast.adviser), (f"/inspanningen/{line}", cast.contractor)):
        page = browse(who).get(address).content.decode()
        said = page[page.index("Wat het plan over dit bouwblok zegt") :]
        assert "Vast dienstverband" in said
        assert "12 maanden" in said
