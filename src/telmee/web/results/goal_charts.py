"""Charts of goals: what came of each measure year by year, beside what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from telmee.apps.reports.choices import Measure
from telmee.apps.reports.goals import goals_of
from telmee.apps.reports.progress import Point, progress
from telmee.apps.reports.published import Series
from telmee.apps.reports.results import Money
from telmee.web.charts import Chart, Unit
from telmee.web.charts import Series as Bars
from telmee.web.reports.report_words import aim_words
from telmee.web.templatetags.telmee import day

#: A goal is set at most so many years ahead, and looked back on as long as anybody published.
_FIRST, _AHEAD = 2015, 10
_MEASURES = (
    *(Measure.PERCENTAGE, Measure.VERIFIED, Measure.PURCHASE, Measure.PEOPLE, Measure.PLACES),
)
PREFIX = "doel-"


@dataclass(frozen=True)
class Goals:
    """The measures of an organisation of which there is a goal, each with its years."""

    points: Mapping[Measure, Sequence[Point]]
    sources: Sequence[Series]
    today: date

    def chart(self, measure: Measure) -> Chart:
        """What came of a measure beside its goal, for each year."""
        points = self.points[measure]
        return Chart(
            title=_("Goal and result: {measure}").format(measure=measure.label),
            description=_(
                "For each year what came of it, and below that the goal. A year without a bar has"
                " no figure yet."
            ),
            labels=[self._label(point) for point in points],
            series=[
                Bars(_("Result"), [point.value for point in points]),
                Bars(_("Goal"), [point.goal for point in points]),
            ],
            unit=_unit(measure),
            first_heading=_("Year"),
        )

    def table(self, measure: Measure) -> tuple[list[tuple[str, str]], list[list[Any]]]:
        """The same as columns and rows of a file."""
        kind = {"cents": "money", "hundredths": "hours", "count": "count"}[_unit(measure)]
        columns = [(_("Year"), "text"), (_("Result"), kind), (_("Goal"), kind)]
        rows = [[self._label(one), one.value, one.goal] for one in self.points[measure]]
        return columns, rows

    def aims(self) -> list[str]:
        """What was published of where it wants to come, in words."""
        aims = (aim for series in self.sources for aim in series.aims)
        return [aim_words({**asdict(aim), "what": (aim.what.nl, aim.what.en)}) for aim in aims]

    def _label(self, point: Point) -> str:
        """A year, with what a reader has to know of its figure."""
        facts = {"year": point.year}
        if point.is_published and point.until is not None:
            part = _("{year}, published until {day}")
            return part.format(**facts, day=day(point.until))
        if point.is_published and point.at_least:
            return _("{year}, published: at least").format(**facts)
        if point.is_published:
            return _("{year}, published").format(**facts)
        if point.year == self.today.year:
            return _("{year}, until today").format(**facts)
        return str(point.year)


def goals_for(
    organisation_id: int,
    own: Callable[[Measure], Mapping[int, Money]],
    published: Sequence[Series],
    *,
    today: date,
) -> Goals:
    """The measures of which a goal was set here or published. Runs one query.

    `own` brings the years of the register for a measure; nobody is counted where nothing was
    wanted of people.
    """
    goals = goals_of(organisation_id, range(_FIRST, today.year + _AHEAD))
    wanted = [one for one in _MEASURES if _has_goal(progress(one, {}, goals, published))]
    every = {measure: progress(measure, own(measure), goals, published) for measure in wanted}
    return Goals(
        {measure: points for measure, points in every.items() if _has_goal(points)},
        published,
        today,
    )


def _has_goal(points: Sequence[Point]) -> bool:
    return any(point.goal is not None for point in points)


def _unit(measure: Measure) -> Unit:
    if measure.endswith("_cents"):
        return "cents"
    return "hundredths" if measure.endswith("_bp") else "count"
