"""Amend a contract on pages: choose what changes, see what that does, confirm; and its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_seen_whole, contract_to_decide
from telmee.apps.contracts.amending import Planned, as_amended, option_used, plan_amendment
from telmee.apps.contracts.carrying import HOW
from telmee.apps.contracts.chains import history_of
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.facts import assess_contract
from telmee.apps.contracts.frameworks import misfits_by
from telmee.apps.contributions.touched import (
    Touched,
    amend_contract,
    touched_by,
    waiting_otherwise,
)
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.journal import Doer, doers
from telmee.apps.reports.known import Known, known_at
from telmee.core.errors import DomainError
from telmee.core.ledger import CONTRACTOR, Change, EntryKind, Facts, Position
from telmee.web.contracts.amend_forms import FIELDS, AmendForm, kinds_for
from telmee.web.contracts.books import AsOfForm, end_of
from telmee.web.contracts.contract_words import GROUNDS, KINDS, STATUSES, facts_in_words
from telmee.web.contracts.frame import around
from telmee.web.contracts.sums import Row, Sum
from telmee.web.contracts.taking_over import takeover_preview, with_names
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import DateField, add_problems, see_again, succeeds
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.scheme_page import assessment_page
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Amendment, Contract
    from telmee.core.obligations import Due

#: Decided lines that a page names before an amendment is confirmed.
_TOUCHED_MAX = 200


@login_required
def amend_page(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose what changes, fill it in, see what it would do, and confirm it.

    Nothing moves before it is confirmed.
    """
    access = contract_to_decide(request.acting, pk)
    kinds = kinds_for(access.contract)
    ground = request.POST.get("ground") or request.GET.get("ground")
    if ground not in kinds:
        return _choose(request, access)
    form = AmendForm(access.contract, Ground(ground), request.POST or None)
    planned = None
    if request.method == "POST" and form.is_valid():
        if "confirm" not in request.POST:
            planned = _planned(access, form)
        elif _succeeds(access, form):
            messages.success(request, _("The amendment was recorded."))
            return redirect("contract-history", pk)
    see_again(form, seen=access.contract.amended)
    title, lead = kinds[Ground(ground)]
    context = around(access, "contract", here=str(title)) | {
        "form": form,
        "title": title,
        "lead": lead,
        "now": _now(access, Ground(ground)),
        "planned": None if planned is None else _preview(access, planned, form),
        "asks_organisation": "kvk" in form.fields,
    }
    failed = request.method == "POST" and planned is None
    status = UNPROCESSABLE if failed else 200
    return render(request, "contracts/amend.html", context, status=status)


def _choose(request: TelmeeRequest, access: ContractAccess) -> HttpResponse:
    """The kinds of amendments, in the words of who makes one."""
    url = reverse("contract-amend", args=[access.contract.pk])
    kinds = [
        {"label": label, "note": meaning, "url": f"{url}?ground={ground}"}
        for ground, (label, meaning) in kinds_for(access.contract).items()
    ]
    title = _("Change the contract")
    context = around(access, "contract", here=title) | {"kinds": kinds, "title": title}
    return render(request, "contracts/amend_choose.html", context)


def _succeeds(access: ContractAccess, form: AmendForm) -> bool:
    typed, following = form.cleaned_data, form.next_contractor

    @transaction.atomic
    def deed() -> None:
        contractor_id = None if following is None else following.id_in(access.acting)
        wanted = form.wanted(contractor_id)
        amend_contract(access, wanted, key=typed["key"], seen=typed["seen"])

    return succeeds(form, deed, FIELDS)


def _planned(access: ContractAccess, form: AmendForm) -> Planned | None:
    following = form.next_contractor
    try:
        wanted = form.wanted(None if following is None else following.known_id())
        return plan_amendment(access.contract, wanted)
    except DomainError as error:
        add_problems(form, error, FIELDS)
        return None


def _now(access: ContractAccess, ground: Ground) -> Iterator[dict[str, object]]:
    """What holds now, beside the form."""
    contract = access.contract
    if ground is Ground.OPTION_USED:
        end = option_used(contract, reason="").facts["end"]
        yield {"label": _("Becomes the last day"), "value": day(end)}
        yield {"label": _("Extensions left after this"), "value": contract.extension_count - 1}
    period = {"first": day(contract.start), "last": day(contract.end)}
    yield {"label": _("Period"), "value": _("%(first)s to %(last)s") % period}
    yield {"label": _("Contract sum"), "value": euros(contract.value_cents)}
    yield {"label": _("Obligation"), "value": euros(contract.obligation_cents)}
    if contract.agreed_cents is not None:
        text = _("Agreed in euros: it does not follow the contract sum.")
        yield {"label": _("How it came about"), "value": text}


