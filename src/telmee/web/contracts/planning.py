"""The plan of a contract: what a contractor promises, line by line, with its value live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.agreements.queries import (
    Plan,
    agreed_cells,
    lines_in,
    plan_cells,
    plan_number,
    plans_of,
)
from telmee.apps.contracts import planning
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.reports.feasible import feasible
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError
from telmee.core.valuation import Status, value
from telmee.web.contracts.frame import around, form_page
from telmee.web.contracts.plan_form import PlanForm
from telmee.web.contracts.plan_versions import changed_since, state_of, versions_page
from telmee.web.contributions.line_parts import version_in
from telmee.web.form_pages import UNPROCESSABLE, tell
from telmee.web.forms import (
    add_problems,
    succeeds,
)
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.promised import with_agreed
from telmee.web.schemes.block_words import block_names
from telmee.web.value_forms import (
    ShownValue,
    kept_value,
    shown_value,
    typed_so_far,
)

if TYPE_CHECKING:
    from telmee.apps.agreements.models import PlanLine

_AGREED = {
    "agreed": (gettext_lazy("Agreed"), "positive"),
    "said": (gettext_lazy("Not agreed"), "warning"),
}


@login_required
@require_safe
def plan(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what was promised, whether it is agreed, and what of it somebody may change."""
    access = contract_for(request.acting, pk)
    names = block_names(rules_of(access.contract.scheme))
    plans = plans_of(pk)
    rows = [row for one in plans for row in _rows(access, one, names)]
    listing = _page(access).read(request, rows)
    total = sum(row["value"] or 0 for row in rows)
    agreed = sum(row["value"] or 0 for row in rows if row["agreed"] == "agreed")
    context = around(access, "contract-plan") | {
        **versions_page(request, access),
        "listing": listing,
        "plans": [_plan_in_words(access, one) for one in plans],
        "may_add": _begins(access, plans),
        **_feasible(access, names),
        "total": total,
        "agreed_note": with_agreed("", total, agreed),
        "without_value": sum(row["value"] is None for row in rows),
    }
    return listing.file() or render(request, "contracts/plan.html", context)


def _begins(access: ContractAccess, plans: Iterable[Plan]) -> bool:
    """Whether somebody begins a plan, or goes on with his own; another's has its own button."""
    plan_of = planning.beginning_for(access) if access.is_open else None
    own = plan_of is not None and access.delivering_for == plan_of
    return own or (
        plan_of is not None and plan_of not in {one.agreement.organisation_id for one in plans}
    )


