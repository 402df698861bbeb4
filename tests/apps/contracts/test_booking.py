"""Leniency, penalties and surplus that moves: never below zero, never twice, never half."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import carry_over, penalise, siblings, take_back, waive
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.core.ledger import Position
from tests.cast import Cast
from tests.registering import found, hand_in, register, seen_cents


def facts(cents: int, **more: Any) -> dict[str, Any]:
    told = {"amount_cents": cents, "reason": "Afgesproken.", "effective_on": date(2025, 6, 1)}
    return told | {"key": uuid4()} | more


def stands(cast: Cast, contract: int) -> Position:
    with acting_as(cast.adviser.pk):
        return positions([contract])[contract]


def codes(refused: Any) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_what_is_waived_is_no_longer_open(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, contract), **facts(30_000_00))
    assert stands(cast, contract).open_cents == 70_000_00


def test_no_more_is_waived_than_is_open(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        waive(contract_for(acting, contract), **facts(100_000_01))
    assert codes(refused) == ["waived_too_much"]


def test_the_same_key_waives_once_even_when_nothing_is_open_any_more(cast: Cast) -> None:
    contract, once = register(cast), facts(100_000_00)
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            waive(contract_for(acting, contract), **once)
    assert stands(cast, contract).waived_cents == 100_000_00


@pytest.mark.usefixtures("own_database")
def test_who_lost_his_role_since_he_looked_books_nothing(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        as_owner(
            "UPDATE organisations_membership SET role = 'reader' WHERE user_id = %s",
            cast.adviser.pk,
        )
        with pytest.raises(DomainError) as refused:
            waive(access, **facts(1_00))
    assert codes(refused) == ["not_allowed"]


def test_a_penalty_settles_nothing(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        penalise(contract_for(acting, contract), **facts(5_000_00))
    assert stands(cast, contract).open_cents == 100_000_00


def test_surplus_moves_to_a_contract_of_the_same_two_parties(cast: Cast) -> None:
    rich = register(cast, agreed_cents=1_000_00)
    poor = register(cast, reference="HIL-2", agreed_cents=50_000_00)
    line = hand_in(cast, rich)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen_cents(access, row)
        )
        surplus = positions([rich])[rich].surplus_cents
        to = contract_for(acting, poor)
        assert [c.pk for c in siblings(access)] == [poor]
        with pytest.raises(DomainError) as refused:
            carry_over(access, to, **facts(surplus + 1))
        assert codes(refused) == ["carried_too_much"]
        carry_over(access, to, **facts(surplus))
    assert stands(cast, rich).surplus_cents == 0
    assert stands(cast, poor).open_cents == 50_000_00 - surplus


def test_surplus_does_not_move_to_itself(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        with pytest.raises(DomainError) as refused:
            carry_over(access, access, **facts(1))
    assert codes(refused) == ["other_parties"]


def test_a_waiver_can_be_taken_back_and_an_obligation_cannot(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        waive(access, **facts(100))
        by_kind = {entry.kind: entry.pk for entry in entries_of([contract])}
        take_back(access, by_kind["waived"], reason="Vergissing.")
        with pytest.raises(DomainError) as refused:
            take_back(access, by_kind["obligation"], reason="Vergissing.")
    assert codes(refused) == ["not_reversible"]
    assert stands(cast, contract).waived_cents == 0


@pytest.mark.parametrize("who", ["contractor", "auditor", "reader", "subcontractor"])
def test_only_who_decides_books(cast: Cast, who: str) -> None:
    contract = register(cast)
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises(DomainError) as refused:
        waive(contract_for(acting, contract), **facts(100))
    assert codes(refused) == ["not_allowed"]