# What it would do ---------------------------------------------------------------------------------


def _preview(access: ContractAccess, planned: Planned, form: AmendForm) -> dict[str, object]:
    """What an amendment does: to the facts, the obligation, the books and what was decided."""
    touched = touched_by(access, planned)
    last, following = planned.reckoned[-1].owed, form.next_contractor
    (changed,) = with_names([planned.changed], new=following.name if following else "")
    if following is not None:
        changed[HOW] = planned.after[HOW]
    return {
        "facts": [*facts_in_words(changed), *_totals(access, planned)],
        "takeover": takeover_preview(access, planned) if following else None,
        "sums": [] if access.contract.form == Form.FRAMEWORK else [_sum(planned)],
        "answer": None if last.assessed is None else assessment_page(last.assessed),
        "why_none": last.why_none,
        "moves": [
            *_moves((back[1] for back in planned.back), back=True),
            *_moves(planned.posts, back=False),
        ],
        "years": _years(planned),
        "misfits": misfits_by(access.contract, as_amended(access.contract, planned)),
        "touched": [_touched_row(one) for one in touched[:_TOUCHED_MAX]],
        "touched_count": len(touched),
        "waiting": waiting_otherwise(access, planned),
        "deadlines": _deadlines(access, planned),
    }


def _totals(access: ContractAccess, planned: Planned) -> Iterator[dict[str, object]]:
    """What would be open or beyond the obligation, where that becomes another amount."""
    now, then = _positions(access, planned)
    for label, before, after in (
        (_("Open"), now.open_cents, then.open_cents),
        (_("Surplus"), now.surplus_cents, then.surplus_cents),
    ):
        if before != after:
            yield {"label": label, "value": f"{euros(before)} → {euros(after)}"}


def _positions(access: ContractAccess, planned: Planned) -> tuple[Position, Position]:
    """Where a contract stands now, and where it would."""
    now = positions([access.contract.pk])[access.contract.pk]
    more = planned.owed_cents - planned.owed_before_cents
    return now, replace(now, obligation_cents=now.obligation_cents + more)


def _deadlines(access: ContractAccess, planned: Planned) -> list[dict[str, object]]:
    """What is due when, by the facts of now and by those of then, beside each other."""
    now, then = _positions(access, planned)
    days: dict[str, list[date | None]] = {}
    sides = ((access.contract, now), (as_amended(access.contract, planned), then))
    for place, (contract, position) in enumerate(sides):
        for due in _due_on(contract, position):
            days.setdefault(due.what.in_language(active()), [None, None])[place] = due.due
    return [{"what": what, "now": old, "then": new} for what, (old, new) in days.items()]


def _due_on(contract: Contract, position: Position) -> tuple[Due, ...]:
    """The deadlines of a contract with this position; none where nothing is owed."""
    if contract.form == Form.FRAMEWORK or position.owed_cents <= 0:
        return ()
    try:
        assessment = assess_contract(contract, position, today=timezone.localdate())
    except DomainError:  # the facts do not suit the rules: then these name no dates either
        return ()
    return assessment.deadlines


def _sum(planned: Planned) -> Sum:
    """The obligation of now, what goes on or off, and what it becomes."""
    more = planned.owed_cents - planned.owed_before_cents
    rows = (
        Row(_("Obligation now"), planned.owed_before_cents),
        *([Row(_("More") if more > 0 else _("Less"), more)] if more else []),
    )
    return Sum(_("The obligation"), rows, Row(_("Obligation then"), planned.owed_cents))


def _moves(changes: Iterable[Change], *, back: bool) -> Iterator[dict[str, object]]:
    for change in changes:
        yield {
            "deed": _("Taken back") if back else _("Booked"),
            "day": change.effective_on,
            "kind": KINDS[change.kind],
            "cents": change.amount_cents,
        }


def _years(planned: Planned) -> list[dict[str, object]]:
    """By how much the obligation of each year becomes another; years that stay are left out."""
    sums: Counter[int] = Counter()
    back = [back[1] for back in planned.back]
    for sign, changes in ((-1, back), (1, planned.posts)):
        for change in changes:
            more = sign if change.kind is EntryKind.OBLIGATION else -sign
            sums[change.effective_on.year] += more * change.amount_cents
    return [{"year": year, "cents": cents} for year, cents in sorted(sums.items()) if cents]


