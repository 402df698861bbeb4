"""The list of contracts with where they stand, to search, filter, sort and keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import SEEING_ROLES, SIDES
from telmee.apps.contracts.queries import PartyNames, may_register, party_names, roles_on_contracts
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.names import search_key
from telmee.apps.reports.portfolio import Standing, standings
from telmee.core.ledger import Risk
from telmee.web.contracts.contract_words import CATEGORIES, STATUSES, status_of
from telmee.web.contracts.risk_words import RISKS, reasons_in_short
from telmee.web.lists import Column, Filter, ListPage, Words, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.promised import not_agreed_column
from telmee.web.searching import with_every_word
from telmee.web.site.kept_filters import kept_on
from telmee.web.to_come import to_come_column

Row = dict[str, Any]
#: What needs somebody first stands first.
_SEVERITY = {str(risk): place for place, risk in enumerate(Risk)}
#: On which side of a contract somebody stands, as a home counts contracts.
DECIDES, DELIVERS, AUDITS = "decides", "delivers", "audits"
_SIDES = dict(zip((DECIDES, DELIVERS, AUDITS), SIDES, strict=True))
_SIDE_WORDS = {DECIDES: _("Decide"), DELIVERS: _("Deliver"), AUDITS: _("Audit")}


@login_required
@require_safe
def contracts(request: TelmeeRequest) -> HttpResponse:
    """List every contract that somebody sees."""
    rows = rows_of(request.acting, timezone.localdate())
    page = _page(rows, for_file="export" in request.GET)
    listing = page.read(request, rows, prepare=_with_reasons)
    context = {
        "listing": listing,
        "kept": kept_on(request.acting, "contracts", listing),
        "may_register": may_register(request.acting),
        "breadcrumbs": [],
    }
    return listing.file() or render(request, "contracts/list.html", context)


def rows_of(acting: Acting, today: date) -> list[Row]:
    """All contracts with their figures; runs seven queries, however many there are.

    What a subcontractor may not see of a contract is empty, and not zero.
    """
    roles = roles_on_contracts(acting)
    stands = standings(contracts_of(acting), today=today)
    names = party_names(entry.contract.pk for entry in stands)
    return [
        _row(entry, names[entry.contract.pk], acting, today, roles[entry.contract.pk])
        for entry in stands
    ]


def _row(entry: Standing, names: PartyNames, acting: Acting, today: date, roles: set[str]) -> Row:
    contract, position = entry.contract, entry.position
    whole = not roles.isdisjoint(SEEING_ROLES)
    risk = str(entry.risk) if whole else ""
    figures = {
        "owed": position.owed_cents,
        "verified": position.verified_cents,
        "verified_to_come": entry.to_come.verified_cents,
        "promised": entry.figures.promised_cents,
        "not_agreed": entry.figures.not_agreed_cents,
        "open": position.open_cents,
        "expected": entry.expected_cents,
    }
    return {
        "id": contract.pk,
        "reference": contract.reference,
        "name": contract.name,
        "search": f"{contract.search_text} {search_key(names.client)} "
        f"{search_key(names.contractor)}",
        "client": names.client,
        "contractor": names.contractor,
        "category": contract.category,
        "end": contract.end,
        "status": status_of(contract.start, contract.end, contract.closed_on, today),
        "delivered": entry.figures.undecided_cents,
        "delivered_to_come": entry.to_come.undecided_cents,
        **(figures if whole else dict.fromkeys(figures)),
        "risk": risk,
        "outlook": entry.outlook if whole else None,
        "severity": _SEVERITY.get(risk),
        "mine": contract.adviser_id == acting.user_id,
        "sides": [side for side, of_side in _SIDES.items() if not roles.isdisjoint(of_side)],
    }


def _with_reasons(rows: Iterable[Row]) -> list[Row]:
    """Rows with why they have their risk; only those that are shown, as it takes the longest."""
    return [
        row | {"why": reasons_in_short(row["outlook"]) if row["outlook"] else ""} for row in rows
    ]


def _page(rows: list[Row], *, for_file: bool) -> ListPage:
    """Declare the list; who can be chosen in its filters depends on the rows.

    On the screen a name that is the same in every row is left out.
    """
    same = {key for key in ("client", "contractor") if len(_present(rows, key)) < 2}
    hidden = set() if for_file else same
    sides = _sides(rows)
    return ListPage(
        name=_("Contracts"),
        columns=list(_columns(hidden)),
        default="-risk",
        filters=[
            Filter("risk", _("Risk"), status_choices(RISKS), "risk"),
            Filter("status", _("Status"), status_choices(STATUSES), "status"),
            *(
                Filter(key, label, partial(_present, rows, key), key)
                for key, label in (("client", _("Client")), ("contractor", _("Contractor")))
                if key not in same
            ),
            Filter("category", _("Category"), CATEGORIES.items, "category"),
            Filter("side", _("What you do"), lambda: sides, _on_side, is_hidden=len(sides) < 2),
            Filter("adviser", _("Adviser"), lambda: [("True", _("Only mine"))], "mine"),
        ],
        search=with_every_word,
        search_label=_("Reference, name or organisation"),
        last_order="reference",
    )


def _sides(rows: list[Row]) -> list[tuple[str, Words]]:
    """The sides on which somebody stands."""
    there = {side for row in rows for side in row["sides"]}
    return [(side, words) for side, words in _SIDE_WORDS.items() if side in there]


def _on_side(rows: list[Row], side: str) -> list[Row]:
    return [row for row in rows if side in row["sides"]]


def _url(row: Row) -> str:
    return reverse("contract", args=[row["id"]])


_NAME = Column(
    "reference",
    _("Reference"),
    kind="code",
    order="reference",
    url=_url,
    under=Column("name", _("Name"), order="name"),
)
_STATUS = Column(
    "risk",
    _("Risk"),
    kind="status",
    order="severity",
    words=RISKS.__getitem__,
    under=Column("why", _("Why this risk")),
)
#: A card on a phone says for whom and how much; the rest stands on the page of the contract.
_CONTRACTOR = Column("contractor", _("Contractor"), kind="name", order="contractor")
_CLIENT = Column("client", _("Client"), order="client")
_CLIENT_BELOW = replace(_CLIENT, on_phone=False)
_FIGURES = (
    Column(
        "end",
        _("Last day"),
        kind="date",
        order="end",
        under=Column("status", _("Status"), order="status", words=lambda key: STATUSES[key][0]),
        on_phone=False,
    ),
    Column("owed", _("Owed"), kind="money", order="owed", on_phone=False),
    Column(
        "verified",
        _("Verified"),
        kind="money",
        order="verified",
        under=to_come_column("verified_to_come"),
        on_phone=False,
    ),
    Column(
        "delivered",
        _("Delivered, open"),
        kind="money",
        order="delivered",
        under=to_come_column("delivered_to_come"),
        on_phone=False,
    ),
    Column(
        "promised",
        _("Promised"),
        kind="money",
        order="promised",
        under=not_agreed_column(),
        on_phone=False,
    ),
    Column("open", _("Open"), kind="money", order="open"),
    Column("expected", _("Expected at the end"), kind="money", order="expected", on_phone=False),
)


def _columns(hidden: set[str]) -> Iterator[Column]:
    """The columns of the list; a client stands below its contractor."""
    yield _NAME
    yield _STATUS
    if "contractor" not in hidden:
        yield _CONTRACTOR if "client" in hidden else replace(_CONTRACTOR, under=_CLIENT_BELOW)
    elif "client" not in hidden:
        yield _CLIENT
    yield from _FIGURES


def _present(rows: list[Row], key: str) -> list[tuple[str, str]]:
    return [(name, name) for name in sorted({row[key] for row in rows if row[key]})]
