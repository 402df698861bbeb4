"""Decide on a step: take it, agree as the second person, take it back, or look at it again.

A step is taken on the figures that somebody saw: when they moved since, he looks again. What it
brings about (the fine in the books, the notice to the contractor) happens when it counts: at once,
or when the second person agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, contract_to_decide, holding
from telmee.apps.contracts.booking import penalise, sanction_of, take_back
from telmee.apps.contracts.chains import rules_on
from telmee.apps.contracts.telling import deciding_parties, tell_some
from telmee.apps.enforcement.ladders import terms_of
from telmee.apps.enforcement.models import Confirmation, SecondLook, Step, Withdrawal
from telmee.apps.enforcement.queries import (
    Prospect,
    bears_fine,
    counts_since,
    facts_of,
    holds,
    is_pending,
    is_withdrawn,
    prospect_on,
    sanction_kept,
    steps_on,
)
from telmee.apps.ledger.queries import entry_posted, is_reversed, positions
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before
from telmee.core.enforcement import Step as Rung
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_reason
from telmee.core.money import CENTS_MAX
from telmee.core.obligations.sanctions import sanction_kind
from telmee.core.tables.contribution_columns import AMOUNT


@dataclass(frozen=True, slots=True)
class Seen:
    """The step that somebody saw as due on a contract, and how much it was behind."""

    contract_id: int
    step: Rung
    behind_cents: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one of several steps: the step, or why it was not taken."""

    contract_id: int
    step: Step | None = None
    refused: DomainError | None = None


