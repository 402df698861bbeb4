"""How much of the buying power is used, and the list of purchases behind each figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.choices import Category
from telmee.apps.coverage.access import covered_client, lists_of
from telmee.apps.coverage.choices import OPEN_STATES, State
from telmee.apps.coverage.queries import (
    Year,
    counted_lists,
    open_purchases,
    purchases_of,
    years_of,
)
from telmee.apps.organisations.acting import Own
from telmee.apps.reports.results import Money, contracts_in, money
from telmee.web.addresses import number_in
from telmee.web.charts import Chart, Series
from telmee.web.coverage.purchase_words import STATES, SURENESS, state_in_words
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest

_OPEN = "open"
#: What stands behind the figures of a year, by the name that the list knows it by.
_GROUPS = {
    _OPEN: OPEN_STATES,
    "above": tuple(state for state in State if state not in {State.BELOW, State.UNSURE}),
    "room": (State.GAP, State.PROPOSED, State.TO_APPLY),
}


def _narrow(rows: QuerySet[Any, Any], which: str) -> QuerySet[Any, Any]:
    return rows.filter(state__in=_GROUPS.get(which, (which,)))


def _of_year(rows: QuerySet[Any, Any], year: str) -> QuerySet[Any, Any]:
    known = number_in(year, date.max.year)
    return rows.filter(day__year=known) if known else rows.none()


def _of_list(rows: QuerySet[Any, Any], one: str) -> QuerySet[Any, Any]:
    known = number_in(one)
    return rows.none() if known is None else rows.filter(list=known)


def _states() -> list[tuple[str, Words]]:
    groups = [
        (_OPEN, _("Still to answer")),
        ("above", _("Above the threshold")),
        ("room", _("Nobody asks for social return yet")),
    ]
    return [*groups, *status_choices(STATES)()]


_PURCHASES = ListPage(
    name=gettext_lazy("Purchases"),
    columns=(
        Column(
            "supplier",
            gettext_lazy("Supplier"),
            kind="name",
            order="search_name",
            url=lambda row: reverse("purchase", args=[row["pk"]]),
            under=Column("reference", gettext_lazy("Reference")),
        ),
        Column("day", gettext_lazy("Date"), kind="date", order="day"),
        Column(
            "category",
            gettext_lazy("Category"),
            words=lambda category: Category(category).label,
            on_phone=False,
        ),
        Column("cents", gettext_lazy("Amount"), kind="money", order="cents"),
        Column("owed_cents", gettext_lazy("Would owe"), kind="money", order="owed_cents"),
        Column(
            "state",
            gettext_lazy("Status"),
            kind="status",
            order="state",
            words=state_in_words,
            under=Column("sureness", gettext_lazy("How sure"), words=lambda one: SURENESS[one]),
        ),
    ),
    default="-cents",
    filters=(
        Filter("status", gettext_lazy("Status"), _states, _narrow),
        Filter("year", gettext_lazy("Year"), None, _of_year),
        Filter("list", gettext_lazy("List"), None, _of_list, is_hidden=True),
    ),
    search=("search_name__icontains", "kvk", "reference__icontains"),
)  # fmt: skip
_FIELDS = (
    *("pk", "supplier", "reference", "day", "category", "cents", "owed_cents", "state"),
    "sureness",
)


@login_required
@require_safe
def start(request: TelmeeRequest) -> HttpResponse:
    """Show the clients of which somebody sees the purchases; of one go straight to it."""
    clients = [own for own in request.acting.own if own.is_client]
    if not clients:
        raise Http404
    if len(clients) == 1:
        return redirect("coverage", clients[0].id)
    context = {"clients": clients, "breadcrumbs": [{"label": _("Coverage"), "url": ""}]}
    return render(request, "coverage/start.html", context)


@login_required
@require_safe
def coverage(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what was bought above the threshold per year, and what became of it."""
    client = covered_client(request.acting, pk)
    years = years_of(pk, today=timezone.localdate())
    ids = contracts_in(request.acting, clients=[pk])
    books = money(ids, [year.year for year in years])
    waiting = open_purchases(years)
    context = {
        "client": client,
        "works": client in request.acting.clients,
        "years": [_year(client, year) for year in years],
        "books": [{"year": year.year, **_came_of(books[year.year])} for year in years],
        "waiting": waiting,
        "waiting_url": list_url(pk, status=_OPEN),
        "chart": _chart(years) if years else None,
        "lists": counted_lists(lists_of(pk)),
        "breadcrumbs": crumbs(client),
    }
    return render(request, "coverage/coverage.html", context)


@login_required
@require_safe
def purchases(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List the purchases of a client, each with where it stands."""
    client = covered_client(request.acting, pk)
    listing = _PURCHASES.read(request, purchases_of(pk).values(*_FIELDS))
    context = {
        "client": client,
        "listing": listing,
        "breadcrumbs": crumbs(client, _("Purchases")),
    }
    return listing.file() or render(request, "coverage/purchases.html", context)


def crumbs(client: Own, *labels: str) -> list[dict[str, str]]:
    """The way to a page about the purchases of a client; the last label is the page itself."""
    url = reverse("coverage", args=[client.id]) if labels else ""
    way = [{"label": _("Coverage") + f" · {client.name}", "url": url}]
    return [*way, *({"label": label, "url": ""} for label in labels)]


def list_url(client_id: int, **filters: object) -> str:
    """The list of purchases with some filters."""
    return f"{reverse('purchases', args=[client_id])}?{urlencode(filters)}"


def _year(client: Own, year: Year) -> dict[str, object]:
    """A year with where each of its figures opens to."""

    def url(status: str) -> str:
        return list_url(client.id, status=status, year=year.year)

    return {
        "year": year,
        "urls": {
            "above": url("above"),
            "covered": url(State.COVERED),
            "explained": url(State.EXPLAINED),
            "room": url("room"),
            "unsure": url(State.UNSURE),
        },
    }


def _came_of(books: Money) -> dict[str, object]:
    """What came of the obligations of a year, in the figures that every account has."""
    left = (books.imposed_cents or 0) - (books.waived_cents or 0) - books.verified_cents
    return {"sums": books, "left_cents": max(0, left)}


def _chart(years: list[Year]) -> Chart:
    """What was bought above the threshold, by what became of it; the earliest year first."""
    shown = years[::-1]
    return Chart(
        title=_("Bought above the threshold, per year"),
        description=_("Per year the sum of what has an obligation, has a reason, or is open."),
        labels=[str(year.year) for year in shown],
        series=list(_bars(shown)),
        kind="stacked",
        unit="cents",
        first_heading=_("Year"),
    )


def _bars(years: list[Year]) -> Iterator[Series]:
    yield Series(_("With an obligation"), [year.covered.cents for year in years])
    yield Series(_("Without, explained"), [year.explained.cents for year in years])
    yield Series(_("Nobody asks for social return yet"), [year.room.cents for year in years])
