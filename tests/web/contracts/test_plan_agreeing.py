"""The pages on which two sides come to agree on a plan, from the first proposal on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from telmee.apps.agreements.queries import Plan, plans_of
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import register
from tests.web.contracts.test_changing import LINE
from tests.web.contracts.test_plan_versions import numbers, save, the_line, typed


def plan_of(cast: Cast, contract: int) -> Plan:
    with acting_as(cast.adviser.pk):
        (plan,) = plans_of(contract)
    return plan


def text(page: Any) -> str:
    return " ".join(page.content.decode().split())


def propose(browser: Client, cast: Cast, contract: int, deed: str = "propose") -> Any:
    plan = plan_of(cast, contract)
    url = reverse("plan-propose", args=[contract, plan.agreement.organisation_id])
    return browser.post(url, {"deed": deed, "version": plan.number}, follow=True)


def answer(browser: Client, cast: Cast, contract: int, what: str = "agree") -> Any:
    waits = plan_of(cast, contract).waits
    assert waits
    url = reverse("plan-answer", args=[contract, waits.version.pk])
    return browser.post(url, {"answer": what}, follow=True)


def test_a_plan_that_is_not_agreed_says_so_wherever_it_stands(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser = browse(cast.adviser)
    plan, overview = (reverse(name, args=[contract]) for name in ("contract-plan", "contract"))
    assert "Niet afgesproken" in text(browser.get(plan))
    assert "niet afgesproken: de opdrachtnemer zegt het zelf toe" in text(browser.get(overview))
    assert "niet afgesproken" in text(browser.get(reverse("contracts")))
    propose(browse(cast.contractor), cast, contract)
    answer(browse(cast.adviser), cast, contract)
    browser = browse(cast.adviser)
    assert "Niet afgesproken" not in text(browser.get(plan)).split("Hoe het plan veranderde")[0]
    assert "afgesproken door beide kanten" in text(browser.get(overview))
    assert "niet afgesproken" not in text(browser.get(reverse("contracts")))


def test_from_a_proposal_to_an_agreement_by_way_of_another_proposal(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    contractor, adviser = browse(cast.contractor), browse(cast.adviser)
    page = propose(contractor, cast, contract)
    assert "Het plan is aan de andere kant voorgelegd." in text(page)
    page = adviser.get(reverse("contract-plan", args=[contract]))
    assert "Een voorstel wacht op uw antwoord" in text(page)
    waits = plan_of(cast, contract).waits
    assert waits
    page = adviser.get(reverse("plan-version", args=[contract, waits.version.pk]))
    assert page.context["may_agree"]
    # A word on the line, and a change of it.
    url = reverse("plan-version", args=[contract, waits.version.pk])
    page = adviser.post(url, {**form_of(page), "line": "1", "text": "Graag meer uren"}, follow=True)
    assert "Graag meer uren" in text(page)
    line = reverse("plan-line", args=[contract, the_line(cast, contract)])
    page = adviser.get(line)
    sent = adviser.post(line, {**typed(form_of, page), **LINE}, follow=True)
    assert "Het is een concept" in text(sent)
    assert sent.context["may_propose"]
    assert numbers(cast, contract) == [2]
    propose(adviser, cast, contract)
    page = answer(contractor, cast, contract)
    assert "U bent akkoord met het plan." in text(page)
    assert numbers(cast, contract) == [3]
    assert plan_of(cast, contract).is_agreed


def test_a_version_shows_what_is_added_changed_and_gone_in_euros(
    cast: Cast, contract: int, browse: Any
) -> None:
    propose(browse(cast.contractor), cast, contract)
    answer(browse(cast.adviser), cast, contract)
    before = plan_of(cast, contract).holds
    assert before
    save(cast, contract, 5, line=the_line(cast, contract))
    save(cast, contract, 1)
    plan = plan_of(cast, contract)
    assert plan.table
    page = browse(cast.adviser).get(reverse("plan-version", args=[contract, plan.table.version.pk]))
    one = before.promised_cents // 2
    assert [(row["change"]["deed"], row["cents"]) for row in page.context["rows"]] == [
        ("Gewijzigd", 3 * one),
        ("Toegevoegd", one),
    ]
    assert page.context["difference"] == 4 * one
    assert page.context["before_cents"] == 2 * one


def test_who_agrees_with_what_was_replaced_sees_what_came_instead(
    cast: Cast, contract: int, browse: Any
) -> None:
    propose(browse(cast.contractor), cast, contract)
    waits = plan_of(cast, contract).waits
    assert waits
    save(cast, contract, 9, line=the_line(cast, contract))
    url = reverse("plan-answer", args=[contract, waits.version.pk])
    page = browse(cast.adviser).post(url, {"answer": "agree"}, follow=True)
    assert "Iemand heeft dit intussen gewijzigd" in text(page)
    assert page.context["rows"][0]["line"].number == 9
    assert not plan_of(cast, contract).is_agreed


def test_the_client_adds_a_line_to_the_plan_of_the_contractor_as_a_draft(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    adviser, party = browse(cast.adviser), cast.de_eem.pk
    assert adviser.get(reverse("plan-line-new", args=[contract])).status_code == 404
    url = reverse("plan-line-new", args=[contract]) + f"?van={party}"
    page = adviser.get(url)
    assert adviser.post(url, {**typed(form_of, page), **LINE}).status_code == 302
    plan = plan_of(cast, contract)
    assert plan.table
    assert plan.table.version.is_draft
    assert len(plan.table.lines) == 2
    assert numbers(cast, contract) == [2]


@pytest.mark.parametrize("van", ["x", "0", "99999999999999999999"])
def test_a_plan_that_is_not_there_takes_no_line(
    contract: int, browse: Any, cast: Cast, van: str
) -> None:
    url = reverse("plan-line-new", args=[contract]) + f"?van={van}"
    assert browse(cast.adviser).get(url).status_code == 404


def test_a_comment_that_says_nothing_stays_on_the_page(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    table = plan_of(cast, contract).table
    assert table
    browser, url = browse(cast.adviser), reverse("plan-version", args=[contract, table.version.pk])
    page = browser.post(url, {**form_of(browser.get(url)), "text": " "})
    assert page.status_code == 422


def test_a_version_of_many_lines_costs_no_more_queries(
    cast: Cast, contract: int, browse: Any, django_assert_max_num_queries: Any
) -> None:
    browser = browse(cast.adviser)

    def look() -> None:
        table = plan_of(cast, contract).table
        assert table
        browser.get(reverse("plan-version", args=[contract, table.version.pk]))

    look()
    with django_assert_max_num_queries(100) as few:
        look()
    for number in range(3, 13):
        save(cast, contract, number)
    with django_assert_max_num_queries(len(few)):
        look()


def test_a_client_begins_where_there_is_no_plan(cast: Cast, browse: Any, form_of: Any) -> None:
    contract, browser = register(cast), browse(cast.adviser)
    page = text(browser.get(reverse("contract-plan", args=[contract])))
    assert "Stel de eerste inspanning voor" in page
    url = reverse("plan-line-new", args=[contract])
    assert url in page
    form = form_of(browser.get(url, follow=True))
    saved = browser.post(f"{url}?van={cast.de_eem.pk}", {**form, **LINE}, follow=True)
    assert "Het is een concept" in text(saved)
    plan = plan_of(cast, contract)
    assert (plan.agreement.organisation_id, plan.holds) == (cast.de_eem.pk, None)
    propose(browser, cast, contract)
    answer(browse(cast.contractor), cast, contract)
    assert plan_of(cast, contract).is_agreed
    page = text(browse(cast.adviser).get(reverse("contract-plan", args=[contract])))
    assert "Stel de eerste inspanning voor" not in page
