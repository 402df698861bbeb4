"""What is for today: everything that waits for somebody in one list, each row with its deed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.turnover import propose_turnover
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.questions import ask, reply
from telmee.apps.organisations.acting import acting_as
from telmee.web.home import today as today_page
from tests.apps.relations.test_in_touch import talk, task
from tests.apps.relations.test_looking_after import away, chosen, move
from tests.cast import Cast
from tests.days import today
from tests.money import decide
from tests.pooling import left, pooled
from tests.registering import found, hand_in, register
from tests.settling import proposed
from tests.web.deciding import multiply_contracts, multiply_lines


def days(number: int) -> date:
    return today() + timedelta(days=number)


def rows(browser: Any, query: str = "") -> list[tuple[str, str, str]]:
    """When, what and which contract, of each row."""
    answer = browser.get(f"/vandaag{query}")
    assert answer.status_code == 200
    return [
        (str(row["urgency"].name), row["what"], row["contract"])
        for row in answer.context["listing"].shown
    ]


def whats(browser: Any, query: str = "") -> list[str]:
    return [what for _urgency, what, _contract in rows(browser, query)]


def url_of(browser: Any, what: str) -> str:
    listing = browser.get("/vandaag").context["listing"]
    return next(today_page.url_of(row["todo"]) for row in listing.shown if row["what"] == what)


def own(cast: Cast, **facts: Any) -> int:
    return register(cast, adviser_id=cast.adviser.pk, end=days(400), **facts)


def test_late_comes_before_today_and_that_before_what_comes_soon(cast: Cast, browse: Any) -> None:
    mine = {"owner_id": cast.adviser.pk}
    contract = own(cast)
    task(cast, contract, text="Straks", due_on=days(7), **mine)
    task(cast, contract, text="Nu", due_on=today(), **mine)
    task(cast, text="Te laat", due_on=days(-3), **mine)
    task(cast, contract, text="Nog lang niet", due_on=days(8), **mine)
    task(cast, contract, text="Van een ander", due_on=today())
    adviser = browse(cast.adviser)
    assert rows(adviser) == [
        ("LATE", "Te laat", ""),
        ("NOW", "Nu", "HIL-2025-001"),
        ("SOON", "Straks", "HIL-2025-001"),
    ]
    assert "Van een ander" in whats(adviser, "?scope=all")


def test_a_day_says_whether_something_is_due_or_waits(cast: Cast, browse: Any) -> None:
    contract = own(cast)
    task(cast, contract, text="Straks", due_on=days(7), owner_id=cast.adviser.pk)
    hand_in(cast, contract)
    page = browse(cast.adviser).get("/vandaag").content.decode()
    assert f'uiterlijk <span class="unbroken">{days(7):%d-%m-%Y}</span>' in page
    assert f'sinds <span class="unbroken">{today():%d-%m-%Y}</span>' in page


def test_a_task_is_done_from_the_list(cast: Cast, browse: Any) -> None:
    adviser = browse(cast.adviser)
    pk = task(cast, text="Bel terug", due_on=today(), owner_id=cast.adviser.pk)
    page = adviser.get("/vandaag").content.decode()
    assert f'formaction="{reverse("task-finish", args=[pk])}"' in page
    done = adviser.post(reverse("task-finish", args=[pk]), {"done": "1", "back": "today"})
    assert done.url == "/vandaag"
    assert whats(adviser) == []


def test_lines_of_a_contract_stand_together_by_why_they_wait(cast: Cast, browse: Any) -> None:
    contract = own(cast)
    lines = [hand_in(cast, contract, kenmerk=f"K-{n}", persoon=f"P-{n}") for n in range(4)]
    adviser = browse(cast.adviser)
    assert rows(adviser) == [("NOW", "Inspanningen om op te beslissen", "HIL-2025-001")]
    assert url_of(adviser, "Inspanningen om op te beslissen") == (
        f"/inspanningen/{lines[0]}/beslissen?contract=HIL-2025-001"
    )
    with acting_as(cast.adviser.pk) as acting:
        ask(*found(acting, lines[0]), text="Hoeveel uur?", due=today(), key=uuid4())
        decide(
            *found(acting, lines[1]),
            outcome=Outcome.REJECTED,
            reason=DecisionReason.OTHER,
            text="Nee",
            key=uuid4(),
        )
    assert len(whats(adviser)) == 1
    with acting_as(cast.contractor.pk) as acting:
        reply(*found(acting, lines[0]), text="24 uur.")
        object_to(*found(acting, lines[1]), reason="Dat klopt niet")
    assert whats(adviser) == [
        "Vraag beantwoord",
        "Inspanningen om op te beslissen",
        "Bezwaar",
    ]
    assert "2 inspanningen" in adviser.get("/vandaag").content.decode()


@pytest.mark.usefixtures("own_database")
def test_an_objection_past_its_term_is_late(cast: Cast, browse: Any, as_owner: Any) -> None:
    line = hand_in(cast, own(cast))
    no: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Nee", "key": uuid4()}
    with acting_as(cast.adviser.pk) as acting:
        decide(*found(acting, line), outcome=Outcome.REJECTED, **no)
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Dat klopt niet")
    second = browse(cast.second_adviser)
    assert rows(second) == [("NOW", "Bezwaar", "HIL-2025-001")]
    late = "UPDATE contributions_contribution SET answer_by = %s WHERE id = %s"
    as_owner(late, days(-1), line)
    assert rows(second) == [("LATE", "Bezwaar", "HIL-2025-001")]


def _refused(cast: Cast, contract: int, who: str = "adviser", *, objects: int | None = None) -> int:
    """A line that somebody rejected, with an objection to it."""
    line = hand_in(cast, contract, kenmerk=f"K-{who}", persoon=f"P-{who}")
    no: dict[str, Any] = {"reason": DecisionReason.OTHER, "text": "Nee", "key": uuid4()}
    with acting_as(getattr(cast, who).pk) as acting:
        decide(*found(acting, line), outcome=Outcome.REJECTED, **no)
    with acting_as(objects or cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Dat klopt niet")
    return line


def test_an_objection_is_asked_of_who_may_decide_and_only_told_to_who_took_the_decision(
    cast: Cast, browse: Any
) -> None:
    _refused(cast, own(cast))
    adviser, second, reader = map(browse, (cast.adviser, cast.second_adviser, cast.reader))
    for scope in ("", "?scope=all"):
        assert rows(adviser, scope) == [("SOON", "Bezwaar", "HIL-2025-001")]
        assert "1 inspanning, een collega beslist" in adviser.get(f"/vandaag{scope}").text
        assert rows(second, scope) == [("NOW", "Bezwaar", "HIL-2025-001")]
    assert "een collega beslist" not in second.get("/vandaag").text
    assert rows(second, "?scope=nobody") == []
    assert rows(reader) == []


@pytest.mark.usefixtures("own_database")
def test_who_objected_himself_is_not_asked_to_be_the_second_person(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    """He may work for both sides of a contract, through two organisations."""
    both = cast.second_adviser
    member = (
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())"
    )
    as_owner(member, both.pk, cast.de_eem.pk)
    _refused(cast, own(cast), objects=both.pk)
    assert [what for _, what, _ in rows(browse(cast.manager))] == ["Bezwaar"]
    assert rows(browse(both)) == []


def test_an_objection_that_who_looks_after_the_contract_may_decide_on_is_asked_of_him_alone(
    cast: Cast, browse: Any
) -> None:
    _refused(cast, own(cast), "second_adviser")
    assert rows(browse(cast.adviser)) == [("NOW", "Bezwaar", "HIL-2025-001")]
    for somebody in (cast.second_adviser, cast.manager):
        assert rows(browse(somebody)) == []


def test_of_several_objections_each_is_asked_of_who_may_decide_on_it(
    cast: Cast, browse: Any
) -> None:
    contract = own(cast)
    _refused(cast, contract)
    _refused(cast, contract, "second_adviser")
    adviser, second = browse(cast.adviser), browse(cast.second_adviser)
    assert rows(adviser) == [
        ("NOW", "Bezwaar", "HIL-2025-001"),
        ("SOON", "Bezwaar", "HIL-2025-001"),
    ]
    assert rows(second) == [("NOW", "Bezwaar", "HIL-2025-001")]


def test_contact_that_is_due_leads_to_writing_it_down(cast: Cast, browse: Any) -> None:
    contract = own(cast, start=days(-40), awarded_on=days(-40))
    adviser = browse(cast.adviser)
    assert whats(adviser) == []
    chosen(cast, first_weeks=4, every_weeks=1)
    assert rows(adviser) == [("LATE", "Eerste contact", "HIL-2025-001")]
    url = url_of(adviser, "Eerste contact")
    typed = {"kind": "call", "held_on": f"{today():%d-%m-%Y}", "text": "Ja", "readers": "team"}
    assert adviser.post(url, {**typed, "key": uuid4()}).url == "/vandaag"
    assert rows(adviser) == [("SOON", "Contact", "HIL-2025-001")]
    chosen(cast, first_weeks=4, every_weeks=2)
    assert whats(adviser) == []
    talk(cast, contract, held_on=days(-20))


def test_nobody_asks_for_contact_once_a_contract_has_ended(cast: Cast, browse: Any) -> None:
    register(cast, adviser_id=cast.adviser.pk, start=days(-400), end=days(-1))
    chosen(cast, first_weeks=4, every_weeks=1)
    assert whats(browse(cast.adviser)) == ["Afgelopen, niet afgerekend"]


def test_a_settlement_is_asked_for_and_then_waited_for(cast: Cast, browse: Any) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk, start=days(-400), end=days(-1))
    adviser = browse(cast.adviser)
    assert url_of(adviser, "Afgelopen, niet afgerekend").endswith("/eindafrekening")
    assert proposed(cast, contract, today=days(-25)) == "done"
    assert rows(adviser) == [("SOON", "Eindafrekening zonder antwoord", "HIL-2025-001")]


def test_a_proposal_of_the_other_side_waits_for_an_answer(cast: Cast, browse: Any) -> None:
    told: dict[str, Any] = {"scheme": "rotterdam-rijnmond", "start": date(2024, 1, 1)}
    told |= {"agreed_cents": None, "percentage_reason": "", "over_turnover": True}
    contract = own(cast, **told, turnover_period="quarter")
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        facts: dict[str, Any] = {
            "period": date(2024, 1, 1),
            "cents": 1_00,
            "key": uuid4(),
            "today": today(),
        }
        propose_turnover(access, **facts)
    assert "Omzet om op te antwoorden" in whats(browse(cast.adviser))


def test_leaving_a_pool_that_waits_for_the_client_leads_to_its_page(
    cast: Cast, browse: Any
) -> None:
    contracts = [own(cast, reference=name) for name in ("HIL-P1", "HIL-P2")]
    pooled(cast, *contracts)
    adviser, what = browse(cast.adviser), "Bundel om op te antwoorden"
    assert what not in whats(adviser)
    left(cast, contracts[0], by="contractor")
    assert url_of(adviser, what) == reverse("contract-pool", args=[contracts[0]])


def test_what_ends_soon_with_something_open_is_told_ahead(cast: Cast, browse: Any) -> None:
    register(cast, adviser_id=cast.adviser.pk, end=days(80))
    register(cast, adviser_id=cast.adviser.pk, reference="B", end=days(120))
    assert rows(browse(cast.adviser)) == [("SOON", "Loopt af met iets open", "HIL-2025-001")]


def test_contracts_of_nobody_are_in_sight(cast: Cast, browse: Any) -> None:
    contract = register(cast, end=days(400))
    hand_in(cast, contract)
    adviser = browse(cast.adviser)
    page = " ".join(adviser.get("/vandaag").content.decode().split())
    assert "1 opdracht heeft geen adviseur." in page
    assert "/overdragen?from=nobody" in page
    assert whats(adviser) == []
    assert whats(adviser, "?scope=nobody") == ["Inspanningen om op te beslissen"]
    move(cast, "adviser", contract, from_id=None, to_id=cast.adviser.pk)
    page = " ".join(adviser.get("/vandaag").content.decode().split())
    assert "heeft geen adviseur" not in page
    assert whats(adviser) == ["Inspanningen om op te beslissen"]


def test_who_stands_in_sees_the_work_of_who_is_away_as_long_as_that_lasts(
    cast: Cast, browse: Any
) -> None:
    hand_in(cast, own(cast))
    task(cast, text="Bel terug", due_on=today(), owner_id=cast.adviser.pk)
    second = browse(cast.second_adviser)
    assert whats(second) == []
    away(cast, "adviser", first=today(), last=today())
    assert whats(second) == ["Inspanningen om op te beslissen", "Bel terug"]
    page = " ".join(second.get("/vandaag").content.decode().split())
    assert "U vervangt Adviser tot en met" in page
    assert whats(browse(cast.manager)) == []


def test_a_filter_a_search_and_a_file_hold_the_same_rows(cast: Cast, browse: Any) -> None:
    hand_in(cast, own(cast))
    task(cast, text="Bel terug", due_on=today(), owner_id=cast.adviser.pk)
    adviser = browse(cast.adviser)
    assert whats(adviser, "?kind=task") == ["Bel terug"]
    assert whats(adviser, "?q=bel") == ["Bel terug"]
    assert whats(adviser, "?kind=objection") == []
    file = adviser.get("/vandaag?export=csv&kind=task").getvalue().decode("utf-8-sig")
    assert "Bel terug" in file
    assert "Inspanningen" not in file


@pytest.mark.parametrize(("who", "status"), [("reader", 200), ("contractor", 404), ("sub", 404)])
def test_it_is_a_page_of_who_works_for_a_client(
    cast: Cast, browse: Any, who: str, status: int
) -> None:
    hand_in(cast, own(cast))
    user = cast.subcontractor if who == "sub" else getattr(cast, who)
    answer = browse(user).get("/vandaag")
    assert answer.status_code == status
    if status == 200:
        assert answer.context["listing"].shown == []


def test_what_another_client_has_to_do_is_never_in_it(cast: Cast, browse: Any) -> None:
    hand_in(cast, own(cast))
    task(cast, text="Bel terug", due_on=today(), owner_id=cast.adviser.pk)
    for query in ("", "?scope=all", "?scope=nobody"):
        assert whats(browse(cast.colleague), query) == []


def test_the_first_page_leads_to_it(cast: Cast, browse: Any) -> None:
    own(cast)
    page = browse(cast.adviser).get("/").content.decode()
    assert re.search(r'href="/vandaag"[^>]*>\s*Wat er vandaag is', page)
    assert 'href="/vandaag"' not in browse(cast.contractor).get("/").content.decode()


@pytest.mark.usefixtures("own_database")
def test_a_hundred_contracts_cost_the_same_queries_as_ten(
    cast: Cast, browse: Any, as_owner: Any
) -> None:
    contract = own(cast)
    chosen(cast, first_weeks=1, every_weeks=1)
    line = hand_in(cast, contract)
    adviser, counts = browse(cast.adviser), []
    for more in (9, 90):
        multiply_contracts(as_owner, contract, more)
        multiply_lines(as_owner, line, 2, name=f"{more}-")
        adviser.get("/vandaag")
        with CaptureQueriesContext(connection) as queries:
            assert adviser.get("/vandaag").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] < 35
