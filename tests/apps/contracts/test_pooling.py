"""Contracts in one pool: agreed by both, moved as a pair, and never more than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.http import Http404

from telmee.apps.agreements.choices import State
from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.booking import move, take_back, waive
from telmee.apps.contracts.choices import Form
from telmee.apps.contributions.voiding import void_contract
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import check_ledger, entries_of, figures_per_year
from telmee.apps.organisations.acting import acting_as
from telmee.core.ledger import EntryKind
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.mailing import mailed
from tests.money import booked, decide, stands
from tests.pooling import (
    DAY,
    TODAY,
    answered,
    balanced,
    code_of,
    left,
    pooled,
    proposed,
    seal,
    waiting,
)
from tests.registering import found, register
from tests.settling import settled


def test_surplus_in_a_pool_counts_where_something_is_open_and_together_it_is_zero(
    cast: Cast,
    pair: tuple[int, int],
) -> None:
    rich, poor = pair
    pool, surplus = pooled(cast, rich, poor), stands(cast, rich).surplus_cents
    balanced(cast, pool)
    gave, got = stands(cast, rich), stands(cast, poor)
    assert (gave.carried_out_cents, got.pooled_cents) == (surplus, surplus)
    assert (gave.surplus_cents, got.open_cents) == (0, 50_000_00 - surplus)
    with acting_as(cast.adviser.pk):
        years: dict[int, int] = {}
        for (_, _, year), one in figures_per_year([rich, poor]).items():
            position = one.position
            moved = position.brought_cents - position.carried_out_cents
            years[year] = years.get(year, 0) + moved
    assert set(years.values()) == {0}


def test_what_is_moved_in_a_pool_goes_back_as_a_pair(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool, before = pooled(cast, rich, poor), stands(cast, rich)
    balanced(cast, pool)
    with acting_as(cast.adviser.pk) as acting:
        (entry,) = (one for one in entries_of([poor]) if one.kind == "pooled")
        take_back(contract_for(acting, poor), entry.pk, reason="Vergissing.")
    assert stands(cast, rich) == before
    assert stands(cast, poor).pooled_cents == 0
    balanced(cast, pool)
    assert stands(cast, rich).surplus_cents == 0


def test_the_same_key_books_once(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    again: dict[str, Any] = {"key": uuid4(), "seen": seal(cast, pool)}
    balanced(cast, pool, **again)
    once = stands(cast, poor)
    balanced(cast, pool, **again)
    assert stands(cast, poor) == once


def test_nothing_is_booked_but_what_was_on_the_screen(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    seen = seal(cast, pool)
    with acting_as(cast.adviser.pk) as acting:
        waive(contract_for(acting, poor), **booked(49_999_00))
    assert code_of(balanced, cast, pool, seen=seen) == "pool_changed"
    balanced(cast, pool)
    assert stands(cast, poor).open_cents == 0
    assert stands(cast, rich).surplus_cents > 0
    assert code_of(balanced, cast, pool) == "pool_nothing_to_move"


@pytest.mark.parametrize("answer", ["none", "dispute", "withdraw"])
def test_without_the_yes_of_the_contractor_nothing_is_pooled(
    cast: Cast, pair: tuple[int, int], answer: str
) -> None:
    rich, poor = pair
    pool = proposed(cast, rich, poor)
    if answer == "dispute":
        answered(cast, pool, agrees=False, reason="Liever niet.")
    if answer == "withdraw":
        with acting_as(cast.second_adviser.pk) as acting:
            pooling.withdraw_from_pool(acting, pool, waiting_in(pool))
    assert code_of(balanced, cast, pool) == "pool_nothing_to_move"
    assert stands(cast, poor).pooled_cents == 0


def waiting_in(pool: Any) -> list[int]:
    return [one.version.pk for one in pooling.pool_of(pool).waits.values()]


def test_a_dispute_says_why(cast: Cast, pair: tuple[int, int]) -> None:
    pool = proposed(cast, *pair)
    assert code_of(answered, cast, pool, agrees=False) == "missing_explanation"


@pytest.mark.parametrize("who", ["adviser", "auditor", "reader", "subcontractor", "colleague"])
def test_only_the_other_side_agrees(cast: Cast, pair: tuple[int, int], who: str) -> None:
    pool = proposed(cast, *pair)
    seen = waiting(cast, pool)
    try:
        assert code_of(answered, cast, pool, by=who, seen=seen) == "not_allowed"
    except Http404:
        assert who in {"subcontractor", "colleague"}
    assert waiting(cast, pool) == seen


@pytest.mark.parametrize(
    "who", ["contractor", "auditor", "reader", "subcontractor", "competitor", "colleague"]
)
def test_only_who_decides_proposes_a_pool_and_books_in_it(
    cast: Cast, pair: tuple[int, int], who: str
) -> None:
    rich, poor = pair
    assert code_of(proposed, cast, rich, poor, by=who) == "not_allowed"
    pool, seen = pooled(cast, rich, poor), seal(cast, pooled_key(cast, rich))
    try:
        assert code_of(balanced, cast, pool, by=who, seen=seen) == "not_allowed"
    except Http404:
        assert who in {"subcontractor", "competitor", "colleague"}
    assert stands(cast, poor).pooled_cents == 0


def pooled_key(cast: Cast, contract: int) -> Any:
    with acting_as(cast.adviser.pk):
        place = pooling.place_of(contract)
        assert place is not None
        return place.place.pool


def test_a_regional_team_acts_for_the_client(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = proposed(cast, rich, poor, by="team")
    answered(cast, pool)
    balanced(cast, pool, by="team")
    assert stands(cast, poor).pooled_cents > 0


def test_who_saw_another_proposal_answers_nothing(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    third = register(cast, reference="HIL-3")
    pool = proposed(cast, rich, poor)
    seen = waiting(cast, pool)
    proposed(cast, third, pool=pool)
    assert code_of(answered, cast, pool, seen=seen) == "agreement_changed"
    answered(cast, pool)
    with acting_as(cast.adviser.pk):
        assert list(pooling.places_in(pooling.pool_of(pool), TODAY)) == [rich, poor, third]


def test_contracts_of_others_never_come_in_one_pool(cast: Cast) -> None:
    ours = register(cast)
    others = register(replace(cast, de_eem=cast.rival), reference="HIL-9")
    assert code_of(proposed, cast, ours, others) == "other_parties"
    huizen = replace(
        cast, adviser=cast.colleague, hilversum=cast.huizen, contractor=cast.competitor,
        de_eem=cast.rival,
    )  # fmt: skip
    elsewhere = [register(huizen, reference=name) for name in ("HUI-1", "HUI-2")]
    pool = pooled(cast, ours, register(cast, reference="HIL-2"))
    # Who knows its key sees nothing of it, and the database takes nothing of other sides.
    with pytest.raises(IntegrityError, match="a pool of other sides"):
        proposed(huizen, *elsewhere, pool=pool)


def test_what_is_wrong_with_a_proposal_is_said_at_once(cast: Cast) -> None:
    contract = register(cast)
    framework = register(cast, reference="RO", form=Form.FRAMEWORK, agreed_cents=None)
    assert code_of(proposed, cast, contract) == "pool_too_small"
    assert code_of(proposed, cast, contract, framework) == "framework_owes_nothing"
    second = register(cast, reference="HIL-2")
    assert code_of(proposed, cast, contract, second, note=" ") == "missing_explanation"
    pooled(cast, contract, second)
    third = register(cast, reference="HIL-3")
    assert code_of(proposed, cast, contract, third) == "pool_already"


def test_a_contract_does_not_leave_before_it_comes_in(cast: Cast, pair: tuple[int, int]) -> None:
    later = TODAY + timedelta(days=30)
    pool = proposed(cast, *pair, begin=later)
    answered(cast, pool)
    assert code_of(left, cast, pair[0], end=TODAY) == "pool_end_too_early"
    assert code_of(left, cast, pair[0], end=later) == "done"


def test_a_contract_leaves_on_a_day_that_both_agree_on(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    early = TODAY - timedelta(days=1)
    assert code_of(left, cast, rich, end=early) == "pool_end_too_early"
    assert code_of(left, cast, rich, by="auditor") == "not_allowed"
    left(cast, rich, by="contractor")
    with acting_as(cast.adviser.pk):
        assert rich in pooling.places_in(pooling.pool_of(pool), date.max)
    answered(cast, pool, by="adviser")
    with acting_as(cast.adviser.pk):
        its = pooling.pool_of(pool)
        assert list(pooling.places_in(its, TODAY)) == [rich, poor]
        assert list(pooling.places_in(its, TODAY + timedelta(days=1))) == [poor]
    later = TODAY + timedelta(days=1)
    assert code_of(balanced, cast, pool, effective_on=later, seen=seal(cast, pool, later)) == (
        "pool_nothing_to_move"
    )


def test_who_left_can_come_in_another_pool_after_its_last_day(
    cast: Cast, pair: tuple[int, int]
) -> None:
    rich, poor = pair
    third = register(cast, reference="HIL-3")
    first = pooled(cast, rich, poor)
    left(cast, rich)
    answered(cast, first)
    assert code_of(proposed, cast, rich, third) == "pool_already"
    after = TODAY + timedelta(days=1)
    second = proposed(cast, rich, third, begin=after, today=after)
    answered(cast, second)
    with acting_as(cast.adviser.pk):
        states = {one.place.contract_id: one.state for one in pooling.pool_of(first).versions}
        assert states[poor] is State.IN_FORCE
        assert rich not in pooling.pool_of(first).holds
        assert list(pooling.places_in(pooling.pool_of(second), after)) == [rich, third]


def test_a_closed_contract_gives_and_takes_nothing(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, poor), on=TODAY, reason="Klaar.", today=TODAY)
    assert code_of(balanced, cast, pool) == "pool_nothing_to_move"


@pytest.mark.parametrize("how", ["closed", "settled", "voided"])
def test_a_contract_that_ends_does_not_hold_up_the_proposal_of_the_others(
    cast: Cast, how: str
) -> None:
    stays, ends = register(cast), register(cast, reference="HIL-2")
    third = register(cast, reference="HIL-3")
    pool = proposed(cast, stays, ends)
    if how == "settled":
        settled(cast, ends)
    else:
        with acting_as(cast.adviser.pk) as acting:
            access = contract_for(acting, ends)
            if how == "closed":
                close_contract(access, on=TODAY, reason="Klaar.", today=TODAY)
            else:
                void_contract(access, reason="Dubbel.", key=uuid4(), today=TODAY)
    with acting_as(cast.adviser.pk):
        waits = {pk: one.version.pk for pk, one in pooling.pool_of(pool).waits.items()}
    assert code_of(answered, cast, pool, seen=[waits[ends]]) == "agreement_changed"
    answered(cast, pool, seen=[waits[stays]])
    with acting_as(cast.adviser.pk):
        assert list(pooling.pool_of(pool).holds) == [stays]
    answered(cast, proposed(cast, third, pool=pool), seen=_waits_on(cast, pool, third))
    with acting_as(cast.adviser.pk):
        assert {*pooling.pool_of(pool).holds} == {stays, third}


def _waits_on(cast: Cast, pool: UUID, contract: int) -> list[int]:
    with acting_as(cast.adviser.pk):
        return [pooling.pool_of(pool).waits[contract].version.pk]


def test_a_giver_that_lacks_it_later_is_open_again(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    balanced(cast, pool)
    given = stands(cast, rich).carried_out_cents
    with acting_as(cast.adviser.pk) as acting:
        line = next(one.contribution_id for one in entries_of([rich]) if one.contribution_id)
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip
    assert stands(cast, rich).open_cents == 1_000_00 + given


@pytest.mark.usefixtures("own_database")
def test_the_database_pools_nothing_that_was_not_agreed(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    facts: dict[str, Any] = {"amount_cents": 5, "reason": "Zomaar.", "effective_on": DAY}

    def post_it(**more: Any) -> None:
        with acting_as(cast.adviser.pk) as acting:
            sides = contract_for(acting, rich), contract_for(acting, poor)
            move(*sides, EntryKind.POOLED, key=uuid4(), **{**facts, **more})

    with pytest.raises(IntegrityError, match="ledger_pooled_unagreed"):
        post_it()
    pool = proposed(cast, rich, poor)
    with pytest.raises(IntegrityError, match="ledger_pooled_unagreed"):
        post_it()
    answered(cast, pool)
    with pytest.raises(IntegrityError, match="ledger_pooled_unagreed"):
        post_it(effective_on=date(2024, 12, 31))
    post_it()
    assert stands(cast, poor).pooled_cents == 5


def test_the_books_of_a_pool_are_in_order(
    cast: Cast, pair: tuple[int, int], own_database: str, server: Server
) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    balanced(cast, pool)
    left(cast, rich)
    answered(cast, pool)
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_each_side_is_told_what_the_other_did(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    pool = pooled(cast, rich, poor)
    balanced(cast, pool)
    left(cast, rich, by="contractor")
    told = {(mail.to[0].partition("@")[0], mail.subject) for mail in mailed()}
    for who, words in (
        ("contractor", "doet een voorstel voor de bundel Schoonmaak"),
        ("adviser", "is akkoord met de bundel Schoonmaak"),
        ("contractor", "in de bundel Schoonmaak"),
        ("adviser", "doet een voorstel voor de bundel Schoonmaak"),
    ):
        assert any(one == who and words in subject for one, subject in told), (who, words, told)
