"""A position is the sums of its entries, whatever their order; a reversal undoes its original."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import EntryKind, Position, position_of
from telmee.core.ledger.entries import Entry, sums_of
from tests.core.ledger.books import entries, reversal_of


def position(posted: list[Entry]) -> Position:
    """The position of the one contract that the entries are of."""
    return position_of({kind: cents for (_, kind), cents in sums_of(posted).items()})


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_of_entries_makes_no_difference(posted: list[Entry], dice: random.Random) -> None:
    shuffled = dice.sample(posted, len(posted))
    assert position(shuffled) == position(posted)


@given(entries(at_least=1), st.data())
def test_a_reversal_restores_the_position(posted: list[Entry], data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from(posted))
    without = [entry for entry in posted if entry is not wrong]
    assert position([*posted, reversal_of(wrong, number=999)]) == position(without)


@given(entries())
def test_open_and_surplus_are_two_sides_of_one_difference(posted: list[Entry]) -> None:
    found = position(posted)
    assert found.open_cents - found.surplus_cents == found.owed_cents - found.met_cents
    assert min(found.open_cents, found.surplus_cents) == 0


@pytest.mark.parametrize(
    ("kind", "less_open"),
    [
        ("obligation", -7),
        ("realised", 7),
        ("reduced", 7),
        ("waived", 7),
        ("carried_in", 7),
        ("carried_out", -7),
        ("pooled", 7),
        ("penalty", 0),
    ],
)
def test_each_kind_does_its_own_thing_to_what_is_open(kind: str, less_open: int) -> None:
    sums = {"obligation": 1000, "realised": 100}
    before = position_of(sums).open_cents
    after = position_of({**sums, kind: sums.get(kind, 0) + 7}).open_cents
    assert before - after == less_open


def test_only_realised_is_verified() -> None:
    cents = {kind: 1 << place for place, kind in enumerate(EntryKind)}
    every = position_of(cents)
    assert every.verified_cents == every.realised_cents == cents[EntryKind.REALISED]
    assert every.penalty_cents == cents[EntryKind.PENALTY]


def test_a_kind_that_does_not_exist_is_no_sum() -> None:
    with pytest.raises(ValueError, match="bonus"):
        position_of({"bonus": 1})
