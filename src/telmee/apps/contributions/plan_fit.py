"""What the plan says of a line of effort, and how the line differs: told to both, never refused.

What a line itself cannot show, such as the type of employment, is for the person who decides to
hold against the proof. No line asks for it: that would keep more of a person than a value needs.

A line is held against the lines of the plan of who delivers it that are for the same building
block. Where there are several, only what none of them allows is told. What a plan says of one
person is held against the lines of that person in the block together, so that effort that is handed
in by the quarter is not taken for short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Q

from telmee.apps.agreements.models import PlanLine
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.core.errors import Param, Problem
from telmee.core.periods import later_end
from telmee.core.tables.contribution_columns import AMOUNT, END, HOURS

if TYPE_CHECKING:
    from django.db.models import QuerySet

Params = Mapping[str, Param]

_HUNDREDTHS = 100
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanFit:
    """The lines of the plan that a line is held against, and what none of them allows."""

    lines: tuple[PlanLine, ...] = ()
    departures: tuple[Problem, ...] = ()


def plan_fit(line: Contribution) -> PlanFit:
    """What the plan that holds says of a line; nothing where it has nothing for its block.

    Runs one query where there is no plan for its block, else two.
    """
    plan = PlanLine.objects.in_force([line.contract_id])
    agreed = list(plan.filter(organisation=line.organisation_id, block=line.block))
    if not agreed:
        return PlanFit()
    together = list(_together(line))
    each = [{problem.code: problem for problem in _differs(one, together)} for one in agreed]
    differs = (one for code, one in each[0].items() if all(code in other for other in each))
    return PlanFit(tuple(agreed), tuple(differs))


def _together(line: Contribution) -> QuerySet[Contribution]:
    """The lines of the same person in the same block, as far as they still count for something."""
    same = Contribution.objects.filter(
        contract=line.contract_id, organisation=line.organisation_id, block=line.block
    )
    out = (State.DRAFT, State.WITHDRAWN, State.REJECTED)
    of_person = Q(person=line.person_id) & ~Q(state__in=out) if line.person_id else Q(pk=None)
    return same.filter(Q(pk=line.pk) | of_person)


def _differs(agreed: PlanLine, lines: Iterable[Contribution]) -> Iterator[Problem]:
    counted = list(lines)
    begins = [line.begin for line in counted if line.begin]
    ends = [line.end for line in counted if line.end]
    if agreed.minimum_months and begins and ends:
        wanted = later_end(min(begins) - _DAY, agreed.minimum_months)
        if max(ends) < wanted:
            length: Params = {"months": agreed.minimum_months, "until": max(ends)}
            yield Problem("plan_shorter", END, params=length)
    hours = sum((line.hours or 0) * (line.count or 1) for line in counted)
    if agreed.guidance_hours and hours > agreed.guidance_hours:
        figures: Params = {
            "maximum": Fraction(agreed.guidance_hours, _HUNDREDTHS),
            "hours": Fraction(hours, _HUNDREDTHS),
        }
        yield Problem("plan_more_hours", HOURS, params=figures)
    cents = sum(line.amount_cents or 0 for line in counted)
    if agreed.training_cents and cents > agreed.training_cents:
        costs: Params = {"maximum_cents": agreed.training_cents, "together_cents": cents}
        yield Problem("plan_more_costs", AMOUNT, params=costs)