@holding(alone=True)
def take_step(
    access: ContractAccess,
    seen: Seen,
    *,
    reason: str,
    key: UUID,
    today: date,
    amount_cents: int | None = None,
) -> Step:
    """Take the step that is due on a contract; the same `key` twice takes it once.

    A penalty is the amount of the scheme, or `amount_cents` where somebody named another. Raises
    `ladder_changed` where something else is due by now, `ladder_needs_manager`,
    `ladder_no_amount`, and what refuses a reason.
    """
    by = access.require_deciding_now()
    known = done_before(key, Step.objects.filter(key=key, contract=access.contract))
    if known is not None:
        return known
    prospect = prospect_on(access.contract, today=today)
    since = None if prospect is None else prospect.next.late_since
    if prospect is None or since is None or not _is_as_seen(prospect, seen, today):
        raise DomainError(Problem("ladder_changed"))
    kept, amount = facts_of(prospect, today), None
    kept["sanction"] = _sanction_named(access, today)
    if seen.step is Rung.PENALTY:
        kept |= _by_the_scheme(access, today)
        amount = kept["rules_cents"] if amount_cents is None else amount_cents
    faults = [*reason_problems(reason), *_role_problems(access, prospect, seen.step, by)]
    if seen.step is Rung.PENALTY:
        faults += _amount_problems(amount)
    if faults:
        raise DomainError(faults)
    step = Step(
        contract=access.contract,
        ladder=prospect.ladder,
        number=1,  # the database counts
        kind=str(seen.step),
        on=today,
        amount_cents=amount,
        late_since=since,
        behind_cents=seen.behind_cents,
        facts=kept,
        reason=reason.strip(),
        key=key,
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    step.save(force_insert=True)
    step.refresh_from_db()
    if step.needs_second:
        _tell(access, deciding_parties(access), "ladder_second", step)
    else:
        _let_count(access, step)
    return step


def take_steps(
    acting: Acting, wanted: Sequence[Seen], *, reason: str, key: UUID, today: date
) -> list[Answer]:
    """Take the step that is due on several contracts: each as somebody saw it, or not at all.

    A penalty is decided by itself. Contracts go in one order, so that no two wait for each other.
    """
    answers = []
    for seen in sorted(wanted, key=lambda one: one.contract_id):
        if seen.step is Rung.PENALTY:
            alone = DomainError(Problem("ladder_penalty_alone"))
            answers.append(Answer(seen.contract_id, refused=alone))
            continue
        try:
            access = contract_to_decide(acting, seen.contract_id)
            own = uuid5(key, str(seen.contract_id))
            with transaction.atomic():
                step = take_step(access, seen, reason=reason, key=own, today=today)
            answers.append(Answer(seen.contract_id, step))
        except DomainError as refused:
            answers.append(Answer(seen.contract_id, refused=refused))
    return answers


@holding(alone=True)
def confirm_step(
    access: ContractAccess, step_id: int, *, agrees: bool, reason: str, today: date
) -> None:
    """Say as the second person that a step counts, or that it does not and why.

    Raises what `against_second` comes to, what refuses a reason, and, for who agrees,
    `ladder_caught_up`, `ladder_not_due`, `ladder_fine_changed` or `ladder_rules_changed` where
    something changed since.
    """
    by = access.require_deciding_now()
    require_reason(reason, required=not agrees)
    step = step_of(access, step_id)
    faults = against_second(access, step)
    if agrees:
        faults = faults or changed_since(access, step, today=today)
    if faults:
        raise DomainError(faults)
    Confirmation.objects.create(
        step=step,
        contract=access.contract,
        agrees=agrees,
        on=today,
        reason=reason.strip(),
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    if agrees:
        _let_count(access, step_of(access, step_id))
    else:
        _tell(access, [step.organisation_id], "ladder_refused", step, reason=reason.strip())


def against_second(access: ContractAccess, step: Step) -> list[Problem]:
    """Why somebody is not the second person of a step; nothing where he is.

    Either nothing waits for one (any more), or he took the step himself, or it takes a manager.
    """
    if not is_pending(step):
        return [Problem("ladder_nothing_waits")]
    if step.user_id == access.acting.user_id:
        return [Problem("ladder_same_person")]
    rung = terms_of(step.ladder).of(Rung(step.kind))
    by_manager = rung is not None and rung.by_manager
    if by_manager and not access.acting.manages(access.deciding_for or 0):
        return [Problem("ladder_needs_manager")]
    return []


def changed_since(access: ContractAccess, step: Step, *, today: date) -> list[Problem]:
    """Why nobody can agree with a step that waits, by the figures of today.

    A step counts from the day on which the second person agrees, so it has to be due on that day;
    and a fine is of what was not done by the rules of that day, so both have to be what they were.
    """
    prospect = prospect_on(access.contract, today=today)
    if prospect is None or prospect.next.late_since is None:
        return [Problem("ladder_caught_up")]
    if not (prospect.next.is_due and prospect.next.step == step.kind):
        return [Problem("ladder_not_due")]
    if step.amount_cents is None:
        return []
    then, now = step.facts.get("base_cents"), prospect.pace.open_cents
    if then != now:
        params = {"then_cents": then, "now_cents": now}
        return [Problem("ladder_fine_changed", params=params)]
    factor, name = _by_the_scheme(access, today)["factor"], _sanction_named(access, today)
    is_same = (step.facts.get("factor"), sanction_kept(step)) == (factor, name)
    return [] if is_same else [Problem("ladder_rules_changed")]


@holding(alone=True)
def withdraw_step(access: ContractAccess, step_id: int, *, reason: str) -> None:
    """Take a step back, with its fine; it stays to be seen.

    Raises `ladder_withdrawn` where that was done, `ladder_under_sanction` for a notice of default
    on which a fine rests that holds, and what refuses a reason.
    """
    by = access.require_deciding_now()
    require_reason(reason)
    step = step_of(access, step_id)
    if is_withdrawn(step):
        raise DomainError(Problem("ladder_withdrawn"))
    if bears_fine(step, steps_on([access.contract.pk])):
        raise DomainError(Problem("ladder_under_sanction"))
    counted = holds(step)
    Withdrawal.objects.create(
        step=step,
        contract=access.contract,
        reason=reason.strip(),
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    entry = entry_posted(access.contract.pk, step.key) if step.amount_cents else None
    if entry is not None and not is_reversed(entry):
        take_back(access, entry.pk, reason=reason)
    if counted:  # of a step that never did, nobody else heard
        _record(access, "contract.step_withdrawn", step, by, reason)
        _tell_contractor(access, "ladder_withdrawn", step, reason=reason.strip())


@holding(alone=True)
def look_again(access: ContractAccess, step_id: int, *, reason: str, key: UUID) -> None:
    """Say that a step stands although figures on which it rests were corrected, and why."""
    by = access.require_deciding()
    require_reason(reason)
    step = step_of(access, step_id)
    if done_before(key, SecondLook.objects.filter(key=key, step=step)) is None:
        SecondLook.objects.create(
            step=step,
            contract=access.contract,
            reason=reason.strip(),
            key=key,
            user_id=access.acting.user_id,
            organisation_id=by,
        )


def step_of(access: ContractAccess, step_id: int) -> Step:
    """One of the steps on a contract. Raises `not_allowed` where it is another's."""
    step = steps_on([access.contract.pk]).select_related("ladder").filter(pk=step_id).first()
    if step is None:
        raise DomainError(Problem("not_allowed"))
    return step


def _is_as_seen(prospect: Prospect, seen: Seen, today: date) -> bool:
    same = prospect.next.step is seen.step and prospect.behind_cents(today) == seen.behind_cents
    return prospect.is_due and same


def _role_problems(
    access: ContractAccess, prospect: Prospect, step: Rung, by: int
) -> list[Problem]:
    rung = terms_of(prospect.ladder).of(step)
    is_his = rung is None or not rung.by_manager or access.acting.manages(by)
    return [] if is_his else [Problem("ladder_needs_manager")]


def _sanction_named(access: ContractAccess, today: date) -> str:
    return sanction_kind(rules_on(access.contract, [today])[today])


def _by_the_scheme(access: ContractAccess, today: date) -> dict[str, Any]:
    """What was not done, the factor of the scheme and its penalty; nothing where it gives none."""
    position = positions([access.contract.pk])[access.contract.pk]
    sanction = sanction_of(access.contract, position, on=today)
    if sanction is None or sanction.factor is None:
        return {"base_cents": position.open_cents, "factor": None, "rules_cents": None}
    return {
        "base_cents": sanction.base_cents,
        "factor": str(sanction.factor),
        "rules_cents": sanction.amount_cents,
    }


def _amount_problems(amount: int | None) -> list[Problem]:
    if amount is None:
        return [Problem("ladder_no_amount", AMOUNT)]
    in_range = 0 < amount <= CENTS_MAX
    return [] if in_range else [Problem("decision_amount_out_of_range", AMOUNT)]


# What a step brings about ----------------------------------------------------------------------


def _let_count(access: ContractAccess, step: Step) -> None:
    """Book the fine of a step that counts, write it in the journal, and tell the contractor."""
    if step.amount_cents is not None:
        penalise(
            access,
            amount_cents=step.amount_cents,
            reason=step.reason,
            key=step.key,
            effective_on=counts_since(step),
        )
    _record(access, "contract.step_taken", step, access.require_deciding_now(), step.reason)
    _tell_contractor(access, "ladder_step", step)


def _record(access: ContractAccess, verb: str, step: Step, by: int, reason: str) -> None:
    record(
        access.acting,
        verb,
        access.contract,
        organisation_id=by,
        contract_id=access.contract.pk,
        reason=reason,
        details={"step": step.kind, "number": step.number},
    )


def step_facts(access: ContractAccess, step: Step) -> Mapping[str, Any]:
    """What a notice says of a step."""
    return {
        "by": access.client.organisation.name if access.client else "",
        "step": step.kind,
        "sanction": sanction_kept(step),
        "behind_cents": step.behind_cents,
        "amount_cents": step.amount_cents or 0,
        "days": step.days,
    }


def _tell_contractor(access: ContractAccess, code: str, step: Step, **facts: object) -> None:
    if access.contractor is not None:
        _tell(access, [access.contractor.organisation_id], code, step, **facts)


def _tell(
    access: ContractAccess, to: Iterable[int], code: str, step: Step, **facts: object
) -> None:
    tell_some(
        access,
        to,
        code,
        event=f"step {step.pk}",
        page="contract-enforcement",
        facts={**step_facts(access, step), **facts},
    )
