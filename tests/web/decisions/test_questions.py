"""Asking about a line on its page, and answering it on the page of the line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.questions import ask
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import PLACEMENT, found, hand_in, register

QUESTION = "Hoeveel uur per week was het na de zomer?"
ANSWER = {
    "doen": "indienen",
    "antwoord": "Het werd 32 uur.",
    "bouwblok": PLACEMENT["bouwblok"],
    "begin": "01-01-2025",
    "eind": "30-06-2025",
    "uren_per_week": "32",
    "persoon": "P-1",
    "kenmerk": "K-1",
    "note": "",
}


def once(page: Any) -> dict[str, str]:
    """What every form of a page is sent with."""
    return dict(re.findall(r'name="(key|version)" value="([^"]+)"', page.content.decode()))


def line_of(cast: Cast, line: int) -> Contribution:
    with acting_as(cast.adviser.pk) as acting:
        return found(acting, line)[1]


@pytest.fixture
def asked(cast: Cast) -> int:
    """A line on which a question is open."""
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        ask(access, row, text=QUESTION, due=timezone.localdate(), key=uuid4())
    return line


def test_a_question_is_asked_beside_the_line_and_the_next_one_follows(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    line, following = hand_in(cast, contract), hand_in(cast, contract, kenmerk="K-2")
    client = browse(cast.adviser)
    url = f"/inspanningen/{line}/beslissen"
    assert 'data-key="v"' in client.get(url).content.decode()
    page = client.get(f"{url}?step=asked")
    due = timezone.localdate() + timedelta(days=14)
    assert f"{due:%d-%m-%Y}" in page.content.decode()
    sent = once(page) | {"outcome": "asked", "text": QUESTION, "due": f"{due:%d-%m-%Y}"}
    answer = client.post(url, sent, follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"/inspanningen/{following}/beslissen")
    assert "De vraag over K-1 is verstuurd" in answer.content.decode()
    assert line_of(cast, line).state == State.ASKED
    # It waits for the contractor, so it is gone from the list; its page still takes a decision.
    assert "K-1" not in client.get("/werklijst").content.decode()
    shown = client.get(url).content.decode()
    assert QUESTION in shown
    assert 'data-key="a"' in shown
    assert 'data-key="v"' not in shown


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": ""}, "Dit veld is verplicht"),
        ({"due": "01-01-2025"}, "De termijn valt niet tussen"),
        ({"due": "morgen"}, "datum"),
    ],
)
def test_what_is_not_right_is_said_and_what_was_typed_stays(
    cast: Cast, browse: Any, typed: dict[str, str], says: str
) -> None:
    line = hand_in(cast, register(cast))
    client = browse(cast.adviser)
    url = f"/inspanningen/{line}/beslissen"
    usual = {"outcome": "asked", "text": QUESTION, "due": f"{timezone.localdate():%d-%m-%Y}"}
    page = client.post(url, once(client.get(url)) | usual | typed)
    assert page.status_code == 422
    assert says in page.content.decode()
    assert (QUESTION in page.content.decode()) == ("text" not in typed)
    assert line_of(cast, line).state == State.SUBMITTED


def test_the_contractor_answers_in_place_and_corrects_the_line(
    cast: Cast, browse: Any, asked: int
) -> None:
    client = browse(cast.contractor)
    home = client.get("/").content.decode()
    assert "Vragen aan u" in home
    assert f"/inspanningen/{asked}/wijzigen" in home
    page = client.get(f"/inspanningen/{asked}/wijzigen")
    text = page.content.decode()
    assert QUESTION in text
    assert 'value="concept"' not in text
    before = line_of(cast, asked)
    answer = client.post(f"/inspanningen/{asked}/wijzigen", once(page) | ANSWER, follow=True)
    assert "Uw antwoord is verstuurd" in answer.content.decode()
    again = line_of(cast, asked)
    assert (again.state, again.weekly_hours) == (State.SUBMITTED, 32_00)
    assert (again.value_cents or 0) > (before.value_cents or 0)
    decide = browse(cast.adviser).get(f"/inspanningen/{asked}/beslissen").content.decode()
    for shown in (QUESTION, "Het werd 32 uur.", "Eerst was de waarde"):
        assert shown in decide
    assert "Vragen aan u" not in client.get("/").content.decode()


def test_after_an_answer_comes_the_next_question(cast: Cast, browse: Any, asked: int) -> None:
    contract = line_of(cast, asked).contract_id
    later = hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    with acting_as(cast.adviser.pk) as acting:
        due = timezone.localdate() + timedelta(days=9)
        ask(*found(acting, later), text=QUESTION, due=due, key=uuid4())
    client = browse(cast.contractor)
    url = f"/inspanningen/{asked}/wijzigen"
    sent = client.post(url, once(client.get(url)) | ANSWER, follow=True)
    assert sent.redirect_chain[-1][0] == f"/inspanningen/{later}/wijzigen"
    assert "Uw antwoord over K-1 is verstuurd" in sent.content.decode()


def test_without_an_answer_nothing_is_sent(cast: Cast, browse: Any, asked: int) -> None:
    client = browse(cast.contractor)
    url = f"/inspanningen/{asked}/wijzigen"
    page = client.post(url, once(client.get(url)) | ANSWER | {"antwoord": " "})
    assert page.status_code == 422
    assert 'value="32"' in page.content.decode()
    assert line_of(cast, asked).state == State.ASKED


def test_what_it_is_worth_is_shown_while_it_is_corrected(
    cast: Cast, browse: Any, asked: int
) -> None:
    url = f"/inspanningen/{asked}/wijzigen"
    sent = {**ANSWER, "doen": ""}
    page = browse(cast.contractor).post(
        url, sent, headers={"HX-Request": "true", "HX-Target": "value"}
    )
    assert page.status_code == 200
    assert "<html" not in page.content.decode()
    assert line_of(cast, asked).state == State.ASKED


def test_who_reads_for_the_client_asks_nothing(cast: Cast, browse: Any, asked: int) -> None:
    page = browse(cast.auditor).get(f"/inspanningen/{asked}").content.decode()
    assert QUESTION in page
    assert "wijzigen" not in page


def test_the_work_list_can_show_what_was_asked_about_before_the_term_is_over(
    cast: Cast, browse: Any, asked: int
) -> None:
    client = browse(cast.adviser)
    assert f"/inspanningen/{asked}/" not in client.get("/werklijst").content.decode()
    page = client.get("/werklijst?only=asked").content.decode()
    assert f"/inspanningen/{asked}/beslissen?only=asked" in page
    assert "Vraag staat open" in page
    assert f'value="{asked}:' not in page  # nothing to accept
    assert client.get(f"/inspanningen/{asked}/beslissen?only=asked").status_code == 200
    assert (
        f"/inspanningen/{asked}/" not in client.get("/werklijst?only=objections").content.decode()
    )
    theirs = browse(cast.colleague).get("/werklijst?only=asked").content.decode()
    assert f"/inspanningen/{asked}/" not in theirs
