"""Turnover over all contracts of somebody: what waits for him, and what nobody said anything of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from telmee.apps.agreements.queries import TurnoverVersion
from telmee.apps.contracts.access import parties_of
from telmee.apps.contracts.chains import owed_after
from telmee.apps.contracts.choices import DECIDING_ROLES, Form, PartyRole
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.turnover import PeriodTurnover, periods_by_contract
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.models import SchemeVersion

#: What a scheme says that has a percentage of turnover.
_OVER_TURNOVER = r'basis\s*=\s*"turnover"'
#: Who agrees on turnover.
_SIDES = (*DECIDING_ROLES, PartyRole.CONTRACTOR)


@dataclass(frozen=True, slots=True)
class TurnoverTask:
    """A period of a contract of which something is still to come, for one of its sides.

    `mine` says that a proposal waits for him, and not for the other side.
    """

    contract: Contract
    one: PeriodTurnover
    mine: bool

    @property
    def waiting(self) -> TurnoverVersion | None:
        """The proposal that is not agreed yet, if there is one."""
        return self.one.waiting


def turnover_contracts(acting: Acting) -> list[Contract]:
    """The open contracts over turnover on which somebody works for a side. Runs two queries.

    Which of them really are, their rules say: here stand all that may be, by the text of those.
    Most people have none, and for them it runs one, which asks for ids alone: to write out every
    column of a contract and of its parent takes longer than to look.
    """
    ids = _over_turnover(acting)
    if not ids:
        return []
    known = Contract.objects.filter(pk__in=listed(ids)).select_related("scheme", "parent")
    return list(known.defer("scheme__document").order_by("reference", "pk"))


@prepared
def _over_turnover(acting: Acting) -> QuerySet[Contract, int]:
    working = parties_of(acting).filter(
        contract=OuterRef("pk"), organisation__in=listed(acting.working), role__in=_SIDES
    )
    contracts = Contract.objects.filter(
        Exists(working), voided_on=None, closed_on=None, no_obligation="", agreed_cents=None
    )
    over = SchemeVersion.objects.filter(document__regex=_OVER_TURNOVER)
    rows = contracts.exclude(form=Form.FRAMEWORK).filter(
        Q(over_turnover=True) | Q(scheme__in=over.values("pk"))
    )
    return rows.values_list("pk", flat=True)


def turnover_tasks(acting: Acting, *, today: date) -> list[TurnoverTask]:
    """What is still to come of turnover: what waits for him first, then by contract and period."""
    contracts = turnover_contracts(acting)
    periods = periods_by_contract(contracts, today=today)
    to_do = [(row, one) for row in contracts for one in periods.get(row.pk, ()) if _is_to_do(one)]
    sides = _sides_of(acting, {row.pk for row, one in to_do if one.waiting is not None})
    tasks = [TurnoverTask(row, one, _is_his(acting, one, sides[row.pk])) for row, one in to_do]
    return sorted(tasks, key=lambda task: not task.mine)


def owed_with(tasks: Sequence[TurnoverTask]) -> dict[int, int | None]:
    """What each contract would owe with a proposal, by the id of its version; in cents."""
    proposed = [(task, task.waiting) for task in tasks if task.waiting is not None]
    owed = owed_after([(task.contract, one.period, one.cents) for task, one in proposed])
    return {one.version.pk: cents for (_, one), cents in zip(proposed, owed, strict=True)}


def _is_to_do(one: PeriodTurnover) -> bool:
    return one.waiting is not None or one.is_open


def _sides_of(acting: Acting, contract_ids: Collection[int]) -> dict[int, set[str]]:
    """The roles in which somebody works on contracts, by their id. Runs one query, if any."""
    if not contract_ids:
        return defaultdict(set)
    rows = parties_of(acting).filter(
        contract__in=listed(contract_ids), organisation__in=acting.working
    )
    sides: dict[int, set[str]] = defaultdict(set)
    for contract_id, role in rows.values_list("contract_id", "role"):
        sides[contract_id].add(role)
    return sides


def _is_his(acting: Acting, one: PeriodTurnover, roles: set[str]) -> bool:
    """Whether a proposal waits for somebody in these roles, and was not made by himself."""
    waiting = one.waiting
    if waiting is None or waiting.version.user_id == acting.user_id:
        return False
    agreement = waiting.version.agreement
    if waiting.version.addressee_id == agreement.organisation_id:
        return not roles.isdisjoint(DECIDING_ROLES)
    # Who decides for the client answers for it, also where he works for the contractor too.
    return PartyRole.CONTRACTOR in roles and roles.isdisjoint(DECIDING_ROLES)
