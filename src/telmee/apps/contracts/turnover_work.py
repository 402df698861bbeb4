"""Turnover over all contracts of somebody: what waits for him, and what nobody said anything of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from telmee.apps.agreements.queries import TurnoverVersion
from telmee.apps.contracts.access import parties_of
from telmee.apps.contracts.chains import owed_after
from telmee.apps.contracts.choices import DECIDING_ROLES, Form, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.turnover import PeriodTurnover, periods_by_contract
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.queries import over_turnover

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
    return _contracts(_sides_over_turnover(acting))


def turnover_tasks(acting: Acting, *, today: date) -> list[TurnoverTask]:
    """What is still to come of turnover: what waits for him first, then by contract and period."""
    sides = _sides_over_turnover(acting)
    contracts = _contracts(sides)
    periods = periods_by_contract(contracts, today=today)
    tasks = [
        TurnoverTask(row, one, _is_his(acting, one, sides[row.pk]))
        for row in contracts
        for one in periods.get(row.pk, ())
        if _is_to_do(one)
    ]
    return sorted(tasks, key=lambda task: not task.mine)


def _sides_over_turnover(acting: Acting) -> dict[int, set[str]]:
    """The roles in which somebody works on contracts that may reckon over turnover, by their id."""
    sides: dict[int, set[str]] = defaultdict(set)
    for contract_id, role in _over_turnover(acting):
        sides[contract_id].add(role)
    return sides


@prepared
def _over_turnover(acting: Acting) -> QuerySet[Party, tuple[int, str]]:
    parties = parties_of(acting).filter(
        Q(contract__over_turnover=True) | Q(contract__scheme__in=over_turnover().values("pk")),
        organisation__in=listed(acting.working),
        role__in=_SIDES,
        contract__voided_on=None,
        contract__closed_on=None,
        contract__no_obligation="",
        contract__agreed_cents=None,
    )
    return parties.exclude(contract__form=Form.FRAMEWORK).values_list("contract_id", "role")


def _contracts(contract_ids: Collection[int]) -> list[Contract]:
    if not contract_ids:
        return []
    known = Contract.objects.filter(pk__in=listed(contract_ids)).select_related("scheme", "parent")
    return list(known.defer("scheme__document").order_by("reference", "pk"))


def owed_with(tasks: Sequence[TurnoverTask]) -> dict[int, int | None]:
    """What each contract would owe with a proposal, by the id of its version; in cents."""
    proposed = [(task, task.waiting) for task in tasks if task.waiting is not None]
    owed = owed_after([(task.contract, one.period, one.cents) for task, one in proposed])
    return {one.version.pk: cents for (_, one), cents in zip(proposed, owed, strict=True)}


def _is_to_do(one: PeriodTurnover) -> bool:
    return one.waiting is not None or one.is_open


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
