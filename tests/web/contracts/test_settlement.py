"""Settling in a browser without script: proposed, disputed, agreed and corrected by its pages."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

from django.urls import reverse

from telmee.apps.contributions.counterparties import answer_by, ask_counterparty
from telmee.apps.organisations.access import hash_of
from telmee.apps.organisations.acting import acting_as
from tests.apps.contracts.test_turnover import agree, by_turnover
from tests.apps.contracts.test_turnover import propose as turnover_proposed
from tests.cast import Cast
from tests.days import without_marks
from tests.initiatives import handed_in, world
from tests.money import accepted
from tests.pooling import answered, left
from tests.pooling import pooled as in_pool
from tests.registering import end_early, found, hand_in, register


def page_of(browser: Any, contract: int) -> str:
    page = browser.get(reverse("contract-settlement", args=[contract]))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def propose(browser: Any, contract: int) -> Any:
    """Press the button that is on the page."""
    typed = dict(re.findall(r'name="(seen|key)" value="([^"]+)"', page_of(browser, contract)))
    return browser.post(reverse("settlement-propose", args=[contract]), typed, follow=True)


def version_on(page: str) -> str:
    found = re.search(r"/eindafrekening/(\d+)/antwoord", page)
    assert found is not None
    return found[1]


def answer(browser: Any, contract: int, word: str) -> Any:
    version = version_on(page_of(browser, contract))
    address = reverse("settlement-answer", args=[contract, version])
    return browser.post(address, {"answer": word}, follow=True)


def test_proposed_disputed_agreed_and_corrected(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    line = hand_in(cast, contract)
    waits = page_of(adviser, contract)
    assert "Eerst nog te beslissen" in waits
    assert "Deze eindafrekening voorstellen" not in waits
    accepted(cast, line)
    assert "is voorgesteld aan de opdrachtnemer" in propose(adviser, contract).content.decode()
    asked = page_of(contractor, contract)
    dispute = reverse("settlement-dispute", args=[contract, version_on(asked)])
    assert contractor.post(dispute, {"reason": ""}).status_code == 422
    contractor.post(dispute, {"reason": "Regel 12 ontbreekt."})
    disputed = page_of(adviser, contract)
    assert "De opdrachtnemer was het niet eens met het laatste voorstel" in disputed
    assert "Regel 12 ontbreekt." in disputed
    propose(adviser, contract)
    assert "het niet eens met het laatste voorstel" not in page_of(contractor, contract)
    agreed = answer(contractor, contract, "agree").content.decode()
    assert "De opdracht is afgerekend." in agreed
    settled = page_of(adviser, contract)
    assert "De bedragen liggen vast" in settled
    assert "Heropenen" not in adviser.get(reverse("contract", args=[contract])).content.decode()
    address = reverse("settlement-correct", args=[contract])
    seen = re.search(r'name="seen" value="([^"]+)"', adviser.get(address).content.decode())
    assert seen is not None
    typed = {"seen": seen[1], "key": str(uuid4()), "what": "line", "line": line, "amount": "1.000"}
    assert adviser.post(address, typed).status_code == 422
    adviser.post(address, typed | {"reason": "Factuur verkeerd gelezen."})
    corrected = page_of(contractor, contract)
    assert "Factuur verkeerd gelezen." in corrected
    assert "1.000,00" in corrected
    # Who had the page open meanwhile looks at the amounts of now, and can correct those.
    later = typed | {"key": str(uuid4()), "amount": "900", "reason": "Nog eens gelezen."}
    refused = adviser.post(address, later)
    assert refused.status_code == 422
    now = refused.context["form"]["seen"].value()
    assert adviser.post(address, later | {"seen": now}).status_code == 302


def test_what_was_booked_since_asks_for_another_proposal(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    propose(adviser, contract)
    typed = {"kind": "penalty", "amount": "10", "effective_on": "1-6-2025", "reason": "Te laat."}
    adviser.post(reverse("book", args=[contract]), typed | {"key": str(uuid4())})
    assert "Akkoord gaan kan niet meer" in page_of(contractor, contract)
    refused = answer(contractor, contract, "agree").content.decode()
    assert "Er is intussen iets geboekt" in refused
    assert "is ingetrokken" in answer(adviser, contract, "withdraw").content.decode()


def test_each_sum_opens_to_its_entries_and_adds_up(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    page = browse(cast.adviser).get(reverse("contract-settlement", args=[contract]))
    for each in page.context["sums"]:
        assert sum(row.cents for row in each.rows) == each.total.cents, each.title
    urls = [row.url for each in page.context["sums"] for row in each.rows if row.url]
    assert len(urls) == 8
    for url in urls:
        assert browse(cast.adviser).get(url).status_code == 200, url


def test_the_page_speaks_english_too(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    adviser = browse(cast.adviser)
    page = adviser.get(
        reverse("contract-settlement", args=[contract]), headers={"accept-language": "en"}
    )
    assert page.status_code == 200


def test_turnover_that_is_not_agreed_is_said_before_it_is_too_late(cast: Cast, browse: Any) -> None:
    contract = by_turnover(cast)
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    left = "Na de eindafrekening kan dat niet meer. Wat dan niet is afgesproken, telt niet mee."
    for page in (page_of(adviser, contract), page_of(contractor, contract)):
        assert (
            f"Over 2 perioden is de omzet niet afgesproken, of wacht er nog een voorstel. {left}"
            in (page)
        )
    agree(cast, contract, 1_000)
    assert "Over 1 periode is de omzet niet afgesproken" in page_of(contractor, contract)
    assert turnover_proposed(cast, contract, 2_000) == "done"
    assert "Over 2 perioden is de omzet niet afgesproken" in page_of(contractor, contract)
    assert left not in page_of(adviser, register(cast, reference="ANDERS"))


def test_what_settling_does_to_an_initiative_is_said_before(cast: Cast, browse: Any) -> None:
    its = world(cast)
    home, other, _third = its.contracts
    warning = "Deze opdracht heeft een deel in het initiatief Park."
    assert warning in page_of(browse(cast.adviser), other)
    assert warning in page_of(browse(cast.competitor), other)
    accepted(cast, handed_in(cast, home))
    left(cast, other)
    answered(cast, its.pool, by="competitor")
    assert warning in page_of(browse(cast.adviser), other), "a part of a line stands here"
    pooled = [register(cast, reference=name) for name in ("B-1", "B-2")]
    in_pool(cast, *pooled)
    assert "deel in het initiatief" not in page_of(browse(cast.adviser), pooled[0])


def test_a_settled_contract_tells_its_last_day(cast: Cast, browse: Any) -> None:
    contract = register(cast, end=date(2025, 12, 31))
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    propose(adviser, contract)
    answer(contractor, contract, "agree")
    page = without_marks(adviser.get(reverse("contract", args=[contract])).content.decode())
    assert "Deze opdracht is afgesloten. De laatste dag was 31-12-2025." in page
    assert "afgesloten op" not in page


def test_who_comes_after_a_colleague_reads_that_the_contract_is_closed(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    propose(browse(cast.adviser), contract)
    first, second = browse(cast.contractor), browse(cast.contractor_manager)
    version = version_on(page_of(second, contract))
    answer(first, contract, "agree")
    late = reverse("settlement-answer", args=[contract, version])
    page = second.post(late, {"answer": "agree"}, follow=True)
    assert page.status_code == 200
    assert "is afgesloten" in page.content.decode()
    dispute = reverse("settlement-dispute", args=[contract, version])
    typed = second.post(dispute, {"reason": "Regel 12 ontbreekt."})
    assert typed.status_code == 422
    assert "Regel 12 ontbreekt." in typed.content.decode()
    assert second.get(dispute).status_code == 404


def test_what_nobody_looked_at_is_told_before_it_leaves_the_work_list(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, eind=date(2025, 12, 31))
    with acting_as(cast.contractor.pk) as acting:
        token = ask_counterparty(*found(acting, line), who="ROC", key=uuid4())
    accepted(cast, line)
    adviser = browse(cast.adviser)
    titles = "Nog te bekijken", "Straks in geen werklijst meer"
    close = reverse("contract-close", args=[contract])
    assert titles[0] not in page_of(adviser, contract)
    assert titles[1] not in adviser.get(close).content.decode()
    end_early(cast.adviser.pk, contract, end=date(2025, 9, 30), on=date(2025, 6, 1))
    who = {"name": "K. Klas", "function": "Docent"}
    assert answer_by(hash_of(token), confirms=False, reason="Niet begonnen.", **who)
    page = page_of(adviser, contract)
    for words in (titles[0], "1 besluit is niet opnieuw bekeken", "1 keer nee van een tegenpartij"):
        assert words in page
    assert adviser.get(close).content.decode().count(titles[1]) == 2
    assert titles[0] not in page_of(browse(cast.contractor), contract)
