"""Who did what on a contract: of an initiative what comes to it, and what other contracts bring."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.urls import reverse

from telmee.apps.contracts.access import contract_for
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.portfolio import standing_of
from telmee.apps.reports.shares import Delivery, deliveries
from telmee.core.money import in_parts
from tests.apps.decisions.test_initiative_waits import proved, whole_of
from tests.cast import Cast
from tests.days import today
from tests.initiatives import counts, handed_in, world
from tests.money import accepted
from tests.pooling import balanced, pooled, rich_and_poor
from tests.registering import hand_in

__all__ = ["proved"]
pytestmark = pytest.mark.usefixtures("proved")
PARTS = (12_34, 50_01, 37_65)


def of(cast: Cast, contract: int, who: str = "contractor") -> dict[int | None, Delivery]:
    with acting_as(getattr(cast, who).pk) as acting:
        done = deliveries(contract, today=today())
        expected = standing_of(
            contract_for(acting, contract).contract, today=today()
        ).expected_cents
    assert sum(done.values(), Delivery()).expected_cents == expected
    return done


def test_of_a_line_for_an_initiative_each_contract_expects_its_part(cast: Cast) -> None:
    its = world(cast, PARTS)
    line = handed_in(cast, its.contracts[0])
    home, other, third = in_parts(whole_of(cast, line), PARTS)
    assert of(cast, its.contracts[0]) == {
        cast.de_eem.pk: Delivery(delivered_cents=home, undecided_cents=home)
    }
    for contract, part, who in ((1, other, "competitor"), (2, third, "contractor")):
        assert of(cast, its.contracts[contract], who) == {
            None: Delivery(delivered_cents=part, undecided_cents=part)
        }
    accepted(cast, line)
    whole = whole_of(cast, line)
    assert of(cast, its.contracts[0]) == {
        cast.de_eem.pk: Delivery(
            delivered_cents=whole, verified_cents=whole, moved_cents=home - whole
        )
    }
    assert of(cast, its.contracts[1], "competitor") == {None: Delivery(moved_cents=other)}


def test_all_together_is_what_the_contract_expects_whatever_was_handed_in(cast: Cast) -> None:
    its, chance = world(cast, PARTS), random.Random(7)  # noqa: S311 - no secret
    for number in range(8):
        contract = chance.choice(its.contracts)
        who = "competitor" if contract == its.contracts[1] else "contractor"
        cells: dict[str, Any] = {"kenmerk": f"W-{number}", "persoon": f"W-{number}"}
        if chance.random() < 0.6:
            line = handed_in(cast, contract, by=who, **cells)
        else:
            line = hand_in(cast, contract, by=who, **cells)
        if chance.random() < 0.5:
            accepted(cast, line)
        for pk, by in zip(its.contracts, ("contractor", "competitor", "contractor"), strict=True):
            of(cast, pk, by)
    together = [
        sum(of(cast, pk, by).values(), Delivery())
        for pk, by in zip(its.contracts, ("contractor", "competitor", "contractor"), strict=True)
    ]
    assert [one.verified_cents + one.moved_cents for one in together] == counts(cast, its.contracts)
    assert sum(one.moved_cents for one in together) == 0


def test_surplus_that_moved_stands_with_nobody(cast: Cast) -> None:
    rich, poor = rich_and_poor(cast)
    balanced(cast, pooled(cast, rich, poor))
    given, got = of(cast, rich)[None], of(cast, poor)[None]
    assert given.moved_cents == -got.moved_cents < 0


def test_the_page_says_what_went_to_other_contracts(cast: Cast, browse: Any) -> None:
    its = world(cast, PARTS)
    accepted(cast, handed_in(cast, its.contracts[0]))
    accepted(cast, handed_in(cast, its.contracts[2], kenmerk="B", persoon="P-B"))
    page = browse(cast.contractor).get(reverse("contract-shares", args=[its.contracts[0]]))
    text = page.content.decode()
    assert "naar andere opdrachten" in text
    assert "Van en naar andere opdrachten" in text
    (own, sub, elsewhere, together) = page.context["rows"]
    assert own["name"] == cast.de_eem.name
    assert sub["done"] == Delivery()
    assert elsewhere["done"].moved_cents > 0 > own["done"].moved_cents
    assert together["done"].expected_cents == counts(cast, its.contracts)[0]
