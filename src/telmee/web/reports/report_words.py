"""How a document of a report reads: its figures, rows and corrections in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telmee import texts
from telmee.apps.reports.behind import OF_CONTRACTS
from telmee.apps.reports.choices import Measure, ReportKind
from telmee.apps.reports.figure_words import By
from telmee.web.charts import Chart, Series
from telmee.web.language import active
from telmee.web.templatetags.telmee import basis_points, day, euros

#: What the rows are told apart by.
DIVISIONS: Mapping[By, object] = {
    By.KIND: gettext_lazy("What was done"),
    By.TARGET_GROUP: gettext_lazy("Whom it reached"),
    By.FIELD: gettext_lazy("Policy fields"),
    By.ELEMENT: gettext_lazy("The four national elements"),
    By.CATEGORY: gettext_lazy("Kinds of contract"),
    By.DIVISION: gettext_lazy("Sectors"),
    By.CLIENT: gettext_lazy("Clients"),
    By.CONTRACTOR: gettext_lazy("Contractors"),
}
#: The figures of a year in their order; the first five are euros.
YEAR_FIGURES = (
    *("imposed_cents", "promised_cents", "delivered_cents", "verified_cents"),
    *("percentage_bp", "purchase_cents", "people", "places", "contracts", "value_cents"),
)
#: What only the report of a region counts, and how.
_COUNTED_OF_A_REGION = {
    Measure.PARTNERS.value: gettext_lazy("Clients of the region that have figures in this year."),
    Measure.ENTERPRISES.value: gettext_lazy(
        "Enterprises that the region or a partner recognised, as it held on the day of the report."
    ),
}
_OF_A_REGION = tuple(_COUNTED_OF_A_REGION)
#: Of an earlier year these stay what the report about that year told.
_PEOPLE = ("people", "places")

#: What stands where a number is not known, or hidden.
DASH = "\N{EN DASH}"


def in_words(both: Sequence[str | None] | None) -> str:
    """One of two texts, in the reader's language; Dutch where nobody translated it."""
    if not both:
        return ""
    nl, en = both
    return (en if active() == "en" and en else nl) or ""


def figure_words(document: Mapping[str, Any], key: str) -> str:
    """The name of a figure, as the document has it; what only a region counts is named here."""
    known = document["figures"].get(key)
    return in_words(known["label"]) if known else str(Measure(key).label)


def figures_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The figures of a year in their order, with those that only a region counts in its report."""
    year = year_of(document)
    return (*YEAR_FIGURES, *(measure for measure in _OF_A_REGION if measure in year))


def figure_text(key: str, value: int | None) -> str:
    """A figure as people read it; what is hidden or not there is a dash."""
    if value is None:
        return DASH
    if key.endswith("_cents"):
        return str(euros(value))
    return str(basis_points(value)) if key.endswith("_bp") else texts.count(value, active())


def series_of(document: Mapping[str, Any], report_id: int) -> Iterator[dict[str, Any]]:
    """A row for each figure, with a cell for each year that has anything to say.

    With an address of what stands behind it once the report is there.
    """
    years = rows_of_years(document)
    for key in figures_of(document):
        cells = [
            {
                "text": figure_text(key, row.get(key)),
                "goal": figure_text(key, row["goals"][key][0]) if key in row["goals"] else "",
                "url": _behind_year(document, report_id, key, row),
            }
            for row in years
        ]
        yield {"label": figure_words(document, key), "cells": cells}


def _behind_year(
    document: Mapping[str, Any], report_id: int, key: str, row: Mapping[str, Any]
) -> str:
    """What stands behind a number of a year; none of people that an earlier report counted."""
    if key in _PEOPLE and row["year"] != document["year"]:
        return ""
    return behind_url(report_id, key, row.get(key), jaar=row["year"])


def behind_url(report_id: int, figure: str, value: int | None, **place: object) -> str:
    """The address of what stands behind a number; none of one that is hidden or not there."""
    if not report_id or value is None or figure in _OF_A_REGION:
        return ""
    page = "report-contracts" if figure in OF_CONTRACTS else "report-lines"
    query = urlencode({"cijfer": figure, **place})
    return f"{reverse(page, args=[report_id])}?{query}"


def year_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of the year that a report is about."""
    years: Sequence[Mapping[str, object]] = document["years"]
    return next(row for row in years if row["year"] == document["year"])


