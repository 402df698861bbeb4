"""What organisations want to reach: the goal of each measure and year that holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from telmee.apps.audit.actions import record
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.turns import done_before
from telmee.apps.reports.choices import OF_A_REGION, Measure
from telmee.apps.reports.models import Goal
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_reason

#: More than anybody wants in a year: ten billion euros in cents.
_AMOUNT_MAX = 10**12


def goals_of(organisation_id: int, years: Iterable[int]) -> dict[int, dict[Measure, Goal]]:
    """The goals of an organisation that hold, by year and measure. Runs one query."""
    return goals_of_each([organisation_id], years)[organisation_id]


def goals_of_each(
    organisation_ids: Iterable[int], years: Iterable[int]
) -> dict[int, dict[int, dict[Measure, Goal]]]:
    """The same of each of some organisations, as far as who asks may read them. Runs one query."""
    ids, wanted = list(organisation_ids), list(years)
    goals: dict[int, dict[int, dict[Measure, Goal]]] = {
        one: {year: {} for year in wanted} for one in ids
    }
    for row in _goals(ids, wanted):
        of_year = goals[row.organisation_id][row.year]
        of_year.pop(Measure(row.measure), None)
        if row.amount is not None:
            of_year[Measure(row.measure)] = row
    return goals


@prepared
def _goals(organisation_ids: Collection[int], years: Collection[int]) -> QuerySet[Goal]:
    of_them = Goal.objects.filter(organisation__in=listed(organisation_ids))
    return of_them.filter(year__in=listed(years)).order_by("pk")


@transaction.atomic
def set_goal(
    acting: Acting,
    organisation_id: int,
    *,
    measure: Measure,
    year: int,
    amount: int | None,
    source: str,
    key: UUID,
) -> None:
    """Set what an organisation wants to reach in a year, or take it back with no amount.

    The same `key` twice sets once. Raises `not_allowed`, `goal_of_a_region`, `goal_out_of_range`,
    and what is wrong with the source.
    """
    if organisation_id not in acting.working:
        raise DomainError(Problem("not_allowed"))
    own = next(one for one in acting.own if one.id == organisation_id)
    if measure in OF_A_REGION and not own.is_client:
        raise DomainError(Problem("goal_of_a_region", "doel"))
    if amount is not None and not 0 <= amount <= _AMOUNT_MAX:
        raise DomainError(Problem("goal_out_of_range", "doel"))
    require_reason(source, required=False)
    if done_before(key, Goal.objects.filter(key=key)) is not None:
        return
    goal = Goal.objects.create(
        organisation_id=organisation_id,
        measure=measure,
        year=year,
        amount=amount,
        source=source.strip(),
        key=key,
        user_id=acting.user_id,
    )
    details = {"measure": measure, "year": year, "amount": amount}
    record(acting, "goal.set", goal, organisation_id=organisation_id, details=details)
