"""What was feasible on comparable contracts that are over: from five on, and naming none."""

from __future__ import annotations

from datetime import date
from typing import Any

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.feasible import Feasible, feasible
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

OVER, TODAY = date(2025, 12, 31), date(2026, 6, 1)


def ended(cast: Cast, number: int, **changes: Any) -> list[int]:
    return [register(cast, **{"end": OVER, **changes}) for _ in range(number)]


def looked_at(cast: Cast, contract: int, by: str = "adviser") -> Feasible | None:
    with acting_as(getattr(cast, by).pk) as acting:
        return feasible(acting, contract_for(acting, contract).contract, today=TODAY)


def test_from_five_contracts_that_are_over_it_is_told_what_was_verified(cast: Cast) -> None:
    contract = register(cast)
    for each in ended(cast, 4):
        accepted(cast, hand_in(cast, each))
    register(cast)  # one that runs says nothing yet
    assert looked_at(cast, contract) is None
    (fifth,) = ended(cast, 1)
    accepted(cast, hand_in(cast, fifth))
    found = looked_at(cast, contract)
    assert found
    assert found.contracts == 5
    (usual,) = found.usual
    assert (usual.block, usual.contracts) == ("pw_lt2", 5)
    assert usual.part_bp == found.verified_bp > 0
    assert looked_at(cast, contract, "team") == found


def test_a_block_of_fewer_than_five_contracts_is_not_named(cast: Cast) -> None:
    contract = register(cast)
    contracts = ended(cast, 5)
    for each in contracts[:4]:
        accepted(cast, hand_in(cast, each))
    found = looked_at(cast, contract)
    assert found
    assert (found.contracts, found.usual) == (5, ())
    assert found.verified_bp > 0


def test_who_does_not_decide_on_them_learns_nothing(cast: Cast) -> None:
    contract = register(cast)
    ended(cast, 5)
    assert looked_at(cast, contract)
    for who in ("contractor", "subcontractor", "auditor"):
        assert looked_at(cast, contract, who) is None


def test_comparable_are_those_under_the_same_rules_that_ended_or_were_closed(cast: Cast) -> None:
    contract = register(cast)
    ended(cast, 4)
    register(cast, end=TODAY)  # its last day is not over
    register(cast, scheme="rotterdam-rijnmond", end=OVER)
    assert looked_at(cast, contract) is None
    early = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, early), on=OVER, reason="Klaar.", today=TODAY)
    assert looked_at(cast, contract)