def _touched_row(touched: Touched) -> dict[str, object]:
    return {
        "reference": touched.line.reference,
        "who": touched.line.organisation.name,
        "verified": touched.verified_cents,
        "then": touched.then_cents,
        "url": reverse("contribution", args=[touched.line.pk]),
    }


# Its history --------------------------------------------------------------------------------------


class HistoryForm(AsOfForm):
    """The day of which to show the facts of a contract, and the day on which they were known."""

    bekend = DateField(
        label=gettext_lazy("As it was known on"),
        required=False,
        help_text=gettext_lazy("What was recorded later is left out. Empty is now."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["op"].label = _("As it stood on")
        self.fields["op"].help_text = _("For example 31-12-2025. Empty is the same day, or today.")


@login_required
@require_safe
def history(request: TelmeeRequest, pk: int) -> HttpResponse:
    """How a contract stood on a day, as it was known then or on another day.

    With each amendment: its ground, its reason and who recorded it.
    """
    access = contract_seen_whole(request.acting, pk)
    title = _("History")
    context = around(access, "contract", here=title)
    form = HistoryForm(request.GET if {"op", "bekend"} & {*request.GET} else None)
    typed = form.cleaned_data if form.is_bound and form.is_valid() else {}
    known_on: date | None = typed.get("bekend")
    on: date = typed.get("op") or known_on or context["today"]
    context |= {
        "title": title,
        "on": on,
        "known_on": known_on,
        "form": form,
        "may_amend": access.may_decide,
    }
    if known_on is None:
        past = history_of(access.contract, on)
        context |= _past(access, past.facts, past.amendments)
    else:
        moment = end_of(known_on)
        context |= _as_known(access, known_at(access, moment, on), moment)
    return render(request, "contracts/history.html", context)


def _past(
    access: ContractAccess,
    facts: Facts,
    amendments: tuple[Amendment, ...],
    moment: datetime | None = None,
) -> dict[str, Any]:
    names = doers(access.acting, ((row.user_id, row.organisation_id) for row in amendments))
    stood, *changed = with_names([facts, *(row.facts for row in amendments)], moment=moment)
    return {
        "facts": facts_in_words(stood),
        "amendments": list(_amendment_rows(amendments, changed, names)),
    }


def _as_known(access: ContractAccess, known: Known | None, moment: datetime) -> dict[str, Any]:
    """What was known of a contract; nothing where it was not registered by then."""
    if known is None:
        return {"facts": [], "amendments": [], "known": None}
    context = _past(access, known.facts, known.amendments, moment)
    called = [
        {"label": _CALLED[name], "value": value} for name, value in known.called.items() if value
    ]
    if access.client is not None:
        client = known.parties[access.client.organisation_id]
        called.append({"label": _("Client"), "value": client})
    if known.contractor is not None and CONTRACTOR not in known.facts:
        contractor = known.parties[known.contractor]
        called.append({"label": _("Contractor"), "value": contractor})
    if known.ended:
        called.append({"label": _("Status"), "value": _ENDED[known.ended]})
    position = known.figures.position
    figures = (
        (_("Owed"), position.owed_cents),
        (_("Promised"), known.figures.promised_cents),
        (_("Delivered"), known.figures.delivered_cents),
        (_("Verified"), position.verified_cents),
        (_("Open"), position.open_cents),
        (_("Surplus"), position.surplus_cents),
    )
    return context | {
        "facts": [*called, *context["facts"]],
        "known": known,
        "figures": [{"label": label, "value": euros(cents)} for label, cents in figures],
    }


_CALLED = {
    "name": gettext_lazy("Name"),
    "procurement": gettext_lazy("Tender"),
    "lot": gettext_lazy("Lot"),
}
_ENDED = {
    "contract.closed": STATUSES["closed"][0],
    "contract.settled": STATUSES["closed"][0],
    "contract.voided": STATUSES["voided"][0],
}


def _amendment_rows(
    amendments: Iterable[Amendment], changed: Iterable[Facts], names: Mapping[Doer, str]
) -> Iterator[dict[str, object]]:
    for row, facts in zip(amendments, changed, strict=True):
        yield {
            "number": row.number,
            "from": row.effective_on,
            "ground": GROUNDS[row.ground],
            "facts": facts_in_words(facts) if row.number else [],
            "reason": row.reason,
            "who": names[row.user_id, row.organisation_id],
            "at": row.recorded_at,
        }
