"""Enforcement over all contracts: one list of what is behind and what waits, and steps together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import contracts_to_decide
from telmee.apps.enforcement.actions import Seen, take_steps
from telmee.apps.enforcement.ladders import enforcing_for, ladders_in_force, terms_of
from telmee.apps.enforcement.queries import Marked, Prospect, marked_steps, prospects
from telmee.core.enforcement import Step as Rung
from telmee.core.enforcement import Why
from telmee.core.free_text import reason_problems
from telmee.web.addresses import number_in
from telmee.web.enforcement.enforcement_words import MATTERS, REVIEW, SECOND, STEPS
from telmee.web.form_pages import UNPROCESSABLE, key_in, tell_problems
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest

Row = dict[str, Any]
_AT_ONCE_MAX = 100
_ORDER = list(MATTERS)


class _Choose(Column):
    """A box to choose a contract with, where its step can be taken together with others."""

    def cell(self, row: Any) -> SafeString | str:
        """The box; empty where nothing can be taken from here."""
        if not row["seen"]:
            return ""
        return format_html(
            '<input class="utrecht-checkbox utrecht-checkbox--html-input" type="checkbox" '
            'form="together" name="seen" value="{}" aria-label="{}">',
            row["seen"],
            _("Choose %(reference)s") % {"reference": row["reference"]},
        )


def _step_words(kind: str | None) -> str:
    return str(STEPS.get(kind or "", ""))


_LIST = ListPage(
    name=gettext_lazy("Enforcement"),
    columns=(
        _Choose("seen", gettext_lazy("Choose"), kind="action"),
        Column(
            "reference",
            gettext_lazy("Contract"),
            kind="code",
            order="reference",
            url=lambda row: row["url"],
            under=Column("name", gettext_lazy("Name"), on_phone=False),
        ),
        Column(
            "contractor",
            gettext_lazy("Contractor"),
            kind="name",
            order="contractor",
            under=Column("client", gettext_lazy("Client"), on_phone=False),
        ),
        Column(
            "matter",
            gettext_lazy("What is the matter"),
            kind="status",
            order="place",
            words=lambda matter: MATTERS[matter],
        ),
        Column(
            "step",
            gettext_lazy("Step"),
            words=_step_words,
            under=Column("last", gettext_lazy("Step before"), words=_step_words, on_phone=False),
        ),
        Column("behind_cents", gettext_lazy("Behind"), kind="money", order="behind_cents"),
        Column(
            "late_since",
            gettext_lazy("Behind since"),
            kind="date",
            order="late_since",
        ),
        Column("due_on", gettext_lazy("Due from"), kind="date", order="due_on"),
    ),
    default="matter",
    filters=(
        Filter("matter", gettext_lazy("What is the matter"), status_choices(MATTERS), "matter"),
        Filter("step", gettext_lazy("Step"), STEPS.items, "step"),
        Filter("last", gettext_lazy("Step before"), STEPS.items, "last"),
    ),
    search=("reference", "name", "contractor", "client"),
    search_label=gettext_lazy("Contract, contractor or client"),
)


@login_required
@require_safe
def worklist(request: TelmeeRequest) -> HttpResponse:
    """Show every contract that is behind or waits for somebody, what is to decide first."""
    today = timezone.localdate()
    mine = set(contracts_to_decide(request.acting).values_list("pk", flat=True))
    known = prospects(request.acting, today=today)
    rows = [_row(one, today, may=one.contract.pk in mine) for one in known]
    rows += _to_review(marked_steps(request.acting), {row["id"]: row for row in rows})
    rows.sort(key=lambda row: (row["place"], row["late_since"] or today, row["id"]))
    listing = _LIST.read(request, rows)
    context = {
        "listing": listing,
        "key": uuid4(),
        "may_decide": bool(mine),
        "clients": enforcing_for(request.acting),
        "has_ladder": bool(ladders_in_force()),
        "breadcrumbs": [{"label": _("Enforcement")}],
    }
    return listing.file() or render(request, "enforcement/worklist.html", context)


def _row(one: Prospect, today: date, *, may: bool) -> Row:
    contract, step = one.contract, one.next.step
    matter = SECOND if one.climb.pending else str(one.next.why)
    together = may and one.is_due and step is not None and step is not Rung.PENALTY
    behind = one.behind_cents(today)
    address = "ladder-take" if may and matter == Why.DUE else "contract-enforcement"
    return {
        "id": contract.pk,
        "pk": contract.pk,
        "reference": contract.reference,
        "name": contract.name,
        "contractor": one.names.get("contractor", ""),
        "client": one.names.get("client", ""),
        "matter": matter,
        "place": _ORDER.index(matter),
        "step": one.climb.pending.kind if one.climb.pending else step and str(step),
        "last": one.climb.last.kind if one.climb.last else None,
        "behind_cents": behind,
        "late_since": one.next.late_since,
        "due_on": one.next.due_on,
        "seen": f"{contract.pk}:{step}:{behind}" if together else "",
        "url": reverse(address, args=[contract.pk]),
    }


def _to_review(marked: list[Marked], known: dict[int, Row]) -> Iterator[Row]:
    """Steps on figures that were corrected since: a row of the contract, or a row of their own."""
    for one in marked:
        row = known.get(one.contract_id)
        fresh = row is None
        row = row or {
            "id": one.contract_id,
            "pk": one.contract_id,
            "reference": one.reference,
            "name": one.name,
            "contractor": one.contractor,
            "client": one.client,
            "step": None,
            "last": one.kind,
            "behind_cents": None,
            "late_since": None,
            "due_on": None,
        }
        row |= {
            "matter": REVIEW,
            "place": _ORDER.index(REVIEW),
            "seen": "",
            "url": reverse("contract-enforcement", args=[one.contract_id]),
        }
        if fresh:
            known[one.contract_id] = row
            yield row


@login_required
@require_POST
def together(request: TelmeeRequest) -> HttpResponse:
    """Say what each of several steps will do, ask for the reason, and take them."""
    seen = [*_seen(request.POST.getlist("seen"))][:_AT_ONCE_MAX]
    key = key_in(request)
    if not seen or key is None:
        messages.warning(request, _("Choose at least one contract."))
        return redirect("enforcement")
    reason = request.POST.get("reason", "")
    if "sure" in request.POST and not reason_problems(reason):
        answers = take_steps(
            request.acting, seen, reason=reason, key=key, today=timezone.localdate()
        )
        taken = sum(answer.step is not None for answer in answers)
        if taken:
            text = ngettext("%(count)s step is taken.", "%(count)s steps are taken.", taken)
            messages.success(request, text % {"count": taken})
        names = _references(request, [one.contract_id for one in seen])
        for answer in answers:
            if answer.refused is not None:
                about = names.get(answer.contract_id, "")
                tell_problems(request, answer.refused.problems, about)
        return redirect("enforcement")
    return _ask(request, seen, key, reason)


def _ask(request: TelmeeRequest, seen: list[Seen], key: UUID, reason: str) -> HttpResponse:
    """The page that says what each step will do."""
    sure = "sure" in request.POST
    today = timezone.localdate()
    known = {one.contract.pk: one for one in prospects(request.acting, today=today)}
    context = {
        "rows": [_will_do(known.get(one.contract_id), one) for one in seen],
        "key": key,
        "reason": reason,
        "problems": reason_problems(reason) if sure else [],
        "breadcrumbs": [
            {"label": _("Enforcement"), "url": reverse("enforcement")},
            {"label": _("Take steps together")},
        ],
    }
    status = UNPROCESSABLE if sure else 200
    return render(request, "enforcement/together.html", context, status=status)


def _will_do(one: Prospect | None, seen: Seen) -> Row:
    rung = None if one is None else terms_of(one.ladder).of(seen.step)
    return {
        "seen": f"{seen.contract_id}:{seen.step}:{seen.behind_cents}",
        "contract": None if one is None else one.contract,
        "contractor": "" if one is None else one.names.get("contractor", ""),
        "step": STEPS[seen.step],
        "behind_cents": seen.behind_cents,
        "days": rung and rung.days,
        "by_manager": rung is not None and rung.by_manager,
        "asks_second": rung is not None and rung.asks_second(seen.behind_cents),
    }


def _references(request: TelmeeRequest, ids: list[int]) -> dict[int, str]:
    rows = contracts_to_decide(request.acting).filter(pk__in=ids)
    return dict(rows.values_list("pk", "reference"))


def _seen(entries: list[str]) -> Iterator[Seen]:
    """Read what a page wrote of the contracts that were chosen; what is no step is no step."""
    for entry in entries:
        contract, _colon, rest = entry.partition(":")
        step, _colon, cents = rest.partition(":")
        pk, seen = number_in(contract), number_in(cents)
        if pk is not None and seen is not None and step in Rung._value2member_map_:
            yield Seen(pk, Rung(step), seen)
