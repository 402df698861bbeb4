"""What holds for every contract, by published rules and by rules made up here."""

import dataclasses
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.money import CENTS_MAX
from telmee.core.obligations import (
    Assessment,
    Basis,
    Category,
    Contract,
    HeldCertificate,
    Status,
    assess,
)
from telmee.core.schemes.model import Discount, ObligationRules, Percentage, Scheme, Threshold
from tests.core.obligations.published import SUDWEST_FRYSLAN, scheme_of
from tests.core.obligations.strategies import PUBLISHED, cents, contracts, schemes, shares


def holds_together(found: Assessment) -> None:
    """Check what must be true of every answer."""
    assert (found.owed_cents is None) == (found.status is Status.NEEDS_JUDGEMENT)
    assert bool(found.problems) == (found.owed_cents is None)
    assert (found.position is None) == (found.owed_cents is None)
    if found.owed_cents is None or found.position is None:
        assert "owed_cents" not in {step.step for step in found.explanation}
        return
    stands, realised = found.position, found.contract.realised_cents
    assert (found.owed_cents > 0) == (found.status is Status.OWED)
    assert found.owed_cents - realised == stands.open_cents - stands.surplus_cents
    assert 0 in (stands.open_cents, stands.surplus_cents)
    cap = found.scheme.obligation.cap_cents
    assert cap is None or found.owed_cents <= cap
    assert sum(part.cents for part in found.per_year) in (0, found.owed_cents)
    told = [step.value for step in found.explanation if step.step == "owed_cents"]
    assert told == [found.owed_cents]


@pytest.mark.parametrize("scheme", PUBLISHED, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
@settings(max_examples=10)
@given(data=st.data())
def test_every_published_scheme_answers_every_contract(scheme: Scheme, data: st.DataObject) -> None:
    """And there is no usual 5%: a scheme without a published percentage never gives an amount."""
    found = assess(scheme, data.draw(contracts(scheme)))
    holds_together(found)
    if not any(row.percentage_bp for row in scheme.obligation.percentages):
        assert not found.owed_cents
        assert not {"percentage", "obligation_cents"} & {step.step for step in found.explanation}


@settings(max_examples=60)
@given(data=st.data())
def test_any_scheme_answers_any_contract(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    holds_together(assess(scheme, data.draw(contracts(scheme))))


@settings(max_examples=40)
@given(data=st.data(), offered_bp=shares)
def test_an_offer_is_refused_or_used(data: st.DataObject, offered_bp: int) -> None:
    rules = dataclasses.replace(SUDWEST_FRYSLAN.obligation, cap_cents=None)
    scheme = dataclasses.replace(SUDWEST_FRYSLAN, obligation=rules)
    contract = data.draw(contracts(scheme))
    contract = dataclasses.replace(contract, offered_bp=offered_bp, basis=Basis.SUM)
    if 200 < offered_bp <= 500:
        assert assess(scheme, contract).owed_cents == half_up(
            contract.value_cents * Fraction(offered_bp, 10_000)
        )
    else:
        with pytest.raises(DomainError):
            assess(scheme, contract)


def half_up(value: Fraction) -> int:
    """Round by the definition: the nearest whole number, a half upwards."""
    below = value.numerator // value.denominator
    return below + (value - below >= Fraction(1, 2))


@given(
    value=cents,
    percentage_bp=st.integers(1, 10_000),
    discount_bp=st.integers(0, 10_000),
    cap=st.none() | st.integers(1, CENTS_MAX),
)
def test_percentage_then_discount_then_cap(
    value: int, percentage_bp: int, discount_bp: int, cap: int | None
) -> None:
    row = Percentage("all", None, None, percentage_bp, "contract_sum")
    discounts = (Discount("d", frozenset({"pso"}), discount_bp, None),) if discount_bp else ()
    rules = ObligationRules(percentages=(row,), discounts=discounts, cap_cents=cap)
    scheme = dataclasses.replace(scheme_of(""), obligation=rules)
    expected = half_up(value * Fraction(percentage_bp, 10_000))
    expected = half_up(expected * (1 - Fraction(discount_bp, 10_000)))
    held = (HeldCertificate("pso"),)
    found = assess(scheme, contract_with(value, certificates=held))
    assert found.owed_cents == (expected if cap is None else min(cap, expected))


@given(one=cents, other=cents, threshold=st.integers(1, CENTS_MAX), above=st.booleans())
def test_a_larger_contract_never_owes_less(
    one: int, other: int, threshold: int, above: bool
) -> None:
    rules = ObligationRules(
        thresholds=(Threshold("all", None, None, threshold, strictly_above=above),),
        percentages=(Percentage("all", None, None, 500, "contract_sum"),),
    )
    scheme = dataclasses.replace(scheme_of(""), obligation=rules)
    less, more = sorted((one, other))
    owed = [assess(scheme, contract_with(value)).owed_cents for value in (less, more)]
    assert owed[0] is not None
    assert owed[1] is not None
    assert owed[0] <= owed[1]
    assert (owed[1] > 0) == ((more > threshold if above else more >= threshold) and more >= 10)


SILENT = [s for s in PUBLISHED if not any(row.percentage_bp for row in s.obligation.percentages)]


@pytest.mark.parametrize("scheme", SILENT, ids=lambda scheme: f"{scheme.id}/{scheme.version}")
def test_a_silent_scheme_is_silent_on_a_million(scheme: Scheme) -> None:
    for category in Category:
        for basis in Basis:
            contract = contract_with(1_000_000_00, basis=basis, wages_cents=500_000_00)
            found = assess(scheme, dataclasses.replace(contract, category=category))
            assert (found.owed_cents, found.status) == (None, Status.NEEDS_JUDGEMENT)


def contract_with(value_cents: int, **facts: Any) -> Contract:
    return Contract(
        category=Category.SERVICES,
        value_cents=value_cents,
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        **facts,
    )
