"""The five questions that a council member asks, answered by what a report says.

Everything here is taken from the document of one report: nothing is asked of the register. A count
that the report hides stays hidden, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.reports.choices import Measure
from telmee.apps.reports.figure_words import By
from telmee.web.charts import Chart, Series
from telmee.web.reports.report_words import (
    ahead_of,
    coverage_of,
    figure_text,
    figure_words,
    in_words,
    moment_of,
    promised_ahead,
    put_right_of,
    year_of,
)
from telmee.web.templatetags.telmee import basis_points, day, euros, hundredths

_Document = Mapping[str, Any]
#: A chart with more bars nobody reads on a phone.
_ROWS_MAX = 6
_MONEY = ("promised_cents", "delivered_cents", "verified_cents")


def reached(document: _Document) -> list[str]:
    """Whether the goal is reached, goal by goal."""
    row = year_of(document)
    answer = []
    for measure, amount in _goals(row):
        value = row.get(measure)
        if measure not in (*document["figures"], *row):
            continue
        facts = {
            "figure": _measured(document, measure),
            "goal": figure_text(measure, amount),
            "value": figure_text(measure, value),
        }
        if value is None:
            answer.append(
                _("%(figure)s: the goal is %(goal)s. What came of it is not told.") % facts
            )
        elif value >= amount:
            answer.append(_("%(figure)s: %(value)s. The goal of %(goal)s was reached.") % facts)
        else:
            answer.append(_("%(figure)s: %(value)s. The goal of %(goal)s was not reached.") % facts)
    if not answer:
        answer.append(_("No goal was set for this year."))
    if row["percentage_bp"] is not None and _goal(row, Measure.PERCENTAGE) is None:
        share = basis_points(row["percentage_bp"])
        answer.append(
            _("%(share)s of what was asked in this year was verified.") % {"share": share}
        )
    return answer


def _goals(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The goals of a year in one order: a database that keeps a document has one of its own."""
    for measure in Measure:
        amount = _goal(row, measure)
        if amount is not None:
            yield measure, amount


def _measured(document: _Document, measure: str) -> str:
    """What a goal is about; of the percentage also of what it is one."""
    if measure == Measure.PERCENTAGE:
        return _("Verified, of what was asked")
    return figure_words(document, measure)


def asked_of_contractors(document: _Document) -> list[str]:
    """How much was asked, on which contracts, and what came of it: a reader begins with that."""
    row = year_of(document)
    count = row["contracts"]
    facts = {
        "cents": euros(row["imposed_cents"]),
        "count": count,
        "value": euros(row["value_cents"]),
        "share": basis_points(row["asked_bp"]),
    }
    answer = [
        ngettext(
            "Asked of contractors: %(cents)s of social return, on %(count)s contract.",
            "Asked of contractors: %(cents)s of social return, on %(count)s contracts.",
            count,
        )
        % facts
    ]
    if row["asked_bp"] is not None:
        together = _("These contracts are worth %(value)s together: it is %(share)s of that.")
        answer.append(together % facts)
    verified = _("Verified is what the client looked at and accepted: %(cents)s in this year.")
    return [*answer, verified % {"cents": euros(row["verified_cents"])}]


def progress_chart(document: _Document) -> Chart | None:
    """What was verified of what was asked, year by year, beside the goal; None of one year."""
    measure = Measure.PERCENTAGE
    rows = [row for row in document["years"] if row[measure] is not None or measure in row["goals"]]
    if len(rows) <= 1:
        return None
    return Chart(
        title=_("Verified of what was asked, per year, in percent"),
        description=_("For each year what came of it, and below that the goal of that year."),
        labels=[str(row["year"]) for row in rows],
        series=[
            Series(_("Verified"), [row[measure] for row in rows]),
            Series(_("Goal"), [_goal(row, measure) for row in rows]),
        ],
        unit="hundredths",
        first_heading=_("Year"),
    )


def _goal(row: Mapping[str, Any], measure: str) -> int | None:
    amount: int | None = row["goals"].get(measure, [None])[0]
    return amount


