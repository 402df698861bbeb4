"""The pages of a counterparty: for who asks, and for who has the link and no account."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.contributions.counterparties import ask_counterparty, withdraw_link
from telmee.apps.contributions.models import CounterpartyAnswer, CounterpartyLink
from telmee.apps.organisations.acting import acting_as
from telmee.web.contributions import answering
from tests.cast import Cast
from tests.registering import found, hand_in, register

YES = {"answer": "yes", "name": "Noor Bakker", "function": "Docent", "reason": ""}
#: What differs from one request to the next: the token of a form, and the address itself.
_OWN = re.compile(r"\b[A-Za-z0-9]{64}\b|/bevestigen/\w+|nonce=\"[^\"]+\"")


@pytest.fixture(scope="module")
def line(module_cast: Cast) -> int:
    """A placement that was handed in."""
    return hand_in(module_cast, register(module_cast))


def asked(cast: Cast, line: int) -> str:
    with acting_as(cast.contractor.pk) as acting:
        return ask_counterparty(*found(acting, line), who="ROC", key=uuid4())


def arrived(visitor: Any, token: str) -> str:
    """Open a link; gives the address on which the answer is asked."""
    answer = visitor.get(reverse("counterparty-arrive", args=[token]))
    # No page has this address, and no other site is told where somebody came from.
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (302, "same-origin")
    assert token not in answer.headers["Location"]
    return str(answer.headers["Location"])


def answers(cast: Cast) -> list[bool]:
    with acting_as(cast.adviser.pk):
        return list(CounterpartyAnswer.objects.values_list("confirms", flat=True))


def test_a_link_is_shown_once_and_answered_without_an_account(
    cast: Cast, browse: Any, line: int
) -> None:
    contractor = browse(cast.contractor)
    form = reverse("counterparty-ask", args=[line])
    sent = {"who": "ROC", "language": "nl", "key": str(uuid4())}
    page = contractor.post(form, sent).content.decode()
    token = re.search(r"/bevestiging/([\w-]{43,})", page)
    assert token is not None
    assert token[1] not in contractor.post(form, sent, follow=True).content.decode()
    assert token[1] not in contractor.get(reverse("contribution", args=[line])).content.decode()
    visitor = browse()
    where = arrived(visitor, token[1])
    visitor.get(where)  # looking uses nothing up
    shown = visitor.get(where)
    assert shown.status_code == 200
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shown.headers["Cache-Control"] == "no-store"
    text = shown.content.decode()
    assert cast.de_eem.name in text
    assert "01-01-2025" in text
    for hidden in ("P-1", "K-1", "pw_lt2", "Participatiewet", "HIL-2025-001", "Onderhoud gebouwen"):
        assert hidden not in text
    assert visitor.post(where, YES).status_code == 200
    assert answers(cast) == [True]
    assert visitor.post(where, {**YES, "answer": "no", "reason": "Nee."}).status_code == 404
    assert visitor.get(where).status_code == 404
    assert answers(cast) == [True]


def test_a_no_asks_why_and_nothing_typed_is_lost(cast: Cast, browse: Any, line: int) -> None:
    visitor = browse()
    where = arrived(visitor, asked(cast, line))
    refused = visitor.post(where, {**YES, "answer": "no"})
    assert refused.status_code == 422
    assert "Noor Bakker" in refused.content.decode()
    assert answers(cast) == []
    visitor.post(where, {**YES, "answer": "no", "reason": "Wij kennen dit niet."})
    assert answers(cast) == [False]
    queue = browse(cast.adviser).get(reverse("queue")).content.decode()
    assert "Ontkend door de wederpartij" in queue
    denied = browse(cast.adviser).get(reverse("queue-denied")).content.decode()
    assert "Wij kennen dit niet." in denied


def test_whatever_is_the_matter_with_a_link_looks_the_same(
    cast: Cast, browse: Any, line: int
) -> None:
    used = asked(cast, line)
    visitor = browse()
    visitor.post(arrived(visitor, used), YES)
    replaced = asked(cast, line)
    withdrawn = asked(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        latest = CounterpartyLink.objects.latest("pk")
        withdraw_link(*found(acting, line), latest.pk)
    pages = set()
    for token in (used, replaced, withdrawn, "geraden-" + "x" * 40, "y"):
        for method in ("get", "post"):
            browser = browse()
            typed = YES if method == "post" else {}
            answer = getattr(browser, method)(arrived(browser, token), typed)
            assert answer.status_code == 404
            pages.add(_OWN.sub("", answer.content.decode()))
    assert len(pages) == 1
    assert answers(cast) == [True]


def test_another_browser_cannot_answer_by_the_address_of_the_page(
    cast: Cast, browse: Any, line: int
) -> None:
    where = arrived(browse(), asked(cast, line))
    assert browse().get(where).status_code == 404
    assert browse().post(where, YES).status_code == 404
    assert answers(cast) == []


def test_two_links_in_one_browser_are_kept_apart(cast: Cast, browse: Any, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        contract = found(acting, line)[1].contract_id
    other = hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    visitor = browse()
    first = arrived(visitor, asked(cast, line))
    second = arrived(visitor, asked(cast, other))
    assert visitor.post(first, YES).status_code == 200
    with acting_as(cast.adviser.pk):
        assert CounterpartyAnswer.objects.get().contribution_id == line
    assert visitor.get(second).status_code == 200


def test_who_tries_often_waits(
    cast: Cast, browse: Any, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "_TRIES", {"counterparty": "3/m/ip"})
    token = asked(cast, line)
    visitor = browse()
    address = reverse("counterparty-arrive", args=["x"])
    codes = [visitor.get(address).status_code for _number in range(4)]
    assert codes == [302, 302, 302, 429]
    assert visitor.get(reverse("counterparty-arrive", args=[token])).status_code == 429


def test_it_speaks_the_language_that_was_asked_for(cast: Cast, browse: Any, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        token = ask_counterparty(*found(acting, line), who="ROC", key=uuid4(), language="en")
    visitor = browse()
    assert "Is this right?" in visitor.get(arrived(visitor, token)).content.decode()
    visitor.post(reverse("set_language"), {"language": "nl", "next": "/"})
    assert "Klopt dit?" in visitor.get(arrived(visitor, token)).content.decode()


def test_who_decides_sees_the_confirmation_and_accepts_without_a_document(
    cast: Cast, browse: Any, line: int
) -> None:
    adviser = browse(cast.adviser)
    decide = reverse("decide", args=[line])
    assert "Er is nog geen bewijs" in adviser.get(decide).content.decode()
    visitor = browse()
    visitor.post(arrived(visitor, asked(cast, line)), YES)
    page = adviser.get(decide).content.decode()
    assert "Bevestigd" in page
    assert "Noor Bakker" in page
