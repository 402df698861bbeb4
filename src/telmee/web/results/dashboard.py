"""What was asked and what came of it: for a client, a region and a contractor over all clients.

Each chart answers one question and has its table; a table of the same figures can be downloaded,
and each of its rows opens to the lines behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.organisations.acting import Acting, Own
from telmee.apps.reports.behind import lines_behind
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.figure_words import By, words
from telmee.apps.reports.pace import WINDOW_DAYS, Pace, pace
from telmee.apps.reports.partners import Partners, partners_of
from telmee.apps.reports.progress import published_by, published_of_region
from telmee.apps.reports.published import Series as Published
from telmee.apps.reports.results import (
    Complete,
    Money,
    Result,
    Row,
    complete_until,
    contracts_in,
    money,
    results,
    results_by,
    results_with,
    row_label,
)
from telmee.apps.reports.to_come import NOTHING_TO_COME, ToCome, to_come
from telmee.web import exports
from telmee.web.charts import Chart, Series
from telmee.web.contributions.line_words import STATES
from telmee.web.language import active
from telmee.web.lists import Column, ListPage, goes_along
from telmee.web.middleware import TelmeeRequest
from telmee.web.openness.council import council_results
from telmee.web.reports import sustainability
from telmee.web.reports.behind import row_asked
from telmee.web.results.goal_charts import PREFIX, Goals, goals_for
from telmee.web.results.partners import partners_shown

#: So many years stand beside each other, this one as the last.
_YEARS = 5
#: A chart with more rows is no picture any more; the rest is in its table.
_ROWS_MAX = 8
_CLIENT, _REGION, _CONTRACTOR = "opdrachtgever", "regio", "opdrachtnemer"
_MONEY = ("imposed_cents", "promised_cents", "delivered_cents", "verified_cents")
_DIVISIONS = {
    By.KIND: gettext_lazy("Where the money went, by kind of effort"),
    By.DIVISION: gettext_lazy("Where the money went, by sector"),
    By.CLIENT: gettext_lazy("Where the money went, by client"),
    By.REGION: gettext_lazy("Where the money went, by labour-market region"),
    By.TARGET_GROUP: gettext_lazy("Whom it reached"),
}
#: Who sees all of each contract; a contractor may see a part, which the balances do not tell apart.
_WHOLE_SIDES = (_CLIENT, _REGION)
#: What tells nothing where all contracts are of one client.
_OF_MANY = (By.CLIENT, By.REGION)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a dashboard is about: the contracts of one of somebody's organisations, as one side."""

    side: str
    organisation: int
    name: str
    contracts: tuple[int, ...]

    @property
    def key(self) -> str:
        """What the address says of it."""
        return f"{self.side}-{self.organisation}"

    @property
    def is_of_many(self) -> bool:
        """Whether the contracts are of several clients."""
        return self.side != _CLIENT


def _scopes(acting: Acting) -> list[_Scope]:
    """What somebody can choose from; a side without contracts is left out.

    An organisation that is a client awards contracts, or looks after those of a whole region; any
    other carries them out or audits them.
    """
    scopes: list[_Scope] = []
    for own in acting.own:
        mine = [own.id]
        if own.is_client:
            scopes += [
                _scope(_CLIENT, own, own.name, contracts_in(acting, clients=mine)),
                _scope(
                    _REGION,
                    own,
                    _("{name}, all clients").format(name=own.name),
                    contracts_in(acting, teams=mine),
                ),
            ]
        else:
            scopes += [
                _scope(
                    _CONTRACTOR,
                    own,
                    _("{name}, as contractor").format(name=own.name),
                    contracts_in(acting, contractors=mine),
                ),
                _scope(
                    "controle",
                    own,
                    _("{name}, what it audits").format(name=own.name),
                    _seen_as(acting, PartyRole.AUDITOR),
                ),
            ]
    return [scope for scope in scopes if scope.contracts]


def _seen_as(acting: Acting, role: PartyRole) -> list[int]:
    """The contracts on which he has a role; a framework counts by its call-offs."""
    rows = contracts_of(acting, role).exclude(form=Form.FRAMEWORK)
    return sorted(rows.order_by().values_list("pk", flat=True))


def _scope(side: str, own: Own, name: str, contracts: list[int]) -> _Scope:
    return _Scope(side, own.id, name, tuple(contracts))


