"""Leniency, penalties and surplus that moves: never below zero, never twice, never half."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import carry_over, penalise, siblings, take_back, waive
from telmee.apps.decisions.choices import Outcome
from telmee.apps.ledger.actions import post, reverse
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import choose_rules
from telmee.core.errors import DomainError
from telmee.core.ledger import EntryKind, Position
from telmee.core.money import CENTS_MAX
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import accepted, agree, booked, decide
from tests.pooling import rich_and_poor
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
            assert Event.objects.filter(verb="contract.waived").count() == 1
    assert stands(cast, contract).waived_cents == 100_000_00


@pytest.mark.usefixtures("own_database")
def test_of_two_who_waive_at_once_no_more_is_waived_than_is_open(cast: Cast) -> None:
    contract, looking = register(cast), meeting(2)

    def waiving() -> None:
        with acting_as(cast.adviser.pk) as acting:
            access = contract_for(acting, contract)
            looking.wait()
            waive(access, **facts(60_000_00))

    assert sorted(at_once(waiving, waiving)) == ["done", "waived_too_much"]
    assert stands(cast, contract).waived_cents == 60_000_00


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


def moved(cast: Cast) -> tuple[int, int, int]:
    """Bring the surplus of one contract to another; gives both, and how much."""
    rich = register(cast, agreed_cents=1_000_00)
    poor = register(cast, reference="HIL-2", agreed_cents=50_000_00)
    accepted(cast, hand_in(cast, rich))
    surplus = stands(cast, rich).surplus_cents
    with acting_as(cast.adviser.pk) as acting:
        carry_over(contract_for(acting, rich), contract_for(acting, poor), **facts(surplus))
    return rich, poor, surplus


def entry_of(cast: Cast, contract: int, kind: str) -> int:
    with acting_as(cast.adviser.pk):
        return next(entry.pk for entry in entries_of([contract]) if entry.kind == kind)


@pytest.mark.parametrize("half", ["carried_in", "carried_out"])
def test_surplus_goes_back_as_a_pair_from_either_side(cast: Cast, half: str) -> None:
    rich, poor, surplus = moved(cast)
    side = poor if half == "carried_in" else rich
    entry = entry_of(cast, side, half)
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, side), entry, reason="Vergissing.")
    assert (stands(cast, rich).surplus_cents, stands(cast, poor).met_cents) == (surplus, 0)


def test_surplus_goes_back_once_and_what_went_back_does_not_come_again(cast: Cast) -> None:
    rich, poor, surplus = moved(cast)
    entry = entry_of(cast, poor, "carried_in")
    with acting_as(cast.adviser.pk) as acting:
        for _ in range(2):
            take_back(contract_for(acting, poor), entry, reason="Vergissing.")
        mirror = next(one.pk for one in entries_of([poor]) if one.reverses_id == entry)
        with pytest.raises(DomainError) as refused:
            take_back(contract_for(acting, poor), mirror, reason="Toch niet.")
    assert codes(refused) == ["not_reversible"]
    assert (stands(cast, rich).surplus_cents, stands(cast, poor).met_cents) == (surplus, 0)


def test_the_same_key_carries_once_even_when_no_surplus_is_left(cast: Cast) -> None:
    rich, poor = rich_and_poor(cast)
    surplus = stands(cast, rich).surplus_cents
    asked = facts(surplus)
    with acting_as(cast.adviser.pk) as acting:
        for _ in range(2):
            carry_over(contract_for(acting, rich), contract_for(acting, poor), **asked)
    assert (stands(cast, rich).surplus_cents, stands(cast, poor).met_cents) == (0, surplus)


def test_surplus_stays_with_the_contractor_who_delivered_it(cast: Cast) -> None:
    rich, _poor = rich_and_poor(cast)
    others = register(replace(cast, de_eem=cast.rival), reference="HIL-9")
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        carry_over(contract_for(acting, rich), contract_for(acting, others), **facts(1))
    assert codes(refused) == ["other_parties"]
    assert stands(cast, others).met_cents == 0


@pytest.mark.parametrize("cents", [0, -1, CENTS_MAX + 1])
def test_an_amount_that_cannot_be_is_refused(cast: Cast, cents: int) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        penalise(contract_for(acting, contract), **facts(cents))
    assert codes(refused) == ["decision_amount_out_of_range"]


def test_surplus_that_was_carried_on_does_not_go_back(cast: Cast) -> None:
    _, poor, surplus = moved(cast)
    third = register(cast, reference="HIL-3")
    entry = entry_of(cast, poor, "carried_in")
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, poor)
        agree(access, **booked(0))
        carry_over(access, contract_for(acting, third), **facts(surplus))
        with pytest.raises(DomainError) as refused:
            take_back(contract_for(acting, poor), entry, reason="Vergissing.")
    assert codes(refused) == ["carried_on"]


def test_surplus_stays_where_the_rules_of_the_client_say_nothing_else(cast: Cast) -> None:
    rich, poor, _ = moved(cast)
    with acting_as(cast.manager.pk) as acting:
        choose_rules(acting, organisation_id=cast.hilversum.pk, accepts_ahead=False,
                     carries_surplus=False)  # fmt: skip
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as refused:
        carry_over(contract_for(acting, rich), contract_for(acting, poor), **facts(1))
    assert codes(refused) == ["carrying_not_allowed"]


def test_the_contractor_is_told_of_surplus_that_moves(cast: Cast) -> None:
    rich, _, _ = moved(cast)
    entry = entry_of(cast, rich, "carried_out")
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, rich), entry, reason="Vergissing.")
    told = [mail.subject for mail in mailed() if mail.to == ["contractor@example.org"]]
    there, back = "van HIL-2025-001 naar HIL-2", "van HIL-2 naar HIL-2025-001"
    assert [one.partition(" over ")[2] for one in told] == [there, back]


@pytest.mark.usefixtures("own_database")
def test_the_database_takes_no_half_of_a_transfer(cast: Cast) -> None:
    rich, poor, _ = moved(cast)
    post_it: dict[str, Any] = {
        "organisation_id": cast.hilversum.pk,
        "effective_on": date(2025, 6, 1),
    }
    for contract, kind, transfer in (
        (poor, EntryKind.CARRIED_IN, uuid4()),
        (poor, EntryKind.CARRIED_IN, None),
    ):
        with pytest.raises(IntegrityError, match="one_sided"), acting_as(cast.adviser.pk) as acting:
            post(acting, contract_id=contract, kind=kind, amount_cents=5, key=uuid4(),
                 transfer=transfer, **post_it)  # fmt: skip
    half = entry_of(cast, rich, "carried_out")
    with pytest.raises(IntegrityError, match="one_sided"), acting_as(cast.adviser.pk) as acting:
        reverse(acting, half, organisation_id=cast.hilversum.pk, reason="Half.")


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize(
    "other",
    [{"effective_on": date(2026, 6, 1)}, {"amount_cents": 4}, {"contract_id": None}],
    ids=["on two days", "of two amounts", "within one contract"],
)
def test_the_database_takes_no_two_halves_that_do_not_come_to_nothing_in_each_year(
    cast: Cast, pair: tuple[int, int], other: dict[str, Any]
) -> None:
    rich, poor = pair
    half: dict[str, Any] = {
        "contract_id": rich,
        "organisation_id": cast.hilversum.pk,
        "effective_on": date(2025, 6, 1),
        "amount_cents": 5,
        "transfer": uuid4(),
    }
    back = half | {"contract_id": poor} | other
    if back["contract_id"] is None:
        back["contract_id"] = rich

    def post_both() -> None:
        with acting_as(cast.adviser.pk) as acting:
            post(acting, kind=EntryKind.CARRIED_OUT, key=uuid4(), **half)
            post(acting, kind=EntryKind.CARRIED_IN, key=uuid4(), **back)

    with pytest.raises(IntegrityError, match="one_sided"):
        post_both()


@pytest.mark.parametrize("who", ["contractor", "auditor", "reader", "subcontractor"])
def test_only_who_decides_books(cast: Cast, who: str) -> None:
    contract = register(cast)
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises(DomainError) as refused:
        waive(contract_for(acting, contract), **facts(100))
    assert codes(refused) == ["not_allowed"]