def _rows(access: ContractAccess, plan: Plan, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The lines of a plan that hold; one that is still on the table may be changed."""
    organisation = plan.agreement.organisation
    table = lines_in(plan.table.version) if plan.table else {}
    may = planning.may_plan(access, organisation.pk)
    for line in plan.holds.lines if plan.holds else ():
        yield {
            "id": line.pk,
            "block": names.get(line.block, line.block),
            "number": line.number,
            "begin": line.begin,
            "end": line.end,
            "value": line.value_cents,
            "agreed": "agreed" if plan.is_agreed else "said",
            "party": organisation.name,
            "note": line.note,
            "mine": may and line.line in table,
        }


def _feasible(access: ContractAccess, names: Mapping[str, str]) -> dict[str, object]:
    """What was feasible on comparable contracts, for who decides on those as well."""
    if access.deciding_for is None:
        return {}
    known = feasible(access.acting, access.contract, today=timezone.localdate())
    usual = known.usual if known else ()
    return {
        "compares": True,
        "feasible": known,
        "usual": [(names.get(one.block, one.block), one.part_bp, one.contracts) for one in usual],
    }


def _plan_in_words(access: ContractAccess, plan: Plan) -> dict[str, object]:
    """How a plan stands: what holds, what waits for whom, and what is on the table beside it."""
    organisation = plan.agreement.organisation
    waits, table = plan.waits, plan.table
    return {
        "name": organisation.name,
        "holds": plan.holds,
        "state": state_of(plan.holds) if plan.holds else None,
        "waits": waits,
        "asks": waits and (waits.version.addressee_id != organisation.pk),
        "table": table if plan.is_open else None,
        "waits_for_you": waits is not None
        and planning.may_plan(access, organisation.pk)
        and access.works_for(organisation.pk) == (waits.version.addressee_id == organisation.pk),
        "may": planning.may_plan(access, organisation.pk),
    }


def _page(access: ContractAccess) -> ListPage:
    pk = access.contract.pk

    def url(row: dict[str, Any]) -> str | None:
        return reverse("plan-line", args=[pk, row["id"]]) if row["mine"] else None

    return ListPage(
        name=_("Plan of %(contract)s") % {"contract": access.contract.reference},
        columns=(
            Column("block", gettext_lazy("Building block"), order="block", url=url),
            Column("number", gettext_lazy("How many"), kind="count", order="number"),
            period_column(),
            Column("value", gettext_lazy("Promised"), kind="money", order="value"),
            Column(
                "agreed",
                gettext_lazy("Agreed"),
                kind="status",
                order="agreed",
                words=_AGREED.__getitem__,
            ),
            Column("party", gettext_lazy("By"), order="party"),
            Column("note", gettext_lazy("Note")),
        ),
        default="begin",
    )


# One line -----------------------------------------------------------------------------------


@login_required
def add(request: HtmxRequest, pk: int) -> HttpResponse:
    """Add a line to one's own plan, or propose one for that of the other side."""
    access = contract_for(request.acting, pk)
    plan_of = _plan_of(request, access)
    if plan_of is None:
        raise Http404
    if request.method != "POST" and plan_of != access.delivering_for and "van" not in request.GET:
        # The address says whose plan it is, so that a line is not lost when he begins it himself.
        return redirect(f"{reverse('plan-line-new', args=[pk])}?van={plan_of}")
    return _edit(request, access, None, plan_of)


def _plan_of(request: HttpRequest, access: ContractAccess) -> int | None:
    """The organisation to whose plan a line is added: as the address says, else one's own.

    Whoever delivers begins his own plan, and the client that of the contractor where there is none.
    What was typed before a contract was closed is told that, and stays.
    """
    typed = request.GET.get("van", "")
    plans, begun = plans_of(access.contract.pk), planning.beginning_for(access)
    sends = request.method == "POST"
    if not typed:
        return (
            begun if _begins(access, plans) or (sends and begun == access.delivering_for) else None
        )
    ids = [*(plan.agreement.organisation_id for plan in plans), begun]
    wanted = next((each for each in ids if str(each) == typed), None)
    may = planning.is_of_plan if sends else planning.may_plan
    return wanted if wanted is not None and may(access, wanted) else None


@login_required
def edit(request: HtmxRequest, pk: int, line_pk: int) -> HttpResponse:
    """Change a line of a plan."""
    access = contract_for(request.acting, pk)
    # What was typed on a line that was removed meanwhile is not lost: it can be saved after all.
    find = _ever if request.method == "POST" else _now
    line = find(access, line_pk)
    return _edit(request, access, line.pk, line.organisation_id)


@login_required
def remove(request: TelmeeRequest, pk: int, line_pk: int) -> HttpResponse:
    """Ask for certainty, then take a line out of a plan."""
    access = contract_for(request.acting, pk)
    line = _now(access, line_pk)
    posted = request.POST if request.method == "POST" else None
    form = RemoveForm(posted, initial={"version": plan_number(pk, line.organisation_id)})
    if form.is_valid():
        try:
            planning.remove_plan_line(access, line_pk, seen=form.cleaned_data["version"])
        except DomainError as error:
            tell(request, error)
        else:
            messages.success(request, _("The line was taken out of the plan."))
        return _saved(request, access, line.organisation_id)
    names = block_names(rules_of(access.contract.scheme))
    return form_page(
        request,
        access,
        form,
        title=_("Remove a line of the plan"),
        button=_("Remove"),
        section="contract-plan",
        lead=f"{names.get(line.block, line.block)} ({line.number})",
        back=reverse("contract-plan", args=[pk]),
        dangerous=True,
    )


class RemoveForm(forms.Form):
    """Asks for certainty about a line as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


def _saved(request: HttpRequest, access: ContractAccess, plan_of: int) -> HttpResponse:
    """Go to the plan, or to the draft where a change counts for nothing until it is agreed."""
    (plan,) = plans_of(access.contract.pk, plan_of)
    if plan.table is None or not plan.table.version.is_draft:
        return redirect("contract-plan", access.contract.pk)
    messages.info(request, _("It is a draft: it counts once you propose it and both agree."))
    return redirect("plan-version", access.contract.pk, plan.table.version.pk)


def _edit(
    request: HtmxRequest, access: ContractAccess, line_pk: int | None, plan_of: int
) -> HttpResponse:
    form = _form(request, access, line_pk)
    seen = version_in(request)
    valued = _valued(access, form) if form.is_bound else _stored(access, line_pk)
    saving = request.method == "POST" and not request.htmx and "fields" not in request.POST

    def deed() -> None:
        typed = form.cleaned_data
        planning.save_plan_line(
            access,
            {**form.cells(), **form.plan_cells()},
            number=typed["number"],
            note=typed["plan_note"],
            line_id=line_pk,
            plan_of=plan_of,
            key=typed["key"],
            seen=seen,
        )

    if saving and succeeds(form, deed):
        messages.success(request, _("The plan was saved."))
        return _saved(request, access, plan_of)
    context = {
        **around(access, "contract-plan", here=_("Line of the plan")),
        **_seen(access, plan_of, seen, look_again=saving),
        "form": form,
        "valued": valued,
        "shown": valued and valued.shown,
        "line_pk": line_pk,
        "line_url": request.get_full_path(),
        "live": bool(request.htmx),
    }
    if request.htmx.target == "value":
        return render(request, "contracts/_plan_value.html", context)
    if request.htmx.target == "line-fields":
        return render(request, "schemes/_line_fields.html", context)
    status = UNPROCESSABLE if saving else 200
    return render(request, "contracts/plan_line.html", context, status=status)


def _seen(
    access: ContractAccess, organisation_id: int, seen: int | None, *, look_again: bool
) -> dict[str, object]:
    """The version of the plan that somebody has before him, and what was saved since he looked.

    Once that is shown, saving again puts his own over it.
    """
    latest = plan_number(access.contract.pk, organisation_id)
    if seen is None or seen == latest:
        return {"version": latest}
    if not look_again:
        return {"version": seen}
    return {"version": latest, "meanwhile": changed_since(access, organisation_id, seen)}


def _form(request: HtmxRequest, access: ContractAccess, line_pk: int | None) -> PlanForm:
    """Take what was typed, the line as it is, or what was typed so far for another block."""
    scheme = rules_of(access.contract.scheme)
    if request.method != "POST":
        line = None if line_pk is None else _now(access, line_pk)
        if line is None:
            return PlanForm(scheme, initial={"number": 1})
        extra = {"number": line.number, "plan_note": line.note}
        return PlanForm(scheme, initial={**plan_cells(line), **agreed_cells(line), **extra})
    if "fields" in request.POST or request.htmx.target == "line-fields":
        return PlanForm(scheme, initial=typed_so_far(request.POST))
    return PlanForm(scheme, request.POST)


@dataclass(frozen=True, slots=True)
class PlanValue:
    """What one is worth, with its story, and what the whole line promises."""

    shown: ShownValue
    number: int

    @property
    def total_cents(self) -> int | None:
        """The cents that the line promises; None where a person must judge."""
        return None if self.shown.cents is None else self.shown.cents * self.number


def _stored(access: ContractAccess, line_pk: int | None) -> PlanValue | None:
    """Value a line as it was saved."""
    if line_pk is None:
        return None
    line = _now(access, line_pk)
    kept = kept_value(line.receipt)
    return None if kept is None else PlanValue(kept, line.number)


def _valued(access: ContractAccess, form: PlanForm) -> PlanValue | None:
    """Value a line that can be read; what the engine refuses stands beside its field as well."""
    if not form.is_valid():
        return None
    worth = _value_of(access, form.cells())
    if worth.status is Status.REFUSED:
        add_problems(form, DomainError(worth.problems))
    return PlanValue(worth, form.cleaned_data.get("number") or 1)


def _value_of(access: ContractAccess, cells: Mapping[str, object]) -> ShownValue:
    contract = access.contract
    row = planning.plan_row(contract, cells)
    owed = {str(contract.pk): contract.obligation_cents or 0}
    rules = rules_of(contract.scheme)
    return shown_value(value(rules, contributions_from([row]), obligations=owed))


def _now(access: ContractAccess, line_pk: int) -> PlanLine:
    return _there(planning.plan_line_now, access, line_pk)


def _ever(access: ContractAccess, line_pk: int) -> PlanLine:
    return _there(planning.plan_line_ever, access, line_pk)


def _there(
    find: Callable[[ContractAccess, int], PlanLine], access: ContractAccess, line_pk: int
) -> PlanLine:
    try:
        return find(access, line_pk)
    except DomainError:
        raise Http404 from None
