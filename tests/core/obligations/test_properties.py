"""What holds for every contract, by published rules and by rules made up here."""

import dataclasses
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.obligations import (
    Assessment,
    Basis,
    Category,
    Contract,
    HeldCertificate,
    Status,
    assess,
)
from telmee.core.obligations.clients import clients_of
from telmee.core.obligations.contract import CONTRACT_CENTS_MAX
from telmee.core.schemes.model import Discount, ObligationRules, Percentage, Scheme, Threshold
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_versions
from tests.core.obligations.published import scheme_of

PUBLISHED = [
    load_scheme(name, version) for name in scheme_ids() for version in scheme_versions(name)
]

cents = st.integers(0, CONTRACT_CENTS_MAX)
shares = st.integers(0, 10_000)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@st.composite
def contracts(draw: st.DrawFn, scheme: Scheme) -> Contract:
    """Any contract that could be put to the scheme, the offer included if it asks for one."""
    start, end = sorted((draw(days), draw(days)))
    basis = draw(st.sampled_from(Basis))
    keys = [certificate.key for certificate in scheme.certificates] or ["pso_2"]
    held = st.builds(HeldCertificate, st.sampled_from(keys), st.none() | days)
    realised = draw(cents)
    return Contract(
        category=draw(st.sampled_from(Category)),
        value_cents=draw(cents),
        start=start,
        end=end,
        wages_cents=draw(cents if basis is Basis.WAGES else st.none() | cents),
        labour_share_bp=draw(st.none() | shares),
        bid=draw(st.none() | days),
        award=draw(st.none() | days),
        final_award=draw(st.none() | days),
        completion=draw(st.none() | days),
        client=draw(st.none() | st.sampled_from(clients_of(scheme))),
        basis=basis,
        eu_threshold_cents=draw(st.none() | cents),
        certificates=tuple(draw(st.lists(held, max_size=3))),
        realised_cents=realised,
        expected_cents=draw(st.none() | st.integers(realised, CONTRACT_CENTS_MAX)),
        as_of=draw(st.none() | days),
    )


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """A scheme with any rows at all: overlapping, blank, contradictory."""
    percentages = st.builds(
        Percentage,
        key=st.sampled_from("abc"),
        categories=st.none() | st.frozensets(st.sampled_from(Category), min_size=1),
        clients=st.none() | st.frozensets(st.sampled_from(["X", "Y"]), min_size=1),
        percentage_bp=st.none() | st.integers(1, 10_000),
        basis=st.sampled_from(["contract_sum", "wage_sum", "turnover"]),
        labour_share_min_bp=st.none() | st.integers(1, 10_000),
        labour_share_below_bp=st.none() | st.integers(1, 10_000),
        value_above_cents=st.none() | st.integers(1, CONTRACT_CENTS_MAX),
    )
    thresholds = st.builds(
        Threshold,
        key=st.sampled_from("abc"),
        categories=st.none() | st.frozensets(st.sampled_from(Category), min_size=1),
        clients=st.none() | st.frozensets(st.sampled_from(["X", "Y"]), min_size=1),
        amount_cents=st.none() | st.integers(1, CONTRACT_CENTS_MAX),
        strictly_above=st.booleans(),
        eu_threshold=st.booleans(),
        min_duration_months=st.none() | st.integers(1, 60),
    )
    rules = ObligationRules(
        thresholds=tuple(draw(st.lists(thresholds, max_size=3))),
        percentages=tuple(draw(st.lists(percentages, max_size=4))),
        cap_cents=draw(st.none() | st.integers(1, CONTRACT_CENTS_MAX)),
    )
    return dataclasses.replace(scheme_of("", ("X", "Y")), obligation=rules)


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
@settings(max_examples=20)
@given(data=st.data())
def test_every_published_scheme_answers_every_contract(scheme: Scheme, data: st.DataObject) -> None:
    holds_together(assess(scheme, data.draw(contracts(scheme))))


@given(data=st.data())
def test_any_scheme_answers_any_contract(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    holds_together(assess(scheme, data.draw(contracts(scheme))))


@given(data=st.data(), offered_bp=shares)
def test_an_offer_is_refused_or_used(data: st.DataObject, offered_bp: int) -> None:
    scheme = scheme_of(
        """
        [obligation.percentages.minimum]
        percentage = 2
        basis = "contract_sum"
        [obligation.percentages.offered]
        basis = "contract_sum"
        offered_above = 2
        offered_max = 5
        """
    )
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
    cap=st.none() | st.integers(1, CONTRACT_CENTS_MAX),
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


@given(one=cents, other=cents, threshold=st.integers(1, CONTRACT_CENTS_MAX), above=st.booleans())
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


@pytest.mark.parametrize(
    "scheme",
    [s for s in PUBLISHED if not any(row.percentage_bp for row in s.obligation.percentages)],
    ids=lambda scheme: f"{scheme.id}/{scheme.version}",
)
@settings(max_examples=20)
@given(data=st.data())
def test_a_silent_scheme_never_gives_an_amount(scheme: Scheme, data: st.DataObject) -> None:
    """There is no usual 5%: without a published percentage there is no amount."""
    found = assess(scheme, data.draw(contracts(scheme)))
    assert not found.owed_cents
    assert not {"percentage", "obligation_cents"} & {step.step for step in found.explanation}


def contract_with(value_cents: int, **facts: Any) -> Contract:
    return Contract(
        category=Category.SERVICES,
        value_cents=value_cents,
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        **facts,
    )
