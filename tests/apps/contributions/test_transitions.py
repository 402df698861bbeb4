"""Who can take which step from which state: the table, and that actions obey it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.http import Http404

from telmee.apps.contributions.actions import take_back, withdraw
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.transitions import TRANSITIONS, Side, Step, steps_for
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.queries import objection_to
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import decide
from tests.registering import found, hand_in, register

pytestmark = pytest.mark.django_db


def steps(cast: Cast, who: str, line_id: int) -> set[Step]:
    with acting_as(getattr(cast, who).pk) as acting:
        return set(steps_for(*found(acting, line_id)))


def test_each_side_gets_its_own_steps(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    deciding = {Step.ASK, Step.PART, Step.ACCEPT, Step.ADJUST, Step.REJECT}
    assert steps(cast, "contractor", line) == {Step.TAKE_BACK, Step.WITHDRAW}
    assert steps(cast, "adviser", line) == deciding
    assert steps(cast, "team", line) == deciding
    assert steps(cast, "reader", line) == steps(cast, "auditor", line) == set()


def test_every_state_but_withdrawn_has_a_way_on() -> None:
    left = {state for transition in TRANSITIONS for state in transition.states}
    assert left == set(State) - {State.WITHDRAWN}
    assert {t.side for t in TRANSITIONS if t.step == Step.OBJECT} == {Side.DELIVERING}


def test_what_was_taken_back_is_a_draft_that_nobody_else_sees(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        take_back(access, row, version=row.version)
    assert steps(cast, "contractor", line) == {Step.SUBMIT, Step.REMOVE}
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as gone:
        found(acting, line)
    assert [problem.code for problem in gone.value.problems] == ["line_gone"]
    with acting_as(cast.competitor.pk) as acting, pytest.raises(Http404):
        found(acting, line)


def test_an_objection_says_why_and_the_other_side_reads_it(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        decide(
            *found(acting, line),
            outcome=Outcome.REJECTED,
            key=uuid4(),
            reason=DecisionReason.EVIDENCE,
            text="Geen bewijs.",
        )
    with acting_as(cast.contractor.pk) as acting:
        with pytest.raises(DomainError) as error:
            object_to(*found(acting, line), reason=" ")
        assert [p.code for p in error.value.problems] == ["missing_explanation"]
        object_to(*found(acting, line), reason="Het bewijs is getoond.")
        with pytest.raises(DomainError) as error:
            object_to(*found(acting, line), reason="Nog eens.")
        assert [p.code for p in error.value.problems] == ["wrong_state"]
    with acting_as(cast.adviser.pk) as acting:
        _, row = found(acting, line)
        objection = objection_to(row)
        assert objection is not None
        assert objection.reason == "Het bewijs is getoond."


def test_what_was_withdrawn_stays_and_goes_nowhere(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*found(acting, line), reason="Dubbel.")
        access, row = found(acting, line)
        assert row.state == State.WITHDRAWN
        assert not set(steps_for(access, row))


@pytest.mark.parametrize("who", ["competitor", "subcontractor", "colleague", "outsider"])
def test_a_line_of_others_is_not_there(cast: Cast, who: str) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
        found(acting, line)
