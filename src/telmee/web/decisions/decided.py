"""What was decided over all contracts: a list to search, filter, keep and take along as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.queries import decided_lines, standing_decisions
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.names import search_key
from telmee.apps.organisations.prepared import prepared
from telmee.web.contributions.line_column import line_column
from telmee.web.decisions.line_filters import (
    Lines,
    adviser_filter,
    contract_filter,
    search_lines,
)
from telmee.web.decisions.queue_list import BlockLabels
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.site.kept_filters import kept_on

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

Row = dict[str, object]

_OUTCOMES: dict[str, tuple[Words, str]] = {
    Outcome.ACCEPTED: (Outcome.ACCEPTED.label, "positive"),
    Outcome.ADJUSTED: (Outcome.ADJUSTED.label, "warning"),
    Outcome.REJECTED: (Outcome.REJECTED.label, "negative"),
    Outcome.PARTLY: (Outcome.PARTLY.label, "info"),
}
_REASONS = dict(DecisionReason.choices)
_FIELDS = (
    *("pk", "contribution_id", "contribution__reference", "contribution__block"),
    *("contribution__begin", "contribution__end", "contribution__value_cents"),
    *("contribution__organisation__name", "contract__reference", "contract__scheme_id"),
    *("counts", "outcome", "reason", "text", "decided_at"),
)


@login_required
@require_safe
def decided(request: TelmeeRequest) -> HttpResponse:
    """List the decisions that stand on the contracts of somebody's clients, the latest first."""
    rows = decided_lines(request.acting)
    listing = _page(request.acting, timezone.localdate()).read(request, rows, prepare=_with_words)
    context = {
        "listing": listing,
        "kept": kept_on(request.acting, "decided", listing),
        "breadcrumbs": [{"label": _("Decided lines")}],
    }
    return listing.file() or render(request, "decisions/decided.html", context)


def _with_words(lines: Iterable[Contribution]) -> list[Row]:
    """What a page shows of its lines and the decisions on them. Runs two queries."""
    order = [line.pk for line in lines]
    known = {row["contribution_id"]: row for row in _standing(order)} if order else {}
    shown = [known[pk] for pk in order]
    labels = BlockLabels({row["contract__scheme_id"] for row in shown})
    return [
        row | {"block": labels.of(row["contract__scheme_id"], row["contribution__block"])}
        for row in shown
    ]


@prepared
def _standing(line_ids: Collection[int]) -> Lines:
    rows: Lines = standing_decisions(line_ids).values(*_FIELDS)
    return rows


def _page(acting: Acting, today: date) -> ListPage:
    return ListPage(
        name=gettext_lazy("Decided lines"),
        columns=(
            Column("decided_at", gettext_lazy("Decided"), kind="date", order="decided_at"),
            line_column(order="reference", contract_order="contract__reference"),
            Column(
                "contribution__organisation__name",
                gettext_lazy("Contractor"),
                kind="name",
                order="organisation__name",
            ),
            Column(
                "block",
                gettext_lazy("Building block"),
                order="block",
                on_phone=False,
            ),
            Column(
                "contribution__begin",
                gettext_lazy("First day"),
                kind="date",
                order="begin",
                under=Column("contribution__end", gettext_lazy("Last day"), kind="date"),
                on_phone=False,
            ),
            Column(
                "contribution__value_cents",
                gettext_lazy("Delivered"),
                kind="money",
                order="value_cents",
            ),
            Column("counts", gettext_lazy("Counts for"), kind="money", order="verified_cents"),
            Column(
                "outcome",
                gettext_lazy("Decision"),
                kind="status",
                order="outcome",
                words=_OUTCOMES.__getitem__,
                under=Column(
                    "reason",
                    gettext_lazy("Why"),
                    words=lambda reason: _REASONS.get(reason, ""),
                    under=Column("text", gettext_lazy("Explanation"), kind="prose"),
                ),
            ),
        ),
        default="-decided_at",
        filters=tuple(_filters(acting, today)),
        search=search_lines,
        search_label=gettext_lazy("Line, contract or contractor"),
        counts_along=True,
    )


def _filters(acting: Acting, today: date) -> Iterable[Filter]:
    yield Filter(
        "outcome",
        gettext_lazy("Decision"),
        lambda: [(str(key), words) for key, (words, _kind) in _OUTCOMES.items()],
        "outcome",
    )
    yield Filter("reason", gettext_lazy("Why"), lambda: DecisionReason.choices, "reason")
    yield Filter("when", gettext_lazy("Decided in"), partial(_periods, today), partial(_in, today))
    yield contract_filter()
    yield Filter("contractor", gettext_lazy("Contractor"), None, _of_contractor)
    yield adviser_filter(acting)


def _periods(today: date) -> list[tuple[str, str]]:
    """The last thirty days, and the years of which somebody has to account."""
    years = [(str(year), str(year)) for year in range(today.year, today.year - 5, -1)]
    return [("month", _("The last 30 days")), *years]


def _in(today: date, lines: Lines, period: str) -> Lines:
    if period == "month":
        return lines.filter(decided_at__date__gte=today - timedelta(days=30))
    return lines.filter(decided_at__year=int(period))


def _of_contractor(lines: Lines, text: str) -> Lines:
    return lines.filter(organisation__search_name__contains=search_key(text))
