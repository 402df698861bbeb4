"""One contribution: its form, its page, and the steps of the side that delivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import ContractAccess, contract_to_deliver
from telmee.apps.contributions import actions
from telmee.apps.contributions.access import contribution_for, own_line
from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.initiatives import give_to_initiative
from telmee.apps.contributions.references import references_after
from telmee.apps.decisions.objections import object_to as object_to_decision
from telmee.apps.decisions.questions import questions_on, reply
from telmee.apps.reports.work import open_questions
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError
from telmee.core.tables.contribution_columns import BEGIN, BLOCK, END, REFERENCE, SUPPLIER
from telmee.web.addresses import number_in
from telmee.web.contributions.detail import detail_page
from telmee.web.contributions.forms import ANSWER, ReasonForm, effort_form
from telmee.web.contributions.line_parts import crumbs, version_in
from telmee.web.contributions.line_values import value_beside_errors, value_so_far, value_typed
from telmee.web.contributions.terms import cell_terms
from telmee.web.enterprise_fields import offer_enterprises
from telmee.web.form_pages import UNPROCESSABLE, key_in, render_form, tell
from telmee.web.forms import add_problems, succeeds
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.value_forms import LineForm, ShownValue, typed_so_far

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

_STAYS_DRAFT, _HANDS_IN, _AND_ANOTHER = "concept", "indienen", "nog-een"
_SAVES = (_STAYS_DRAFT, _HANDS_IN, _AND_ANOTHER)
#: What the next line mostly has in common with the one just saved; the person is another one.
_REPEATED = (BLOCK, BEGIN, END)


@login_required
@require_safe
def contribution(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Show a line: what was claimed, what it is worth and why, and what was decided."""
    access, line = contribution_for(request.acting, line_id)
    return render(request, "contributions/contribution.html", detail_page(access, line))


# The form --------------------------------------------------------------------------------------


@login_required
def new(request: HtmxRequest, contract_id: int) -> HttpResponse:
    """Enter a line on a contract."""
    return _editing(request, contract_to_deliver(request.acting, contract_id), None)


@login_required
def edit(request: HtmxRequest, line_id: int) -> HttpResponse:
    """Change a draft, or answer the question on a line and correct what it was about."""
    access, line = own_line(request.acting, line_id)
    if request.method != "POST" and line.state not in (State.DRAFT, State.ASKED):
        return redirect("contribution", line.pk)
    return _editing(request, access, line)


def _editing(
    request: HtmxRequest, access: ContractAccess, line: Contribution | None
) -> HttpResponse:
    form_of = partial(effort_form, rules_of(access.contract.scheme), answers=_is_asked(line))
    doing = request.POST.get("doen", "")
    if request.method != "POST":
        form = form_of(initial=_initial_cells(request, access, line))
        return _form_page(request, access, line, form, value_so_far(access, line))
    if "fields" in request.POST or request.htmx.target == "line-fields":
        form = form_of(initial=typed_so_far(request.POST))
        return _form_page(request, access, line, form, None)
    if request.htmx.target == "value" or doing not in _SAVES:
        form = form_of(request.POST)
        return _form_page(request, access, line, form, value_typed(access, line, form))
    hands_in = doing == _HANDS_IN or _is_asked(line)
    return _saving(request, access, line, form_of(request.POST, draft=not hands_in), doing)


def _is_asked(line: Contribution | None) -> bool:
    """Whether the client asked something about the line that was not answered yet."""
    return line is not None and line.state == State.ASKED


def _initial_cells(
    request: HtmxRequest, access: ContractAccess, line: Contribution | None
) -> dict[str, Any]:
    if line is not None:
        return {**cells_of(line), "note": line.note}
    reference = {REFERENCE: references_after(access, 1)[0]}
    before = number_in(request.GET.get(_AND_ANOTHER))
    if before is None:
        return reference
    _access, saved = own_line(request.acting, before)
    cells = cells_of(saved)
    return {name: cells[name] for name in _REPEATED if name in cells} | reference


def _saving(
    request: HtmxRequest,
    access: ContractAccess,
    line: Contribution | None,
    form: LineForm,
    doing: str,
) -> HttpResponse:
    hands_in, answers = doing == _HANDS_IN, _is_asked(line)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            saved = _save(request, access, line, form, hands_in=hands_in)
        except DomainError as error:
            add_problems(form, error)
            if any(problem.code == "changed_meanwhile" for problem in error.problems):
                context = _conflict(access, line)
        else:
            if answers:
                return _answered(request, saved)
            messages.success(request, _done(hands_in=hands_in))
            if doing == _AND_ANOTHER:
                new_line = reverse("contribution-new", args=[access.contract.pk])
                return redirect(f"{new_line}?{_AND_ANOTHER}={saved.pk}")
            return redirect("contribution", saved.pk)
    valued = value_beside_errors(access, line, form)
    return _form_page(request, access, line, form, valued, status=UNPROCESSABLE, **context)


def _done(*, hands_in: bool) -> str:
    return _("Your line was handed in.") if hands_in else _("The draft was saved.")


def _answered(request: HtmxRequest, line: Contribution) -> HttpResponse:
    """Say that an answer was sent, and go on to the next question, if there is one."""
    others = (one for one in open_questions(request.acting) if one.pk != line.pk)
    following = next(others, None)
    if following is None:
        messages.success(request, _("Your answer was sent. The client decides."))
        return redirect("contribution", line.pk)
    text = _("Your answer about %(line)s was sent. The client decides. This is the next question.")
    messages.success(request, text % {"line": line.reference})
    return redirect("contribution-edit", following.pk)