@dataclass(frozen=True)
class _Figures:
    """The figures of one dashboard; each is asked once, and only when it is shown."""

    scope: _Scope
    year: int
    today: date

    @property
    def years(self) -> range:
        """The years of the series."""
        return range(self.today.year - _YEARS + 1, self.today.year + 1)

    @cached_property
    def by_year(self) -> Mapping[int, Result]:
        """The result of each year, with people, places and purchases: that takes a while."""
        return results(self.scope.contracts, self.years)

    @cached_property
    def money_by_year(self) -> Mapping[int, Money]:
        """The euros of each year: from the kept balances where all of a contract is his to see."""
        if self.scope.side in _WHOLE_SIDES:
            return money(self.scope.contracts, self.years)
        return self.by_year

    @cached_property
    def of_year(self) -> tuple[Result, Mapping[By, list[Row]]]:
        """The result of the chosen year, and its rows by each division that is shown."""
        shown = _shown_divisions(self.scope)
        sums, divided = results_with(self.scope.contracts, [self.year], shown)
        return sums[self.year], divided

    @property
    def with_anything(self) -> Mapping[int, Money]:
        """The years from the first on in which there is something to tell, and always this one."""
        return self._since_first(self.money_by_year)

    def of_measure(self, measure: Measure) -> Mapping[int, Money]:
        """The same years with what a goal of this measure needs."""
        is_money = measure in (Measure.PERCENTAGE, Measure.VERIFIED)
        return self._since_first(self.money_by_year if is_money else self.by_year)

    def _since_first(self, years: Mapping[int, Money]) -> Mapping[int, Money]:
        known = [year for year, one in years.items() if not one.is_nothing]
        first = min(known, default=self.today.year)
        return {year: one for year, one in years.items() if year >= first}

    @cached_property
    def complete(self) -> Complete:
        """Until when everything was decided on."""
        return complete_until(self.scope.contracts, today=self.today)

    @cached_property
    def later(self) -> ToCome:
        """What of the figures is for days after today."""
        parts = to_come(self.scope.contracts, today=self.today).values()
        return sum(parts, NOTHING_TO_COME)

    @cached_property
    def pace(self) -> tuple[Pace, Mapping[date, Pace]]:
        """How long deciding took lately."""
        return pace(self.scope.contracts, today=self.today)

    @cached_property
    def partners(self) -> Partners | None:
        """The clients of a region with their own goals, where it is about a region."""
        if self.scope.side != _REGION:
            return None
        scope = self.scope
        return partners_of(scope.organisation, scope.contracts, self.year, on=self.today)

    @cached_property
    def goals(self) -> Goals:
        """What was wanted beside what came of it, with what was published before."""
        published: Sequence[Published] = ()
        if self.scope.side == _CLIENT:
            published = published_by(self.scope.organisation)
        elif self.partners is not None:
            published = published_of_region([one.id for one in self.partners.rows], self.today)
        organisation = self.scope.organisation
        return goals_for(organisation, self.of_measure, published, today=self.today)


def _chosen(request: TelmeeRequest, scopes: list[_Scope]) -> _Figures:
    """What the address asks for; what makes no sense falls back to the first and this year."""
    today = timezone.localdate()
    wanted = request.GET.get("van", "")
    scope = next((one for one in scopes if one.key == wanted), scopes[0])
    typed = request.GET.get("jaar", "")
    years = range(today.year - _YEARS + 1, today.year + 1)
    year = next((year for year in years if str(year) == typed), today.year)
    return _Figures(scope, year, today)


@login_required
@require_safe
def dashboard(request: TelmeeRequest) -> HttpResponse:
    """Show what was asked and what came of it, or one of its tables as a file.

    A member of a council reads what was published instead.
    """
    acting = request.acting
    if acting.is_only_of_council or (acting.councils and "raad" in request.GET):
        return council_results(request)
    scopes = _scopes(acting)
    crumbs = [{"label": _("Results"), "url": ""}]
    if not scopes:
        return render(request, "results/nothing.html", {"breadcrumbs": crumbs})
    figures = _chosen(request, scopes)
    if table := request.GET.get("tabel"):
        return _file(figures, table, request.GET.get("export", ""))
    result, divided = figures.of_year
    context = {
        "scopes": scopes,
        "scope": figures.scope,
        "councils": acting.councils,
        "year": figures.year,
        "years": list(figures.years)[::-1],
        "result": result,
        "tiles": _tiles(figures),
        "partners": partners_shown(figures.partners),
        "sustainability": _of_contractor(figures),
        "aims": figures.goals.aims(),
        "sources": figures.goals.sources,
        "complete": figures.complete,
        "later": figures.later,
        "charts": [
            *_year_charts(figures),
            *_goal_charts(figures),
            *(
                _part(figures, by, rows)
                for by, rows in divided.items()
                if by is not By.REGION or len(rows) > 1
            ),
            _pace_chart(figures),
        ],
        "counted": [
            (one.label.in_language(active()), one.counted.in_language(active()))
            for one in words().figures.values()
        ],
        "breadcrumbs": crumbs,
    }
    return render(request, "results/dashboard.html", context)


