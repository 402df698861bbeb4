"""The list of contracts with where they stand, to search, filter, sort and keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telmee.apps.contracts.choices import SIDES
from telmee.apps.contracts.queries import may_register, names_among, roles_among
from telmee.apps.organisations.acting import Acting
from telmee.apps.reports.portfolio import SEVERITY, listed_standings, standing_on
from telmee.core.ledger import Risk
from telmee.web.contracts.contract_words import CATEGORIES, STATUSES
from telmee.web.contracts.risk_words import RISKS, reasons_in_short
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.promised import not_agreed_column
from telmee.web.searching import with_every_word
from telmee.web.site.kept_filters import kept_on
from telmee.web.to_come import to_come_column

#: The contracts that have no adviser, in the filter of that name.
_NOBODY = "nobody"
Row = dict[str, object]
#: On which side of a contract somebody stands, as a home counts contracts.
DECIDES, DELIVERS, AUDITS = "decides", "delivers", "audits"
_SIDES = dict(zip((DECIDES, DELIVERS, AUDITS), SIDES, strict=True))
_SIDE_WORDS = {DECIDES: _("Decide"), DELIVERS: _("Deliver"), AUDITS: _("Audit")}


@login_required
@require_safe
def contracts(request: TelmeeRequest) -> HttpResponse:
    """List every contract that somebody sees."""
    acting, today = request.acting, timezone.localdate()
    rows = listed_standings(acting, today)
    page = _page(acting, for_file="export" in request.GET)
    listing = page.read(request, rows, prepare=lambda some: [_row(row, today) for row in some])
    context = {
        "listing": listing,
        "kept": kept_on(request.acting, "contracts", listing),
        "may_register": may_register(request.acting),
        "breadcrumbs": [],
    }
    return listing.file() or render(request, "contracts/list.html", context)


def _row(row: Any, today: date) -> Row:
    """What the list shows of a contract; what somebody may not see of it is empty, and not zero."""
    contract, whole = row.contract, row.severity is not None
    standing = standing_on(row, today)
    figures = {
        "owed": row.owed_cents,
        "verified": row.realised_cents,
        "verified_to_come": row.verified_to_come_cents,
        "delivered": row.undecided_cents,
        "delivered_to_come": row.undecided_to_come_cents,
        "promised": row.promised_cents,
        "not_agreed": standing.figures.not_agreed_cents,
        "open": row.open_cents,
        "expected": row.expected_cents,
    }
    return {
        "id": contract.pk,
        "reference": contract.reference,
        "name": contract.name,
        "client": row.client,
        "contractor": row.contractor,
        "end": contract.end,
        "status": row.status,
        **(figures if whole else dict.fromkeys(figures)),
        "risk": str(standing.risk) if whole else "",
        "why": reasons_in_short(standing.outlook) if whole else "",
    }


def _page(acting: Acting, *, for_file: bool) -> ListPage:
    """Declare the list; who can be chosen in its filters depends on the contracts of somebody.

    On the screen a name that is the same in every row is left out.
    """
    names, roles = names_among(acting), roles_among(acting)
    same = {key for key, all_names in names.items() if len(all_names) < 2}
    hidden = set() if for_file else same
    sides = [(side, words) for side, words in _SIDE_WORDS.items() if roles & {*_SIDES[side]}]
    return ListPage(
        name=_("Contracts"),
        columns=list(_columns(hidden)),
        default="-risk",
        filters=[
            Filter("risk", _("Risk"), status_choices(RISKS), _with_risk),
            Filter("status", _("Status"), status_choices(STATUSES), "status"),
            *(
                Filter(key, label, partial(_as_choices, names[key]), key)
                for key, label in (("client", _("Client")), ("contractor", _("Contractor")))
                if key not in same
            ),
            Filter("category", _("Category"), CATEGORIES.items, "contract__category"),
            Filter(
                "side",
                _("What you do"),
                lambda: sides,
                lambda rows, side: rows.where_somebody_is(acting, _SIDES[side]),
                is_hidden=len(sides) < 2,
            ),
            Filter(
                "adviser",
                _("Adviser"),
                lambda: _advisers(acting),
                lambda rows, whose: rows.filter(
                    contract__adviser=None if whose == _NOBODY else acting.user_id
                ),
            ),
        ],
        search=with_every_word,
        search_label=_("Reference, name or organisation"),
        counts_along=True,
    )


def _advisers(acting: Acting) -> list[tuple[str, Words]]:
    """Whose contracts can be chosen; that nobody looks after one is for who works for a client."""
    mine: list[tuple[str, Words]] = [("True", _("Only mine"))]
    return [*mine, (_NOBODY, _("Of nobody yet"))] if acting.is_of_client else mine


def _with_risk(rows: QuerySet[Any, Any], risk: str) -> QuerySet[Any, Any]:
    return rows.filter(severity=SEVERITY[Risk(risk)])


def _as_choices(names: list[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _url(row: Row) -> str:
    return reverse("contract", args=[row["id"]])


_NAME = Column(
    "reference",
    _("Reference"),
    kind="code",
    order="contract__reference",
    url=_url,
    under=Column("name", _("Name"), order="contract__name"),
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
        order="contract__end",
        under=Column("status", _("Status"), order="status", words=lambda key: STATUSES[key][0]),
        on_phone=False,
    ),
    Column("owed", _("Owed"), kind="money", order="owed_cents", on_phone=False),
    Column(
        "verified",
        _("Verified"),
        kind="money",
        order="realised_cents",
        under=to_come_column("verified_to_come"),
        on_phone=False,
    ),
    Column(
        "delivered",
        _("Delivered, open"),
        kind="money",
        order="undecided_cents",
        under=to_come_column("delivered_to_come"),
        on_phone=False,
    ),
    Column(
        "promised",
        _("Promised"),
        kind="money",
        order="promised_cents",
        under=not_agreed_column(),
        on_phone=False,
    ),
    Column("open", _("Open"), kind="money", order="open_cents"),
    Column(
        "expected", _("Expected at the end"), kind="money", order="expected_cents", on_phone=False
    ),
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
