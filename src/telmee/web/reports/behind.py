"""What stands behind a number of a report: its lines, or its contracts, as they stood then.

A member of a council follows such a link in a published paper too. He sees the number and how it
was counted; what stands behind it is with the client.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.reports.behind import contracts_behind, lines_behind
from telmee.apps.reports.figure_words import By
from telmee.apps.reports.freezing import report_for
from telmee.apps.reports.results import contracts_seen
from telmee.web.addresses import number_in
from telmee.web.lists import Column, ListPage, goes_along
from telmee.web.middleware import TelmeeRequest
from telmee.web.reports.report_words import (
    DIVISIONS,
    YEAR_FIGURES,
    complete_until,
    figure_text,
    figure_words,
    in_words,
    moment_of,
)
from telmee.web.reports.views import above

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

#: Rows whose key is the id of something.
_NUMBERED = (By.CLIENT, By.CONTRACTOR, By.CONTRACT)
#: Which number of a report an address is about.
_NUMBER = goes_along("cijfer", "jaar", "per", "rij")
_LINES = ListPage(
    name=gettext_lazy("Lines behind a number"),
    columns=(
        Column(
            "reference",
            gettext_lazy("Line"),
            order="reference",
            url=lambda row: reverse("contribution", args=[row["pk"]]),
            under=Column("organisation__name", gettext_lazy("Delivered by")),
        ),
        Column(
            "contract__reference",
            gettext_lazy("Contract"),
            order="contract__reference",
            under=Column("contract__name", gettext_lazy("Name"), on_phone=False),
        ),
        Column(
            "delivered_in_year", gettext_lazy("Delivered"), kind="money", order="delivered_in_year"
        ),
        Column(
            "verified_in_year", gettext_lazy("Verified"), kind="money", order="verified_in_year"
        ),
    ),
    default="-verified_in_year",
    filters=_NUMBER,
    search=("reference__icontains", "contract__reference__icontains"),
)
_LINE = (
    *("pk", "reference", "organisation__name", "contract__reference", "contract__name"),
    *("delivered_in_year", "verified_in_year"),
)
_CONTRACT = Column(
    "reference",
    gettext_lazy("Contract"),
    order="reference",
    url=lambda row: reverse("contract", args=[row["pk"]]),
    under=Column("name", gettext_lazy("Name")),
)
_CONTRACTS = ListPage(
    name=gettext_lazy("Contracts behind a number"),
    columns=(
        _CONTRACT,
        Column("imposed_cents", gettext_lazy("Imposed"), kind="money", order="imposed_cents"),
        Column("promised_cents", gettext_lazy("Promised"), kind="money", order="promised_cents"),
        Column("delivered_cents", gettext_lazy("Delivered"), kind="money", order="delivered_cents"),
        Column("verified_cents", gettext_lazy("Verified"), kind="money", order="verified_cents"),
    ),
    default="-imposed_cents",
    filters=_NUMBER,
)
#: Behind the number of contracts and behind what they are worth.
_WORTH = ListPage(
    name=gettext_lazy("Contracts behind a number"),
    columns=(
        _CONTRACT,
        Column("value_cents", gettext_lazy("Contract sum"), kind="money", order="value_cents"),
        Column("imposed_cents", gettext_lazy("Imposed"), kind="money", order="imposed_cents"),
    ),
    default="-value_cents",
    filters=_NUMBER,
)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a report: which figure, of which year, and of which row if it is of one."""

    report: Report
    document: Mapping[str, Any]
    year: int
    figure: str
    by: By | None
    key: str

    def of(self) -> dict[str, Any]:
        """What the query behind it is about."""
        facts = {"as_of": self.report.as_of, "by": self.by, "key": self.key}
        return {"year": self.year, **facts}

    def contracts(self) -> list[int]:
        """The contracts of the report that who asks sees himself."""
        return contracts_seen(contract for contract, *_ in self.document["books"])

    def row(self) -> Mapping[str, Any]:
        """The row of the report that it stands in; empty where there is no such row."""
        if self.by is None:
            rows = [one for one in self.document["years"] if one["year"] == self.year]
        else:
            tables = [one for one in self.document["divisions"] if one["by"] == self.by]
            rows = [one for table in tables for one in table["rows"] if one["key"] == self.key]
        return rows[0] if rows else {}

    def shown(self) -> dict[str, object]:
        """The number as the report has it, how it was counted, and until when it is complete."""
        row, figures = self.row(), self.document["figures"]
        terms = []
        if self.by is not None:
            label = in_words(row.get("label")) or _("Belongs to none of these")
            terms += [{"label": DIVISIONS.get(self.by, ""), "value": label}]
        if self.figure:
            value = figure_text(self.figure, row.get(self.figure))
            terms += [
                {"label": figure_words(self.document, self.figure), "value": value},
                {"label": _("Counted"), "value": in_words(figures[self.figure]["counted"])},
            ]
        return {
            "report": self.report,
            "year": self.year,
            "as_of": moment_of(self.document),
            "complete_until": complete_until(self.document),
            "terms": terms,
        }


