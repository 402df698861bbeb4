"""A position is the sums of its entries, whatever their order; a reversal undoes its original."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import EntryKind, Position, position_of, together
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


@given(st.lists(st.dictionaries(st.sampled_from(EntryKind), st.integers(0, 10**11)), max_size=6))
def test_contracts_together_have_open_what_each_has_open(sums: list[dict[EntryKind, int]]) -> None:
    each = [position_of(of_one) for of_one in sums]
    both = together(each)
    for name in ("owed_cents", "verified_cents", "met_cents", "open_cents", "surplus_cents"):
        assert getattr(both, name) == sum(getattr(one, name) for one in each)
    assert together([together(each[:2]), *each[2:]]) == both  # in whatever groups they are taken


@given(st.integers(0, 10**11), st.integers(0, 10**11), st.data())
def test_however_one_is_split_it_is_never_less_open_than_whole(
    owed: int, realised: int, data: st.DataObject
) -> None:
    whole = position_of({"obligation": owed, "realised": realised})
    of_owed, of_realised = (data.draw(st.integers(0, cents)) for cents in (owed, realised))
    parts = [
        position_of({"obligation": of_owed, "realised": of_realised}),
        position_of({"obligation": owed - of_owed, "realised": realised - of_realised}),
    ]
    split = together(parts)
    assert (split.owed_cents, split.verified_cents) == (whole.owed_cents, whole.verified_cents)
    assert split.open_cents >= whole.open_cents
    assert split.open_cents - split.surplus_cents == whole.open_cents - whole.surplus_cents
