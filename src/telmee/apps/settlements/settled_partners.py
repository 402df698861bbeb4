"""Decide on a line for an initiative of which a part belongs to a contract that was settled.

The decision stands on the contract of the line, and so does an objection to it. What it changes for
a partner that was settled meanwhile is a correction of that settlement: both in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID, uuid5

from django.db import transaction

from telmee.apps.contracts.access import ContractAccess, contract_for, hold_by_id
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.pooling import contracts_beside
from telmee.apps.contracts.queries import is_settled
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.dividing import PartnersSettledError
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.acting import Acting
from telmee.apps.settlements.actions import correct
from telmee.apps.settlements.queries import books_now

_R = TypeVar("_R")


def settled_beside(line: Contribution) -> list[Contract]:
    """The settled contracts of the initiative of a line: what is decided may change their part."""
    beside = contracts_beside(line.pool) - {line.contract_id}
    closed = Contract.objects.filter(pk__in=beside, closed_on__isnull=False).order_by("reference")
    return [contract for contract in closed if is_settled(contract.pk)]


def decide_with_partners(
    access: ContractAccess,
    line: Contribution,
    judgement: Judgement,
    *,
    seen: Seen,
    key: UUID,
    correcting: str,
) -> Decision:
    """Decide as `decide` does, and correct each settlement of which the part changes.

    `correcting` is the reason for the corrections, which both sides of those contracts read. Raises
    `initiative_partner_settled` where it is empty and a part would change, and what `decide` and
    `correct` raise.
    """
    return with_partners(
        access.acting,
        line,
        lambda: decide(access, line, judgement, seen=seen, key=key),
        reason=correcting,
        key=key,
    )


def with_partners(
    acting: Acting, line: Contribution, deed: Callable[[], _R], *, reason: str, key: UUID
) -> _R:
    """Do a deed on a line, within a correction of each settlement of which it changes the part.

    Which those are follows from the deed: it is tried, and done anew within the corrections that it
    lacked. All contracts are held first and in one order.
    """
    with transaction.atomic():
        if beside := contracts_beside(line.pool):
            hold_by_id(acting, {line.contract_id, *beside}, alone=True)
        corrected: frozenset[int] = frozenset()
        while True:
            try:
                with transaction.atomic():
                    return _within(acting, corrected, deed, reason=reason, key=key)
            except PartnersSettledError as refused:
                if not reason.strip():
                    raise
                corrected |= refused.contracts


def _within(
    acting: Acting, contracts: Iterable[int], deed: Callable[[], _R], *, reason: str, key: UUID
) -> _R:
    """Do a deed while settled contracts are open for it, each by a correction of its own."""
    came: list[_R] = []

    def around(pk: int, inner: Callable[[], object]) -> Callable[[], object]:
        return lambda: correct(
            contract_for(acting, pk),
            lambda _opened: inner(),
            reason=reason,
            key=uuid5(key, f"settlement {pk}"),
            seen=books_now(pk).hash,
        )

    act: Callable[[], object] = lambda: came.append(deed())  # noqa: E731
    for pk in sorted(contracts):
        act = around(pk, act)
    act()
    return came[0]
