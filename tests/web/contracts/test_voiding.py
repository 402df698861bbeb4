"""Void a contract on its page: what it does is said before, and it is found again after."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import hand_in, register

WHY = "Dubbel geregistreerd."


def text_of(page: Any) -> str:
    return str(page.content.decode()).replace("\u00a0", " ")


def void(browser: Any, form_of: Any, contract: int, **typed: str) -> Any:
    url = reverse("contract-void", args=[contract])
    return browser.post(url, {**form_of(browser.get(url)), "reason": WHY, **typed})


def test_what_it_does_is_said_and_nothing_moves_before_it_is_confirmed(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast)
    hand_in(cast, contract)
    page = text_of(browse(cast.adviser).get(reverse("contract-void", args=[contract])))
    assert "€ 100.000,00" in page
    assert "Er is 1 inspanning ingediend waarop niet meer besloten wordt." in page
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 1


def test_it_is_void_for_both_sides_and_found_in_a_list_of_its_own(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = register(cast, reference="M-1"), browse(cast.adviser)
    answer = void(browser, form_of, contract)
    assert answer.status_code == 302
    for who in (cast.adviser, cast.contractor):
        browser = browse(who)
        page = text_of(browser.get(reverse("contract", args=[contract])))
        assert WHY in page
        assert "bij vergissing geregistreerd" in page
        assert "€ 100.000,00" not in page
        everything = text_of(browser.get(reverse("contracts")))
        assert "M-1" not in everything
        assert reverse("contracts-voided") in everything
        assert WHY in text_of(browser.get(reverse("contracts-voided")))
    history = text_of(browser.get(reverse("contract-history", args=[contract])))
    assert "Vervallen: bij vergissing geregistreerd" in history


def test_who_hands_in_for_another_reads_no_reason(cast: Cast, browse: Any, form_of: Any) -> None:
    contract = register(cast)
    void(browse(cast.adviser), form_of, contract)
    page = text_of(browse(cast.subcontractor).get(reverse("contract", args=[contract])))
    assert "bij vergissing geregistreerd" in page
    assert WHY not in page


def test_a_reason_is_asked_and_what_was_typed_stays(cast: Cast, browse: Any, form_of: Any) -> None:
    contract = register(cast)
    page = void(browse(cast.adviser), form_of, contract, reason="")
    assert page.status_code == 422
    assert "reason" in page.context["form"].errors


def test_what_forbids_it_is_said_instead_of_a_form(cast: Cast, contract: int, browse: Any) -> None:
    page = browse(cast.adviser).get(reverse("contract-void", args=[contract]))
    text = text_of(page)
    assert "Op inspanningen van deze opdracht is besloten (1)" in text
    assert "K-1" in text
    assert 'name="reason"' not in text


def test_a_contract_that_is_void_is_not_opened_again(cast: Cast, browse: Any, form_of: Any) -> None:
    contract, browser = register(cast), browse(cast.adviser)
    void(browser, form_of, contract)
    page = text_of(browser.get(reverse("contract", args=[contract])))
    assert reverse("contract-reopen", args=[contract]) not in page
    assert browser.get(reverse("contract-reopen", args=[contract])).status_code == 302
