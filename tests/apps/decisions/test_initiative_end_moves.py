"""Parts of an initiative that change from a day, and decisions that move effort over that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts import pooling
from telmee.apps.contracts.choices import Takeover
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.acting import acting_as
from telmee.core.money import in_parts
from tests.apps.contracts.test_takeover import amended, takeover
from tests.apps.decisions.test_initiative_waits import proved, waits, whole_of
from tests.cast import Cast
from tests.initiatives import World, agree, counts, handed_in, shared, world
from tests.money import accepted, decide
from tests.pooling import answered, code_of, left
from tests.registering import found

__all__ = ["proved"]
pytestmark = pytest.mark.usefixtures("proved")
#: From this day on other parts hold; the effort goes on until the end of June.
CHANGES = date(2025, 5, 16)
BEFORE = CHANGES - timedelta(days=1)
FIRST, LATER = (50_00, 30_00, 20_00), (10_00, 20_00, 70_00)


@pytest.fixture
def changing(cast: Cast) -> World:
    """An initiative of which the parts are others from a day on."""
    its = world(cast, FIRST)
    parts = dict(zip(its.contracts, LATER, strict=True))
    shared(cast, parts, pool=its.pool, begin=CHANGES)
    agree(cast, its.pool)
    return its


def adjusted(cast: Cast, line: int, **cells: Any) -> Decision:
    """Decide that a line is as it says but for these cells."""
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        return decide(
            access, row, outcome=Outcome.ADJUSTED, key=uuid4(), reason=DecisionReason.OTHER,
            text="Andere dagen.", cells={**cells_to_value(row), **cells},
        )  # fmt: skip


def reopened(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text="Vergissing.")  # fmt: skip


@pytest.mark.parametrize("ends", [date(2025, 3, 31), BEFORE])
def test_what_ends_before_the_parts_change_is_divided_by_the_parts_of_then(
    cast: Cast, changing: World, ends: date
) -> None:
    line = handed_in(cast, changing.contracts[1], by="competitor")
    waited = in_parts(whole_of(cast, line), LATER)
    assert waits(cast, changing) == waited
    made = adjusted(cast, line, eind=ends)
    assert 0 < made.amount_cents < whole_of(cast, line)
    assert tuple(counts(cast, changing.contracts)) == in_parts(made.amount_cents, FIRST)
    assert waits(cast, changing) == (0, 0, 0)
    reopened(cast, line)
    assert waits(cast, changing) == waited
    assert counts(cast, changing.contracts) == [0, 0, 0]


def test_what_ends_later_than_was_said_is_divided_by_the_parts_of_its_last_day(
    cast: Cast, changing: World
) -> None:
    line = handed_in(cast, changing.contracts[0], eind=BEFORE)
    assert waits(cast, changing) == in_parts(whole_of(cast, line), FIRST)
    made = adjusted(cast, line, eind=CHANGES)
    assert made.amount_cents > whole_of(cast, line)
    assert tuple(counts(cast, changing.contracts)) == in_parts(made.amount_cents, LATER)


def test_effort_on_both_sides_of_the_day_is_divided_each_by_its_own_parts(
    cast: Cast, changing: World
) -> None:
    early = handed_in(cast, changing.contracts[0], eind=BEFORE)
    late = handed_in(cast, changing.contracts[2], kenmerk="L", persoon="P-L")
    parts = [in_parts(whole_of(cast, line), its) for line, its in ((early, FIRST), (late, LATER))]
    together = tuple(map(sum, zip(*parts, strict=True)))
    assert waits(cast, changing) == together
    for line in (late, early):
        accepted(cast, line)
    assert tuple(counts(cast, changing.contracts)) == together


def test_of_who_left_the_effort_of_before_is_still_divided(cast: Cast) -> None:
    """One leaves, and the others agree on parts from the day after."""
    its = world(cast, FIRST)
    first, second, third = its.contracts
    left(cast, second, end=BEFORE, today=BEFORE)
    answered(cast, its.pool, by="competitor")
    shared(cast, {first: 60_00, third: 40_00}, pool=its.pool, begin=CHANGES)
    agree(cast, its.pool)
    line = handed_in(cast, first)
    now, _none, other = in_parts(whole_of(cast, line), (60_00, 0, 40_00))
    assert waits(cast, its) == (now, 0, other)
    made = adjusted(cast, line, eind=BEFORE)
    assert tuple(counts(cast, its.contracts)) == in_parts(made.amount_cents, FIRST)


def test_parts_that_come_later_keep_nothing_of_before_back(cast: Cast) -> None:
    """As long as one of them did not agree, only what is for later days waits for him."""
    its = world(cast, FIRST)
    shared(cast, dict(zip(its.contracts, LATER, strict=True)), pool=its.pool, begin=CHANGES)
    with acting_as(cast.contractor.pk):
        ours = [one.version.pk for one in pooling.pool_of(its.pool).waits.values()]
    answered(cast, its.pool, seen=ours)
    line = handed_in(cast, its.contracts[0])
    assert code_of(accepted, cast, line) == "initiative_not_agreed"
    made = adjusted(cast, line, eind=BEFORE)
    assert tuple(counts(cast, its.contracts)) == in_parts(made.amount_cents, FIRST)


def test_who_took_a_contract_over_and_agreed_has_the_part_of_now(cast: Cast) -> None:
    """And once it turns out to be a mistake, what was agreed before holds again."""
    its = world(cast, FIRST)
    amended(cast, its.contracts[2], takeover(cast.rival))
    shared(cast, dict(zip(its.contracts, LATER, strict=True)), pool=its.pool)
    agree(cast, its.pool)
    whole = accepted(cast, handed_in(cast, its.contracts[0])).amount_cents
    before = counts(cast, its.contracts)
    assert tuple(before) == in_parts(whole, LATER)
    amended(cast, its.contracts[2], takeover(cast.de_eem, how=Takeover.MISTAKE))
    shared(cast, dict(zip(its.contracts, FIRST, strict=True)), pool=its.pool)
    agree(cast, its.pool)
    more = accepted(cast, handed_in(cast, its.contracts[0], kenmerk="B", persoon="P-B"))
    after = [now - then for now, then in zip(counts(cast, its.contracts), before, strict=True)]
    assert tuple(after) == in_parts(more.amount_cents, FIRST)
