"""The page of the second person says who took a step, on what, and why somebody cannot agree."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from tests.cast import Cast
from tests.enforcing import laddered, lenient, stepped, with_rung
from tests.registering import register

_DAYS = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))


@pytest.fixture
def waiting(cast: Cast) -> tuple[int, str]:
    """A contract of Harlingen's scheme with a withholding that waits, and where it is answered."""
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=0, by_manager=False))
    ended: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    contract = register(cast, scheme="harlingen", **ended)
    step = [stepped(cast, contract, today=day) for day in _DAYS][-1]
    return contract, reverse("ladder-second", args=[contract, step.pk])


def _main(answer: Any) -> str:
    words = unescape(answer.content.decode().partition("<main")[2])
    return " ".join(words.replace("\xa0", " ").split())


def _penalty(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].penalty_cents


def test_it_says_who_took_the_step_and_calls_it_by_the_word_of_the_scheme(
    cast: Cast, browse: Any, waiting: tuple[int, str]
) -> None:
    contract, url = waiting
    page = _main(browse(cast.adviser).get(url))
    assert "Tweede persoon: Inhouding" in page
    assert "Genomen door" in page
    assert str(cast.manager) in page
    assert "boete" not in page.lower()
    answer = browse(cast.adviser).post(url, {"agrees": "yes"}, follow=True)
    assert "De stap telt. De opdrachtnemer krijgt bericht." in _main(answer)
    ladder = _main(browse(cast.contractor).get(reverse("contract-enforcement", args=[contract])))
    assert "Inhouding: € 100.000,00" in ladder
    assert "boete" not in ladder.lower()
    assert _penalty(cast, contract) == 100_000_00


def test_the_books_of_a_contract_have_the_word_of_its_scheme_and_lists_one_for_all(
    cast: Cast, browse: Any, waiting: tuple[int, str]
) -> None:
    contract, url = waiting
    manager = browse(cast.manager)
    browse(cast.adviser).post(url, {"agrees": "yes"})
    books = _main(manager.get(reverse("contract-ledger", args=[contract])))
    assert ">Inhouding<" in books
    (entry,) = re.findall(rf"/opdrachten/{contract}/boekingen/(\d+)/terug", books)
    pages = {
        "Inhouding": [
            books,
            _main(manager.get(reverse("entry", args=[contract, entry]))),
            _main(manager.get(reverse("contract-settlement", args=[contract]))),
        ],
        "Sanctie": [_main(manager.get(reverse(name))) for name in ("home", "enforcement")],
    }
    for word, all_with_it in pages.items():
        for page in all_with_it:
            assert word in page
            assert "boete" not in page.lower()


def test_who_took_it_reads_that_another_has_to_agree(
    cast: Cast, browse: Any, waiting: tuple[int, str]
) -> None:
    contract, url = waiting
    assert "ladder_same_person" in _main(browse(cast.manager).get(url))
    answer = browse(cast.manager).post(url, {"agrees": "yes"})
    assert (answer.status_code, _penalty(cast, contract)) == (422, 0)


def test_what_changed_meanwhile_is_said_before_and_after_an_answer(
    cast: Cast, browse: Any, waiting: tuple[int, str]
) -> None:
    contract, url = waiting
    lenient(cast, contract, cents=10_000_00)
    page = _main(browse(cast.adviser).get(url))
    assert "was € 100.000,00 niet gedaan. Nu is dat € 90.000,00" in page
    answer = browse(cast.adviser).post(url, {"agrees": "yes"})
    assert (answer.status_code, _penalty(cast, contract)) == (422, 0)
    no = {"agrees": "no", "reason": "Eerst opnieuw rekenen."}
    after = browse(cast.adviser).post(url, no, follow=True)
    assert "De stap telt niet." in _main(after)
    ladder = _main(browse(cast.manager).get(reverse("contract-enforcement", args=[contract])))
    assert "stemde niet in. Eerst opnieuw rekenen." in ladder


def test_letters_and_the_journal_of_a_contract_have_the_word_of_its_scheme(
    cast: Cast, browse: Any, waiting: tuple[int, str]
) -> None:
    contract, url = waiting
    browse(cast.adviser).post(url, {"agrees": "yes"})
    step = url.split("/")[-2]
    manager = browse(cast.manager)
    to_send = reverse("send-ladder_penalty", args=[contract, step])
    assert "Inhouding" in _main(manager.get(to_send))
    letter = _main(manager.post(to_send, {"key": str(uuid4())}, follow=True))
    pages = [
        _text(letter),
        _shown(manager.get(reverse("contract-letters", args=[contract]))),
        _shown(manager.get(reverse("letters"))),
        _shown(manager.get(reverse("contract-journal", args=[contract]))),
        _text(_main(manager.get(reverse("contract", args=[contract])))),
    ]
    for page in pages:
        assert "inhouding" in page.lower()
        assert "boete" not in page.lower()
        assert "sanctie" not in page.lower()
    file = manager.get(reverse("contract-letters", args=[contract]), {"export": "csv"})
    assert "Inhouding" in file.content.decode()
    searched = manager.get(reverse("contract-journal", args=[contract]), {"q": "inhouding"})
    assert [row["what"] for row in searched.context["listing"].shown] == ["Inhouding"]


def _shown(answer: Any) -> str:
    """The rows of a list as somebody reads them, without what it can be filtered by."""
    return _text(_main(answer).partition("<table")[2])


def _text(page: str) -> str:
    return re.sub("<[^>]*>", " ", page)
