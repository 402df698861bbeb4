"""The tables of amounts on the page of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from telmee.apps.reports.choices import Measure
from telmee.web.amounts import Cell, Row, Table
from telmee.web.reports import report_words
from telmee.web.templatetags.telmee import euros

_Document = Mapping[str, object]
#: The amounts of a change, and of a correction beside these.
_CHANGED = ("before_cents", "now_cents")
_PUT_RIGHT = (*_CHANGED, "corrected_cents", "later_cents")


def years_table(document: _Document, report_id: int) -> Table:
    """Goals and results: a row for each figure, a column for each year."""
    rows = [
        Row(row["label"], [_of_year(cell) for cell in row["cells"]])
        for row in report_words.series_of(document, report_id)
    ]
    years = [str(year) for year in report_words.years_of(document)]
    return Table(_("Goals and results"), _("What was counted"), years, rows)


def _of_year(cell: Mapping[str, str]) -> Cell:
    goal = _("goal %(goal)s") % cell if cell["goal"] else ""
    return Cell(cell["text"], cell["url"], goal)


def ahead_table(document: _Document) -> Table | None:
    """What is wanted of years to come beside what came of the year; None where nothing is."""
    now, later = report_words.year_of(document), report_words.ahead_of(document)
    wanted = [measure for measure in Measure if any(measure in row["goals"] for row in later)]
    if not wanted:
        return None
    years = [row for row in later if row["goals"]]
    columns = [_("Came of %(year)s") % now, *(_("Goal of %(year)s") % row for row in years)]
    rows = [
        Row(
            str(measure.label),
            [
                Cell(report_words.figure_text(measure, amount))
                for amount in (
                    now.get(measure),
                    *(row["goals"].get(measure, [None])[0] for row in years),
                )
            ],
        )
        for measure in wanted
    ]
    return Table(_("The years to come"), _("What is wanted"), columns, rows)


def corrections_table(document: _Document) -> Table:
    """What was put right of what was reported before, old beside new, and why."""
    columns = [_("Was"), _("Is now"), _("Put right"), _("Came in later")]
    rows = _changed(report_words.corrections_of(document), _PUT_RIGHT)
    title = _("Corrections of what was reported before")
    return Table(title, _("What was counted"), columns, rows, last=_("Why"))


def changes_table(document: _Document) -> Table:
    """What else is not as it was reported before."""
    rows = _changed(report_words.changes_of(document), _CHANGED)
    title = _("What else changed since it was reported before")
    return Table(title, _("What was counted"), [_("Was"), _("Is now")], rows)


def _changed(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> list[Row]:
    wanted = tuple(names)
    return [
        Row(
            row["what"],
            [Cell(euros(row[name])) for name in wanted],
            words=row.get("why", ""),
        )
        for row in rows
    ]


def division_tables(document: _Document, report_id: int) -> Iterator[dict[str, Any]]:
    """Each division as a table, with the document that it follows where it follows one."""
    for division in report_words.divisions_of(document, report_id):
        title = str(division["title"])
        columns = [
            *([_("Imposed")] if division["has_imposed"] else []),
            *(_("Promised"), _("Delivered"), _("Verified")),
            *([_("People reached"), _("Workplaces")] if division["has_people"] else []),
        ]
        rows = [
            Row(row["label"], [Cell(**cell) for cell in row["cells"].values()], row["url"])
            for row in division["rows"]
        ]
        yield {"table": Table(title, title, columns, rows), "origin": division["origin"]}


def coverage_table(document: _Document) -> Table | None:
    """How much of the buying power was used, a column for each year; None where nothing is told."""
    years = report_words.coverage_of(document)
    if not years:
        return None
    rows = [
        Row(str(label), [bought(*year[name]) for year in years])
        for name, label in report_words.covered_of(document).items()
    ]
    used = [Cell(report_words.figure_text("used_bp", year["used_bp"])) for year in years]
    owed = [would_owe(year) for year in years]
    rows += [Row(_("Used of the buying power"), used), Row(_("Room: that would owe"), owed)]
    columns = [str(year["year"]) for year in years]
    return Table(_("How much of the buying power is used"), _("What was bought"), columns, rows)


def would_owe(year: Mapping[str, Any]) -> Cell:
    """What the room of a year would owe, and of how many purchases the rules do not say it."""
    return Cell(euros(year["owed_cents"]), note=report_words.left_open(year["owed_unknown"]))


def bought(count: int, cents: int) -> Cell:
    """What some purchases come to, and how many they are."""
    purchases = ngettext("%(count)s purchase", "%(count)s purchases", count) % {"count": count}
    return Cell(euros(cents), note=purchases)


def published_tables(document: _Document) -> Iterator[dict[str, Any]]:
    """Each series that was published before, with its table: what its source says, and no more."""
    for series in report_words.published_of(document):
        heads, written = _published_heads(), series["rows"]
        shown = [name for name in heads if any(row[name] != report_words.DASH for row in written)]
        rows = [Row(row["name"], [Cell(row[name]) for name in shown]) for row in written]
        columns = [heads[name] for name in shown]
        yield {**series, "table": Table(series["publisher"], _("Year"), columns, rows)}


def _published_heads() -> dict[str, str]:
    return {
        "realised": pgettext("published", "Realised"),
        "target": _("Goal"),
        "achieved": _("Achieved"),
        "places": _("Workplaces or people"),
        "value": _("Contract sum"),
        "asked": _("Asked on average"),
        "spent": _("Spent with social organisations"),
    }
