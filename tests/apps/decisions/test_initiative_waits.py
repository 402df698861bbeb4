"""What was handed in for an initiative and waits: each contract is told of its own part alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.choices import Takeover
from telmee.apps.contributions.actions import take_back
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.ledger.queries import Figures, check_ledger, figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.queries import years_of
from telmee.apps.reports.expected import Part, expected_lines
from telmee.apps.reports.portfolio import standing_of
from telmee.core.money import WHOLE_BP, in_parts
from tests.apps.contracts.test_takeover import amended, takeover
from tests.apps.decisions.test_questions import put
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import still_runs, today
from tests.initiatives import THIRDS, World, agree, handed_in, shared, world
from tests.money import accepted, decide
from tests.pooling import answered, left
from tests.registering import PLACEMENT, found

DAY = timedelta(days=1)


def running() -> dict[str, Any]:
    """Effort that began a while ago and goes on."""
    return {"begin": today() - 99 * DAY, "eind": today() + 100 * DAY}


def around() -> dict[str, Any]:
    """A contract around such effort."""
    return {"start": today() - 400 * DAY, "end": today() + 800 * DAY}


@pytest.fixture
def proved(server: Server, own_database: str) -> Iterator[None]:
    """Prove the books when a test is over."""
    yield
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def told(cast: Cast, its: World, **when: Any) -> list[Figures]:
    with acting_as(cast.adviser.pk):
        by_id = figures(its.contracts, **when)
    return [by_id[pk] for pk in its.contracts]


def waits(cast: Cast, its: World) -> tuple[int, ...]:
    return tuple(one.undecided_cents for one in told(cast, its))


def whole_of(cast: Cast, line: int) -> int:
    with acting_as(cast.adviser.pk) as acting:
        return found(acting, line)[1].value_cents or 0


def now_by_the_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


@pytest.mark.usefixtures("proved")
def test_each_contract_waits_for_its_part_whatever_the_parts_become(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[1], by="competitor")
    whole, chance = whole_of(cast, line), random.Random(4)  # noqa: S311 - no secret
    remembered: list[tuple[datetime, list[Figures]]] = []
    others = [(cut, 1 + chance.randrange(4_000)) for cut in (1, 33_33, 50_00)]
    for parts in (THIRDS, *((one, two, WHOLE_BP - one - two) for one, two in others)):
        if parts is not THIRDS:
            shared(cast, dict(zip(its.contracts, parts, strict=True)), pool=its.pool)
            agree(cast, its.pool)
        stood = told(cast, its)
        assert tuple(one.undecided_cents for one in stood) == in_parts(whole, parts)
        assert tuple(one.delivered_cents for one in stood) == in_parts(whole, parts)
        remembered.append((now_by_the_database(), stood))
    assert [told(cast, its, as_of=moment) for moment, _stood in remembered] == [
        stood for _moment, stood in remembered
    ]


@pytest.mark.usefixtures("proved")
def test_what_was_asked_about_waits_by_the_new_parts_too(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    put(cast, line)
    parts = (10_00, 20_00, 70_00)
    shared(cast, dict(zip(its.contracts, parts, strict=True)), pool=its.pool)
    agree(cast, its.pool)
    assert waits(cast, its) == in_parts(whole_of(cast, line), parts)


@pytest.mark.usefixtures("proved")
def test_what_waited_is_what_a_decision_books(cast: Cast) -> None:
    its = world(cast, (12_34, 50_01, 37_65))
    line = handed_in(cast, its.contracts[0])
    waited = waits(cast, its)
    accepted(cast, line)
    stood = told(cast, its)
    assert tuple(one.position.met_cents for one in stood) == waited
    assert [one.undecided_cents for one in stood] == [0, 0, 0]
    assert [one.delivered_cents for one in stood] == [whole_of(cast, line), 0, 0]
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip
    assert waits(cast, its) == waited


@pytest.mark.usefixtures("proved")
def test_a_line_that_is_taken_back_waits_nowhere(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0])
    assert min(waits(cast, its)) > 0
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))
    assert waits(cast, its) == (0, 0, 0)


@pytest.mark.usefixtures("proved")
def test_of_a_decision_on_a_part_the_rest_waits_in_parts(cast: Cast) -> None:
    its = world(cast, (25_00, 25_00, 50_00), **around())
    line = handed_in(cast, its.contracts[0], **running())
    made = accepted(cast, line)
    rest = whole_of(cast, line) - made.amount_cents
    assert made.outcome == Outcome.PARTLY
    assert rest > 0
    with acting_as(cast.adviser.pk):
        assert made.receipt is not None
        years = years_of(made.receipt, otherwise=today(), after=made.until)
    whole = sum(one.cents for one in years)
    assert waits(cast, its) == in_parts(whole, (25_00, 25_00, 50_00))
    with acting_as(cast.adviser.pk) as acting:
        stands = [standing_of(contract_for(acting, pk).contract, today=today())
                  for pk in its.contracts]  # fmt: skip
    # All that waits is for days that are still to come: of what is done nothing waits any more.
    assert [one.to_come.undecided_cents for one in stands] == list(waits(cast, its))
    assert [one.outlook.done_cents for one in stands] == [one.position.met_cents for one in stands]


def test_of_what_waits_each_contract_is_told_what_is_still_to_come(cast: Cast) -> None:
    its = world(cast, (40_00, 30_00, 30_00), **around())
    handed_in(cast, its.contracts[0], **running())
    with acting_as(cast.adviser.pk) as acting:
        stands = [standing_of(contract_for(acting, pk).contract, today=today())
                  for pk in its.contracts]  # fmt: skip
    for one, waiting in zip(stands, waits(cast, its), strict=True):
        assert abs(2 * one.to_come.undecided_cents - waiting) <= 1, "half of the days are to come"
        assert one.to_come.delivered_cents == one.to_come.undecided_cents
        assert one.expected_cents == waiting


@pytest.mark.usefixtures("proved")
@pytest.mark.parametrize("which", [0, 1])
def test_where_the_parts_are_not_agreed_all_waits_where_it_was_handed_in(
    cast: Cast, its: World, which: int
) -> None:
    line = handed_in(cast, its.contracts[0])
    amended(cast, its.contracts[which], takeover((cast.rival, cast.de_eem)[which]))
    assert waits(cast, its) == (whole_of(cast, line), 0, 0)


@pytest.mark.usefixtures("proved")
def test_a_takeover_recorded_by_mistake_leaves_the_parts_as_they_were(
    cast: Cast, its: World
) -> None:
    line = handed_in(cast, its.contracts[0])
    waited = waits(cast, its)
    amended(cast, its.contracts[2], takeover(cast.rival))
    assert waits(cast, its) == (whole_of(cast, line), 0, 0)
    amended(cast, its.contracts[2], takeover(cast.de_eem, how=Takeover.MISTAKE))
    assert waits(cast, its) == waited


@pytest.mark.usefixtures("proved")
def test_a_contract_that_left_waits_for_nothing_of_later_days(cast: Cast) -> None:
    its = world(cast, end=still_runs())
    days: dict[str, Any] = {"begin": today() - 9 * DAY, "eind": today() - DAY}
    early, late = handed_in(cast, its.contracts[0]), handed_in(
        cast, its.contracts[0], kenmerk="L", persoon="P-L", **days
    )  # fmt: skip
    left(cast, its.contracts[1], end=today() - 10 * DAY, today=today() - 10 * DAY)
    answered(cast, its.pool, by="competitor")
    parts = in_parts(whole_of(cast, early), THIRDS)
    assert waits(cast, its) == (parts[0] + whole_of(cast, late), *parts[1:])


@pytest.mark.usefixtures("proved")
def test_a_line_of_a_contract_that_left_waits_there_whole_though_others_divide(
    cast: Cast,
) -> None:
    its = world(cast, end=still_runs())
    first, second, third = its.contracts
    line = handed_in(cast, first, begin=today() - 9 * DAY, eind=today() - DAY)
    left(cast, first, end=today() - 10 * DAY, today=today() - 10 * DAY)
    answered(cast, its.pool)
    shared(cast, {second: 50_00, third: 50_00}, pool=its.pool)
    agree(cast, its.pool)
    assert waits(cast, its) == (whole_of(cast, line), 0, 0)


def test_who_takes_part_reads_his_part_and_nothing_else_of_the_line(cast: Cast, its: World) -> None:
    line = handed_in(cast, its.contracts[0], kenmerk="GEHEIM")
    part = waits(cast, its)[1]
    with acting_as(cast.competitor.pk) as acting:
        contract = contract_for(acting, its.contracts[1]).contract
        (one,) = expected_lines(its.contracts, today=today())
        assert standing_of(contract, today=today()).expected_cents == part
    assert (one.part, one.contract_id, one.object_id) == (Part.UNDECIDED, its.contracts[1], None)
    assert (one.cents, one.reference, one.is_part) == (part, "", True)
    with acting_as(cast.contractor.pk):
        own = expected_lines(its.contracts, today=today())
    assert [(one.contract_id, one.object_id, one.reference) for one in own] == [
        (its.contracts[0], line, "GEHEIM"), (its.contracts[2], None, ""),
    ]  # fmt: skip
    for who in ("colleague", "outsider", "subcontractor"):
        with acting_as(getattr(cast, who).pk):
            assert not [one for one in expected_lines(its.contracts, today=today()) if one.is_part]


def _hand_in(cast: Cast, its: World) -> None:
    handed_in(cast, its.contracts[0], kenmerk="B", persoon="P-B", **_DAYS)


_DAYS: dict[str, Any] = {name: PLACEMENT[name] for name in ("begin", "eind")}


@pytest.mark.usefixtures("proved")
def test_who_hands_in_while_parts_change_is_divided_by_what_holds(cast: Cast, its: World) -> None:
    parts = (60_00, 30_00, 10_00)
    shared(cast, dict(zip(its.contracts, parts, strict=True)), pool=its.pool)
    with acting_as(cast.competitor.pk):
        theirs = [one.version.pk for one in pooling.pool_of(its.pool).waits.values()]
    answered(cast, its.pool, by="competitor", seen=theirs)
    with acting_as(cast.contractor.pk):
        ours = [one.version.pk for one in pooling.pool_of(its.pool).waits.values()]
    agreeing = partial(answered, cast, its.pool, seen=ours)
    assert at_once(agreeing, partial(_hand_in, cast, its)) == ["done", "done"]
    assert waits(cast, its) == in_parts(sum(waits(cast, its)), parts)