def _save(
    request: HtmxRequest,
    access: ContractAccess,
    line: Contribution | None,
    form: LineForm,
    *,
    hands_in: bool,
) -> Contribution:
    """Save a draft and, where asked, hand it in: both or neither. Or answer a question."""
    cells = form.cells()
    if line is not None and _is_asked(line):
        cells.setdefault(REFERENCE, line.reference)
        typed, version = form.cleaned_data, version_in(request)
        note = typed["note"] or ""
        reply(access, line, text=typed[ANSWER], cells=cells, note=note, version=version)
        return line
    cells.setdefault(REFERENCE, references_after(access, 1)[0])
    with transaction.atomic():
        saved = actions.save_draft(
            access,
            cells,
            note=form.cleaned_data["note"] or "",
            key=key_in(request),
            line=line,
            version=version_in(request),
        )
        if hands_in and saved.state == State.DRAFT:
            actions.submit(access, saved)
    return saved


def _conflict(access: ContractAccess, line: Contribution | None) -> dict[str, object]:
    """Show what somebody else saved meanwhile; saving once more then puts one's own over it."""
    if line is None:
        return {}
    scheme = rules_of(access.contract.scheme)
    return {"meanwhile": cell_terms(scheme, cells_of(line)), "version": line.version}


def _form_page(
    request: HtmxRequest,
    access: ContractAccess,
    line: Contribution | None,
    form: LineForm,
    valued: ShownValue | None,
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    title = _("Change a draft") if line else _("New line")
    if _is_asked(line):
        title = _("Answer the question")
    version = version_in(request) or (line.version if line else None)
    context = {
        "access": access,
        "line": line,
        "question": questions_on(line)[0] if line is not None and _is_asked(line) else None,
        "form": form,
        "shown": valued,
        "title": title,
        "key": key_in(request) or uuid4(),
        "version": version,
        "line_url": request.path,
        "back": reverse("contribution", args=[line.pk]) if line else None,
        "breadcrumbs": crumbs(access, title, line=line),
        **more,
    }
    parts = {"value": "schemes/_value.html", "line-fields": "schemes/_line_fields.html"}
    template = parts.get(request.htmx.target or "", "contributions/form.html")
    return render(request, template, context, status=status)


@login_required
@require_safe
def supplier_search(request: TelmeeRequest) -> HttpResponse:
    """The recognised enterprises that fit what is being typed as supplier, for the list below."""
    return offer_enterprises(request, SUPPLIER, recognised=True)


# The steps -------------------------------------------------------------------------------------


@login_required
@require_POST
def submit(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Hand in a draft."""
    return _step(request, line_id, actions.submit, _("Your line was handed in."))


@login_required
@require_POST
def take_back(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Make a line that waits a draft again."""
    return _step(request, line_id, actions.take_back, _("It is a draft again. You can change it."))


@login_required
@require_POST
def initiative(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Let a draft be for the initiative of its contract, or for the contract alone."""
    gives = request.POST.get("initiative") == "yes"
    done = _("The line is for the initiative.") if gives else _("The line is for this contract.")
    return _step(request, line_id, partial(give_to_initiative, gives=gives), done)


@login_required
@require_POST
def remove(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Throw a draft away."""
    access, line = own_line(request.acting, line_id)
    try:
        actions.remove_draft(access, line)
    except DomainError as error:
        tell(request, error)
        return redirect("contribution", line_id)
    messages.success(request, _("The draft was thrown away."))
    return redirect("contribution-drafts", access.contract.pk)


def _step(
    request: TelmeeRequest, line_id: int, action: Callable[..., None], done: str
) -> HttpResponse:
    access, line = own_line(request.acting, line_id)
    try:
        action(access, line, version=version_in(request))
    except DomainError as error:
        tell(request, error)
    else:
        messages.success(request, done)
    return redirect("contribution", line.pk)


@login_required
def withdraw(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Withdraw a line that was handed in, and say why."""
    words = {
        "title": _("Withdraw a line"),
        "lead": _("It stays to be seen and counts nowhere. You cannot undo this."),
        "button": _("Withdraw"),
        "done": _("The line was withdrawn."),
    }
    return _reasoned(request, line_id, actions.withdraw, words)


@login_required
def object_to(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Object to a decision."""
    words = {
        "title": _("Object to the decision"),
        "lead": _("Somebody else at the client looks again. Until then the decision stands."),
        "button": _("Object"),
        "done": _("Your objection was handed in."),
    }
    return _reasoned(request, line_id, object_to_decision, words)


def _reasoned(
    request: TelmeeRequest, line_id: int, action: Callable[..., None], words: Mapping[str, str]
) -> HttpResponse:
    access, line = own_line(request.acting, line_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def deed() -> None:
        reason = form.cleaned_data["toelichting"]
        action(access, line, reason=reason, version=version_in(request))

    if succeeds(form, deed):
        messages.success(request, words["done"])
        return redirect("contribution", line.pk)
    context = {
        **words,
        "line": line,
        "version": version_in(request) or line.version,
        "back": reverse("contribution", args=[line.pk]),
        "breadcrumbs": crumbs(access, words["title"], line=line),
    }
    return render_form(request, "contributions/reason.html", form, context)
