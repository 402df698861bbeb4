"""Thirty late contracts through two years, one with corona: every count was made by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.contracts.access import contract_for, hold
from telmee.apps.contracts.actions import register_contract
from telmee.apps.contributions.actions import save_draft, submit
from telmee.apps.enforcement import leaving
from telmee.apps.enforcement.actions import Seen, take_steps
from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.enforced import Booked, Enforced, OnRung, enforced
from telmee.apps.enforcement.leaving import leave_ladders
from telmee.apps.enforcement.leniency import Wanted, grant_to_all
from telmee.apps.enforcement.models import Exit
from telmee.apps.enforcement.queries import prospects, steps_on
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Effect
from telmee.core.enforcement import Step as Rung
from telmee.core.ledger import EntryKind
from tests.cast import Cast
from tests.enforcing import laddered, lenient, stepped
from tests.money import accepted
from tests.registering import facts, register

START, END = date(2019, 1, 1), date(2020, 12, 31)
#: 731 days, € 10.000 owed.
OWED = 10_000_00


def _thirty(cast: Cast) -> list[int]:
    with acting_as(cast.adviser.pk) as acting:
        return [
            register_contract(
                acting,
                facts(reference=f"C-{place:02}", start=START, end=END, agreed_cents=OWED),
                client_id=cast.hilversum.pk,
                contractor_id=cast.de_eem.pk,
            )
            for place in range(30)
        ]


def _catch_up(cast: Cast, contracts: Iterable[int], day: date) -> None:
    """All that is owed is delivered by a day, accepted, and the ladder is left."""
    for contract in contracts:
        with acting_as(cast.contractor.pk) as acting:
            access = contract_for(acting, contract)
            cells: dict[str, Any] = {
                "bouwblok": "training", "kenmerk": f"T-{contract}", "begin": START,
                "bedrag": OWED,
            }  # fmt: skip
            line = save_draft(access, cells)
            submit(access, line)
        accepted(cast, line.pk)
    leave_ladders(day)


def _matters(cast: Cast, day: date) -> Counter[tuple[str, str | None]]:
    with acting_as(cast.adviser.pk) as acting:
        return Counter((one.next.why, one.next.step) for one in prospects(acting, today=day))


def _all_due(cast: Cast, day: date, *, by: str = "adviser") -> list[int]:
    """Take every step that is due, together; the contracts on which it was taken."""
    with acting_as(getattr(cast, by).pk) as acting:
        wanted = [
            Seen(one.contract.pk, one.next.step, one.behind_cents(day))
            for one in prospects(acting, today=day)
            if one.is_due and one.next.step is not None
        ]
        answers = take_steps(acting, wanted, reason="Achterstand", key=uuid4(), today=day)
    return [answer.contract_id for answer in answers if answer.step is not None]


def _figures(cast: Cast, contracts: list[int], day: date) -> Enforced:
    with acting_as(cast.adviser.pk):
        return enforced(contracts, today=day)


def test_thirty_late_contracts_through_a_year_with_corona(cast: Cast) -> None:
    thirty = _thirty(cast)
    laddered(cast)
    # Of € 10.000 a tenth lacks after 73,1 of 731 days: since the 74th all are behind.
    first = date(2020, 1, 6)
    assert _matters(cast, first) == {("due", "reminder"): 30}
    assert len(_all_due(cast, first)) == 30
    assert _matters(cast, date(2020, 1, 20)) == {("term", "signal"): 30}

    _catch_up(cast, thirty[:6], date(2020, 1, 20))
    second = date(2020, 1, 21)
    assert _matters(cast, second) == {("due", "signal"): 24}
    assert len(_all_due(cast, second)) == 24

    # Nine catch up within the recovery period of 28 days.
    _catch_up(cast, thirty[6:15], date(2020, 2, 10))
    with acting_as(cast.manager.pk) as acting:
        corona = Wanted(Ground.CRISIS, "Corona", date(2020, 2, 15), date(2020, 6, 30))
        grant_to_all(acting, cast.hilversum, corona, key=uuid4())
    during = date(2020, 4, 1)
    assert _matters(cast, during) == {("lenient", "default"): 15}
    assert _all_due(cast, during, by="manager") == []
    # Of the 28 days 24 had passed before corona: four more follow after it.
    assert _matters(cast, date(2020, 7, 4)) == {("term", "default"): 15}
    third = date(2020, 7, 5)
    assert _matters(cast, third) == {("due", "default"): 15}
    assert _all_due(cast, third) == []  # an adviser decides on no notice of default
    assert len(_all_due(cast, third, by="manager")) == 15

    assert _matters(cast, date(2020, 8, 1)) == {("end", "penalty"): 15}

    _catch_up(cast, thirty[15:25], date(2020, 9, 1))
    after = date(2021, 1, 2)
    assert _matters(cast, after) == {("due", "penalty"): 5}
    assert _all_due(cast, after, by="manager") == []  # a penalty is decided by itself
    for contract in thirty[25:28]:
        stepped(cast, contract, today=after)
    for contract in thirty[28:]:
        lenient(cast, contract, ground=Ground.MARKET, cents=OWED, today=after)
    leave_ladders(after)

    figures = _figures(cast, thirty, after)
    assert figures.rungs == {Rung.PENALTY: OnRung(3, after)}
    # Behind since 16 March 2019, signalled on 21 January 2020: 311 days, for all of them.
    assert figures.effect == Effect(24, 9, 0, 311, 311)
    assert figures.booked == (
        Booked(2021, EntryKind.WAIVED, "market", 2 * OWED),
        Booked(2021, EntryKind.PENALTY, "ladder", 3 * OWED),
    )
    with acting_as(cast.adviser.pk):
        steps = Counter(step.kind for step in steps_on(thirty))
        left = Counter(step.exit.why for step in steps_on(thirty) if hasattr(step, "exit"))
    assert steps == {"reminder": 30, "signal": 24, "default": 15, "penalty": 3}
    assert left == {"caught_up": 25, "nothing_owed": 2}


def test_signals_that_were_given_at_once_are_something_to_tell_of() -> None:
    at_once = Effect(signals=1, caught_up=1, median_days=0, most_days=0)
    assert not Enforced({}, at_once, ()).is_empty
    assert Enforced({}, Effect(), ()).is_empty


def test_a_contract_that_fell_behind_again_before_it_is_held_stays_on_the_ladder(
    cast: Cast,
) -> None:
    contract = register(cast, start=date(2023, 1, 1), end=date(2023, 12, 31))
    laddered(cast)
    stepped(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        (access,) = hold(contract_for(acting, contract), alone=True)
        leaving._leave(access, timezone.localdate())
        assert not Exit.objects.exists()
