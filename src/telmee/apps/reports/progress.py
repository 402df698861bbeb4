"""How far a goal is, year by year: what a body published, what the register has, what it wants.

Both come in one row, so that a series does not begin anew where the register begins. A year is told
by one of the two and says by which; they are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.prepared import prepared
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.models import Goal
from telmee.apps.reports.partners import region_of
from telmee.apps.reports.published import Series, Year, published_of
from telmee.apps.reports.results import Money

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Point:
    """One year of a measure: what came of it and the goal, in the unit of the measure.

    A published figure can be about a part of a year, `until` a day, or be `at_least` what it says.
    """

    year: int
    value: int | None = None
    goal: int | None = None
    is_published: bool = False
    until: date | None = None
    at_least: bool = False


def progress(
    measure: Measure,
    own: Mapping[int, Money],
    goals: Mapping[int, Mapping[Measure, Goal]],
    published: Sequence[Series] = (),
) -> list[Point]:
    """The years of a measure of which anything is known, with those that a goal looks ahead to.

    A whole year that was published stays as it was published. The register goes on from there, and
    takes the place of a published part of a year.
    """
    earlier = _published(measure, published)
    aims = _aims(measure, published)
    points = []
    for year in sorted({*earlier, *aims, *own, *goals}):
        set_here = goals.get(year, {}).get(measure)
        goal = aims.get(year) if set_here is None else set_here.amount
        point = _point(year, measure, earlier.get(year), own.get(year), goal)
        if point.value is not None or point.goal is not None:
            points.append(point)
    return points


def _point(
    year: int, measure: Measure, earlier: Point | None, result: Money | None, goal: int | None
) -> Point:
    counted = None if result is None or result.is_nothing else getattr(result, measure, None)
    if earlier is None or (earlier.until is not None and counted is not None):
        return Point(year, counted, goal)
    return Point(
        year,
        earlier.value,
        earlier.goal if goal is None else goal,
        True,
        earlier.until,
        earlier.at_least,
    )


def _published(measure: Measure, published: Iterable[Series]) -> dict[int, Point]:
    """What was published of a measure: of two figures of a year that of the whole year."""
    points: dict[int, Point] = {}
    for series in published:
        for row in series.years:
            value, goal = _figures(measure, row)
            before = points.get(row.year)
            is_whole = before is None or before.until is not None
            if value is not None and is_whole:
                points[row.year] = Point(row.year, value, goal, True, row.until, row.at_least)
    return points


def _figures(measure: Measure, row: Year) -> tuple[int | None, int | None]:
    """What a published year says of a measure, and of its goal."""
    if measure is Measure.PERCENTAGE:
        return _basis_points(row.achieved_percent), _basis_points(row.target_percent)
    if measure is Measure.PLACES:
        return row.workplaces, row.workplaces_goal
    known = {
        Measure.VERIFIED: row.realised_cents,
        Measure.PURCHASE: row.social_spending_cents,
        Measure.PEOPLE: row.people,
    }
    return known.get(measure), None


def _basis_points(percent: int | None) -> int | None:
    return None if percent is None else percent * _HUNDRED


def _aims(measure: Measure, published: Iterable[Series]) -> dict[int, int]:
    """What a publisher wants by a year: where it names two figures for it, the lowest."""
    aims: dict[int, int] = {}
    for aim in (one for series in published for one in series.aims):
        if aim.measure is measure and aim.by is not None:
            aims[aim.by] = min(aim.aim, aims.get(aim.by, aim.aim))
    return aims


def published_by(client_id: int) -> tuple[Series, ...]:
    """What was published about the municipality that a client is."""
    (code,) = _municipality(client_id)
    return published_of(code) if code else ()


@prepared
def _municipality(client_id: int) -> QuerySet[Organisation, str | None]:
    return Organisation.objects.filter(pk=client_id).values_list("municipality_id", flat=True)


def published_of_region(client_ids: Iterable[int], on: date) -> tuple[Series, ...]:
    """What was published about the region that all of these clients are in."""
    code = region_of(client_ids, on)
    return published_of(code) if code else ()
