"""One version of a plan: what it changes, what both sides say of it, and agreeing on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.queries import (
    Plan,
    PlanVersion,
    agreed_cells,
    lines_in,
    plan_version,
    plans_of,
)
from telmee.apps.contracts import planning
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.organisations.journal import doers
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError
from telmee.core.schemes.model import Scheme
from telmee.web.contracts.frame import around
from telmee.web.contracts.plan_form import plan_terms
from telmee.web.contracts.plan_versions import change_in_words, short, state_of
from telmee.web.contributions.line_parts import version_in
from telmee.web.form_pages import UNPROCESSABLE, key_in, tell
from telmee.web.forms import KeyField, SafeTextArea, choices_with_blank, succeeds
from telmee.web.letters.links import letter_links
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import block_names

if TYPE_CHECKING:
    from telmee.apps.agreements.models import PlanLine

Row = dict[str, object]
_FIELDS = {"toelichting": "text"}


class CommentForm(forms.Form):
    """Says something of a version of a plan, or of one of its lines."""

    line = forms.TypedChoiceField(
        label=gettext_lazy("About"), required=False, coerce=int, empty_value=None
    )
    text = SafeTextArea(
        label=gettext_lazy("Comment"),
        help_text=gettext_lazy("Who sees the plan can read this. No names, no BSN."),
    )
    key = KeyField()

    def __init__(self, lines: list[tuple[str, str]], data: QueryDict | None = None) -> None:
        super().__init__(data)
        choices = choices_with_blank(lines, str(_("The whole plan")))
        self.fields["line"].choices = choices  # type: ignore[attr-defined]


@login_required
def version(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Show a version of a plan beside what held before it, and take what somebody says of it."""
    access = contract_for(request.acting, pk)
    one = _version(access, version_pk)
    plan = _plan(access, one)
    scheme = rules_of(access.contract.scheme)
    names = block_names(scheme)
    lines = [(str(line.line), _line_name(names, line)) for line in one.lines]
    form = CommentForm(lines, request.POST or None)
    # What was typed before the contract was closed is told that, and stays.
    may = planning.is_of_plan if form.is_bound else planning.may_plan
    speaks = may(access, plan.agreement.organisation_id)
    if form.is_bound and not speaks:
        raise Http404

    def deed() -> None:
        typed = form.cleaned_data
        planning.comment_on_plan(
            access, version_pk, text=typed["text"], line=typed["line"], key=typed["key"]
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("Your comment was sent to the other side."))
        return redirect("plan-version", pk, version_pk)
    agreed = [version_pk] if one.is_agreed else []
    title = _("Version %(number)s of the plan") % {"number": one.version.number}
    context = around(access, "contract-plan", here=title) | {
        "title": title,
        "whose": plan.agreement.organisation.name,
        "state": state_of(one),
        "one": one,
        "rows": list(_rows(access, plan, one, scheme)),
        "before_cents": sum(line.value_cents or 0 for line in lines_in(one.before).values()),
        "difference": sum(change.cents for change in one.changes),
        "comments": _comments(access, one, dict(lines)),
        "form": form if speaks else None,
        "plan": plan,
        "letter": next(iter(letter_links(access, "agreed_plan", agreed).values()), None),
        **_deeds(access, plan, one),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "contracts/plan_version.html", context, status=status)


@login_required
@require_POST
def propose(request: TelmeeRequest, pk: int, party_pk: int) -> HttpResponse:
    """Propose what is on the table of a plan, or put back what both agreed."""
    access = contract_for(request.acting, pk)
    _require_plan(access, party_pk)
    puts_back = request.POST.get("deed") == "back"
    seen = version_in(request)
    try:
        if puts_back:
            planning.put_back_plan(access, party_pk, seen=seen)
        else:
            planning.propose_plan(access, party_pk, key=key_in(request) or uuid4(), seen=seen)
    except DomainError as error:
        tell(request, error)
    else:
        done = _("What both agreed is on the table again.")
        messages.success(request, done if puts_back else _("The plan was sent to the other side."))
    return _to_the_table(access, party_pk)


