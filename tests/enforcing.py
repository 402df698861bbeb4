"""Ladders, steps and leniency for tests, by the actions that the pages use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.enforcement.actions import Seen, confirm_step, take_step, withdraw_step
from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.ladders import set_ladder
from telmee.apps.enforcement.leniency import Wanted, grant_leniency, grant_to_all
from telmee.apps.enforcement.models import Ladder, Leniency, Step
from telmee.apps.enforcement.queries import Prospect, prospect_on
from telmee.apps.organisations.access import client_for
from telmee.apps.organisations.acting import acting_as
from telmee.core.enforcement import Step as Rung
from telmee.core.enforcement import StepTerms, Terms
from tests.cast import Cast
from tests.registering import register

#: Every rung; the last two are for a manager, and a fine from € 50.000 asks a second one.
USUAL = Terms(
    steps=(
        StepTerms(Rung.REMINDER, 14),
        StepTerms(Rung.SIGNAL, 28),
        StepTerms(Rung.DEFAULT, 14, by_manager=True),
        StepTerms(Rung.PENALTY, 30, by_manager=True, second_from_cents=50_000_00),
    ),
    behind_bp=10_00,
    least_cents=500_00,
    after_end_days=0,
    effect_weeks=8,
)


def with_rung(rung: Rung, **changes: Any) -> Terms:
    """The usual ladder with one rung changed."""
    steps = tuple(replace(one, **changes) if one.step is rung else one for one in USUAL.steps)
    return replace(USUAL, steps=steps)


def laddered(cast: Cast, terms: Terms = USUAL, *, is_on: bool = True) -> Ladder:
    """Let Hilversum enforce by a ladder, set by its manager."""
    with acting_as(cast.manager.pk) as acting:
        client = client_for(acting, cast.hilversum.pk, manages=True)
        return set_ladder(acting, client, terms, is_on=is_on, reason="Beleid", key=uuid4())


def coming(cast: Cast, contract: int, today: date | None = None) -> Prospect:
    """What comes next on a contract, as the adviser sees it."""
    with acting_as(cast.adviser.pk) as acting:
        prospect = prospect_on(
            contract_for(acting, contract).contract, today=today or timezone.localdate()
        )
    assert prospect is not None
    return prospect


def seen(cast: Cast, contract: int, today: date | None = None) -> Seen:
    """The step that is due on a contract, as the adviser sees it."""
    day = today or timezone.localdate()
    prospect = coming(cast, contract, day)
    assert prospect.next.step is not None
    return Seen(contract, prospect.next.step, prospect.behind_cents(day))


def stepped(
    cast: Cast, contract: int, *, by: str = "manager", today: date | None = None, **facts: Any
) -> Step:
    """Take the step that is due on a contract."""
    day = today or timezone.localdate()
    due = seen(cast, contract, day)
    with acting_as(getattr(cast, by).pk) as acting:
        usual: dict[str, Any] = {"reason": "Achterstand", "key": uuid4(), "today": day}
        return take_step(contract_for(acting, contract), due, **{**usual, **facts})


def agreed_by(cast: Cast, contract: int, step: int, *, by: str, agrees: bool = True) -> None:
    """Say as the second person whether a step counts."""
    with acting_as(getattr(cast, by).pk) as acting:
        confirm_step(
            contract_for(acting, contract),
            step,
            agrees=agrees,
            reason="" if agrees else "Te streng",
            today=timezone.localdate(),
        )


def withdrawn(cast: Cast, contract: int, step: int) -> None:
    """Take a step back."""
    with acting_as(cast.adviser.pk) as acting:
        withdraw_step(contract_for(acting, contract), step, reason="Vergissing")


def lenient(cast: Cast, contract: int, *, today: date | None = None, **facts: Any) -> Leniency:
    """Be lenient on a contract."""
    usual: dict[str, Any] = {"ground": Ground.CRISIS, "reason": "Sluiting"}
    with acting_as(cast.adviser.pk) as acting:
        return grant_leniency(
            contract_for(acting, contract),
            Wanted(**{**usual, **facts}),
            key=uuid4(),
            today=today or timezone.localdate(),
        )


def lenient_to_all(cast: Cast, **facts: Any) -> Leniency:
    """Be lenient on every contract of Hilversum."""
    usual: dict[str, Any] = {"ground": Ground.CRISIS, "reason": "Sluiting"}
    with acting_as(cast.manager.pk) as acting:
        client = client_for(acting, cast.hilversum.pk, manages=True)
        return grant_to_all(acting, client, Wanted(**{**usual, **facts}), key=uuid4())


#: A ladder for the world of the pages: no fine, so that one can be booked by hand.
_WORLD = (StepTerms(Rung.REMINDER, 14), StepTerms(Rung.SIGNAL, 28))


def late_pair(cast: Cast) -> tuple[int, int]:
    """Two contracts of Hilversum that ended with € 100.000 and € 300.000 open."""
    past = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    late = register(cast, **past)
    return late, register(cast, agreed_cents=300_000_00, **past)


def enforced(manager: Any, client: Any, late: int, much: int) -> dict[str, Any]:
    """A client with a ladder, leniency, a contract that is behind, and a step for a second."""
    today = timezone.localdate()
    first, last = (today + timedelta(days=days) for days in (200, 210))
    wanted = Wanted(Ground.CRISIS, "Verbouwing", first, last)
    with acting_as(manager.pk) as acting:
        own = client_for(acting, client.pk, manages=True)
        half = (contract_for(acting, much).contract.obligation_cents or 0) // 2
        steps = (replace(_WORLD[0], second_from_cents=half), *_WORLD[1:])
        terms = replace(USUAL, steps=steps)
        set_ladder(acting, own, terms, is_on=True, reason="Beleid", key=uuid4())
        for_all = grant_to_all(acting, own, wanted, key=uuid4())
        access = contract_for(acting, late)
        for_one = grant_leniency(access, wanted, key=uuid4(), today=today)
        access = contract_for(acting, much)
        prospect = prospect_on(access.contract, today=today)
        assert prospect is not None
        due = Seen(much, Rung.REMINDER, prospect.behind_cents(today))
        step = take_step(access, due, reason="Achterstand", key=uuid4(), today=today)
    assert step.needs_second
    return {
        "client": client.pk,
        "late": late,
        "enforced": much,
        "step": step.pk,
        "leniency": for_one.pk,
        "leniency_all": for_all.pk,
    }