def of_later(document: _Document) -> list[str]:
    """What was promised for years to come, and that no goal was set for them where none was."""
    if "ahead" not in document:  # as the first reports
        return []
    if any(row["goals"] for row in ahead_of(document)):
        return promised_ahead(document)
    none = _("For the years after %(year)s no goal was set yet.") % {"year": document["year"]}
    return [none, *promised_ahead(document)]


def bought(document: _Document) -> list[str]:
    """What went to social enterprises, and why some rows stand together."""
    spent = _("%(cents)s was spent at social enterprises.")
    answer = [spent % {"cents": euros(year_of(document)["purchase_cents"])}]
    if _has_few(document, By.KIND):
        few = _(
            "Kinds of effort with few people stand together in one bar: an amount of its own could"
            " point at somebody."
        )
        answer.append(few)
    return answer


def people(document: _Document) -> list[str]:
    """How many people and places; a count that is hidden says so, and why."""
    row = year_of(document)
    if row["people"] is None:
        answer = [_("How many people worked or learned is not told: it could point at somebody.")]
    else:
        facts = {"people": row["people"], "places": row["places"]}
        answer = [_("%(people)s people worked or learned, at %(places)s workplaces.") % facts]
    if _has_few(document, By.TARGET_GROUP):
        few = _(
            "Of some groups the numbers are left out: they have fewer than five people, or would"
            " give away how many another group has."
        )
        answer.append(few)
    return answer


def _has_few(document: _Document, by: By) -> bool:
    """Whether some rows of a division stand together, because they have few people."""
    return any(row["key"] is None for row in _rows(document, by))


def not_well(document: _Document) -> list[str]:
    """What falls short: goals that were not reached, and what was asked and is not verified."""
    row = year_of(document)
    answer = []
    for measure, amount in _goals(row):
        value = row.get(measure)
        if value is None or value >= amount:
            continue
        facts = {"figure": _measured(document, measure)}
        if measure == Measure.PERCENTAGE:  # of two shares the difference is no share
            words = _("%(figure)s: %(short)s percentage points short of the goal.")
            facts["short"] = hundredths(amount - value)
        else:
            words = _("%(figure)s: %(short)s short of the goal.")
            facts["short"] = figure_text(measure, amount - value)
        answer.append(words % facts)
    left = row["imposed_cents"] - row["verified_cents"]
    if left > 0:
        open_ = _("Of what was asked in this year, %(cents)s is not verified.")
        answer.append(open_ % {"cents": euros(left)})
    if not answer:
        answer.append(_("Nothing falls short of a goal or of what was asked in this year."))
    return answer


def euros_chart(document: _Document) -> Chart:
    """What is promised, what is done and what is verified, told apart."""
    row = year_of(document)
    return Chart(
        title=_("Promised, delivered and verified"),
        description=_("Only what is verified is a result; the other two may still change."),
        labels=[figure_words(document, name) for name in _MONEY],
        series=[Series(_("In euros"), [row[name] for name in _MONEY])],
        unit="cents",
        first_heading=_("What"),
    )


def where_chart(document: _Document) -> Chart | None:
    """Where the money went, by what was done."""
    rows = [row for row in _rows(document, By.KIND) if row["verified_cents"]]
    title, figure = _("Where the money went"), figure_words(document, "verified_cents")
    return _chart(title, figure, rows, "verified_cents")


def whom_chart(document: _Document) -> Chart | None:
    """Whom it reached; groups with few people are not drawn."""
    rows = [row for row in _rows(document, By.TARGET_GROUP) if row["people"]]
    title, figure = _("Whom it reached"), figure_words(document, "people")
    return _chart(title, figure, rows, "people")


def buying_power(document: _Document) -> list[str]:
    """Whether social return is asked wherever it can be, of the last year that was bought in."""
    years = coverage_of(document)
    if years is None:
        return []
    if not years:
        none = _(
            "Of %(year)s and the years before the client handed over no list of what it buys. So"
            " nobody can say how much of the buying power was used."
        )
        return [none % {"year": document["year"]}]
    return list(_bought(years[-1]))


