"""A second person agrees with what is due on that day and still right, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.amending import Wanted, amend
from telmee.apps.contracts.choices import Ground
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.enforcement.actions import against_second, changed_since, step_of
from telmee.apps.enforcement.models import Step
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.schemes.queries import version_named
from telmee.core.enforcement import Step as Rung
from telmee.core.errors import DomainError
from tests.apps.enforcement.test_corrected import decided
from tests.cast import Cast
from tests.enforcing import USUAL, agreed_by, coming, laddered, lenient, stepped, with_rung
from tests.money import accepted
from tests.registering import hand_in, register

_ENDED: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
_DAYS = (date(2024, 1, 10), date(2024, 2, 1), date(2024, 4, 1), date(2024, 6, 1))


def _fine_that_waits(cast: Cast, contract: int | None = None) -> Step:
    """A penalty that its manager proposed, and with which anybody who decides may agree."""
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=0, by_manager=False))
    contract = contract or register(cast, **_ENDED)
    return [stepped(cast, contract, today=day) for day in _DAYS][-1]


def _against(cast: Cast, step: Step, who: str) -> list[str]:
    with acting_as(getattr(cast, who).pk) as acting:
        access = contract_for(acting, step.contract_id)
        step = step_of(access, step.pk)
        faults = against_second(access, step)
        faults = faults or changed_since(access, step, today=timezone.localdate())
        return [one.code for one in faults]


def _refused(cast: Cast, step: Step, code: str) -> None:
    """Nobody can agree, and no cent is booked; somebody can still say no."""
    assert _against(cast, step, "adviser") == [code]
    with pytest.raises(DomainError, match=code):
        agreed_by(cast, step.contract_id, step.pk, by="adviser")
    with acting_as(cast.adviser.pk):
        assert positions([step.contract_id])[step.contract_id].penalty_cents == 0
    agreed_by(cast, step.contract_id, step.pk, by="adviser", agrees=False)
    assert coming(cast, step.contract_id).climb.pending is None


def test_a_fine_is_not_agreed_with_when_less_is_lacking_than_it_was_made_of(cast: Cast) -> None:
    fine = _fine_that_waits(cast)
    lenient(cast, fine.contract_id, cents=1)
    _refused(cast, fine, "ladder_fine_changed")


def test_a_fine_is_not_agreed_with_when_effort_was_accepted_since(cast: Cast) -> None:
    fine = _fine_that_waits(cast)
    accepted(cast, hand_in(cast, fine.contract_id, begin=date(2023, 1, 1), eind=date(2023, 6, 30)))
    _refused(cast, fine, "ladder_fine_changed")


def test_a_fine_is_not_agreed_with_when_more_is_lacking_than_it_was_made_of(cast: Cast) -> None:
    contract = register(cast, **_ENDED)
    line = hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    accepted(cast, line)
    fine = _fine_that_waits(cast, contract)
    for outcome in (Outcome.REOPENED, Outcome.REJECTED):
        decided(cast, line, outcome, reason=DecisionReason.MISTAKE, text="Dubbel")
    _refused(cast, fine, "ladder_fine_changed")


def test_a_fine_is_not_agreed_with_when_the_rules_changed_since(cast: Cast) -> None:
    """Harlingen withholds what was not done; by the other rules it is a fine of one and a half."""
    contract = register(cast, scheme="harlingen", **_ENDED)
    fine = _fine_that_waits(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        wanted = Wanted(
            ground=Ground.SCHEME,
            effective_on=_ENDED["end"],
            reason="Andere regels.",
            facts={"scheme_id": version_named("noordoost-brabant-3.0").pk},
        )
        amend(contract_for(acting, contract), wanted, key=uuid4())
    _refused(cast, fine, "ladder_rules_changed")


def test_a_fine_waits_for_what_was_handed_in_since_as_its_proposal_does(cast: Cast) -> None:
    fine = _fine_that_waits(cast)
    hand_in(cast, fine.contract_id, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    _refused(cast, fine, "ladder_not_due")


def test_nobody_agrees_on_a_day_of_leniency_as_no_step_is_taken_then(cast: Cast) -> None:
    fine, today = _fine_that_waits(cast), timezone.localdate()
    lenient(cast, fine.contract_id, first=today, last=today + timedelta(days=1))
    _refused(cast, fine, "ladder_not_due")


def test_nobody_agrees_with_a_step_that_the_ladder_no_longer_has(cast: Cast) -> None:
    fine = _fine_that_waits(cast)
    laddered(cast, replace(USUAL, steps=USUAL.steps[:3]))
    _refused(cast, fine, "ladder_not_due")


def test_who_took_a_step_is_not_its_second_person_in_any_role(cast: Cast) -> None:
    fine = _fine_that_waits(cast)
    assert _against(cast, fine, "manager") == ["ladder_same_person"]
    for other in ("adviser", "second_adviser"):
        assert _against(cast, fine, other) == []
    agreed_by(cast, fine.contract_id, fine.pk, by="adviser")
    for anybody in ("adviser", "second_adviser", "manager"):
        assert _against(cast, fine, anybody) == ["ladder_nothing_waits"]
