"""Decide on contributions: one transaction with the books.

A decision is never changed. To decide otherwise a client reopens it, which takes its amount back
out of the books, or a second person decides on an objection (`decisions.objections`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, hold_by_id, holding
from telmee.apps.contracts.pooling import contracts_beside
from telmee.apps.contributions.actions import locked, require_value, require_version
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.transitions import MOVED, move, require_step
from telmee.apps.contributions.valuing import figure_of, value_line
from telmee.apps.decisions.choices import Outcome, Ruling
from telmee.apps.decisions.entries import book
from telmee.apps.decisions.judgement import STEPS, Judgement, Seen
from telmee.apps.decisions.locks import locks_of, take_locks
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.objections import tell_of_ruling
from telmee.apps.decisions.queries import asked_outcome, decisions_on
from telmee.apps.decisions.reviewers import require_reviewer
from telmee.apps.decisions.telling import tell_of_decisions
from telmee.apps.organisations.turns import done_before
from telmee.apps.receipts.actions import keep
from telmee.apps.receipts.figures import Named
from telmee.apps.receipts.models import Receipt
from telmee.apps.receipts.queries import split_of
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_none
from telmee.core.ledger import instalment_cents
from telmee.core.tables.contribution_columns import PERSON, REFERENCE
from telmee.core.valuation import Status

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _with_partners(
    action: Callable[Concatenate[ContractAccess, Contribution, _P], _R],
) -> Callable[Concatenate[ContractAccess, Contribution, _P], _R]:
    """Hold the contracts that a line for an initiative is divided over, all in one order."""

    @wraps(action)
    def held(
        access: ContractAccess, line: Contribution, /, *args: _P.args, **facts: _P.kwargs
    ) -> _R:
        with transaction.atomic():
            if beside := contracts_beside(line.pool):
                hold_by_id(access.acting, {line.contract_id, *beside}, alone=True)
            return action(access, line, *args, **facts)

    return held


@_with_partners
@holding()
def decide(
    access: ContractAccess,
    line: Contribution,
    judgement: Judgement,
    *,
    seen: Seen,
    key: UUID,
    tells: bool = True,  # else who decides on many tells of all at once
) -> Decision:
    """Decide on a line, and book what counts; the same `key` twice decides once.

    Effort that is still to come counts up to and including the day on which the screen was made:
    what comes out is a decision on a part. Accepting such a line again counts more of the same
    figure; any other decision takes the place of what was counted.

    Raises `DomainError`: `missing_reason`, `line_gone`, `changed_meanwhile`, `wrong_state`,
    `own_line`, `second_reviewer_needed`, `decision_needs_amount`, `decision_value_changed`,
    `decision_rest_waits`, `missing_ruling`, `ruling_differs`, or whatever refuses the cells.
    """
    by = access.require_deciding()
    require_none(judgement.problems())
    locks = locks_of(access, line) if judgement.counts else set()
    take_locks(locks)
    row = locked(line, None)
    known = done_before(key, Decision.objects.filter(key=key))
    same = (line.pk, judgement.outcome)
    if known is not None and (known.contribution_id, asked_outcome(known)) == same:
        return known
    # Who corrected the line since it was read may have put it on another person.
    if known is not None or (judgement.counts and locks_of(access, row) != locks):
        raise DomainError(Problem("changed_meanwhile"))
    _require_undecided(access, row, judgement, seen.version)
    decision = Decision(
        contribution=row,
        contract_id=row.contract_id,
        outcome=judgement.outcome,
        amount_cents=0,
        reason=judgement.reason or "",
        text=judgement.text.strip(),
        rule=judgement.rule,
        ruling=judgement.ruling or "",
        key=key,
        user_id=access.acting.user_id,
        organisation_id=by,
    )
    follows = judgement.outcome is Outcome.ACCEPTED and row.state == State.PARTLY
    if follows:
        _follow(decision, row, seen.cents)
    elif judgement.counts and judgement.stands:
        decision.receipt = row.decided
    elif judgement.counts:
        decision.receipt = _receipt(access, decision, judgement, seen.cents)
    _require_ruling(decision, row)
    _count(access, decision, seen.on, follows=follows)
    return _write(access, row, decision, by, tells=tells)


def _require_undecided(
    access: ContractAccess, row: Contribution, judgement: Judgement, version: int | None
) -> None:
    """Refuse a line that is not as it was seen, not for who asks, or has no such step now."""
    require_version(row, version)
    require_no_code(row, judgement.text)
    require_reviewer(access.acting, row)
    require_step(access, row, STEPS[judgement.outcome])
    if row.state == State.OBJECTION and judgement.ruling is None:
        raise DomainError(Problem("missing_ruling", "uitkomst"))


def _receipt(
    access: ContractAccess, decision: Decision, judgement: Judgement, seen_cents: int | None
) -> Receipt:
    """Value a line as decided and keep the figure; nobody accepts another than he saw.

    Where somebody names an amount, a refusal of the engine does not stop him: its figure stands
    beside his. Whose effort it was, a decision does not change.
    """
    line, changed, named = decision.contribution, judgement.cells, None
    if judgement.amount_cents is not None:
        named = Named(judgement.amount_cents, decision.user_id, decision.text)
    cells = cells_to_value(line)
    if changed is not None:
        cells = {
            **changed,
            **{name: cells[name] for name in (REFERENCE, PERSON) if name in cells},
        }
    valued = value_line(access.contract, line.organisation_id, cells, line_id=line.pk)
    if named is None:
        require_value(valued)
        if valued.status is Status.NEEDS_JUDGEMENT:
            raise DomainError(Problem("decision_needs_amount", "vastgesteld_bedrag"))
    if judgement.outcome is Outcome.ACCEPTED and valued.value_cents != seen_cents:
        raise DomainError(Problem("decision_value_changed"))
    figure = figure_of(
        valued, contract_id=line.contract_id, organisation_id=line.organisation_id
    ).named_by(named)
    (receipt,) = keep([figure])
    return receipt


def _require_ruling(decision: Decision, line: Contribution) -> None:
    """Let what came of an objection fit the figure: dismissed gives no more, upheld no less.

    An objection may be about more than the amount, so that upheld in part can be either.
    """
    if not decision.ruling:
        return
    if line.state != State.OBJECTION:
        raise DomainError(Problem("wrong_state", params={"state": line.state}))
    now = (decision.receipt.amount_cents if decision.receipt else None) or 0
    stood = (line.decided.amount_cents if line.decided else None) or 0
    if (decision.ruling == Ruling.DISMISSED and now > stood) or (
        decision.ruling == Ruling.UPHELD and now < stood
    ):
        raise DomainError(Problem("ruling_differs", "uitkomst"))


def _follow(decision: Decision, line: Contribution, seen_cents: int | None) -> None:
    """Let a decision go on where one on a part stopped: by the same figure, for the same reason."""
    last = decisions_on(line)[0]
    if last.receipt is None or last.receipt.amount_cents != seen_cents:
        raise DomainError(Problem("decision_value_changed"))
    decision.receipt, decision.before_cents = last.receipt, last.counted_cents
    decision.reason, decision.text, decision.rule = last.reason, last.text, last.rule
    decision.outcome = Outcome.ADJUSTED if last.reason else Outcome.ACCEPTED


def _count(
    access: ContractAccess, decision: Decision, seen_on: date | None, *, follows: bool
) -> None:
    """Fill in what a decision counts: the whole figure, or the part for the days until now."""
    if decision.receipt is None:
        return
    today = timezone.localdate()
    until = min(seen_on or today, today)
    decision.amount_cents, rest = instalment_cents(
        *split_of(decision.receipt, until), decision.before_cents, takes_all=access.accepts_ahead
    )
    if rest and follows and decision.amount_cents <= 0:
        raise DomainError(Problem("decision_rest_waits"))
    if rest:
        decision.outcome, decision.until = Outcome.PARTLY, until


def _write(
    access: ContractAccess,
    line: Contribution,
    decision: Decision,
    organisation_id: int,
    *,
    tells: bool,
) -> Decision:
    """Write a decision with what follows from it: the line, the books, the journal, a notice."""
    move(access, line, STEPS[Outcome(decision.outcome)])
    decision.save(force_insert=True)
    _mark(line, decision)
    record(
        access.acting,
        f"contribution.{decision.outcome}",
        line,
        organisation_id=organisation_id,
        contract_id=line.contract_id,
        reason=decision.text,
        details={"cents": decision.amount_cents, "reason": decision.reason},
    )
    book(access, line, decision, organisation_id)
    if decision.ruling:
        tell_of_ruling(access, line, decision)
    if tells:
        tell_of_decisions(access, [decision])
    return decision


def _mark(line: Contribution, decision: Decision) -> None:
    """Let the line carry what stands of its decisions, as the database will write it."""
    reopened = decision.outcome == Outcome.REOPENED
    line.decided = decision.receipt
    line.verified_cents = None if reopened else decision.counted_cents
    kept = decision.receipt.amount_cents if decision.receipt and decision.until else None
    line.rest_cents = None if kept is None else kept - decision.counted_cents
    line.decided_at = None if reopened else timezone.now()
    line.save(update_fields=[*MOVED, "decided", "verified_cents", "decided_at"])
