"""Dividing an obligation in a browser without script: who sees what, and who may do what."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from telmee.apps.agreements.queries import plans_of
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import agreed
from telmee.apps.contracts.planning import answer_plan, propose_plan
from telmee.apps.organisations.acting import acting_as
from telmee.web.templatetags.telmee import euros
from tests.apps.agreements.planning import planned
from tests.apps.contracts.test_takeover import amended, takeover
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register


def page_of(browser: Any, contract: int) -> str:
    page = browser.get(reverse("contract-shares", args=[contract]))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def propose(browser: Any, contract: int, partner: int, amount: str, seen: int = 0) -> Any:
    typed = {"amount": amount, "note": "Tot eind 2026", "seen": seen, "key": str(uuid4())}
    return browser.post(reverse("share-propose", args=[contract, partner]), typed)


def answer(browser: Any, page: str, contract: int, word: str) -> Any:
    """Press a button of the proposal that is on a page."""
    address = f"/opdrachten/{contract}/verdeling/antwoord/"
    version = page.split(address)[1].split('"', maxsplit=1)[0]
    return browser.post(address + version, {"answer": word}, follow=True)


def test_proposed_agreed_and_changed(cast: Cast, browse: Any) -> None:
    contract, partner = register(cast), cast.sub.pk
    contractor, subcontractor = browse(cast.contractor), browse(cast.subcontractor)
    before = page_of(contractor, contract)
    assert "niets afgesproken" in before
    assert "Een deel voorstellen" in before
    assert propose(contractor, contract, partner, "30.000").status_code == 302
    assert "Voorstel intrekken" in page_of(contractor, contract)
    asked = page_of(subcontractor, contract)
    assert "Tot eind 2026" in asked
    assert "Voorstel intrekken" not in asked
    answered = answer(subcontractor, asked, contract, "agree").content.decode()
    assert "U bent akkoord met het deel." in answered
    whole = page_of(contractor, contract)
    assert "30.000,00" in whole
    assert "70.000,00" in whole, "what the contractor keeps"
    assert "Een ander deel voorstellen" in whole
    assert "Een deel voorstellen" not in whole
    assert "70.000,00" not in page_of(subcontractor, contract)
    assert propose(subcontractor, contract, partner, "25000", seen=1).status_code == 302
    changed = answer(contractor, page_of(contractor, contract), contract, "agree")
    assert "25.000,00" in changed.content.decode()


def test_parts_of_an_obligation_that_was_lowered_are_said_to_be_too_much(
    cast: Cast, browse: Any
) -> None:
    contract = register(cast, agreed_cents=100_000_00)
    contractor, subcontractor = browse(cast.contractor), browse(cast.subcontractor)
    propose(contractor, contract, cast.sub.pk, "80.000")
    answer(subcontractor, page_of(subcontractor, contract), contract, "agree")
    warning = "meer dan de opgave nu is"
    assert warning not in page_of(contractor, contract)
    less = agreed(amount_cents=65_000_00, effective_on=date(2025, 6, 1), reason="Minder werk.")
    amended(cast, contract, less)
    page = page_of(contractor, contract)
    assert warning in page
    assert str(euros(15_000_00)).replace("\xa0", " ") in page.replace("\xa0", " ")
    assert warning not in page_of(subcontractor, contract)
    propose(contractor, contract, cast.sub.pk, "65.000", seen=1)
    answer(subcontractor, page_of(subcontractor, contract), contract, "agree")
    assert warning not in page_of(contractor, contract)


def test_who_took_over_adds_up_what_was_delivered_before(cast: Cast, browse: Any) -> None:
    contract = register(cast, agreed_cents=100_000_00)
    lines = [hand_in(cast, contract, kenmerk=name, persoon=name) for name in ("A-1", "A-2")]
    done = accepted(cast, lines[0]).amount_cents
    amended(cast, contract, takeover(cast.rival))
    page = page_of(browse(cast.competitor), contract)
    before = page.split("Vóór de overname")[1].split("</tr>")[0]
    together = page.split("Samen")[1].split("</tr>")[0]
    for row in (before, together):
        assert str(euros(done)).replace("\xa0", " ") in row, "verified"
        assert str(euros(2 * done)).replace("\xa0", " ") in row, "delivered, and expected"
    assert "niets afgesproken" not in before
    assert str(euros(100_000_00 - 2 * done)).replace("\xa0", " ") in together
    assert "A-1" not in page


def test_what_is_missing_adds_up(cast: Cast, browse: Any) -> None:
    contract, partner = register(cast), cast.sub.pk
    hand_in(cast, contract, kenmerk="K-1")
    hand_in(cast, contract, by="subcontractor", kenmerk="S-1", persoon="S-1")
    contractor = browse(cast.contractor)

    def missing() -> list[tuple[str, int | None]]:
        page = contractor.get(reverse("contract-shares", args=[contract]))
        return [(row["name"], row["missing"]) for row in page.context["rows"]]

    each = 11_570_78
    names = [cast.de_eem.name, cast.sub.name, "Samen"]
    # Who takes nothing over works on what the contractor keeps.
    together = 100_000_00 - 2 * each
    helped = "en € 11.570,78 van wie geen deel overneemt"
    assert helped in page_of(contractor, contract)
    assert missing() == [*zip(names, [together, None, together], strict=True)]
    propose(contractor, contract, partner, "30.000")
    subcontractor = browse(cast.subcontractor)
    answer(subcontractor, page_of(subcontractor, contract), contract, "agree")
    parts = [70_000_00 - each, 30_000_00 - each, together]
    assert missing() == [*zip(names, parts, strict=True)]
    assert helped not in page_of(contractor, contract)


def test_what_cannot_be_is_said_beside_what_was_typed(cast: Cast, browse: Any) -> None:
    contract, partner = register(cast), cast.sub.pk
    contractor = browse(cast.contractor)
    page = propose(contractor, contract, partner, "100.000,01")
    assert page.status_code == 422
    assert "groter zijn dan wat er nog over te dragen is" in page.content.decode()
    assert 'value="100.000,01"' in page.content.decode()
    assert propose(contractor, contract, partner, "40.000").status_code == 302
    page = propose(contractor, contract, partner, "50.000", seen=0)
    assert page.status_code == 422
    said = page.content.decode()
    assert "Intussen is" in said
    assert 'name="seen" value="1"' in said, "who saves again has seen it"
    assert 'value="50.000"' in said


@pytest.mark.parametrize("who", ["adviser", "team", "auditor", "reader", "competitor"])
def test_who_is_not_between_the_two_has_no_page(cast: Cast, browse: Any, who: str) -> None:
    contract = register(cast)
    browser = browse(getattr(cast, who))
    assert browser.get(reverse("contract-shares", args=[contract])).status_code == 404
    overview = browser.get(reverse("contract", args=[contract]))
    assert "/verdeling" not in overview.content.decode()


def test_without_anybody_to_pass_on_to_there_is_no_page(cast: Cast, browse: Any) -> None:
    contract = register(cast)
    browser = browse(cast.contractor)
    party = next(
        p
        for p in browser.get(reverse("contract", args=[contract])).context["access"].parties
        if p.organisation_id == cast.sub.pk
    )
    browser.post(reverse("party-remove", args=[contract, party.pk]), {"reason": "Toch niet"})
    assert browser.get(reverse("contract-shares", args=[contract])).status_code == 404


def test_what_is_not_agreed_says_so(cast: Cast, browse: Any) -> None:
    contract, partner = register(cast), cast.sub.pk
    planned(cast, contract)
    contractor = browse(cast.contractor)
    propose(contractor, contract, partner, "30.000")
    page = page_of(contractor, contract).replace("\u00a0", " ")
    assert "€ 30.000,00 voorgesteld, nog niet afgesproken" in page
    assert "€ 11.570,78 niet afgesproken" in page
    with acting_as(cast.contractor.pk) as acting:
        propose_plan(contract_for(acting, contract), cast.de_eem.pk, key=uuid4())
    with acting_as(cast.adviser.pk) as acting:
        (plan,) = plans_of(contract)
        assert plan.waits
        answer_plan(contract_for(acting, contract), plan.waits.version.pk, agrees=True)
    assert "€ 11.570,78 niet afgesproken" not in page_of(contractor, contract)
