"""A report on paper: its document in sentences, tables and a chart, in its maker's house style.

Only what the signed document says comes on paper, so that the paper is the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from telmee.apps.letters.choices import USUAL_COLOUR
from telmee.apps.letters.queries import house_of
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.figure_words import By
from telmee.integrations.typesetting import render_pdf
from telmee.texts.letters.blocks import Block, Words, heading, link, table, text
from telmee.web.amounts import Table
from telmee.web.language import active
from telmee.web.reports import sustainability
from telmee.web.reports.report_words import (
    DASH,
    behind_url,
    changes_of,
    complete_until,
    corrections_of,
    counted_of,
    dash_of,
    divisions_of,
    effects_of,
    effects_source,
    figure_text,
    figure_words,
    moment_of,
    more_than_delivered,
    moved_of,
    promised_ahead,
    published_of,
    series_of,
    year_of,
    years_of,
)
from telmee.web.reports.tables import ahead_table, coverage_table
from telmee.web.templatetags.telmee import day, euros, moment

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

#: The bars of the chart, and of how many thousandths a bar is as wide as it can be.
_BARS = ("imposed_cents", "delivered_cents", "verified_cents")
_FULL = 1000
_OF_A_CORRECTION = ("before_cents", "now_cents", "corrected_cents", "later_cents")
#: A letter to the council has what a council asks: where it went, whom it reached, and for which of
#: its policies. Another report has every table.
_OF_A_LETTER = frozenset({By.KIND, By.TARGET_GROUP, By.FIELD})


def paper_of(report: Report, document: Mapping[str, object], mark: str) -> bytes:
    """The PDF/UA-1 of a report; the same report comes to the same bytes."""
    return render_pdf("report", facts_of(report, document, mark))


def facts_of(report: Report, document: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """What the template of a report gets: who made it, and its blocks in their order."""
    kind, name = ReportKind(document["kind"]), document["organisation"]["name"]
    frozen = timezone.localdate(report.frozen_at)
    house = house_of(report.organisation_id)
    title = _("%(kind)s on %(year)s") % {"kind": kind.label, "year": document["year"]}
    return {
        "title": title,
        "author": name,
        "date": [frozen.year, frozen.month, frozen.day],
        "language": active(),
        "colour": house.colour if house else USUAL_COLOUR,
        "logo": list(house.logo or b"") if house else [],
        "logo_words": _("Logo of %(name)s") % {"name": name},
        "sender": name,
        "subtitle": _("Report %(number)s, published on %(day)s")
        % {"number": report.number, "day": day(frozen)},
        "footer": _("SHA-256 %(hash)s, key %(mark)s") % {"hash": report.sha256, "mark": mark},
        "blocks": list(_blocks(report, document, kind)),
    }


def _blocks(report: Report, document: Mapping[str, Any], kind: ReportKind) -> Iterator[Block]:
    if kind == ReportKind.COUNCIL:
        yield text(_("Dear members of the council,"))
    yield text(_opening(document, kind))
    yield _list(_results(document, report.pk))
    yield text(_complete(document))
    yield heading(_("Goals and results"))
    yield _chart(document)
    yield _years(document, report.pk)
    yield text(f"{dash_of(document)} {more_than_delivered(document)}".strip())
    yield from _ahead(document)
    if document["corrections"]:
        yield heading(_("Corrections of what was reported before"))
        yield _corrections(document)
    yield from _changes(document)
    for division in divisions_of(document, report.pk):
        if kind != ReportKind.COUNCIL or division["by"] in _OF_A_LETTER:
            yield heading(str(division["title"]))
            yield _division(division, document["year"])
            yield from _origin(division)
    yield from _coverage(document)
    yield from _sustainability(document)
    yield heading(_("What social return does"))
    yield table(
        _("What social return does"),
        [_("Policy field"), _("Effect of social return")],
        effects_of(document),
        amounts=0,
    )
    if source := effects_source(document):
        yield text(source)
    for series in published_of(document):
        yield from _published(series)
    yield heading(_("How it was counted"))
    yield _list(f"{row['label']}: {row['counted']}" for row in counted_of(document))
    yield heading(_("Is this the real report?"))
    yield text(
        _(
            "This file is signed. Whoever has it can check that nothing in it was changed; the"
            " report in Telmee says how, and opens each number to its lines for who may see those."
        )
    )
    yield text(f"{settings.SITE_URL.rstrip('/')}{reverse('report', args=[report.pk])}")


def _ahead(document: Mapping[str, object]) -> Iterator[Block]:
    """What is wanted of years to come and promised for them; nothing where neither is told."""
    wanted, promised = ahead_table(document), promised_ahead(document)
    if wanted or promised:
        yield heading(_("The years to come"))
    if promised:
        yield _list(promised)
    if wanted:
        yield _amounts(wanted)


def _amounts(shown: Table) -> Block:
    """A table of a page on paper."""
    rows = [[row.label, *(cell.on_paper for cell in row.cells)] for row in shown.rows]
    columns = [shown.first, *shown.columns]
    return table(shown.title, columns, rows, amounts=len(shown.columns))


def _coverage(document: Mapping[str, object]) -> Iterator[Block]:
    """How much of the buying power was used, where the client handed over its purchases."""
    of_years = coverage_table(document)
    if of_years is None:
        return
    yield heading(of_years.title)
    yield _amounts(of_years)
    yield text(
        _(
            "From the lists of purchases that the client handed over: what is on no list is not"
            " counted."
        )
    )


def _sustainability(document: Mapping[str, object]) -> Iterator[Block]:
    """What a contractor takes along to his sustainability report; nothing of another report."""
    mapped = sustainability.of_statement(document)
    if mapped is None:
        return
    title = _("For your sustainability report (CSRD and VSME)")
    yield heading(title)
    yield text(
        _(
            "Which figures of this statement belong at which datapoint, and what Telmee does not"
            " know of it. None of them is a disclosure by itself."
        )
    )
    columns = [_("Datapoint"), _("What Telmee has"), _("What is not covered")]
    yield table(title, columns, map(_datapoint, mapped["rows"]), amounts=0)
    yield _list(f"{one['figure']}. {one['why']}" for one in mapped["outside"])
    yield text(
        _(
            "Version %(version)s of this mapping. The standards are being revised: look at the text"
            " that holds for your year."
        )
        % mapped
    )
    yield _list(
        f"{_('Source:')} {one['title']}, {one['publisher']}, {one['dated']}. {one['address']}"
        for one in mapped["standards"]
    )


def _datapoint(row: Mapping[str, str]) -> list[str]:
    name = f"{row['standard']} {row['code']} {row['name']}"
    return [
        name,
        " ".join(filter(None, (row["figure"] and f"{row['figure']}.", row["covers"]))),
        row["missing"],
    ]


def _list(sentences: Iterable[Words]) -> Block:
    return {"is": "list", "sentences": list(sentences)}


def _opening(document: Mapping[str, Any], kind: ReportKind) -> str:
    facts = {"name": document["organisation"]["name"], "year": document["year"]}
    openings = {
        ReportKind.COUNCIL: _(
            "With this letter we tell you what contractors gave back in %(year)s for the contracts"
            " of %(name)s: social return."
        ),
        ReportKind.ANNUAL: _(
            "This report tells what contractors gave back in %(year)s for the contracts of"
            " %(name)s: social return."
        ),
        ReportKind.REGIONAL: _(
            "This report tells what contractors gave back in %(year)s for the contracts that"
            " %(name)s looks after: social return."
        ),
        ReportKind.STATEMENT: _(
            "%(name)s states here what it did in %(year)s for the social return of its contracts."
            " What is verified its clients decided."
        ),
    }
    return openings[kind] % facts


def _results(document: Mapping[str, object], report_id: int) -> Iterator[Words]:
    """The results of the year, one sentence each, that leads to what stands behind its number."""
    year = year_of(document)

    def behind(key: str, sentence: str) -> Words:
        return _leading(sentence, behind_url(report_id, key, year[key], jaar=year["year"]))

    for key in ("verified_cents", "percentage_bp", "places", "people", "purchase_cents"):
        if year.get(key) is None:
            continue
        words = {"figure": figure_words(document, key), "value": figure_text(key, year[key])}
        if key in year["goals"]:
            words["goal"] = figure_text(key, year["goals"][key][0])
            yield behind(key, _("%(figure)s: %(value)s (goal: %(goal)s)") % words)
        else:
            yield behind(key, _("%(figure)s: %(value)s") % words)
    words = {
        "contracts": year["contracts"],
        "value": euros(year["value_cents"]),
        "imposed": euros(year["imposed_cents"]),
    }
    sentence = ngettext(
        "On %(contracts)s contract of %(value)s together %(imposed)s was imposed.",
        "On %(contracts)s contracts of %(value)s together %(imposed)s was imposed.",
        year["contracts"],
    )
    yield behind("imposed_cents", sentence % words)


def _complete(document: Mapping[str, Any]) -> str:
    stands = _(
        "As it stood on %(then)s. Complete until %(until)s: everything that was handed in for days"
        " until then was decided on."
    ) % {"then": moment(moment_of(document)), "until": day(complete_until(document))}
    lines = document["waiting_lines"]
    if not lines:
        return stands
    waited = ngettext(
        "One line waited for a decision.", "%(lines)s lines waited for a decision.", lines
    )
    return f"{stands} {waited % {'lines': lines}}"


def _chart(document: Mapping[str, Any]) -> Block:
    """Bars for each year, with the same in words for who does not see them."""
    shown = set(years_of(document))
    rows = [row for row in document["years"] if row["year"] in shown]
    most = max((row[key] for row in rows for key in _BARS), default=0) or 1
    bars = [
        {"label": str(row["year"]), "bars": [_bar(document, row, key, most) for key in _BARS]}
        for row in rows
    ]
    spoken = "; ".join(
        f"{row['year']}: "
        + ", ".join(f"{figure_words(document, key)} {euros(row[key])}" for key in _BARS)
        for row in rows
    )
    title = _("Asked and realised, per year")
    return {"is": "chart", "caption": title, "alt": f"{title}. {spoken}.", "rows": bars}


def _bar(document: Mapping[str, object], row: Mapping[str, Any], key: str, most: int) -> Block:
    share = max(0, row[key]) * _FULL // most
    return {"name": figure_words(document, key), "share": share, "text": str(euros(row[key]))}


def _years(document: Mapping[str, object], report_id: int) -> Block:
    years = years_of(document)
    rows: list[list[Words]] = []
    for row in series_of(document, report_id):
        goals = [f" ({_('goal %(goal)s') % cell})" if cell["goal"] else "" for cell in row["cells"]]
        cells = zip(row["cells"], goals, strict=True)
        rows.append([row["label"], *(_opening_to(cell, goal) for cell, goal in cells)])
    columns = [_("What was counted"), *map(str, years)]
    period = "\N{EN DASH}".join(map(str, dict.fromkeys((years[0], years[-1]))))
    caption = f"{_('Goals and results')}, {period}"
    return table(caption, columns, rows, amounts=len(years))


def _corrections(document: Mapping[str, Any]) -> Block:
    rows = [
        [
            row["what"],
            row["why"],
            *(str(euros(row[key])) for key in _OF_A_CORRECTION),
        ]
        for row in corrections_of(document)
    ]
    columns = [_("What was counted"), _("Why"), _("Was"), _("Is now")]
    columns += [_("Put right"), _("Came in later")]
    return table(_("Corrections of what was reported before"), columns, rows, amounts=4)


def _changes(document: Mapping[str, object]) -> Iterator[Block]:
    """What else is not as it was reported before; nothing where all is."""
    rows = [
        [
            row["what"],
            str(euros(row["before_cents"])),
            str(euros(row["now_cents"])),
        ]
        for row in changes_of(document)
    ]
    moved = moved_of(document)
    if not rows and not moved:
        return
    title = _("What else changed since it was reported before")
    yield heading(title)
    words = _("By what was handed in, decided or agreed since.")
    yield text(f"{words} {moved}".strip())
    if rows:
        yield table(title, [_("What was counted"), _("Was"), _("Is now")], rows, amounts=2)


def _opening_to(cell: Mapping[str, str], more: str = "") -> Words:
    """A number that leads to what stands behind it, for who may see that."""
    return _leading(f"{cell['text']}{more}", cell["url"])


def _leading(words: str, path: str) -> Words:
    """Words that lead to a page of this installation, from whatever a paper is read with."""
    return link(words, f"{settings.SITE_URL.rstrip('/')}{path}" if path else "")


def _division(division: Mapping[str, Any], year: int) -> Block:
    names = {"delivered_cents": _("Delivered"), "verified_cents": _("Verified")}
    if division["has_imposed"]:
        names = {"imposed_cents": _("Imposed"), **names}
    columns = [str(division["title"]), *names.values()]
    if division["has_people"]:
        columns += [_("People reached"), _("Workplaces")]
    keys = [*names, *(("people", "places") if division["has_people"] else ())]
    rows = [
        [row["label"], *(_opening_to(row["cells"][key]) for key in keys)]
        for row in division["rows"]
    ]
    caption = f"{division['title']}, {year}"
    return table(caption, columns, rows, amounts=len(columns) - 1)


def _published(series: Mapping[str, Any]) -> Iterator[Block]:
    """What was published before: a table, what it wants to come to, and its source."""
    yield heading(_("Published before: %(publisher)s") % series)
    yield text(series["note"])
    columns = [
        _("Year"),
        pgettext("published", "Realised"),
        _("Goal"),
        _("Achieved"),
        _("Workplaces or people"),
    ]
    keys = ("name", "realised", "target", "achieved", "places")
    rows = [[str(row[key]) for key in keys] for row in series["rows"]]
    yield table(_("Published before: %(publisher)s") % series, columns, rows, amounts=4)
    yield from _of_contracts(series)
    if series["aims"]:
        yield _list(series["aims"])
    words = _("Source: %(title)s, %(publisher)s, %(dated)s. It is added to nothing in this report.")
    yield text(words % series)


def _of_contracts(series: Mapping[str, Any]) -> Iterator[Block]:
    """What a series says of the contracts behind it, where it says that."""
    keys = ("value", "asked", "spent")
    rows = [
        [str(row["name"]), *(str(row[key]) for key in keys)]
        for row in series["rows"]
        if any(row[key] != DASH for key in keys)
    ]
    if rows:
        columns = [_("Year"), _("Contract sum"), _("Asked on average")]
        columns.append(_("Spent with social organisations"))
        title = _("Contracts and spending: %(publisher)s") % series
        yield table(title, columns, rows, amounts=3)


def _origin(division: Mapping[str, Any]) -> Iterator[Block]:
    if division["origin"]:
        title, publisher, dated = division["origin"]
        words = {"title": title, "publisher": publisher, "dated": dated}
        yield text(
            _(
                "This division follows %(title)s, %(publisher)s, %(dated)s. Which effort stands in"
                " which row is our own choice."
            )
            % words
        )
