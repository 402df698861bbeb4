"""The page of a plan shows how it changed, and who saves last sees what he did not know."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from telmee.apps.agreements.queries import plan_lines
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.planning import remove_plan_line, save_plan_line
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.web.contracts.conftest import PLAN
from tests.web.contracts.test_changing import LINE, send


def save(cast: Cast, contract: int, number: int, *, line: int | None = None) -> int:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        return save_plan_line(access, PLAN, number=number, note="", line_id=line)


def the_line(cast: Cast, contract: int) -> int:
    with acting_as(cast.contractor.pk):
        return plan_lines(contract)[0].pk


def numbers(cast: Cast, contract: int) -> list[int]:
    with acting_as(cast.contractor.pk):
        return [line.number for line in plan_lines(contract)]


def shown(browser: Client, contract: int, **asked: int) -> list[Any]:
    found = browser.get(reverse("contract-plan", args=[contract]), asked).context["versions"]
    return list(found)


def typed(form_of: Any, page: Any) -> dict[str, Any]:
    """What the form of a line sends: its fields, and the version that it was made of."""
    return {**form_of(page), "version": page.context["version"]}


def test_the_plan_shows_who_changed_what_and_when(cast: Cast, contract: int, browse: Any) -> None:
    line = save(cast, contract, 3, line=the_line(cast, contract))
    with acting_as(cast.contractor.pk) as acting:
        remove_plan_line(contract_for(acting, contract), line)
    removed, changed, added = shown(browse(cast.contractor), contract)
    assert [one["number"] for one in (removed, changed, added)] == [3, 2, 1]
    assert {one["who"] for one in (removed, changed, added)} == {str(cast.contractor)}
    told = changed["changes"][0]["how"]
    assert "2 → 3" in told
    assert "Twee schilders → \N{EN DASH}" in told
    deeds = [one["changes"][0]["deed"] for one in (removed, changed, added)]
    assert deeds == ["Verwijderd", "Gewijzigd", "Toegevoegd"]
    assert removed["promised"] == 0 < added["promised"] < changed["promised"]


def test_the_client_sees_the_versions_by_organisation_and_a_subcontractor_none(
    cast: Cast, contract: int, browse: Any
) -> None:
    assert [one["who"] for one in shown(browse(cast.adviser), contract)] == [str(cast.de_eem)]
    assert shown(browse(cast.subcontractor), contract) == []


def test_earlier_versions_are_a_page_further(cast: Cast, contract: int, browse: Any) -> None:
    line = the_line(cast, contract)
    for number in range(3, 15):
        line = save(cast, contract, number, line=line)
    browser = browse(cast.adviser)
    first = browser.get(reverse("contract-plan", args=[contract]))
    assert [one["number"] for one in first.context["versions"]] == list(range(13, 3, -1))
    assert f"?before={first.context['older']}" in first.content.decode()
    assert "Nieuwste versies" not in first.content.decode()
    assert [one["number"] for one in shown(browser, contract, before=first.context["older"])] == [
        3, 2, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "²"])
def test_an_address_that_makes_no_sense_shows_the_latest(
    cast: Cast, contract: int, browse: Any, before: str
) -> None:
    address = reverse("contract-plan", args=[contract])
    page = browse(cast.adviser).get(address, {"before": before})
    assert len(page.context["versions"]) == 1


def test_a_plan_of_many_versions_costs_no_more_queries(
    cast: Cast, contract: int, browse: Any, django_assert_max_num_queries: Any
) -> None:
    line = the_line(cast, contract)
    browser, address = browse(cast.adviser), reverse("contract-plan", args=[contract])
    browser.get(address)
    with django_assert_max_num_queries(100) as few:
        browser.get(address)
    for number in range(3, 13):
        line = save(cast, contract, number, line=line)
    with django_assert_max_num_queries(len(few)):
        browser.get(address)


@pytest.mark.parametrize("is_new", [True, False])
def test_who_saves_after_another_sees_what_changed_and_may_save_again(
    cast: Cast, contract: int, browse: Any, form_of: Any, is_new: bool
) -> None:
    line = the_line(cast, contract)
    browser = browse(cast.contractor)
    url = (
        reverse("plan-line-new", args=[contract])
        if is_new
        else reverse("plan-line", args=[contract, line])
    )
    form = {**typed(form_of, browser.get(url)), **LINE, "plan_note": "Van mij"}
    save(cast, contract, 7, line=line)
    page = browser.post(url, form)
    assert page.status_code == 422
    text = page.content.decode()
    assert "2 → 7" in text
    assert "Van mij" in text
    assert "Iemand heeft dit intussen gewijzigd" in text
    assert numbers(cast, contract) == [7]
    again = {**typed(form_of, page), **LINE, "plan_note": "Van mij"}
    assert browser.post(url, again).status_code == 302
    assert sorted(numbers(cast, contract)) == ([3, 7] if is_new else [3])


def test_a_line_that_was_removed_meanwhile_is_saved_after_all_when_asked_again(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    line = the_line(cast, contract)
    browser, url = browse(cast.contractor), reverse("plan-line", args=[contract, line])
    form = {**typed(form_of, browser.get(url)), **LINE}
    with acting_as(cast.contractor.pk) as acting:
        remove_plan_line(contract_for(acting, contract), line)
    assert browser.get(url).status_code == 404
    page = browser.post(url, form)
    assert page.status_code == 422
    assert "Verwijderd" in page.content.decode()
    assert browser.post(url, {**typed(form_of, page), **LINE}).status_code == 302
    assert numbers(cast, contract) == [3]


def test_another_block_asked_for_meanwhile_does_not_hide_that_the_plan_changed(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    line = the_line(cast, contract)
    browser, url = browse(cast.contractor), reverse("plan-line", args=[contract, line])
    form = {**typed(form_of, browser.get(url)), **LINE}
    save(cast, contract, 7, line=line)
    page = browser.post(url, {**form, "fields": "1"})
    assert browser.post(url, {**typed(form_of, page), **LINE}).status_code == 422
    assert numbers(cast, contract) == [7]


def test_what_changed_meanwhile_is_not_removed(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    line = the_line(cast, contract)
    browser, url = browse(cast.contractor), reverse("plan-line-remove", args=[contract, line])
    form = form_of(browser.get(url))
    save(cast, contract, 7, line=line)
    page = browser.post(url, form, follow=True)
    assert "Iemand heeft dit intussen gewijzigd" in page.content.decode()
    assert numbers(cast, contract) == [7]
    assert send(browser, url, form_of).status_code == 302
    assert numbers(cast, contract) == []