def rows_of_years(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The years that have anything to say, the report's own always."""
    return [row for row in document["years"] if _says_anything(row, document["year"])]


def years_of(document: Mapping[str, object]) -> list[int]:
    """Which years have anything to say."""
    return [row["year"] for row in rows_of_years(document)]


def _says_anything(row: Mapping[str, object], year: int) -> bool:
    return row["year"] == year or any(row.get(key) for key in YEAR_FIGURES) or bool(row["goals"])


def chart_of(document: Mapping[str, object]) -> Chart:
    """What was imposed, delivered and verified in each year."""
    rows = rows_of_years(document)
    keys = ("imposed_cents", "delivered_cents", "verified_cents")
    return Chart(
        title=_("Asked and realised, per year"),
        description=_(
            "For each year what was imposed, what contractors delivered, and what was verified."
        ),
        labels=[str(row["year"]) for row in rows],
        series=[Series(figure_words(document, key), [row[key] for row in rows]) for key in keys],
        unit="cents",
        first_heading=_("Year"),
    )


def dash_of(document: Mapping[str, object]) -> str:
    """What a dash in its tables says, and whose numbers of people stand at earlier years."""
    if _is_statement(document):
        return _(
            "A dash: a statement names no numbers of people. Who also has the report of a client"
            " could work out how few people others have."
        )
    dash = _("A dash: not known, or hidden because it would tell of fewer than five people.")
    rows = [row for row in rows_of_years(document) if row["year"] != document["year"]]
    if all(row["people"] is None for row in rows):
        return dash
    before = _("People and workplaces of an earlier year are those of the report about that year.")
    return f"{dash} {before}"


def more_than_delivered(document: Mapping[str, object]) -> str:
    """Why more is verified in the year of a report than was delivered; empty where it is not."""
    row = year_of(document)
    if row["verified_cents"] <= row["delivered_cents"]:
        return ""
    return _(
        "More is verified than was delivered: a decision can come to another amount than was"
        " reckoned when the effort was handed in."
    )


def _is_statement(document: Mapping[str, object]) -> bool:
    return bool(document["kind"] == ReportKind.STATEMENT)


def divisions_of(document: Mapping[str, Any], report_id: int = 0) -> Iterator[dict[str, Any]]:
    """Each table that has a row, with an address of the lines behind each once it is there."""
    together = (
        _("Effort in which people work or learn, together")
        if _is_statement(document)
        else _("Groups together, as a number could tell of few people")
    )
    for division in filter(itemgetter("rows"), document["divisions"]):
        by = By(division["by"])
        has_people = division["people"] and not _is_statement(document)
        yield {
            "by": by,
            "title": DIVISIONS[by],
            "has_people": has_people,
            "has_imposed": not by.is_of_effort,
            "origin": division["origin"],
            "rows": [
                _row(row, by, report_id, together=together, has_people=has_people)
                for row in division["rows"]
            ],
        }


def _row(
    row: Mapping[str, Any], by: By, report_id: int, *, together: str, has_people: bool
) -> dict[str, object]:
    is_one = row["key"] is not None
    label = in_words(row["label"]) or _("Belongs to none of these") if is_one else together
    place = {"per": by.value, "rij": row["key"]}
    ours = report_id if is_one else 0
    return {
        **row,
        "label": label,
        "url": f"{reverse('report-lines', args=[ours])}?{urlencode(place)}" if ours else "",
        "cells": {
            key: {
                "text": figure_text(key, row[key]),
                "url": behind_url(ours, key, row[key], **place),
            }
            for key in (
                *(() if by.is_of_effort else ("imposed_cents",)),
                *("promised_cents", "delivered_cents", "verified_cents"),
                *(("people", "places") if has_people else ()),
            )
        },
    }


def corrections_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What was put right of what was told before, in words."""
    for row in put_right_of(document):
        yield {**row, "why": "; ".join(row["reasons"]) or _("No reason was written down.")}


def put_right_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was put right of what was told before, without the reasons."""
    return [_told_before(document, row) for row in document["corrections"]]


def changes_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What else was told otherwise before, in words."""
    return [_told_before(document, row) for row in document["changes"]]


def _told_before(document: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """A figure that was told otherwise, with its year and the report that told it."""
    label = _name_of(document, row["figure"])
    what = f"{label} {row['year']}"
    if row.get("report"):  # the first reports did not say it: it was always the one before
        what = _("%(what)s (report %(number)s)") % {"what": what, "number": row["report"]}
    return {**row, "label": label, "what": what}


def _name_of(document: Mapping[str, Any], figure: str) -> str:
    """The name of a figure of effort, as the document has it, or of a part of the purchases."""
    part = COVERED.get(figure.removesuffix("_cents"))
    return figure_words(document, figure) if part is None else str(part)


def moved_of(document: Mapping[str, Any]) -> str:
    """How many contracts came and left since the report before; empty where none did."""
    new, gone = document["contracts_new"], document["contracts_gone"]
    came = ngettext(
        "%(new)s contract is new since the report before.",
        "%(new)s contracts are new since the report before.",
        new,
    )
    left = ngettext(
        "%(gone)s contract of the report before is not in this one any more.",
        "%(gone)s contracts of the report before are not in this one any more.",
        gone,
    )
    sentences = [came % {"new": new}] if new else []
    return " ".join(sentences + ([left % {"gone": gone}] if gone else []))


def ahead_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The years to come up to the last of which a report says anything."""
    rows: list[Mapping[str, Any]] = list(document.get("ahead", ()))  # the first did not say it
    while rows and not (rows[-1]["goals"] or rows[-1]["promised_cents"]):
        rows.pop()
    return rows


def promised_ahead(document: Mapping[str, Any]) -> list[str]:
    """What contractors promised already for years to come, a sentence for each."""
    words = _("For %(year)s %(cents)s is promised already.")
    return [
        words % {"year": row["year"], "cents": euros(row["promised_cents"])}
        for row in ahead_of(document)
        if row["promised_cents"]
    ]


def coverage_of(document: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The purchases above the threshold of each year; None where a report does not tell of them."""
    rows: list[dict[str, object]] | None = document.get("coverage")
    return rows


#: What a table of purchases above the threshold has, in its order, by the name in the document.
COVERED: Mapping[str, object] = {
    "above": gettext_lazy("Bought above the threshold"),
    "covered": gettext_lazy("With an obligation"),
    "explained": gettext_lazy("Without, explained"),
    "room": gettext_lazy("Nobody asks for social return yet"),
}


#: Of these it is not known whether they belong in the table at all, so they stand below it.
_UNSURE: Mapping[str, object] = {"unsure": gettext_lazy("Not sure whether above the threshold")}


def covered_of(document: Mapping[str, Any]) -> Mapping[str, object]:
    """The parts of the purchases that a report tells of, with the unsure ones where there are."""
    years = coverage_of(document) or ()
    return {**COVERED, **(_UNSURE if any(year["unsure"][0] for year in years) else {})}


def left_open(count: int) -> str:
    """That an amount is without purchases of which the rules do not say it; empty without any."""
    if not count:
        return ""
    words = ngettext(
        "without %(count)s purchase of which the rules leave it open",
        "without %(count)s purchases of which the rules leave it open",
        count,
    )
    return words % {"count": count}


def effects_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What social return does in each policy field, as the notice of a region says it."""
    return [(in_words(field), in_words(effect)) for field, effect in document["effects"]]


def effects_source(document: Mapping[str, Any]) -> str:
    """Where what social return does was published; the first reports do not say it."""
    origin = document.get("effects_origin")
    if not origin:
        return ""
    words = _("Source: %(title)s, %(publisher)s, %(dated)s.")
    return words % dict(zip(("title", "publisher", "dated"), origin, strict=True))


def published_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What was published before, as its own source says it: years, and what it wants to come to."""
    for series in document["published"]:
        yield {
            **series,
            "note": in_words(series["note"]),
            "rows": [_published_row(year) for year in series["years"]],
            "aims": [aim_words(aim) for aim in series["aims"]],
        }


def source_of(series: Mapping[str, Any]) -> str:
    """Where a series was published, in one line."""
    return ", ".join(series[part] for part in ("title", "publisher", "dated"))


def _published_row(year: Mapping[str, Any]) -> dict[str, str]:
    known = {
        "target": year["target_percent"],
        "achieved": year["achieved_percent"],
        "asked": year["asked_percent"],
    }
    percents = {name: f"{value}%" if value else DASH for name, value in known.items()}
    name = str(year["year"])
    if year["until"]:
        name = _("%(year)s, until %(day)s") % {"year": name, "day": day(_day(year["until"]))}
    realised = euros(year["realised_cents"])
    places = year["workplaces"]
    return {
        "name": name,
        "realised": _("over %(amount)s") % {"amount": realised} if year["at_least"] else realised,
        **percents,
        "places": _("%(places)s (goal %(goal)s)")
        % {"places": places, "goal": year["workplaces_goal"]}
        if places
        else figure_text("people", year["people"]),
        "value": figure_text("value_cents", year["contract_value_cents"]),
        "spent": figure_text("purchase_cents", year["social_spending_cents"]),
    }


def aim_words(aim: Mapping[str, Any]) -> str:
    """What a publisher wants to come to, from where and by when, as far as it says so."""
    ends = [figure_text(aim["measure"], aim[name]) for name in ("now", "aim")]
    if aim["most"]:
        ends[1] = f"{ends[1]}\N{EN DASH}{figure_text(aim['measure'], aim['most'])}"
    words = {"what": in_words(aim["what"]), "now": ends[0], "aim": ends[1], "by": aim["by"]}
    if aim["by"]:
        return _("%(what)s: from %(now)s to %(aim)s in %(by)s") % words
    return _("%(what)s: from %(now)s to %(aim)s") % words


def _day(text: str) -> date:
    return date.fromisoformat(text)


def counted_of(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """How each figure was counted, as the report says it."""
    for key in figures_of(document):
        known = document["figures"].get(key)
        counted = in_words(known["counted"]) if known else str(_COUNTED_OF_A_REGION[key])
        yield {"label": figure_words(document, key), "counted": counted}


def moment_of(document: Mapping[str, Any]) -> datetime:
    """The moment that a report tells of."""
    return datetime.fromisoformat(document["as_of"])


def complete_until(document: Mapping[str, Any]) -> date:
    """The day until which everything was decided on."""
    return _day(document["complete_until"])