def _of_contractor(figures: _Figures) -> dict[str, object] | None:
    """What a contractor takes along to his sustainability report."""
    if figures.scope.side != _CONTRACTOR:
        return None
    return sustainability.of_today(figures.of_year[0])


def _shown_divisions(scope: _Scope) -> list[By]:
    return [by for by in _DIVISIONS if by not in _OF_MANY or scope.is_of_many]


def _label(figure: str) -> str:
    return words().figures[figure].label.in_language(active())


def _tiles(figures: _Figures) -> list[dict[str, object]]:
    """The figures of the chosen year, the three never mixed."""
    result, _divided = figures.of_year
    tiles: list[dict[str, object]] = [
        {"label": _label(name), "cents": getattr(result, name)} for name in _MONEY
    ]
    tiles[-1]["url"] = _lines_url(figures)
    return tiles


def _lines_url(figures: _Figures, by: By | None = None, key: str = "") -> str:
    asking = {"van": figures.scope.key, "jaar": figures.year}
    divided = {} if by is None else {"per": by, "rij": key}
    return f"{reverse('results-lines')}?{urlencode({**asking, **divided})}"


def _downloads(figures: _Figures, table: str) -> dict[str, str]:
    asking = {"van": figures.scope.key, "jaar": figures.year, "tabel": table}
    return {kind: f"?{urlencode({**asking, 'export': kind})}" for kind in exports.KINDS}


def _year_charts(figures: _Figures) -> list[dict[str, object]]:
    """What came of each year: in euros, and as a share of what was imposed.

    Where there is a goal for that share, its chart is that of the goal.
    """
    shown = figures.with_anything
    labels, many = [str(year) for year in shown], list(shown.values())
    euros = Chart(
        title=_("Imposed, promised, delivered and verified, per year"),
        description=_("Four bars for each year; promised and delivered are no results yet."),
        labels=labels,
        series=[Series(_label(name), [getattr(one, name) for one in many]) for name in _MONEY],
        unit="cents",
        first_heading=_("Year"),
    )
    shares = Chart(
        title=_("Verified as a share of what was imposed, in percent"),
        description=_("A share above 100 means that more was verified than imposed in that year."),
        labels=labels,
        series=[Series(_label("percentage_bp"), [one.percentage_bp for one in many])],
        unit="hundredths",
        first_heading=_("Year"),
    )
    downloads = _downloads(figures, "jaren")
    charts = [euros] if Measure.PERCENTAGE in figures.goals.points else [euros, shares]
    return [{"chart": chart, "downloads": downloads} for chart in charts]


def _goal_charts(figures: _Figures) -> list[dict[str, object]]:
    goals = figures.goals
    return [
        {"chart": goals.chart(measure), "downloads": _downloads(figures, f"{PREFIX}{measure}")}
        for measure in goals.points
    ]


def _part(figures: _Figures, by: By, rows: Sequence[Row]) -> dict[str, object]:
    """One division of the chosen year: the largest rows as a chart, all of them as a table."""
    people = by is By.TARGET_GROUP
    name = "people" if people else "verified_cents"
    shown = [row for row in rows if getattr(row.result, name)]
    largest = sorted(shown, key=lambda row: -getattr(row.result, name))[:_ROWS_MAX]
    chart = Chart(
        title=f"{_DIVISIONS[by]}, {figures.year}",
        description=_("The largest first: {figure}.").format(figure=_label(name)),
        labels=[_row_name(row) for row in largest],
        series=[Series(_label(name), [getattr(row.result, name) for row in largest])],
        unit="count" if people else "cents",
        first_heading=_("What"),
    )
    return {
        "chart": chart if largest else None,
        "title": chart.title,
        "downloads": _downloads(figures, by),
        "more": len(shown) - len(largest),
        "lines": [
            {"label": _row_name(row), "url": _lines_url(figures, by, row.key)} for row in largest
        ],
    }


def _row_name(row: Row) -> str:
    return _("Other") if row.label is None else row.label.in_language(active())


def _pace_chart(figures: _Figures) -> dict[str, object]:
    """How long deciding takes, in working days."""
    _recent, months = figures.pace
    days = sorted(months)
    chart = Chart(
        title=_("Time to decide, in working days"),
        description=_(
            "Per month of the last {days} days: within how many working days half of the lines, and"
            " nine in ten, got their first decision."
        ).format(days=WINDOW_DAYS),
        labels=[f"{day:%m-%Y}" for day in days],
        series=[
            Series(_("Half"), [months[day].median_working_days for day in days]),
            Series(_("Nine in ten"), [months[day].most_working_days for day in days]),
        ],
        first_heading=_("Month"),
    )
    return {
        "chart": chart if days else None,
        "title": chart.title,
        "downloads": _downloads(figures, "tempo"),
    }


