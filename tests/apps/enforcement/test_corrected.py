"""A step is marked when figures of before it are corrected after it, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.booking import penalise, take_back
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.enforcement.actions import look_again
from telmee.apps.enforcement.queries import corrected, steps_on
from telmee.apps.ledger.queries import entries_of
from telmee.apps.organisations.acting import acting_as
from tests.apps.contributions.test_voiding import void
from tests.apps.enforcement.test_steps import past
from tests.cast import Cast
from tests.enforcing import USUAL, laddered, lenient, stepped, withdrawn
from tests.money import accepted, agree, booked, decide
from tests.registering import found, hand_in

#: The day on which the steps are taken, towards the end of the contracts.
_ON, _DAY = date(2023, 12, 1), timedelta(days=1)
_Deed = Callable[[Cast, int], object]


def _handed_in(cast: Cast, contract: int, name: str = "K-1") -> int:
    return hand_in(
        cast, contract, kenmerk=name, persoon=name, begin=date(2023, 1, 1), eind=date(2023, 6, 30)
    )


def _accepted(cast: Cast, contract: int, name: str = "K-1") -> int:
    line = _handed_in(cast, contract, name)
    accepted(cast, line)
    return line


def _rejected(cast: Cast, contract: int, name: str = "K-1") -> int:
    line = _handed_in(cast, contract, name)
    decided(cast, line, Outcome.REJECTED, reason=DecisionReason.EVIDENCE, text="Geen bewijs")
    return line


def _reopened(cast: Cast, line: int) -> None:
    decided(cast, line, Outcome.REOPENED, reason=DecisionReason.MISTAKE, text="Vergissing")


def _lowered(cast: Cast, contract: int, day: date) -> None:
    with acting_as(cast.adviser.pk) as acting:
        agree(contract_for(acting, contract), **booked(90_000_00, effective_on=day))


def _fined(cast: Cast, contract: int) -> int:
    """A fine by hand, as long as no ladder has one; gives its entry."""
    with acting_as(cast.adviser.pk) as acting:
        penalise(contract_for(acting, contract), **booked(1_00, effective_on=date(2024, 1, 1)))
        return entries_of([contract])[-1].pk


def _taken_back(cast: Cast, contract: int, entry: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        take_back(contract_for(acting, contract), entry, reason="Vergissing")


def _voided(cast: Cast, contract: int) -> None:
    assert void(cast, contract) == ""


def _nothing(_cast: Cast, _contract: int) -> None:
    return None


#: What was done before a step and what after it, and whether that marks the step.
_CASES: dict[str, tuple[_Deed, Callable[[Cast, int, Any], object], bool]] = {
    "an entry of then is taken back": (
        _accepted,
        lambda cast, _contract, line: _reopened(cast, line),
        True,
    ),
    "the contract turns out to be registered by mistake": (
        _nothing,
        lambda cast, contract, _: _voided(cast, contract),
        False,
    ),
    "an entry of later is taken back": (
        _nothing,
        lambda cast, contract, _: _reopened(cast, _accepted(cast, contract)),
        False,
    ),
    "a fine is taken back": (_fined, _taken_back, False),
    "the obligation is lowered from before it": (
        _nothing,
        lambda cast, contract, _: _lowered(cast, contract, _ON - _DAY),
        True,
    ),
    "the obligation is lowered from its day on": (
        _nothing,
        lambda cast, contract, _: _lowered(cast, contract, _ON),
        False,
    ),
    "the obligation was lowered before it": (
        lambda cast, contract: _lowered(cast, contract, date(2023, 6, 1)),
        lambda _cast, _contract, _: None,
        False,
    ),
    "a line that was rejected then is decided again": (
        _rejected,
        lambda cast, _contract, line: _reopened(cast, line),
        True,
    ),
    "a line that was rejected then, and decided again then": (
        lambda cast, contract: _reopened(cast, _rejected(cast, contract)),
        lambda _cast, _contract, _: None,
        False,
    ),
    "a line that was rejected later is decided again": (
        _nothing,
        lambda cast, contract, _: _reopened(cast, _rejected(cast, contract)),
        False,
    ),
    "another line is decided on than the one that was rejected": (
        _rejected,
        lambda cast, contract, _: _accepted(cast, contract, "K-2"),
        False,
    ),
    "another line is accepted and taken back than the one that was rejected": (
        _rejected,
        lambda cast, contract, _: _reopened(cast, _accepted(cast, contract, "K-2")),
        False,
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_a_step_is_marked_by_corrections_of_its_own_figures_alone(cast: Cast, case: str) -> None:
    before, after, marks = _CASES[case]
    contract, other = past(cast), past(cast, reference="B")
    known = before(cast, contract)
    before(cast, other)
    laddered(cast, replace(USUAL, steps=USUAL.steps[:2]))
    step, stays = (stepped(cast, pk, today=_ON) for pk in (contract, other))
    after(cast, contract, known)
    assert _marked(cast, contract, other) == ({step.pk} if marks else set())
    assert stays.pk not in _marked(cast, contract, other)


def test_of_two_steps_the_one_that_was_withdrawn_is_not_marked(cast: Cast) -> None:
    contract, other = past(cast), past(cast, reference="B")
    line = _accepted(cast, contract)
    laddered(cast)
    step, taken_back = stepped(cast, contract), stepped(cast, other)
    withdrawn(cast, other, taken_back.pk)
    _reopened(cast, line)
    assert _marked(cast, contract, other) == {step.pk}


def test_a_step_on_figures_that_were_corrected_is_marked_until_somebody_looked(
    cast: Cast,
) -> None:
    contract = past(cast)
    line = hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    decided(cast, line, Outcome.REJECTED, reason=DecisionReason.EVIDENCE, text="Geen bewijs")
    laddered(cast)
    step = stepped(cast, contract)
    assert _marked(cast, contract) == set()
    decided(cast, line, Outcome.REOPENED, reason=DecisionReason.MISTAKE, text="Toch bewijs")
    assert _marked(cast, contract) == {step.pk}
    with acting_as(cast.adviser.pk) as acting:
        look_again(contract_for(acting, contract), step.pk, reason="Blijft achter.", key=uuid4())
    assert _marked(cast, contract) == set()
    accepted(cast, line)
    assert _marked(cast, contract) == set()


def test_an_entry_of_then_that_was_taken_back_marks_a_step_and_leniency_today_does_not(
    cast: Cast,
) -> None:
    contract = past(cast)
    line = hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    accepted(cast, line)
    laddered(cast)
    step = stepped(cast, contract)
    lenient(cast, contract, cents=1_00)
    late = hand_in(
        cast, contract, kenmerk="K-2", persoon="P-2", begin=date(2023, 1, 1),
        eind=date(2023, 6, 30),
    )  # fmt: skip
    accepted(cast, late)  # catching up corrects nothing
    assert _marked(cast, contract) == set()
    decided(cast, line, Outcome.REOPENED, reason=DecisionReason.MISTAKE, text="Dubbel")
    assert _marked(cast, contract) == {step.pk}
    withdrawn(cast, contract, step.pk)
    assert _marked(cast, contract) == set()


def test_a_step_is_marked_anew_when_figures_are_corrected_after_somebody_looked(
    cast: Cast,
) -> None:
    contract = past(cast)
    lines = [
        hand_in(
            cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}", begin=date(2023, 1, 1),
            eind=date(2023, 6, 30),
        )
        for number in range(2)
    ]  # fmt: skip
    for line in lines:
        accepted(cast, line)
    laddered(cast)
    step = stepped(cast, contract)
    for line in lines:
        decided(cast, line, Outcome.REOPENED, reason=DecisionReason.MISTAKE, text="Dubbel")
        assert _marked(cast, contract) == {step.pk}
        with acting_as(cast.adviser.pk) as acting:
            look_again(contract_for(acting, contract), step.pk, reason="Blijft.", key=uuid4())
        assert _marked(cast, contract) == set()


def decided(cast: Cast, line: int, outcome: Outcome, **facts: Any) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=outcome, key=uuid4(), **facts)


def _marked(cast: Cast, *contracts: int) -> set[int]:
    with acting_as(cast.adviser.pk):
        return set(corrected(steps_on(contracts)))
