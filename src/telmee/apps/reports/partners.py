"""The clients that a regional team serves, as partners: each with its own goal and its result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from telmee.apps.organisations.models import RegionMembership
from telmee.apps.organisations.queries import every_recognised_by
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.figure_words import By
from telmee.apps.reports.goals import goals_of_each
from telmee.apps.reports.models import Goal
from telmee.apps.reports.results import Result, results_by


@dataclass(frozen=True, slots=True)
class Partner:
    """One client in a year. Its goal is what it set for itself, in euros or as a percentage."""

    id: int
    name: str
    result: Result
    verified_goal: int | None
    percentage_goal: int | None


@dataclass(frozen=True, slots=True)
class Partners:
    """The partners of a team in a year, and what the team wants of their number.

    `enterprises` are those that the team or a partner of it recognised, and of which that holds on
    the day. A goal of the team stands beside each of the two.
    """

    rows: Sequence[Partner]
    enterprises: int
    partners_goal: int | None
    enterprises_goal: int | None


def partners_of(team_id: int, contracts: Iterable[int], year: int, *, on: date) -> Partners:
    """The partners of a regional team: the clients on its contracts of which a year has figures."""
    divided = results_by(list(contracts), [year], [By.CLIENT])
    rows = [row for row in divided[By.CLIENT] if row.key]
    goals = goals_of_each([team_id, *(int(row.key) for row in rows)], [year])
    own = goals[team_id][year]
    partners = [
        Partner(
            int(row.key),
            row.label.nl if row.label else "",
            row.result,
            _amount(goals[int(row.key)][year].get(Measure.VERIFIED)),
            _amount(goals[int(row.key)][year].get(Measure.PERCENTAGE)),
        )
        for row in rows
    ]
    recognising = [team_id, *(partner.id for partner in partners)]
    return Partners(
        partners,
        every_recognised_by(recognising, on),
        _amount(own.get(Measure.PARTNERS)),
        _amount(own.get(Measure.ENTERPRISES)),
    )


def _amount(goal: Goal | None) -> int | None:
    return None if goal is None else goal.amount


def region_of(client_ids: Iterable[int], on: date) -> str | None:
    """The code of the labour-market region that all of these clients are in; None of several."""
    rows = RegionMembership.objects.filter(
        municipality__organisations__in=list(client_ids), since__lte=on
    ).exclude(until__lt=on)
    codes = set(rows.values_list("region_id", flat=True))
    return codes.pop() if len(codes) == 1 else None