# Files -----------------------------------------------------------------------------------------

_COLUMNS = (
    *(_MONEY),
    *("percentage_bp", "purchase_cents", "people", "places"),
)


def _file(figures: _Figures, table: str, kind: str) -> HttpResponse:
    """A table as a file to download."""
    tables: dict[str, Callable[[], tuple[list[tuple[str, str]], list[list[Any]]]]] = {
        "jaren": lambda: _year_rows(figures),
        "tempo": lambda: _pace_rows(figures),
    }
    tables |= {str(by): _divided(figures, by) for by in _shown_divisions(figures.scope)}
    tables |= {
        f"{PREFIX}{measure}": partial(figures.goals.table, measure)
        for measure in figures.goals.points
    }
    if table not in tables or kind not in exports.KINDS:
        raise Http404
    columns, rows = tables[table]()
    return exports.answer(kind, _("Results"), columns, rows)


def _columns(first: str) -> list[tuple[str, str]]:
    kinds = {"percentage_bp": "hours"}
    usual = {name: "money" if name.endswith("_cents") else "count" for name in _COLUMNS}
    return [(first, "text"), *((_label(name), (usual | kinds)[name]) for name in _COLUMNS)]


def _cells(result: Result) -> list[object]:
    return [getattr(result, name) for name in _COLUMNS]


def _year_rows(figures: _Figures) -> tuple[list[tuple[str, str]], list[list[object]]]:
    rows = [[str(year), *_cells(result)] for year, result in figures.by_year.items()]
    return _columns(_("Year")), rows


def _divided(figures: _Figures, by: By) -> Callable[[], Any]:
    def rows() -> tuple[list[tuple[str, str]], list[list[object]]]:
        divided = results_by(figures.scope.contracts, [figures.year], [by])[by]
        return _columns(_("What")), [[_row_name(row), *_cells(row.result)] for row in divided]

    return rows


def _pace_rows(figures: _Figures) -> tuple[list[tuple[str, str]], list[list[Any]]]:
    _recent, months = figures.pace
    columns = [(_("Month"), "text"), (_("Half"), "count"), (_("Nine in ten"), "count")]
    return columns, [
        [f"{day:%m-%Y}", months[day].median_working_days, months[day].most_working_days]
        for day in sorted(months)
    ]


# The lines behind a figure ---------------------------------------------------------------------

_LINES = ListPage(
    name=gettext_lazy("Lines of effort"),
    columns=(
        Column(
            "reference",
            gettext_lazy("Line"),
            kind="code",
            order="reference",
            url=lambda row: reverse("contribution", args=[row["pk"]]),
            under=Column("contract__reference", gettext_lazy("Contract"), kind="code"),
        ),
        Column(
            "organisation__name",
            gettext_lazy("Contractor"),
            kind="name",
            order="organisation__search_name",
        ),
        Column("state", gettext_lazy("Status"), kind="status", words=STATES.__getitem__),
        Column(
            "delivered_in_year",
            gettext_lazy("Delivered in the year"),
            kind="money",
            order="delivered_in_year",
        ),
        Column(
            "verified_in_year",
            gettext_lazy("Verified in the year"),
            kind="money",
            order="verified_in_year",
        ),
    ),
    default="-verified_in_year",
    filters=goes_along("van", "jaar", "per", "rij"),
)
_FIELDS = (
    *("pk", "reference", "contract__reference", "organisation__name", "state"),
    *("delivered_in_year", "verified_in_year"),
)


@login_required
@require_safe
def lines(request: TelmeeRequest) -> HttpResponse:
    """List the lines behind a figure."""
    scopes = _scopes(request.acting)
    if not scopes:
        raise Http404
    figures = _chosen(request, scopes)
    by, key = row_asked(request, _DIVISIONS)
    rows = lines_behind(figures.scope.contracts, figures.year, by=by, key=key)
    listing = _LINES.read(request, rows.values(*_FIELDS))
    asking = urlencode({"van": figures.scope.key, "jaar": figures.year})
    row = by and row_label(by, key)
    context = {
        "scope": figures.scope,
        "year": figures.year,
        "lead": f"{_DIVISIONS[by]}: {row.in_language(active())}" if by and row else "",
        "listing": listing,
        "breadcrumbs": [
            {"label": _("Results"), "url": f"{reverse('results')}?{asking}"},
            {"label": _("Lines of effort"), "url": ""},
        ],
    }
    return listing.file() or render(request, "results/lines.html", context)
