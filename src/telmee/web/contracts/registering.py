"""Register a contract: one form, with what it owes live, and what its fields offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contract_to_decide, contracts_to_decide
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.comparing import Alike
from telmee.apps.contracts.cpv import cpv_codes
from telmee.apps.contracts.facts import assess_facts, estimate_of, version_of
from telmee.apps.contracts.frameworks import misfits_with
from telmee.apps.contracts.queries import may_register
from telmee.apps.contracts.registering import register_with_contractor
from telmee.apps.schemes.queries import families
from telmee.core.errors import DomainError, Problem
from telmee.web.addresses import number_in
from telmee.web.contracts.comparison import Beside, beside_others
from telmee.web.contracts.register_form import FIELDS, RegisterForm
from telmee.web.enterprise_fields import offer_enterprises, text_to_search
from telmee.web.form_pages import UNPROCESSABLE
from telmee.web.forms import add_problems
from telmee.web.middleware import HtmxRequest
from telmee.web.schemes.scheme_page import assessment_page

if TYPE_CHECKING:
    from telmee.apps.schemes.models import SchemeVersion


@dataclass(frozen=True, slots=True)
class Owed:
    """What a contract would owe, or why that is not known yet, and the version that says so."""

    version: SchemeVersion | None = None
    answer: dict[str, object] | None = None
    comparison: Beside | None = None
    problems: tuple[Problem, ...] = ()
    is_framework: bool = False
    is_recorded: bool = False
    is_estimate: bool = False


@login_required
def new(request: HtmxRequest) -> HttpResponse:
    """Register a contract, and show meanwhile what it will owe."""
    if not may_register(request.acting):
        raise Http404
    form = _form(request)
    if request.method == "POST" and request.htmx:
        chosen = request.htmx.target == "scheme-fields"
        part = "contracts/_scheme_fields.html" if chosen else "contracts/_owed.html"
        return render(request, part, _context(form, _owed(request, form)))
    saving = request.method == "POST" and "calculate" not in request.POST
    if saving and form.is_valid():
        answer = _register(request, form)
        if answer is not None:
            return answer
    owed = _owed(request, form)
    if request.method == "POST" and not saving:
        # What was typed is shown as it is: calculating is no reason to tell what is missing.
        form = RegisterForm(request.acting, initial=request.POST.dict())
    context = _context(form, owed)
    status = UNPROCESSABLE if saving else 200
    return render(request, "contracts/register.html", context, status=status)


def _form(request: HtmxRequest) -> RegisterForm:
    if request.method == "POST":
        return RegisterForm(request.acting, request.POST)
    initial: dict[str, object] = {"adviser": request.acting.user_id}
    parent = number_in(request.GET.get("parent"))
    if parent is not None:
        initial |= {"form": Form.CALL_OFF, "parent": str(parent), **_of_framework(request, parent)}
    return RegisterForm(request.acting, initial=initial)


def _of_framework(request: HtmxRequest, parent: int) -> dict[str, object]:
    """What a call-off begins with, as its framework agreement has it; nothing of another's."""
    frameworks = contracts_to_decide(request.acting).filter(form=Form.FRAMEWORK)
    framework = frameworks.select_related("scheme").filter(pk=parent).first()
    if framework is None:
        return {}
    access = contract_to_decide(request.acting, framework.pk)
    newest = families()[framework.scheme.family][-1]
    return {
        "client": access.client.organisation_id if access.client else None,
        "kvk": access.contractor.organisation.kvk if access.contractor else "",
        "category": framework.category,
        "cpv": framework.cpv,
        "procurement": framework.procurement,
        "scheme": newest.scheme_id,
    }


def _register(request: HtmxRequest, form: RegisterForm) -> HttpResponse | None:
    """Register what was filled in; nothing when that cannot be done, and the form says why."""
    try:
        registered = register_with_contractor(
            request.acting,
            form.facts(),
            client_id=form.cleaned_data["client"],
            contractor=form.contractor(),
        )
    except DomainError as error:
        add_problems(form, error, FIELDS)
        return None
    messages.success(request, _("The contract is registered."))
    if registered.invited is True:
        messages.success(request, _("The invitation to the contractor is on its way."))
    elif registered.invited is False:
        text = _("No invitation was sent: the contractor is in Telmee already, or was invited.")
        messages.info(request, text)
    return redirect("contract", registered.contract_id)


def _owed(request: HtmxRequest, form: RegisterForm) -> Owed:
    """Work out what the contract would owe, from what was filled in so far."""
    if not form.can_tell:
        return Owed()
    facts = form.facts()
    try:
        version = version_of(facts)
        if facts.form == Form.FRAMEWORK:
            return Owed(version, is_framework=True)
        if facts.no_obligation is not None:
            return Owed(version, is_recorded=True)
        estimate = estimate_of(facts, version)
        assessment = estimate or assess_facts(facts, version)
    except DomainError as error:
        return Owed(problems=error.problems)
    comparison = beside_others(
        request.acting,
        Alike(facts.category, facts.value_cents, facts.cpv),
        client_id=form.cleaned_data.get("client") or None,
        owed_cents=assessment.owed_cents,
    )
    page = assessment_page(assessment)
    return Owed(version, page, comparison, is_estimate=estimate is not None)


def _context(form: RegisterForm, owed: Owed) -> dict[str, object]:
    return {
        "form": form,
        "owed": owed,
        "answer": owed.answer,
        "comparison": owed.comparison,
        "misfits": misfits_with(form.facts()) if form.can_tell else [],
        "live": True,
        "breadcrumbs": [
            {"label": _("Contracts"), "url": reverse("contracts")},
            {"label": _("Register a contract"), "url": ""},
        ],
    }


@login_required
@require_safe
def cpv_search(request: HttpRequest) -> HttpResponse:
    """The CPV codes that fit what is being typed, for the list below the field."""
    text = text_to_search(request, "cpv")
    codes = cpv_codes(text, request.GET.get("category", "")) if len(text) > 1 else []
    return render(request, "components/offered.html", {"offers": codes})


@login_required
@require_safe
def contractor_search(request: HttpRequest) -> HttpResponse:
    """The contractors that fit what is being typed, each with its number, for the list below.

    Of several lots on one page each has a field of its own.
    """
    field = next((name for name in request.GET if name.startswith("kvk-")), "kvk")
    return offer_enterprises(request, field)
