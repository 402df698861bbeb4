"""Amend a contract on its pages: choose, look, confirm; and read how it stood."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import Wanted, amend
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

LATER = "1-1-2026"


def by_the_rules(cast: Cast, **changes: Any) -> int:
    """Register a contract of 2 million that owes 5% of its sum by the rules."""
    facts = {"scheme": "rotterdam-rijnmond", "agreed_cents": None, "percentage_reason": ""}
    return register(cast, **facts | changes)


def page_of(contract: int, ground: str) -> str:
    return reverse("contract-amend", args=[contract]) + f"?ground={ground}"


def sent(browser: Any, form_of: Any, contract: int, ground: str, **typed: str) -> Any:
    """Fill in the form of an amendment and send it, as far as the preview."""
    url = page_of(contract, ground)
    return browser.post(url, {**form_of(browser.get(url)), "reason": "Meerwerk", **typed})


def owed(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract].owed_cents


def text_of(page: Any) -> str:
    return str(page.content.decode()).replace("\u00a0", " ")


def test_what_can_change_is_said_in_plain_words(cast: Cast, contract: int, browse: Any) -> None:
    page = browse(cast.adviser).get(reverse("contract-amend", args=[contract]))
    assert "De opdrachtsom wordt anders" in text_of(page)
    assert "Er wordt een optie gebruikt" not in text_of(page)


def test_nothing_moves_before_it_is_confirmed(cast: Cast, browse: Any, form_of: Any) -> None:
    contract, browser = by_the_rules(cast), browse(cast.adviser)
    typed = {"value": "1.600.000,00", "effective_on": LATER}
    page = sent(browser, form_of, contract, "value", **typed)
    text = text_of(page)
    assert page.status_code == 200
    for figure in ("-€ 20.000,00", "€ 80.000,00", "€ 100.000,00 → € 80.000,00"):
        assert figure in text
    assert owed(cast, contract) == 100_000_00
    page = sent(browser, form_of, contract, "value", **typed, confirm="1")
    assert page.status_code == 302
    assert owed(cast, contract) == 80_000_00
    history = text_of(browser.get(page.url))
    assert "Andere opdrachtsom" in history
    assert "Meerwerk" in history


def test_of_a_framework_no_obligation_of_its_own_is_shown(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    framework = by_the_rules(cast, form=Form.FRAMEWORK)
    page = sent(browse(cast.adviser), form_of, framework, "value", value="3.000.000,00")
    text = text_of(page)
    assert "Een raamovereenkomst heeft geen eigen boeken" in text
    assert "Opgave dan" not in text


def test_a_form_that_is_sent_twice_amends_once(cast: Cast, browse: Any, form_of: Any) -> None:
    contract, browser = by_the_rules(cast), browse(cast.adviser)
    url = page_of(contract, "value")
    form = {**form_of(browser.get(url)), "reason": "Minder", "value": "1.000.000,00",
            "effective_on": LATER, "confirm": "1"}  # fmt: skip
    assert [browser.post(url, form).status_code for _ in range(2)] == [302, 302]
    with acting_as(cast.adviser.pk):
        assert Contract.objects.get(pk=contract).amended == 1
        assert len(entries_of([contract])) == 2


def test_what_somebody_else_changed_meanwhile_is_said(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = by_the_rules(cast), browse(cast.adviser)
    url = page_of(contract, "value")
    form = {**form_of(browser.get(url)), "reason": "Minder", "value": "1.000.000,00",
            "effective_on": LATER, "confirm": "1"}  # fmt: skip
    wanted = Wanted(
        ground=Ground.ENDED_EARLY,
        effective_on=date(2026, 3, 1),
        reason="Eerder klaar.",
        facts={"end": date(2026, 6, 30)},
    )
    with acting_as(cast.second_adviser.pk) as acting:
        amend(contract_for(acting, contract), wanted, key=uuid4())
    page = browser.post(url, form)
    assert page.status_code == 422
    (error,) = page.context["form"].errors["__all__"].as_data()
    assert error.code == "contract_amended"
    assert owed(cast, contract) == 100_000_00
    # Who looks again sees what it does to the contract of now, and can record it.
    looked = browser.post(url, {**form_of(page)})
    assert looked.status_code == 200
    again = {**form_of(looked), "confirm": "1"}
    assert browser.post(url, again).status_code == 302


def test_decided_lines_that_would_come_to_another_value_are_named_and_keep_it(
    cast: Cast, contract: int, browse: Any, form_of: Any
) -> None:
    line = hand_in(cast, contract, kenmerk="LATER", eind=date(2025, 12, 31))
    accepted(cast, line)
    with acting_as(cast.adviser.pk):
        before = Contribution.objects.get(pk=line).verified_cents
    browser = browse(cast.adviser)
    typed = {"end": "30-9-2025", "effective_on": "1-6-2025"}
    text = text_of(sent(browser, form_of, contract, "ended_early", **typed))
    assert "LATER" in text
    assert "zou nu op een ander bedrag uitkomen" in text
    answer = sent(browser, form_of, contract, "ended_early", **typed, confirm="1")
    assert answer.status_code == 302
    with acting_as(cast.adviser.pk):
        assert Contribution.objects.get(pk=line).verified_cents == before


def test_lines_that_wait_and_would_come_to_another_value_are_counted(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = register(cast), browse(cast.adviser)
    hand_in(cast, contract, kenmerk="WACHT", eind=date(2025, 12, 31))
    hand_in(cast, contract, kenmerk="KORT", eind=date(2025, 3, 31), persoon="P-2")
    typed = {"end": "30-9-2025", "effective_on": "1-6-2025"}
    text = text_of(sent(browser, form_of, contract, "ended_early", **typed))
    assert "Over 1 inspanning die wacht" in text


def test_an_option_is_used_without_typing_a_day(cast: Cast, browse: Any, form_of: Any) -> None:
    contract = register(cast, extension_count=3, extension_months=12)
    browser = browse(cast.adviser)
    assert "31-12-2027" in text_of(browser.get(page_of(contract, "option_used")))
    answer = sent(browser, form_of, contract, "option_used", confirm="1")
    assert answer.status_code == 302
    with acting_as(cast.adviser.pk):
        found = Contract.objects.get(pk=contract)
    assert (found.end.year, found.extension_count) == (2027, 2)


def test_a_mistake_is_put_right_as_long_as_no_decision_leans_on_it(
    cast: Cast, browse: Any, form_of: Any
) -> None:
    contract, browser = by_the_rules(cast), browse(cast.adviser)
    answer = sent(browser, form_of, contract, "corrected", value="3.000.000,00", confirm="1")
    assert answer.status_code == 302
    assert owed(cast, contract) == 150_000_00
    other = register(cast, reference="B")
    accepted(cast, hand_in(cast, other))
    page = sent(browser, form_of, other, "corrected", value="3.000.000,00", confirm="1")
    codes = {error.code for error in page.context["form"].errors["__all__"].as_data()}
    assert codes == {"registration_decided_on"}


@pytest.mark.parametrize(
    ("on", "figure"), [("2025-07-01", "2.000.000"), ("2026-07-01", "1.600.000")]
)
def test_how_it_stood_on_a_day(cast: Cast, browse: Any, form_of: Any, on: str, figure: str) -> None:
    contract, browser = by_the_rules(cast), browse(cast.adviser)
    sent(browser, form_of, contract, "value", value="1.600.000,00", effective_on=LATER, confirm="1")
    page = browse(cast.contractor).get(reverse("contract-history", args=[contract]), {"op": on})
    stood = text_of(page).split("Wat er veranderde")[0]
    assert figure in stood
    assert "Wijzigen" not in stood


def test_what_was_known_on_a_day_is_shown_with_its_figures(
    cast: Cast, contract: int, browse: Any
) -> None:
    browser, url = browse(cast.auditor), reverse("contract-history", args=[contract])
    today = timezone.localdate()
    text = text_of(browser.get(url, {"bekend": f"{today:%d-%m-%Y}"}))
    assert "De cijfers zoals toen bekend" in text
    assert "€ 100.000,00" in text
    text = text_of(browser.get(url, {"bekend": f"{today - timedelta(days=1):%d-%m-%Y}"}))
    assert "was toen nog niet geregistreerd" in text
    assert "€ 100.000,00" not in text


def test_the_rules_are_named_by_their_title(cast: Cast, browse: Any) -> None:
    contract = by_the_rules(cast)
    scheme = Contract.objects.select_related("scheme").get(pk=contract).scheme
    text = text_of(browse(cast.adviser).get(reverse("contract-history", args=[contract])))
    assert scheme.title in text
    assert scheme.scheme_id not in text
