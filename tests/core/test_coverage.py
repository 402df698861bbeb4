"""What is alike is said and never more than that: a purchase and the contracts it may be."""

from datetime import date
from typing import Any

import pytest

from telmee.core.coverage import (
    Bought,
    Register,
    Registered,
    Sign,
    Sureness,
    likeness,
    plain_supplier,
)


def bought(**changes: Any) -> Bought:
    usual: dict[str, Any] = {
        "supplier": "deeem",
        "kvk": "30000003",
        "cents": 100_000_00,
        "day": date(2025, 3, 1),
    }
    return Bought(**{**usual, **changes})


def registered(number: int = 1, **changes: Any) -> Registered:
    usual: dict[str, Any] = {
        "reference": "HIL-2025-001",
        "contractor": "deeem",
        "kvk": "30000003",
        "cents": 100_000_00,
        "start": date(2025, 3, 1),
        "end": date(2026, 2, 28),
    }
    return Registered(number, **{**usual, **changes})


def sure(one: Bought, other: Registered) -> Sureness | None:
    found = likeness(one, other)
    return None if found is None else found.sureness


@pytest.mark.parametrize(
    ("of_purchase", "of_contract", "sureness"),
    [
        ({}, {}, Sureness.SURE),
        ({"kvk": ""}, {}, Sureness.LIKELY),
        ({"cents": 91_000_00}, {}, Sureness.LIKELY),
        ({"cents": 90_000_00}, {}, Sureness.LIKELY),
        ({"cents": 89_999_99}, {}, Sureness.POSSIBLE),
        ({"cents": 111_111_11}, {}, Sureness.LIKELY),
        ({"cents": 111_111_12}, {}, Sureness.POSSIBLE),
        ({"day": date(2024, 11, 29)}, {}, Sureness.SURE),
        ({"day": date(2024, 11, 28)}, {}, Sureness.POSSIBLE),
        ({"day": date(2024, 11, 1)}, {"awarded": date(2025, 2, 1)}, Sureness.SURE),
        ({"day": date(2024, 11, 29)}, {"awarded": date(2025, 4, 1)}, Sureness.SURE),
        ({"day": date(2025, 6, 1)}, {}, Sureness.SURE),
        ({"day": date(2025, 6, 2)}, {}, Sureness.POSSIBLE),
        ({"day": date(2025, 6, 2)}, {"awarded": date(2025, 6, 30)}, Sureness.SURE),
        ({"day": date(2027, 1, 1), "cents": 1_00}, {}, None),
        ({"kvk": "30000004"}, {}, None),
        ({"kvk": "", "supplier": "rival"}, {}, None),
        ({"reference": "hil 2025 001", "cents": 1_00}, {}, Sureness.SURE),
        ({"reference": "HIL-2025-001", "kvk": "30000004", "cents": 1_00}, {}, Sureness.LIKELY),
        ({"reference": "-"}, {"reference": "/", "kvk": "", "contractor": "x"}, None),
    ],
)
def test_how_sure_it_is_follows_from_what_both_share(
    of_purchase: dict[str, Any], of_contract: dict[str, Any], sureness: Sureness | None
) -> None:
    assert sure(bought(**of_purchase), registered(**of_contract)) == sureness


def test_what_speaks_for_it_is_said() -> None:
    found = likeness(bought(cents=95_000_00), registered())
    assert found is not None
    assert found.signs == (Sign.NUMBER, Sign.NAME, Sign.NEAR_AMOUNT, Sign.DAY)


def test_two_contracts_that_are_as_likely_are_both_there_and_none_is_proposed() -> None:
    register = Register([registered(1), registered(2, reference="HIL-2")])
    assert [one.contract_id for one in register.alike(bought())] == [1, 2]
    assert register.proposal(bought()) is None
    named = register.proposal(bought(reference="HIL-2"))
    assert named is not None
    assert named.contract_id == 2


def test_more_than_a_few_are_not_laid_beside_a_purchase() -> None:
    many = [registered(number, reference=f"HIL-{number}") for number in range(1, 8)]
    assert [one.contract_id for one in Register(many).alike(bought())] == [1, 2, 3, 4, 5]


def test_a_register_shows_the_surest_first_and_nothing_of_others() -> None:
    register = Register(
        [
            registered(1, kvk="", cents=50_000_00),
            registered(2, kvk="30000009", contractor="rival", reference="X"),
            registered(3),
        ]
    )
    assert [one.contract_id for one in register.alike(bought())] == [3, 1]
    assert register.alike(bought(supplier="", kvk="")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bouwbedrijf de eem", "bouwbedrijf de eem b.v."),
        ("koper beheer", "koper beheer bv"),
        ("stichting zorgpunt", "zorgpunt"),
        ("infra rival", "infra-rival holding b.v."),
    ],
)
def test_a_legal_form_makes_no_other_name(one: str, other: str) -> None:
    assert plain_supplier(one) == plain_supplier(other)


def test_names_that_differ_stay_different() -> None:
    assert plain_supplier("koper bouw") != plain_supplier("koper infra")
    assert plain_supplier("nv") == "nv"