@login_required
@require_safe
def lines(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The lines behind a number, of those that somebody may see himself."""
    number = _number(request, pk)
    if request.acting.is_of_council(number.report.organisation_id):
        return _of_council(request, number)
    rows = lines_behind(number.contracts(), figure=number.figure, **number.of())
    listing = _LINES.read(request, rows.values(*_LINE))
    context = {"listing": listing, "title": _("Lines behind a number"), **number.shown()}
    context |= _crumbs(number, _("Lines behind it"))
    return listing.file() or render(request, "reports/behind.html", context)


@login_required
@require_safe
def contracts(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The contracts behind a number, of those that somebody may see himself."""
    number = _number(request, pk)
    if request.acting.is_of_council(number.report.organisation_id):
        return _of_council(request, number)
    rows = contracts_behind(number.contracts(), figure=number.figure, **number.of())
    shown = _WORTH if number.figure in ("contracts", "value_cents") else _CONTRACTS
    listing = shown.read(request, rows)
    context = {"listing": listing, "title": _("Contracts behind a number"), **number.shown()}
    context |= _crumbs(number, _("Contracts behind it"))
    return listing.file() or render(request, "reports/behind.html", context)


def _of_council(request: TelmeeRequest, number: _Number) -> HttpResponse:
    title = _("About this number")
    context = {"title": title, **number.shown(), **_crumbs(number, title)}
    return render(request, "reports/number.html", context)


def _number(request: TelmeeRequest, pk: int) -> _Number:
    """The number that an address is about. Raises `Http404`."""
    report = report_for(request.acting, pk)
    document = json.loads(report.document)
    by, key = row_asked(request, By)
    figure = request.GET.get("cijfer", "")
    year = _year(request, report.year, {row["year"] for row in document["years"]})
    if figure not in ("", *YEAR_FIGURES):
        raise Http404
    return _Number(report, document, year, figure, by, key)


def row_asked(request: HttpRequest, divisions: Iterable[By]) -> tuple[By | None, str]:
    """The row of a division that an address asks for. Raises `Http404` for what can be no row."""
    by = next((one for one in divisions if one.value == request.GET.get("per")), None)
    key = request.GET.get("rij", "")
    if "\0" in key or (by in _NUMBERED and number_in(key) is None):
        raise Http404
    return by, key


def _year(request: HttpRequest, usual: int, years: set[int]) -> int:
    typed = request.GET.get("jaar", str(usual))
    if typed not in map(str, years):
        raise Http404
    return int(typed)


def _crumbs(number: _Number, here: str) -> dict[str, object]:
    label = _("Report %(number)s") % {"number": number.report.number}
    url = reverse("report", args=[number.report.pk])
    return {"breadcrumbs": [above(), {"label": label, "url": url}, {"label": here}]}