@login_required
@require_POST
def answer(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Agree with a proposal of the other side, or withdraw one's own."""
    access = contract_for(request.acting, pk)
    one = _version(access, version_pk)
    organisation_id = one.version.agreement.organisation_id
    _require_plan(access, organisation_id)
    agrees = request.POST.get("answer") == "agree"
    try:
        planning.answer_plan(access, version_pk, agrees=agrees)
    except DomainError as error:
        tell(request, error)
        return _to_the_table(access, organisation_id)
    done = _("You agreed on the plan.") if agrees else _("The proposal was withdrawn.")
    messages.success(request, done)
    return redirect("contract-plan", pk)


def _deeds(access: ContractAccess, plan: Plan, one: PlanVersion) -> dict[str, object]:
    """What somebody may do with a version: what waits is answered, what is on the table goes on."""
    organisation = plan.agreement.organisation_id
    may = planning.may_plan(access, organisation)
    waits = one.state is State.PROPOSED and may
    own = _is_own(access, plan, one)
    on_table = may and plan.table is not None and plan.table.version.pk == one.version.pk
    return {
        "may_agree": waits and not own,
        "may_withdraw": waits and own,
        "may_propose": on_table and plan.is_open,
        "may_put_back": on_table and plan.is_agreed and plan.is_open,
        "may_change": on_table,
        "party": organisation,
        "number": plan.number,
        "key": uuid4(),
        "add_url": reverse("plan-line-new", args=[access.contract.pk]) + f"?van={organisation}",
    }


def _is_own(access: ContractAccess, plan: Plan, one: PlanVersion) -> bool:
    """Whether a version was proposed by the side for which somebody works."""
    works_here = access.works_for(plan.agreement.organisation_id)
    return works_here == (one.version.organisation_id == plan.agreement.organisation_id)


def _rows(access: ContractAccess, plan: Plan, one: PlanVersion, scheme: Scheme) -> Iterator[Row]:
    """The lines of a version and those that it left out, each with how it differs."""
    names = block_names(scheme)
    changed = {change.line.line: change for change in one.changes}
    gone = [change.line for change in changed.values() if change.is_removed]
    table = lines_in(plan.table.version) if plan.table else {}
    may = planning.may_plan(access, plan.agreement.organisation_id)
    counts: dict[int | None, int] = defaultdict(int)
    for comment in one.version.comments.all():
        counts[comment.line] += 1
    for line in [*one.lines, *gone]:
        change = changed.get(line.line)
        editable = may and line.line in table and (change is None or not change.is_removed)
        yield {
            "line": line,
            "block": names.get(line.block, line.block),
            "change": change_in_words(scheme, change) if change else None,
            "cents": change.cents if change else 0,
            "is_removed": change is not None and change.is_removed,
            "comments": counts[line.line],
            "agreed": list(plan_terms(agreed_cells(line))),
            "url": reverse("plan-line", args=[access.contract.pk, line.pk]) if editable else "",
        }


def _comments(access: ContractAccess, one: PlanVersion, lines: dict[str, str]) -> list[Row]:
    """What was said of a version, first of the whole and then line by line."""
    comments = list(one.version.comments.all())
    names = doers(access.acting, ((each.user_id, each.organisation_id) for each in comments))
    rows = [
        {
            "about": lines.get(str(each.line), "") if each.line else _("The whole plan"),
            "who": names[each.user_id, each.organisation_id],
            "at": each.written_at,
            "text": each.text,
            "line": each.line or 0,
        }
        for each in comments
    ]
    return sorted(rows, key=lambda row: (row["line"], row["at"]))


def _line_name(names: dict[str, str], line: PlanLine) -> str:
    return f"{names.get(line.block, line.block)} ({short(line)})"


def _version(access: ContractAccess, version_pk: int) -> PlanVersion:
    one = plan_version(access.contract.pk, version_pk)
    if one is None:
        raise Http404
    return one


def _plan(access: ContractAccess, one: PlanVersion) -> Plan:
    """The plan that a version is of."""
    (plan,) = plans_of(access.contract.pk, one.version.agreement.organisation_id)
    return plan


def _require_plan(access: ContractAccess, organisation_id: int) -> None:
    """Raise `Http404` for who works for no side of the plan, or when there is none."""
    if not planning.is_of_plan(access, organisation_id) or not plans_of(
        access.contract.pk, organisation_id
    ):
        raise Http404


def _to_the_table(access: ContractAccess, organisation_id: int) -> HttpResponse:
    """Go to what is worked on of a plan."""
    (plan,) = plans_of(access.contract.pk, organisation_id)
    if plan.table is None:
        return redirect("contract-plan", access.contract.pk)
    return redirect("plan-version", access.contract.pk, plan.table.version.pk)
