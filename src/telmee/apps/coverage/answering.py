"""Say what a purchase is: apply or explain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from telmee.apps.audit.actions import record
from telmee.apps.contracts.choices import NoObligation
from telmee.apps.coverage.access import contracts_of_client
from telmee.apps.coverage.choices import Outcome
from telmee.apps.coverage.models import Purchase, PurchaseAnswer
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import done_before, wait_for_turn
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems, require_none


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnswer:
    """What somebody says of a purchase. `seen` is the number of the answer that he saw, or 0."""

    outcome: Outcome
    contract_id: int | None = None
    ground: str = ""
    reason: str = ""
    seen: int = 0


def answers_of(purchase: Purchase) -> QuerySet[PurchaseAnswer]:
    """What was said of a purchase, the last first."""
    answers = PurchaseAnswer.objects.filter(purchase=purchase)
    return answers.select_related("contract").order_by("-number")


@transaction.atomic
def answer_purchase(acting: Acting, purchase: Purchase, answer: NewAnswer, *, key: UUID) -> None:
    """Say what a purchase is; the same `key` twice says it once.

    Raises `missing_explanation`, `missing_ground`, `purchase_contract_unknown` (the contract is
    none of the client), `purchase_answered_since`, and what refuses a reason.
    """
    require_none(list(_problems(acting, purchase, answer)))
    if done_before(key, PurchaseAnswer.objects.filter(key=key, purchase=purchase)) is not None:
        return
    wait_for_turn(f"purchase {purchase.pk}")
    last = answers_of(purchase).first()
    if (last.number if last else 0) != answer.seen:
        raise DomainError(Problem("purchase_answered_since"))
    PurchaseAnswer.objects.create(
        purchase=purchase,
        organisation_id=purchase.organisation_id,
        outcome=answer.outcome,
        contract_id=answer.contract_id,
        ground=answer.ground,
        reason=answer.reason.strip(),
        key=key,
        user_id=acting.user_id,
    )
    record(
        acting,
        "purchase.answered",
        purchase,
        organisation_id=purchase.organisation_id,
        reason=answer.reason,
        details={"outcome": str(answer.outcome)},
    )


def _problems(acting: Acting, purchase: Purchase, answer: NewAnswer) -> Iterator[Problem]:
    explains = answer.outcome is Outcome.EXPLAINED
    yield from reason_problems(
        answer.reason, required=explains or answer.outcome is Outcome.REOPENED
    )
    if explains and answer.ground not in NoObligation.values:
        yield Problem("missing_ground", "grond")
    if answer.outcome is Outcome.MATCHED:
        own = contracts_of_client(acting, purchase.organisation_id)
        if not own.filter(pk=answer.contract_id or 0).exists():
            yield Problem("purchase_contract_unknown", "contract")


@transaction.atomic
def confirm_proposals(
    acting: Acting,
    client_id: int,
    chosen: Mapping[int, int],
    unanswered: QuerySet[Purchase],
    *,
    key: UUID,
) -> int:
    """Confirm that purchases are the contracts that were proposed; counts those that are.

    `chosen` has the contract that somebody saw beside each purchase. One that was answered by then,
    or of which another contract is proposed now, is left as it is.
    """  # fmt: skip
    confirmed = 0
    for purchase in unanswered.filter(organisation=client_id, pk__in=chosen):
        if purchase.proposed_id != chosen[purchase.pk]:
            continue
        seen = PurchaseAnswer.objects.filter(purchase=purchase).count()
        answer = NewAnswer(outcome=Outcome.MATCHED, contract_id=purchase.proposed_id, seen=seen)
        answer_purchase(acting, purchase, answer, key=uuid5(key, str(purchase.pk)))
        confirmed += 1
    return confirmed
