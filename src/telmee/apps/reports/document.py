"""What a report says, as plain facts: the text of it is what is hashed, signed and kept.

No sentence stands in it but the words of a figure and of a row in both languages, so that every
file of a report tells the same. A count that is hidden is null.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from telmee.apps.contracts.models import Contract
from telmee.apps.coverage.queries import Year as Bought
from telmee.apps.coverage.queries import bought_by_year
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.models import Organisation, RegionMembership
from telmee.apps.organisations.queries import every_recognised_by
from telmee.apps.receipts.models import Receipt
from telmee.apps.reports.choices import Measure, ReportKind, about_the_same
from telmee.apps.reports.corrections import booked_since, differences, righted
from telmee.apps.reports.figure_words import By, words
from telmee.apps.reports.goals import goals_of
from telmee.apps.reports.hiding import (
    Behind,
    handed_in_by_few,
    hidden_in,
    people_behind,
    with_people,
)
from telmee.apps.reports.progress import published_of_region
from telmee.apps.reports.published import Series, published_of, series_facts
from telmee.apps.reports.results import Result, Row, complete_until, results, results_by
from telmee.apps.reports.sustainability import as_facts
from telmee.apps.reports.together import TOTAL, WITH_PEOPLE, Cell
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.explain import Text
from telmee.core.small_counts import SMALL
from telmee.core.valuation import ENGINE_VERSION

FORMAT = 1
#: So many years stand in the series of a report, its own as the last.
YEARS = 5
#: Of so many years after its own it says what is wanted and what was promised.
AHEAD = 5
#: What a report tells apart, in its order. A statement names no people: not whom it reached either.
_DIVISIONS = (*WITH_PEOPLE, By.CATEGORY, By.DIVISION)
_DIVISIONS_OF = {
    ReportKind.COUNCIL: _DIVISIONS,
    ReportKind.ANNUAL: _DIVISIONS,
    ReportKind.REGIONAL: (*_DIVISIONS, By.CLIENT),
    ReportKind.STATEMENT: (By.KIND, By.CATEGORY, By.DIVISION, By.CLIENT),
}
_MONEY = (
    *("imposed_cents", "promised_cents", "delivered_cents", "waiting_cents", "verified_cents"),
    "purchase_cents",
)
#: The reports that tell of all that an organisation bought itself.
_OF_ITS_PURCHASES = frozenset({ReportKind.COUNCIL, ReportKind.ANNUAL})
#: The euros of a row, and those of which a next report says what became of them: all but what only
#: waits, which is often of one person.
TOLD = tuple(name for name in _MONEY if name != "waiting_cents")
#: The parts of its purchases of which a next report says the same.
BOUGHT = ("above", "covered", "explained", "room")
_BOOKS = """
    SELECT c, b.hash FROM unnest(%s::bigint[]) c
    CROSS JOIN LATERAL telmee_books(c, %s) b ORDER BY c
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier report of the same organisation, as far as a next one leans on it."""

    number: int
    kind: str
    year: int
    as_of: datetime
    document: Mapping[str, Any]

    @property
    def contracts(self) -> list[int]:
        """What it was about."""
        return [contract for contract, *_ in self.document["books"]]


def document_of(
    organisation: Organisation,
    kind: ReportKind,
    year: int,
    contracts: Sequence[int],
    *,
    as_of: datetime,
    hidden: frozenset[Cell],
    earlier: Sequence[Earlier] = (),
) -> dict[str, Any]:
    """Everything that a report says, as it stands `as_of` a moment; all but `books_of` it.

    It does not say which counts are `hidden` (`hidden_of`). `earlier` are all reports of the
    organisation that tell of one of these years, in their order.
    """
    ids = list(contracts)
    years = range(year - YEARS + 1, year + 1)
    same = [one for one in earlier if one.year == year]
    complete = complete_until(ids, today=timezone.localdate(as_of), as_of=as_of)
    later = range(year + 1, year + 1 + AHEAD)
    of_all = results(ids, [*years, *later], as_of=as_of)
    of_years = {of: of_all[of] for of in years}
    goals = _goals(organisation, [*years, *later])
    alike = [one for one in earlier if one.kind in about_the_same(kind)]
    last = next((one for one in reversed(same) if one.kind == kind), None)
    coverage = _coverage(organisation, kind, years, as_of)
    divided = results_by(ids, [year], _DIVISIONS_OF[kind], as_of=as_of)
    of_region = _of_region(organisation, kind, _clients(divided), as_of)
    few = inf if kind == ReportKind.STATEMENT else SMALL
    together = hidden | handed_in_by_few(ids, year, divided, as_of, few=few)
    return {
        "format": FORMAT,
        "kind": kind,
        "organisation": {"id": organisation.pk, "name": organisation.name},
        "year": year,
        "as_of": as_of.isoformat(),
        "complete_until": complete.until.isoformat(),
        "waiting_lines": complete.waiting_lines,
        "figures": _figures(),
        "years": [
            {
                "year": of,
                **_amounts(result),
                **_people(of, result, year, hidden, alike),
                **(of_region if of == year else {}),
                "goals": goals[of],
            }
            for of, result in of_years.items()
        ],
        "ahead": [
            {"year": of, "promised_cents": of_all[of].promised_cents, "goals": goals[of]}
            for of in later
        ],
        "divisions": [_division(by, rows, together) for by, rows in divided.items()],
        "effects": [
            [_both(field.label), _both(field.effect)] for field in words().divisions[By.FIELD]
        ],
        "effects_origin": _origin(By.FIELD),
        "published": [
            series_facts(series) for series in _published(organisation, kind, divided, as_of)
        ],
        **coverage,
        **({"sustainability": as_facts()} if kind == ReportKind.STATEMENT else {}),
        **_since(alike, ids, of_years, as_of, coverage.get("coverage", ())),
        "before": last.number if last else None,
        "rules": _rules(ids),
        "engine": ENGINE_VERSION,
        "words": words().version,
    }


def _goals(organisation: Organisation, years: Iterable[int]) -> dict[int, dict[str, list[Any]]]:
    """What an organisation wants to reach in each year, and where that was decided."""
    return {
        year: {measure: [goal.amount, goal.source] for measure, goal in of_year.items()}
        for year, of_year in goals_of(organisation.pk, years).items()
    }


def hidden_of(
    organisation: int, kind: ReportKind, ids: Sequence[int], year: int, as_of: datetime
) -> tuple[frozenset[Cell], Behind | None]:
    """The counts that a report hides, small ones and what tells them, and the people behind it.

    A statement hides every one, and is held against nothing. Its contractor knows his people. Who
    else has it also has what his clients publish, and would come to know how many people the
    others have.
    """
    if kind == ReportKind.STATEMENT:
        known = with_people(ids, year, as_of)
        return frozenset(cell for cell in known if cell.by in ("", *_DIVISIONS_OF[kind])), None
    behind = people_behind(ids, year, as_of)
    return hidden_in(organisation, kind, behind), behind


def _amounts(result: Result) -> dict[str, Any]:
    known = {name: getattr(result, name) for name in _MONEY}
    return {
        **known,
        "percentage_bp": result.percentage_bp,
        "contracts": result.contracts,
        "value_cents": result.value_cents,
        "asked_bp": result.asked_bp,
    }


def _people(
    of: int,
    result: Result,
    year: int,
    hidden: frozenset[Cell],
    earlier: Iterable[Earlier],
) -> dict[str, int | None]:
    """People and places of a year: of an earlier year only what a report of that year published.

    By one about the same contracts: who looks after a region may award contracts of his own.
    """
    if of == year:
        shown = TOTAL not in hidden
        return {name: getattr(result, name) if shown else None for name in ("people", "places")}
    published = [
        row
        for one in earlier
        if one.year == of
        for row in one.document["years"]
        if row["year"] == of
    ]
    last = published[-1] if published else {}
    return {name: last.get(name) for name in ("people", "places")}


def _division(by: By, rows: Sequence[Row], hidden: frozenset[Cell]) -> dict[str, Any]:
    """The rows of one division; those of hidden counts come together, also in their euros.

    The euros of one person are as telling as a count of one.
    """
    apart = [row for row in rows if Cell(by, row.key) in hidden]
    shown = [_row(by, row) for row in rows if row not in apart]
    if apart:
        together: dict[str, Any] = {
            "key": None,
            "label": None,
            **{name: _sum(apart, name) for name in TOLD},
            "people": None,
            "places": None,
        }
        shown.append(together)
    return {
        "by": by,
        "rows": shown,
        "people": by in WITH_PEOPLE,
        "origin": _origin(by),
    }


def _origin(by: By) -> list[str] | None:
    """The document that a division was published in, where it was."""
    origin = words().origins.get(by)
    return [origin.title, origin.publisher, origin.dated] if origin else None


def _row(by: By, row: Row) -> dict[str, Any]:
    counted = by in WITH_PEOPLE
    return {
        "key": row.key,
        "label": _both(row.label),
        **{name: getattr(row.result, name) for name in TOLD},
        "people": row.result.people if counted else None,
        "places": row.result.places if counted else None,
    }


def _sum(rows: Sequence[Row], name: str) -> int | None:
    cents = [getattr(row.result, name) for row in rows]
    return None if None in cents else sum(cents)


def _both(label: Text | None) -> list[str | None] | None:
    return [label.nl, label.en] if label else None


def _clients(divided: Mapping[By, Sequence[Row]]) -> list[int]:
    """The clients of a report on a region, by their ids."""
    return [int(row.key) for row in divided.get(By.CLIENT, ()) if row.key]


def _of_region(
    organisation: Organisation, kind: ReportKind, clients: list[int], as_of: datetime
) -> dict[str, int]:
    """How many partners a region has in the year of its report, and recognised enterprises."""
    if kind != ReportKind.REGIONAL:
        return {}
    recognised = every_recognised_by([organisation.pk, *clients], timezone.localdate(as_of))
    return {Measure.PARTNERS.value: len(clients), Measure.ENTERPRISES.value: recognised}


def _published(
    organisation: Organisation,
    kind: ReportKind,
    divided: Mapping[By, Sequence[Row]],
    as_of: datetime,
) -> tuple[Series, ...]:
    """What was published before about the same municipality or its region, each with its source.

    Who looks after a region is no municipality: there it is of the region of all its clients. It
    is added to nothing: the register goes on where these series end.
    """
    if kind == ReportKind.REGIONAL:
        return published_of_region(_clients(divided), timezone.localdate(as_of))
    code = organisation.municipality_id
    if code is None:
        return ()
    here = RegionMembership.objects.filter(municipality_id=code, since__lte=as_of)
    regions = here.filter(Q(until__isnull=True) | Q(until__gte=as_of))
    return published_of(code, *regions.values_list("region_id", flat=True))


def _coverage(
    organisation: Organisation, kind: ReportKind, years: range, as_of: datetime
) -> dict[str, Any]:
    """What a client bought above the threshold, per year, and for what it asked social return.

    Sums alone: no supplier, purchase or contract. A region has no purchases of its own to tell of,
    and nobody of it sees those of its clients.
    """
    if kind not in _OF_ITS_PURCHASES:
        return {}
    bought = bought_by_year(organisation.pk, as_of=as_of)
    return {"coverage": [_bought(year) for year in reversed(bought) if year.year in years]}


def _bought(year: Bought) -> dict[str, Any]:
    parts = {name: getattr(year, name) for name in ("above", "covered", "explained", "room")}
    return {
        "year": year.year,
        **{name: [part.count, part.cents] for name, part in parts.items()},
        "unsure": [year.unsure.count, year.unsure.cents],
        "used_bp": year.used_bp,
        "owed_cents": year.room.owed_cents,
        "owed_unknown": year.room.unknown,
    }


def _figures() -> dict[str, Any]:
    """The words of each figure, and how it was counted, as they were then."""
    return {
        key: {"label": _both(figure.label), "counted": _both(figure.counted)}
        for key, figure in words().figures.items()
    }


def _since(
    alike: Sequence[Earlier],
    ids: list[int],
    now: Mapping[int, Result],
    as_of: datetime,
    bought: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What was told otherwise of each year before, and how many contracts came and left since.

    Each year is held against the report that told it last, of whatever year that was: an account
    comes once a year, and what is put right of a year later stands in that of the next.
    """
    by_year = {
        row["year"]: (one, row)
        for one in alike
        for row in one.document["years"]
        if row["year"] in now
    }
    since: dict[str, list[dict[str, Any]]] = {"corrections": [], "changes": []}
    for report in {one.number: one for one, _ in by_year.values()}.values():
        before = {year: row for year, (one, row) in by_year.items() if one is report}
        figures = {year: {name: getattr(now[year], name) for name in TOLD} for year in before}
        right = righted(booked_since(report.contracts, report.as_of, as_of))
        differ = differences(before, figures, right)
        differ["changes"] += _bought_otherwise(report, bought, before)
        for name, rows in differ.items():
            since[name] += [{**row, "report": report.number} for row in rows]
    was = set(max((one for one, _ in by_year.values()), key=_number).contracts if by_year else ids)
    return {
        **{name: sorted(rows, key=_in_years) for name, rows in since.items()},
        "contracts_new": len(set(ids) - was),
        "contracts_gone": len(was.difference(ids)),
    }


