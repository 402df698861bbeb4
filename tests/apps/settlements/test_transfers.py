"""Surplus that moved is undone as a pair, also where one contract or both were settled since."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.booking import carry_over, take_back
from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.settlements.deeds import other_half, taken_back
from telmee.apps.settlements.queries import books_now, corrections_of
from tests.cast import Cast
from tests.money import stands
from tests.pooling import code_of, prove_moved, rich_and_poor
from tests.settling import REASON, TODAY, corrected, settled


def moved(cast: Cast) -> tuple[int, int, int]:
    """Bring the surplus of one contract to another; both come out, and how much moved."""
    rich, poor = rich_and_poor(cast)
    surplus = stands(cast, rich).surplus_cents
    assert carried(cast, rich, poor, surplus) == "done"
    return rich, poor, surplus


def carried(cast: Cast, giver: int, taker: int, cents: int) -> str:
    with acting_as(cast.adviser.pk) as acting:
        return code_of(
            carry_over,
            *(contract_for(acting, pk) for pk in (giver, taker)),
            amount_cents=cents,
            reason=REASON,
            key=uuid4(),
            effective_on=date(2025, 12, 31),
        )


def half_on(cast: Cast, contract: int) -> int:
    with acting_as(cast.adviser.pk):
        return next(entry.pk for entry in entries_of([contract]) if entry.transfer is not None)


def undone(cast: Cast, contract: int) -> str:
    entry = half_on(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        return code_of(take_back, contract_for(acting, contract), entry, reason=REASON)


def put_right(cast: Cast, contract: int, key: UUID | None = None) -> str:
    entry, key = half_on(cast, contract), key or uuid4()
    with acting_as(cast.adviser.pk):
        beside = other_half(contract, entry)
    deed = taken_back(entry, reason=REASON, key=key)
    return corrected(cast, contract, deed, beside=beside, key=key)


def test_nothing_is_carried_to_a_contract_that_is_closed(cast: Cast, pair: tuple[int, int]) -> None:
    rich, poor = pair
    with acting_as(cast.adviser.pk) as acting:
        close_contract(contract_for(acting, poor), on=TODAY, reason=REASON, today=TODAY)
    assert carried(cast, rich, poor, 1) == "contract_closed"
    assert carried(cast, poor, rich, 1) == "contract_closed"


def test_what_the_next_contract_was_settled_with_goes_back_by_its_correction(cast: Cast) -> None:
    rich, poor, surplus = moved(cast)
    settled(cast, poor)
    assert undone(cast, rich) == "transfer_partner_closed"
    assert undone(cast, poor) == "contract_closed"
    assert put_right(cast, poor) == "done"
    assert (stands(cast, rich).surplus_cents, stands(cast, poor).met_cents) == (surplus, 0)
    with acting_as(cast.adviser.pk):
        (after,) = corrections_of(poor)
        assert (after.hash, corrections_of(rich)) == (books_now(poor).hash, [])
        assert after.position.open_cents == 50_000_00
        prove_moved([rich, poor])


@pytest.mark.parametrize("side", [0, 1])
def test_where_both_were_settled_both_settlements_are_corrected(cast: Cast, side: int) -> None:
    pair = moved(cast)
    contracts, surplus = list(pair[:2]), pair[2]
    for contract in contracts:
        settled(cast, contract)
    key = uuid4()
    assert put_right(cast, contracts[side], key) == "done"
    assert put_right(cast, contracts[side], key) == "done", "the same key corrects once"
    rich, poor = contracts
    assert (stands(cast, rich).surplus_cents, stands(cast, poor).met_cents) == (surplus, 0)
    with acting_as(cast.adviser.pk) as acting:
        for contract in contracts:
            (after,) = corrections_of(contract)
            assert (after.hash, after.position) == (
                books_now(contract).hash, books_now(contract).position
            )  # fmt: skip
            assert not contract_for(acting, contract).is_open
        prove_moved(contracts)
