"""The lines of effort on a contract, to search, filter, sort and take along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.choices import DELIVERING_ROLES
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.choices import UNDECIDED_STATES
from telmee.apps.contributions.queries import to_come, verified_to_come
from telmee.apps.schemes.queries import rules_of
from telmee.web.contracts.frame import around, effort_buttons
from telmee.web.contracts.taking_over import sums_before
from telmee.web.contributions.line_words import STATES
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.schemes.block_words import block_names
from telmee.web.to_come import rest_column, to_come_column

Row = dict[str, object]
_UNDECIDED = "undecided"


@login_required
@require_safe
def contributions(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List the lines of effort on a contract, as far as somebody sees them."""
    access = contract_for(request.acting, pk)
    today = timezone.localdate()
    rows = on_contract(access).values(
        "id", "reference", "block", "begin", "end", "value_cents", "verified_cents", "rest_cents",
        "state",
        "submitted_at", party=F("organisation__name"),
        delivered_to_come=to_come("value_cents", "receipt", today),
        verified_to_come=verified_to_come(today),
    )  # fmt: skip
    listing = _effort(access).read(request, rows)
    context = around(access, "contract-contributions")
    context |= {
        "listing": listing,
        "buttons": list(effort_buttons(access)),
        "former_since": access.formers.get(access.delivering_for or 0),
        "before": sums_before(access),
    }
    return listing.file() or render(request, "contracts/contributions.html", context)


def _effort(access: ContractAccess) -> ListPage:
    names = block_names(rules_of(access.contract.scheme))
    return ListPage(
        name=_("Effort on %(contract)s") % {"contract": access.contract.reference},
        columns=(
            Column(
                "reference",
                gettext_lazy("Reference"),
                kind="code",
                order="reference",
                url=_line_url,
            ),
            Column(
                "block",
                gettext_lazy("Building block"),
                order="block",
                words=lambda key: names.get(key, key),
            ),
            Column("party", gettext_lazy("Delivered by"), order="party"),
            period_column(),
            Column(
                "value_cents",
                gettext_lazy("Delivered"),
                kind="money",
                order="value_cents",
                under=to_come_column("delivered_to_come"),
            ),
            Column(
                "verified_cents",
                gettext_lazy("Verified"),
                kind="money",
                order="verified_cents",
                under=replace(to_come_column("verified_to_come"), under=rest_column()),
            ),
            Column("submitted_at", gettext_lazy("Handed in"), kind="date", order="submitted_at"),
            Column(
                "state",
                gettext_lazy("Status"),
                kind="status",
                order="state",
                words=STATES.__getitem__,
            ),
        ),
        default="-submitted_at",
        filters=_filters(access, names),
        search=("reference__icontains", "person__code__icontains", "note__icontains"),
        search_label=gettext_lazy("Reference, code of a person or note"),
        counts_along=True,
    )


def _filters(access: ContractAccess, names: Mapping[str, str]) -> tuple[Filter, ...]:
    deliverers = partial(_deliverers, access)
    return (
        Filter("state", gettext_lazy("Status"), _states, _in_state),
        Filter("block", gettext_lazy("Building block"), names.items, "block"),
        Filter("party", gettext_lazy("Delivered by"), deliverers, "organisation_id"),
    )


def _states() -> list[tuple[str, Words]]:
    """The states to choose from, and what waits for a decision: whole lines and what is left."""
    return [*status_choices(STATES)(), (_UNDECIDED, gettext_lazy("Not decided, or not all of it"))]


def _in_state(rows: QuerySet[Any, Any], state: str) -> QuerySet[Any, Any]:
    if state == _UNDECIDED:
        return rows.filter(Q(state__in=UNDECIDED_STATES) | Q(rest_cents__gt=0))
    return rows.filter(state=state)


def _line_url(row: Row) -> str:
    return reverse("contribution", args=[row["id"]])


def _deliverers(access: ContractAccess) -> list[tuple[str, str]]:
    if not access.sees_all:
        return []
    parties = [party for party in access.parties if party.role in DELIVERING_ROLES]
    return [(str(party.organisation_id), party.organisation.name) for party in parties]
