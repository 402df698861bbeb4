"""The tables of a report as the sheets of a workbook.

What is a number stands there as a number, so that a reader can add up and compare. What is not
known or hidden is a dash, as on the page: an empty cell could be taken for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telmee.apps.reports.choices import Measure
from telmee.integrations.spreadsheets.writing import OutputColumn, OutputSheet
from telmee.web.reports.report_words import (
    DASH,
    ahead_of,
    changes_of,
    complete_until,
    corrections_of,
    counted_of,
    coverage_of,
    covered_of,
    dash_of,
    divisions_of,
    figure_words,
    figures_of,
    moment_of,
    published_of,
    rows_of_years,
    source_of,
)
from telmee.web.reports.sustainability import of_statement
from telmee.web.templatetags.telmee import day, moment

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

_OF_A_CHANGE = ("before_cents", "now_cents")
_OF_A_CORRECTION = (*_OF_A_CHANGE, "corrected_cents", "later_cents")
_OF_A_DATAPOINT = ("figure", "covers", "missing")
_OF_A_SERIES = (
    *("realised_cents", "target_percent", "achieved_percent", "workplaces", "workplaces_goal"),
    *("people", "contract_value_cents", "asked_percent", "social_spending_cents"),
)
_OF_EFFORT = ("promised_cents", "delivered_cents", "verified_cents", "purchase_cents")
_NAME_MAX = 31  # of a sheet, in Excel


def sheets_of(report: Report, document: Mapping[str, object]) -> Iterator[OutputSheet]:
    """Every table of a report, in the order of its page; what it stands on comes last."""
    yield _years(document)
    yield from _ahead(document)
    yield from _since_the_report_before(document)
    yield from _divisions(document)
    yield from _coverage(document)
    yield from _sustainability(document)
    yield from _published(document)
    counted = [[row["label"], row["counted"]] for row in counted_of(document)]
    columns = [_text(_("What was counted")), _text(_("Counted"))]
    yield _sheet(_("How it was counted"), columns, [*counted, [DASH, dash_of(document)]])
    yield _stands_on(report, document)


def _years(document: Mapping[str, object]) -> OutputSheet:
    """A row for each year; beside a figure stands its goal, where any year has one."""
    years = rows_of_years(document)
    columns, cells = [_number("year", _("Year"))], [[row["year"] for row in years]]
    for key in figures_of(document):
        words = figure_words(document, key)
        columns.append(_number(key, words))
        cells.append([_or_dash(row.get(key)) for row in years])
        goals = [row["goals"].get(key, (None,))[0] for row in years]
        if any(goal is not None for goal in goals):
            columns.append(_number(key, _goal(words)))
            cells.append([_or_dash(goal) for goal in goals])
    return _sheet(_("Years"), columns, list(zip(*cells, strict=True)))


def _ahead(document: Mapping[str, object]) -> Iterator[OutputSheet]:
    """What was promised for each year to come, and what is wanted of it."""
    rows = ahead_of(document)
    wanted = [measure for measure in Measure if any(measure in row["goals"] for row in rows)]
    columns = [
        _number("year", _("Year")),
        _number("promised_cents", figure_words(document, "promised_cents")),
        *(_number(measure, _goal(str(measure.label))) for measure in wanted),
    ]
    cells = [
        [
            row["year"],
            row["promised_cents"],
            *(_or_dash(row["goals"].get(measure, [None])[0]) for measure in wanted),
        ]
        for row in rows
    ]
    if cells:
        yield _sheet(_("The years to come"), columns, cells)


def _goal(words: str) -> str:
    return _("Goal: %(figure)s") % {"figure": words}


def _since_the_report_before(document: Mapping[str, object]) -> Iterator[OutputSheet]:
    columns = [
        _text(_("What was counted")),
        _number("year", _("Year")),
        _number("report", _("Report before")),
        _number("before_cents", _("Was")),
        _number("now_cents", _("Is now")),
    ]
    changes = [[*_told_before(row), *_numbers(row, _OF_A_CHANGE)] for row in changes_of(document)]
    corrections = [
        [*_told_before(row), *_numbers(row, _OF_A_CORRECTION), row["why"]]
        for row in corrections_of(document)
    ]
    put_right = [
        _number("corrected_cents", _("Put right")),
        _number("later_cents", _("Came in later")),
        _text(_("Why")),
    ]
    yield _sheet(_("Corrections"), [*columns, *put_right], corrections)
    yield _sheet(_("Other changes"), columns, changes)


def _told_before(row: Mapping[str, Any]) -> list[int | str]:
    """A figure of a year and the report that told it, which the first ones did not say."""
    return [row["label"], row["year"], _or_dash(row.get("report"))]


def _divisions(document: Mapping[str, Any]) -> Iterator[OutputSheet]:
    for division in divisions_of(document):
        keys = (
            *(("imposed_cents",) if division["has_imposed"] else ()),
            *_OF_EFFORT,
            *(("people", "places") if division["has_people"] else ()),
        )
        columns = [
            _text(str(division["title"])),
            *(_number(key, figure_words(document, key)) for key in keys),
        ]
        rows = [[row["label"], *_numbers(row, keys)] for row in division["rows"]]
        yield _sheet(str(division["title"]), columns, rows)


def _coverage(document: Mapping[str, Any]) -> Iterator[OutputSheet]:
    """A row for each year: how many purchases and for how much, and what was asked of them."""
    years = coverage_of(document)
    if not years:
        return
    parts = covered_of(document)
    columns = [_number("year", _("Year"))]
    for label in parts.values():
        columns.append(_number("purchases", _("%(what)s: number") % {"what": label}))
        columns.append(_number("purchases_cents", str(label)))
    columns.append(_number("used_bp", _("Used of the buying power")))
    columns.append(_number("owed_cents", _("Room: that would owe")))
    columns.append(_number("purchases", _("Room: number that the rules leave open")))
    rows = [
        [
            year["year"],
            *(number for name in parts for number in year[name]),
            *_numbers(year, ("used_bp", "owed_cents", "owed_unknown")),
        ]
        for year in years
    ]
    yield _sheet(_("Used of the buying power"), columns, rows)


def _sustainability(document: Mapping[str, object]) -> Iterator[OutputSheet]:
    """What a contractor takes along to his sustainability report; nothing of another report."""
    mapped = of_statement(document)
    if mapped is None:
        return
    heads = (_("Standard"), _("Datapoint"), _("What was counted"), _("What Telmee has"))
    columns = [_text(head) for head in (*heads, _("What is not covered"))]
    rows = [
        [row["standard"], f"{row['code']} {row['name']}", *(row[key] for key in _OF_A_DATAPOINT)]
        for row in mapped["rows"]
    ]
    rows += [["", "", one["figure"], "", one["why"]] for one in mapped["outside"]]
    rows += [
        [one["title"], one["publisher"], one["dated"], one["address"], ""]
        for one in mapped["standards"]
    ]
    rows.append([_("Version"), mapped["version"], "", "", ""])
    yield _sheet("CSRD VSME", columns, rows)


def _published(document: Mapping[str, object]) -> Iterator[OutputSheet]:
    """What was published before: every series in one sheet, each row with its source."""
    columns = [
        _text(_("Year")),
        _number("realised_cents", pgettext("published", "Realised")),
        _number("target_percent", f"{_('Goal')} (%)"),
        _number("achieved_percent", f"{_('Achieved')} (%)"),
        _number("workplaces", _("Workplaces")),
        _number("workplaces_goal", _goal(_("Workplaces"))),
        _number("people", _("People reached")),
        _number("contract_value_cents", _("Contract sum")),
        _number("asked_percent", f"{_('Asked on average')} (%)"),
        _number("social_spending_cents", _("Spent with social organisations")),
        _text(_("Source")),
    ]
    rows = [
        [words["name"], *_numbers(year, _OF_A_SERIES), _source(series, year)]
        for series in published_of(document)
        for words, year in zip(series["rows"], series["years"], strict=True)
    ]
    if rows:
        yield _sheet(_("Published before"), columns, rows)


def _source(series: Mapping[str, Any], year: Mapping[str, object]) -> str:
    source = source_of(series)
    return (
        _("%(source)s: the source says over this amount") % {"source": source}
        if year["at_least"]
        else source
    )


def _stands_on(report: Report, document: Mapping[str, Any]) -> OutputSheet:
    rows = [
        [_("Report"), str(report.number)],
        [_("Position of"), moment(moment_of(document))],
        [_("Complete until"), day(complete_until(document))],
        ["SHA-256", report.sha256],
        [_("Signature"), report.signature],
        [_("Public key"), report.public_key],
        *([_("Rules"), " ".join(row)] for row in document["rules"]),
    ]
    return _sheet(_("What it stands on"), [_text(_("What")), _text(_("Value"))], rows)


def _numbers(row: Mapping[str, Any], keys: Sequence[str]) -> list[int | str]:
    return [_or_dash(row[key]) for key in keys]


def _or_dash(number: int | None) -> int | str:
    return DASH if number is None else number


def _number(key: str, heading: str) -> OutputColumn:
    """A column of numbers; the end of its key says of what, as everywhere."""
    if key.endswith("_cents"):
        return OutputColumn(heading, "cents", 18)
    if key.endswith("_bp"):
        return OutputColumn(f"{heading} (%)", "hundredths", 18)
    return OutputColumn(heading, "whole", 14)


def _text(heading: str) -> OutputColumn:
    return OutputColumn(heading, "text", 30)


def _sheet(
    name: str, columns: Sequence[OutputColumn], rows: Sequence[Sequence[Any]]
) -> OutputSheet:
    return OutputSheet(name[:_NAME_MAX], list(columns), rows)
