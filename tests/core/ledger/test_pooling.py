"""What contracts in a pool can do for each other: as much as possible, and never more."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import Pooled, Shift, shifts_between

DAY = date(2025, 1, 1)


@st.composite
def pools(draw: st.DrawFn) -> list[Pooled]:
    cents = st.integers(0, 10**6)
    pool = []
    for number in range(draw(st.integers(0, 8))):
        last = DAY + timedelta(days=draw(st.integers(0, 5)))
        amount = draw(cents)
        is_open = draw(st.booleans())
        pool.append(Pooled(number, last, amount if is_open else 0, 0 if is_open else amount))
    return pool


@given(pools())
def test_all_that_can_move_moves_and_together_it_is_zero(pool: list[Pooled]) -> None:
    shifts = shifts_between(pool)
    given_by: Counter[int] = Counter()
    got: Counter[int] = Counter()
    for shift in shifts:
        assert shift.cents > 0
        assert shift.giver != shift.taker
        given_by[shift.giver] += shift.cents
        got[shift.taker] += shift.cents
    for one in pool:
        assert given_by[one.contract] <= one.surplus_cents
        assert got[one.contract] <= one.open_cents
    moved = sum(shift.cents for shift in shifts)
    surplus, missing = sum(p.surplus_cents for p in pool), sum(p.open_cents for p in pool)
    assert moved == min(surplus, missing) == sum(got.values()) == sum(given_by.values())


@given(pools(), st.randoms())
def test_the_order_in_which_contracts_are_read_changes_nothing(
    pool: list[Pooled], chance: object
) -> None:
    shuffled = list(pool)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert shifts_between(shuffled) == shifts_between(pool)


def test_what_ends_first_gives_first_and_gets_first() -> None:
    late, soon = DAY + timedelta(days=9), DAY
    pool = [
        Pooled(1, late, 0, 100), Pooled(2, soon, 0, 100), Pooled(3, late, 150, 0),
        Pooled(4, soon, 150, 0),
    ]  # fmt: skip
    assert shifts_between(pool) == (Shift(2, 4, 100), Shift(1, 4, 50), Shift(1, 3, 50))
