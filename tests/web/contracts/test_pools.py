"""A pool in two browsers without script: proposed, agreed, booked, left; and what pages cost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from telmee.web.templatetags.telmee import euros
from tests.cast import Cast
from tests.days import typed_today
from tests.money import accepted, stands
from tests.pooling import answered, balanced, pooled, proposed
from tests.registering import PLACEMENT, register


def page_of(browser: Any, contract: int) -> str:
    page = browser.get(reverse("contract-pool", args=[contract]))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def hidden(page: str, *names: str) -> dict[str, list[str]]:
    """What the page has in fields that nobody sees."""
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page) for name in names}


def propose(browser: Any, contract: int, *others: int, **typed: Any) -> Any:
    facts = {"name": "Schoonmaak", "begin": "1-1-2025", "note": "Samen.", "key": str(uuid4())}
    chosen = {"contracts": [str(pk) for pk in others]}
    url = reverse("pool-propose", args=[contract])
    return browser.post(url, facts | chosen | typed, follow=True)


def test_proposed_agreed_booked_and_left(cast: Cast, pair: tuple[int, int], browse: Any) -> None:
    rich, poor = pair
    surplus = stands(cast, rich).surplus_cents
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    overview = adviser.get(reverse("contract", args=[rich])).content.decode()
    assert reverse("pool-propose", args=[rich]) in overview
    assert "is naar de opdrachtnemer gestuurd" in propose(adviser, rich, poor).content.decode()
    assert "Wacht op de andere kant" in page_of(adviser, rich)
    overview = adviser.get(reverse("contract", args=[rich])).content.decode()
    assert "Schoonmaak (Voorgesteld)" in overview
    assert "wacht op uw antwoord" in contractor.get(reverse("home")).content.decode()
    asked = page_of(contractor, poor)
    typed = {"answer": "agree", **hidden(asked, "version")}
    agreed = contractor.post(reverse("pool-answer", args=[poor]), typed, follow=True)
    assert "U bent akkoord met de bundel" in agreed.content.decode()
    before = page_of(adviser, rich)
    assert "Dit boeken" in before
    assert "Dit boeken" not in page_of(contractor, rich)
    form = {name: value[0] for name, value in hidden(before, "seen", "key").items()}
    url = reverse("pool-balance", args=[rich])
    refused = adviser.post(url, form | {"effective_on": typed_today(), "reason": ""})
    assert refused.status_code == 422
    booked = adviser.post(
        url, form | {"effective_on": typed_today(), "reason": "Samen."}, follow=True
    )
    assert "Van elk bedrag staan beide kanten in de boeken" in booked.content.decode()
    assert stands(cast, poor).pooled_cents == surplus
    leave = reverse("pool-leave", args=[rich])
    contractor.post(leave, {"end": typed_today(), "note": "Klaar.", "seen": 1, "key": str(uuid4())})
    asked = page_of(adviser, rich)
    assert "gaat eruit na" in asked
    adviser.post(
        reverse("pool-answer", args=[rich]), {"answer": "agree", **hidden(asked, "version")}
    )
    assert "Vertrek voorgesteld" not in page_of(adviser, rich)


def test_what_is_pooled_is_called_so_wherever_it_stands(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    _rich, poor = pair
    balanced(cast, pooled(cast, *pair))
    browser = browse(cast.adviser)
    amount = str(euros(stands(cast, poor).pooled_cents)).replace("\xa0", " ")
    for name in ("contract", "contract-ledger", "contract-expected"):
        page = browser.get(reverse(name, args=[poor])).content.decode().replace("\xa0", " ")
        assert "Gebundeld: van een andere opdracht" in page, name
        assert amount in page, name
        assert page.count("Meegenomen van een andere opdracht") == (name == "contract-expected")


def test_a_dispute_is_read_by_the_client_who_can_propose_again(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, poor = pair
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    propose(adviser, rich, poor)
    url = reverse("pool-dispute", args=[poor])
    shown = hidden(contractor.get(url).content.decode(), "seen")["seen"][0]
    assert contractor.post(url, {"reason": "", "seen": shown}).status_code == 422
    contractor.post(url, {"reason": "Andere mensen op elk van beide.", "seen": shown})
    page = page_of(adviser, rich)
    assert "Andere mensen op elk van beide." in page
    assert reverse("pool-propose", args=[rich]) in page
    assert "is naar de opdrachtnemer gestuurd" in propose(adviser, rich, poor).content.decode()


def test_who_comes_too_late_in_a_pool_reads_that_and_keeps_his_words(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, poor = pair
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    propose(adviser, rich, poor)
    asked = page_of(contractor, poor)
    url = reverse("pool-dispute", args=[poor])
    typed = {"reason": "Andere mensen.", **hidden(contractor.get(url).content.decode(), "seen")}
    own = {"answer": "withdraw", **hidden(page_of(adviser, rich), "version")}
    adviser.post(reverse("pool-answer", args=[rich]), own)
    agree = {"answer": "agree", **hidden(asked, "version")}
    late = contractor.post(reverse("pool-answer", args=[poor]), agree, follow=True)
    assert "Iemand heeft dit intussen gewijzigd" in late.content.decode()
    propose(adviser, rich, poor, note="Andere afspraak.")
    refused = contractor.post(url, typed)
    assert refused.status_code == 422, "nobody disputes what he did not see"
    assert "Andere mensen." in refused.content.decode()
    assert "Wacht op uw antwoord" in page_of(contractor, poor)
    shown = hidden(contractor.get(url).content.decode(), "seen")
    assert adviser.post(url, {"reason": "Liever niet.", **shown}).status_code == 404


def test_what_was_booked_meanwhile_is_shown_before_it_can_be_booked(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    adviser = browse(cast.adviser)
    form = {name: one[0] for name, one in hidden(page_of(adviser, rich), "seen", "key").items()}
    typed = form | {"effective_on": typed_today(), "reason": "Wat ik al typte."}
    balanced(cast, pool)
    with acting_as(cast.adviser.pk):
        count = len(entries_of([rich, poor]))
    refused = adviser.post(reverse("pool-balance", args=[rich]), typed)
    assert refused.status_code == 422
    assert "Er is intussen iets geboekt" in refused.content.decode()
    assert "Wat ik al typte." in refused.content.decode()
    with acting_as(cast.adviser.pk):
        assert len(entries_of([rich, poor])) == count


def test_a_form_that_was_not_right_keeps_what_was_typed(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, _poor = pair
    adviser = browse(cast.adviser)
    refused = propose(adviser, rich, note="Omdat het samenhangt.")
    assert refused.status_code == 422
    assert "Omdat het samenhangt." in refused.content.decode()


def test_an_auditor_reads_and_changes_nothing(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, poor = pair
    pooled(cast, rich, poor)
    page = page_of(browse(cast.auditor), rich)
    assert "Opgave samen" in page
    assert "die u mag zien" in page
    for word in ("Dit boeken", "Eruit laten gaan", "Meer opdrachten in de bundel"):
        assert word not in page


@pytest.mark.parametrize("who", ["adviser", "contractor"])
def test_a_pool_of_many_asks_no_more_of_the_database(
    cast: Cast, pair: tuple[int, int], browse: Any, who: str
) -> None:
    counts = []
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    browser = browse(getattr(cast, who))
    for size in (0, 8):
        more = [register(cast, reference=f"M-{number}") for number in range(size)]
        if more:
            proposed(cast, *more[:4], pool=pool)
            answered(cast, pool)
            proposed(cast, *more[4:], pool=pool, begin=date(2025, 3, 1))
            answered(cast, pool)
        page_of(browser, rich)
        with CaptureQueriesContext(connection) as asked:
            page_of(browser, rich)
        counts.append(len(asked))
    assert counts[0] == counts[1], counts


def test_an_initiative_is_proposed_agreed_and_divided(cast: Cast, browse: Any) -> None:
    own = register(cast, reference="I-1")
    other = register(replace(cast, de_eem=cast.rival), reference="I-2")
    adviser, contractor = browse(cast.adviser), browse(cast.contractor)
    rival = browse(cast.competitor)
    url = reverse("initiative-propose", args=[own])
    typed = {"name": "Park", "note": "Werkplekken.", "begin": "1-1-2025", "key": str(uuid4())}
    parts = {"contract-1": "I-1", "part-1": "60", "contract-2": "I-2", "part-2": "39"}
    refused = adviser.post(url, typed | parts)
    assert refused.status_code == 422
    assert "samen 100%" in refused.content.decode()
    assert "Werkplekken." in refused.content.decode()
    unknown = adviser.post(url, typed | parts | {"contract-2": "NERGENS"})
    assert "NERGENS" in unknown.content.decode()
    adviser.post(url, typed | parts | {"part-2": "40"})
    for browser, contract in ((contractor, own), (rival, other)):
        waits = {"answer": "agree", **hidden(page_of(browser, contract), "version")}
        browser.post(reverse("pool-answer", args=[contract]), waits)
    with acting_as(cast.contractor.pk) as acting:
        draft = save_draft(contract_for(acting, own), {**PLACEMENT, "kenmerk": "P-1"}).pk
    line = reverse("contribution", args=[draft])
    assert "Voor het initiatief" in contractor.get(line).content.decode()
    give = {"initiative": "yes", "version": 1}
    contractor.post(reverse("contribution-initiative", args=[draft]), give)
    assert "Alleen voor deze opdracht" in contractor.get(line).content.decode()
    contractor.post(reverse("contribution-submit", args=[draft]), {"version": 2})
    waits = rival.get(reverse("contract-expected", args=[other])).content.decode()
    assert "Van een initiatief: het deel van deze opdracht." in waits
    assert reverse("contract-pool", args=[other]) in waits
    assert "P-1" not in waits
    assert reverse("contribution", args=[draft]) not in waits
    whole = accepted(cast, draft).amount_cents
    page = page_of(rival, other)
    assert str(euros(whole)).replace("\xa0", " ") in page
    part = str(euros(stands(cast, other).pooled_cents))
    assert part.replace("\xa0", " ") in page
    assert "P-1" not in page
    assert "I-1" not in page
    assert stands(cast, own).met_cents + stands(cast, other).met_cents == whole


def test_what_was_voided_since_is_named_in_how_it_came_about(
    cast: Cast, pair: tuple[int, int], browse: Any
) -> None:
    rich, _poor = pair
    mistake = register(cast, reference="HIL-MIS")
    propose(browse(cast.adviser), rich, mistake)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, mistake)
        void_contract(access, reason="Dubbel.", key=uuid4(), today=timezone.localdate())
    contractor = browse(cast.contractor)
    asked = page_of(contractor, rich)
    assert "HIL-MIS" in asked.split("Hoe dit tot stand kwam")[-1]
    assert len(hidden(asked, "version")["version"]) == 1
    typed = {"answer": "agree", **hidden(asked, "version")}
    agreed = contractor.post(reverse("pool-answer", args=[rich]), typed, follow=True)
    assert "U bent akkoord met de bundel" in agreed.content.decode()