def _bought(year: Mapping[str, Any]) -> Iterator[str]:
    """What was bought above the threshold in a year, and what became of it."""
    above = ngettext(
        "In %(year)s there was %(count)s purchase above the threshold, of %(cents)s. From that"
        " threshold on the rules ask for social return.",
        "In %(year)s there were %(count)s purchases above the threshold, of %(cents)s together."
        " From that threshold on the rules ask for social return.",
        year["above"][0],
    )
    yield above % {"year": year["year"], **_counted(year, "above")}
    if year["used_bp"] is not None:
        covered = ngettext(
            "For %(count)s of them, %(cents)s, social return was asked: so %(share)s of the buying"
            " power is used.",
            "For %(count)s of them, %(cents)s together, social return was asked: so %(share)s of"
            " the buying power is used.",
            year["covered"][0],
        )
        yield covered % {"share": basis_points(year["used_bp"]), **_counted(year, "covered")}
    if year["explained"][0]:
        explained = _("For %(count)s, %(cents)s, it was explained why not.")
        yield explained % _counted(year, "explained")
    yield from _room(year)
    if year["unsure"][0]:
        unsure = _("Of %(count)s more, %(cents)s, it is not sure whether the threshold is reached.")
        yield unsure % _counted(year, "unsure")


def _room(year: Mapping[str, Any]) -> Iterator[str]:
    """What nobody asks social return for yet, and what that would come to."""
    if not year["room"][0]:
        return
    room = _(
        "For %(count)s, %(cents)s, nobody asks for social return yet. By the rules that would come"
        " to %(owed)s."
    )
    yield room % {"owed": euros(year["owed_cents"]), **_counted(year, "room")}
    if year["owed_unknown"]:
        unknown = ngettext(
            "Without %(count)s purchase of which the rules leave the amount open.",
            "Without %(count)s purchases of which the rules leave the amount open.",
            year["owed_unknown"],
        )
        yield unknown % {"count": year["owed_unknown"]}


def _counted(year: Mapping[str, Any], name: str) -> dict[str, object]:
    count, cents = year[name]
    return {"count": count, "cents": euros(cents)}


def not_known(document: _Document) -> list[str]:
    """What the figures do not say yet."""
    row = year_of(document)
    waiting = document["waiting_lines"]
    facts = {"day": day(_date(document["complete_until"])), "count": waiting}
    answer = [
        ngettext(
            "Until and including %(day)s everything is decided on. %(count)s line waits.",
            "Until and including %(day)s everything is decided on. %(count)s lines wait.",
            waiting,
        )
        % facts
    ]
    if row["waiting_cents"]:
        worth = _("Of what was delivered in this year, %(cents)s waits for a decision.")
        answer.append(worth % {"cents": euros(row["waiting_cents"])})
    if timezone.localdate(moment_of(document)).year <= document["year"]:
        answer.append(_("The year was not over yet: what comes later is not in these figures."))
    return answer


def put_right(document: _Document) -> list[str]:
    """What was told otherwise in an earlier report and was put right since, without the reasons."""
    words = _("%(what)s was %(before)s and is now %(now)s: it was put right.")
    return [
        words
        % {
            "what": row["what"],
            "before": euros(row["before_cents"]),
            "now": euros(row["now_cents"]),
        }
        for row in put_right_of(document)
    ]


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _rows(document: _Document, by: By) -> Sequence[Mapping[str, Any]]:
    for division in document["divisions"]:
        if division["by"] == by:
            rows: Sequence[Mapping[str, object]] = division["rows"]
            return rows
    return ()


def _chart(title: str, figure: str, rows: Sequence[Mapping[str, Any]], name: str) -> Chart | None:
    if not rows:
        return None
    shown = sorted(rows, key=lambda row: -row[name])[:_ROWS_MAX]
    if len(shown) < len(rows):
        title = _("%(title)s, the %(count)s largest") % {"title": title, "count": len(shown)}
    return Chart(
        title=title,
        description=_("The largest first: {figure}.").format(figure=figure),
        labels=[_name(row) for row in shown],
        series=[Series(figure, [row[name] for row in shown])],
        unit="count" if name == "people" else "cents",
        first_heading=_("What"),
    )


def _name(row: Mapping[str, Any]) -> str:
    if row["key"] is None:
        return _("Groups that stand together")
    return in_words(row["label"]) or _("Other")