def _bought_otherwise(
    report: Earlier, bought: Sequence[Mapping[str, Any]], years: Collection[int]
) -> list[dict[str, Any]]:
    """What a report told otherwise of the purchases of some years, in euros."""
    then, now = (
        {row["year"]: row for row in rows} for rows in (report.document.get("coverage", ()), bought)
    )
    nothing = dict.fromkeys(BOUGHT, (0, 0))
    sums = (
        (year, name, *(rows.get(year, nothing)[name][1] for rows in (then, now)))
        for year in years
        for name in BOUGHT
    )
    return [
        {"year": year, "figure": f"{name}_cents", "before_cents": was, "now_cents": is_now}
        for year, name, was, is_now in sums
        if was != is_now
    ]


def _number(report: Earlier) -> int:
    return report.number


def _in_years(row: Mapping[str, Any]) -> int:
    year: int = row["year"]
    return year


def _rules(ids: list[int]) -> list[list[str]]:
    """Every version of rules that figures stand on, with the hash of its text."""
    of_contracts = Contract.objects.filter(pk__in=listed(ids)).order_by().values("scheme_id")
    of_figures = Receipt.objects.filter(contract_id__in=listed(ids)).order_by().values("scheme_id")
    versions = SchemeVersion.objects.filter(pk__in=of_contracts.union(of_figures))
    columns = ("scheme_id", "version", "sha256")
    return [list(row) for row in versions.order_by(*columns[:2]).values_list(*columns)]


def books_of(ids: list[int], as_of: datetime) -> list[list[Any]]:
    """The hash of the books of each contract, with their receipts.

    Not how many entries stood in them: a contract with one decision has one person at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS, [as_array(ids), as_of])
        return [list(row) for row in cursor.fetchall()]
