"""Where a contribution can go from where it stands, and who takes it there.

The table is data: the actions obey it, the pages draw their buttons from it, and
docs/contributions.md is checked against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.choices import OPEN_STATES, UNDECIDED_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.core.errors import DomainError, Problem


class Side(StrEnum):
    """Which side of a contract takes a step."""

    DELIVERING = "delivering"
    DECIDING = "deciding"


class Step(StrEnum):
    """What can be done with a contribution."""

    SUBMIT = "submit"
    REMOVE = "remove"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"
    ASK = "ask"
    REPLY = "reply"
    PART = "part"
    ACCEPT = "accept"
    ADJUST = "adjust"
    REJECT = "reject"
    OBJECT = "object"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: from which states, by whom, to which state; `None` when it is gone after."""

    step: Step
    states: frozenset[State]
    side: Side
    to: State | None


#: What can be decided: what waits, what waits for an answer, what was decided up to a day.
_OPEN = frozenset((*OPEN_STATES, State.ASKED, State.PARTLY))
TRANSITIONS: tuple[Transition, ...] = (
    Transition(Step.SUBMIT, frozenset((State.DRAFT,)), Side.DELIVERING, State.SUBMITTED),
    Transition(Step.REMOVE, frozenset((State.DRAFT,)), Side.DELIVERING, None),
    Transition(Step.TAKE_BACK, frozenset((State.SUBMITTED,)), Side.DELIVERING, State.DRAFT),
    Transition(Step.WITHDRAW, frozenset(UNDECIDED_STATES), Side.DELIVERING, State.WITHDRAWN),
    Transition(Step.ASK, frozenset((State.SUBMITTED,)), Side.DECIDING, State.ASKED),
    Transition(Step.REPLY, frozenset((State.ASKED,)), Side.DELIVERING, State.SUBMITTED),
    Transition(Step.PART, _OPEN, Side.DECIDING, State.PARTLY),
    Transition(Step.ACCEPT, _OPEN, Side.DECIDING, State.ACCEPTED),
    Transition(Step.ADJUST, _OPEN, Side.DECIDING, State.ADJUSTED),
    Transition(Step.REJECT, _OPEN, Side.DECIDING, State.REJECTED),
    Transition(
        Step.OBJECT,
        frozenset((State.PARTLY, State.ADJUSTED, State.REJECTED)),
        Side.DELIVERING,
        State.OBJECTION,
    ),
    Transition(
        Step.REOPEN,
        frozenset((State.PARTLY, State.ACCEPTED, State.ADJUSTED, State.REJECTED)),
        Side.DECIDING,
        State.SUBMITTED,
    ),
)
_BY_STEP = {transition.step: transition for transition in TRANSITIONS}


def steps_for(access: ContractAccess, line: Contribution) -> Iterator[Step]:
    """What somebody can do with a contribution in its state: the buttons of a page.

    On a closed contract nothing is left to do.
    """
    for transition in TRANSITIONS if access.is_open else ():
        if line.state in transition.states and acting_for(access, line, transition) is not None:
            yield transition.step


def require_step(access: ContractAccess, line: Contribution, step: Step) -> int:
    """The id of the organisation for which somebody takes a step.

    Raises `DomainError` `not_allowed`, `contract_closed`, or `wrong_state` when somebody else was
    there before.
    """
    transition = _BY_STEP[step]
    organisation_id = acting_for(access, line, transition)
    if organisation_id is None:
        raise DomainError(Problem("not_allowed"))
    access.require_open()
    if line.state not in transition.states:
        raise DomainError(Problem("wrong_state", params={"state": line.state}))
    return organisation_id


#: The fields that `move` changes, for who saves the row.
MOVED = ("state", "version", "submitted_at", "receipt")


def move(access: ContractAccess, line: Contribution, step: Step) -> int:
    """Take a step with a line, as the table says; gives for whom. The row is still to be saved.

    The only function that changes the state of a line. Raises as `require_step`.
    """
    organisation_id = require_step(access, line, step)
    to = _BY_STEP[step].to
    if to is None:
        raise ValueError(f"after {step} there is no line")
    if line.state == State.DRAFT:
        line.submitted_at = timezone.now()
    elif to is State.DRAFT:
        line.submitted_at = line.receipt = None
    line.state = to
    line.version += 1
    return organisation_id


def acting_for(access: ContractAccess, line: Contribution, transition: Transition) -> int | None:
    """The id of the organisation that may take a step on a line; None where there is none."""
    if transition.side is Side.DECIDING:
        return access.deciding_for
    return line.organisation_id if access.works_for(line.organisation_id) else None
