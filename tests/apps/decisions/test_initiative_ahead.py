"""Effort for an initiative that was accepted ahead of its days: each contract counts its part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.enforcement.queries import pace_of
from telmee.apps.ledger.models import Entry
from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import split_of
from telmee.apps.reports.portfolio import Standing, standing_of
from telmee.apps.reports.to_come import NOTHING_TO_COME, to_come
from telmee.core.ledger import Risk, done_cents
from tests.apps.decisions.test_initiative_waits import DAY, around, proved, running
from tests.apps.decisions.test_parts import choose_ahead_for
from tests.cast import Cast
from tests.days import today
from tests.initiatives import World, agree, counts, handed_in, shared, world
from tests.money import accepted, decide
from tests.registering import found

__all__ = ["proved"]
pytestmark = pytest.mark.usefixtures("proved")
PARTS = (25_00, 33_33, 41_67)


def seen(cast: Cast, its: World, day: date | None = None) -> list[Standing]:
    day = day or today()
    with acting_as(cast.adviser.pk) as acting:
        return [standing_of(contract_for(acting, pk).contract, today=day) for pk in its.contracts]


def decided(cast: Cast, line: int) -> Receipt:
    with acting_as(cast.adviser.pk) as acting:
        receipt = found(acting, line)[1].decided
    assert receipt is not None
    return receipt


def later_by_hand(
    booked: Iterable[Entry], receipt: Receipt, today: date, first: date | None = None
) -> int:
    """What of entries is for days after today: each is for the days of its decision in its year."""
    begin = first or receipt.first_day
    assert begin is not None
    return sum(
        one.amount_cents
        - done_cents(
            one.amount_cents,
            max(begin, date(one.effective_on.year, 1, 1)),
            one.effective_on,
            today,
        )
        for one in booked
    )


def pooled(cast: Cast, its: World, since: int = 0) -> list[list[Entry]]:
    """The parts that stand on the other contracts, but for the first so many entries of each."""
    with acting_as(cast.adviser.pk):
        return [
            [one for one in entries_of([pk]) if one.kind == "pooled" and not one.reverses_id
             and not hasattr(one, "reversed_by")][since:]
            for pk in its.contracts[1:]
        ]  # fmt: skip


def days() -> list[date]:
    return [today() + after * DAY for after in (0, 7, 99, 100, 101)]


def test_what_is_to_come_of_it_stands_with_the_part_that_counts(cast: Cast) -> None:
    choose_ahead_for(cast, accepts=True)
    its = world(cast, PARTS, **around())
    line = handed_in(cast, its.contracts[0], **running())
    accepted(cast, line)
    receipt = decided(cast, line)
    booked = counts(cast, its.contracts)
    for day in days():
        whole = split_of(receipt, day)[1]
        stands = seen(cast, its, day)
        others = [later_by_hand(one, receipt, day) for one in pooled(cast, its)]
        later = [whole - sum(others), *others]
        assert [one.to_come.met_cents for one in stands] == later
        assert [one.to_come.verified_cents for one in stands] == [whole, 0, 0]
        done = [cents - after for cents, after in zip(booked, later, strict=True)]
        assert [one.outlook.done_cents for one in stands] == done
        assert [pace_of(one).verified_cents for one in stands] == done
        assert sum(done) == split_of(receipt, day)[0]


def test_who_gave_parts_away_is_not_behind_by_what_they_still_bring(cast: Cast) -> None:
    choose_ahead_for(cast, accepts=True)
    its = world(cast, (10_00, 45_00, 45_00), **around())
    accepted(cast, handed_in(cast, its.contracts[0], **running()))
    home, *_others = seen(cast, its)
    assert home.outlook.done_cents > 0
    assert home.risk in {Risk.BEHIND, Risk.ON_COURSE}


def test_what_follows_on_a_part_is_to_come_by_the_parts_of_then(cast: Cast) -> None:
    its = world(cast, PARTS, **around())
    line = handed_in(cast, its.contracts[0], **running())
    early = today() - 30 * DAY
    accepted(cast, line, seen_on=early)
    before = len(pooled(cast, its)[0])
    first = decided(cast, line)
    assert first.first_day is not None
    assert first.first_day < early
    shared(cast, dict(zip(its.contracts, (80_00, 5_00, 15_00), strict=True)), pool=its.pool)
    agree(cast, its.pool)
    choose_ahead_for(cast, accepts=True)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=first.amount_cents)
    for day in days():
        parts = pooled(cast, its, since=before)
        others = [later_by_hand(one, first, day, early + DAY) for one in parts]
        stands = seen(cast, its, day)
        whole = split_of(first, day)[1]
        assert [one.to_come.met_cents for one in stands] == [whole - sum(others), *others]


def test_a_decision_that_is_opened_again_leaves_nothing_to_come_of_it(cast: Cast) -> None:
    choose_ahead_for(cast, accepts=True)
    its = world(cast, PARTS, **around())
    line = handed_in(cast, its.contracts[0], **running())
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip
    assert [one.to_come.met_cents for one in seen(cast, its)] == [0, 0, 0]
    accepted(cast, line)
    receipt = decided(cast, line)
    others = [later_by_hand(one, receipt, today()) for one in pooled(cast, its)]
    assert [one.to_come.met_cents for one in seen(cast, its)][1:] == others


def test_a_contractor_is_told_of_his_own_part_alone(cast: Cast) -> None:
    choose_ahead_for(cast, accepts=True)
    its = world(cast, PARTS, **around())
    accepted(cast, handed_in(cast, its.contracts[0], **running()))
    with acting_as(cast.adviser.pk):
        whole = to_come(its.contracts, today=today())
    with acting_as(cast.competitor.pk):
        theirs = to_come(its.contracts, today=today())
    assert theirs == {its.contracts[1]: whole[its.contracts[1]]}
    with acting_as(cast.outsider.pk):
        assert sum(to_come(its.contracts, today=today()).values(), NOTHING_TO_COME).met_cents == 0
