"""What an amendment of a contract means for lines that were decided: who confirms it sees it first.

They keep the value that they were decided at, until a person opens them again
(docs/decisions/0012-decided-lines-keep-their-value.md). After the amendment they wait in the work
list, until somebody reviewed each or decided on it again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contracts.access import ContractAccess, contracts_of, hold, holding
from telmee.apps.contracts.amending import Planned, Wanted, amend, as_amended
from telmee.apps.contracts.choices import DECIDING_ROLES, Ground
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.contracts.turnover import hand_turnover_on
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import COUNTING_STATES, UNDECIDED_STATES, State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.models import Touched as TouchedRow
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import how_many
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.valuation import Valuation, value


@dataclass(frozen=True, slots=True)
class Touched:
    """A decided line that the rules would value otherwise after an amendment.

    `then_cents` is None where the line would have no value any more: it falls outside the contract,
    or the other version refuses it. `verified_cents` is what was decided, and stays.
    """

    line: Contribution
    now_cents: int | None
    then_cents: int | None
    verified_cents: int


def touched_by(access: ContractAccess, planned: Planned) -> list[Touched]:
    """The decided lines of a contract that would come to another value by an amendment.

    All of them are valued together, once by the facts of now and once by those of then, so that
    only the amendment makes the difference. Runs one query.
    """
    return _otherwise(access, planned, COUNTING_STATES)


def waiting_otherwise(access: ContractAccess, planned: Planned) -> int:
    """How many lines without a decision would come to another value by an amendment, or to none.

    Each gets it with its decision: nothing holds it at what it was handed in for. Runs one query.
    """
    return len(_otherwise(access, planned, UNDECIDED_STATES))


def _otherwise(
    access: ContractAccess, planned: Planned, states: Collection[State]
) -> list[Touched]:
    lines = list(on_contract(access).filter(state__in=states).order_by("begin", "id"))
    if not lines:
        return []
    now = _valued(access.contract, lines)
    then = _valued(as_amended(access.contract, planned), lines)
    return [
        Touched(line, now.value_cents(n), then.value_cents(n), line.verified_cents or 0)
        for n, line in enumerate(lines)
        if now.value_cents(n) != then.value_cents(n)
    ]


@holding(alone=True)
def amend_contract(
    access: ContractAccess, wanted: Wanted, *, key: UUID, seen: int | None = None
) -> None:
    """Amend a contract, put the decided lines that it touches in the work list, hand on what waits.

    No decision moves by it. Raises as `amend` does; the same `key` twice does all of it once.
    """
    planned = amend(access, wanted, key=key, seen=seen)
    if planned is None:
        return
    if wanted.ground is Ground.TAKEN_OVER:
        (now,) = hold(access, alone=True)
        hand_turnover_on(now, key=key, today=timezone.localdate())
    TouchedRow.objects.bulk_create(
        TouchedRow(
            contribution=one.line,
            contract=access.contract,
            amendment=planned.number,
            decided_cents=one.verified_cents,
            then_cents=one.then_cents,
        )
        for one in touched_by(access, planned)
    )


def waiting_reviews(acting: Acting) -> QuerySet[TouchedRow]:
    """The decided lines that an amendment touched and nobody reviewed, the latest first.

    A line that was decided on again since, or whose decision was taken back, waits no more; of
    several amendments the last stands for all.
    """
    rows = TouchedRow.objects.filter(
        reviewed_at=None,
        contribution__state__in=COUNTING_STATES,
        contribution__decided_at__lt=F("created_at"),
        contract__closed_on=None,
        contract__in=contracts_of(acting, *DECIDING_ROLES),
    )
    later = rows.filter(contribution=OuterRef("contribution"), amendment__gt=OuterRef("amendment"))
    return rows.exclude(Exists(later)).order_by("-created_at", "-pk")


def count_reviews(acting: Acting) -> int:
    """How many of `waiting_reviews` there are. Runs one query."""
    return sum(_reviews(acting))


@prepared
def _reviews(acting: Acting) -> QuerySet[TouchedRow, int]:
    return how_many(waiting_reviews(acting))


@holding()
def review(access: ContractAccess, line: Contribution) -> None:
    """Say that the decision on a line stays, whatever amendments touched it until now.

    Raises `not_allowed` and `contract_closed`. Who comes second changes nothing.
    """
    by = access.require_deciding_now()
    rows = TouchedRow.objects.filter(contribution=line, reviewed_at=None)
    if rows.update(reviewed_at=Now(), reviewed_by_id=access.acting.user_id):
        record(
            access.acting,
            "contribution.reviewed",
            line,
            organisation_id=by,
            contract_id=access.contract.pk,
        )


def _valued(contract: Contract, lines: list[Contribution]) -> Valuation:
    rows = [as_line(cells_to_value(line), contract) for line in lines]
    rules = rules_of(contract.scheme)
    return value(rules, contributions_from(rows), obligations=owed_by(contract))
