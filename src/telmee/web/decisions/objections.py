"""Objections: taking longer, dismissing, and how they fare."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contributions.access import line_to_decide
from telmee.apps.contributions.transitions import Step, steps_for
from telmee.apps.decisions import objections
from telmee.apps.decisions.choices import DecisionReason, Ruling
from telmee.apps.decisions.judgement import Judgement
from telmee.apps.decisions.queries import asked_outcome, decisions_on, objection_to
from telmee.apps.decisions.reviewers import is_his_own
from telmee.apps.reports.objection_figures import objections as objections_seen
from telmee.apps.reports.objection_figures import years_of_objections
from telmee.apps.schemes.queries import rules_of
from telmee.apps.settlements.settled_partners import decide_with_partners
from telmee.core.errors import DomainError, Problem
from telmee.web.contributions.line_column import line_column
from telmee.web.contributions.line_words import decision_terms
from telmee.web.decisions import line_facts
from telmee.web.decisions.forms import FIELDS, ExtensionForm, Once, RulingForm, with_correction
from telmee.web.form_pages import form_page, render_form
from telmee.web.forms import succeeds
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day

_RULING_KINDS = {Ruling.UPHELD: "positive", Ruling.PARTLY: "info", Ruling.DISMISSED: ""}


def _ruling_words(ruling: str) -> tuple[object, str]:
    if not ruling:
        return _("Waiting"), "info"
    return Ruling(ruling).label, _RULING_KINDS[Ruling(ruling)]


def _late_words(late: bool) -> tuple[str, str] | None:  # noqa: FBT001 - a cell of the list
    return (_("Late"), "warning") if late else (_("In time"), "")


_OBJECTIONS = ListPage(
    name=gettext_lazy("Objections"),
    columns=(
        line_column(),
        Column(
            "client",
            gettext_lazy("Client"),
            order="client",
            under=Column("contribution__organisation__name", gettext_lazy("Contractor")),
        ),
        Column("received_on", gettext_lazy("Received"), kind="date", order="made_at"),
        Column("last", gettext_lazy("Last day"), kind="date", order="last"),
        Column("decided_on", gettext_lazy("Decided"), kind="date", order="decided_on"),
        Column(
            "ruling", gettext_lazy("Outcome"), kind="status", order="ruling", words=_ruling_words
        ),
        Column("late", gettext_lazy("Term"), kind="status", order="late", words=_late_words),
    ),
    default="-received_on",
    filters=(
        Filter(
            "outcome",
            gettext_lazy("Outcome"),
            lambda: [("waiting", _("Waiting")), *Ruling.choices],
            lambda rows, value: rows.filter(ruling="" if value == "waiting" else value),
        ),
        Filter(
            "late",
            gettext_lazy("Term"),
            lambda: [("late", _("Late"))],
            lambda rows, _late: rows.filter(late=True),
        ),
    ),
    search=("contribution__reference__icontains", "contract__search_text__icontains"),
)
_FIELDS = (
    *("contribution_id", "contribution__reference", "contribution__organisation__name"),
    *("contract__reference", "client", "received_on", "last", "decided_on", "ruling", "late"),
)


@login_required
@require_safe
def listed(request: TelmeeRequest) -> HttpResponse:
    """List the objections that somebody may read of, with the figures of each client and year."""
    today = timezone.localdate()
    rows = objections_seen(request.acting, today).values(*_FIELDS)
    listing = _OBJECTIONS.read(request, rows)
    context = {"listing": listing, "years": years_of_objections(request.acting, today)}
    return listing.file() or render(request, "decisions/objections.html", context)


@login_required
def dismiss(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Decide that the decision stands to which somebody objected, and say why."""
    access, line = line_to_decide(request.acting, pk)
    once, form = Once(request.POST), RulingForm(request.POST or None, dismisses=True)
    form = with_correction(form, line)
    decisions, objection = decisions_on(line), objection_to(line)

    def deed() -> None:
        if objection is None:
            raise DomainError(Problem("wrong_state", params={"state": line.state}))
        last = decisions[0]
        judgement = Judgement(
            outcome=asked_outcome(last),
            reason=DecisionReason(last.reason) if last.reason else None,
            rule=last.rule,
            text=form.cleaned_data["text"],
            ruling=Ruling.DISMISSED,
            stands=True,
        )
        decide_with_partners(
            access,
            line,
            judgement,
            seen=once.as_seen(),
            key=once.cleaned_data["key"],
            correcting=form.cleaned_data.get("correcting", ""),
        )

    if once.is_valid() and succeeds(form, deed, FIELDS):
        messages.success(request, _("The objection is dismissed. The decision stands."))
        return redirect("decide", pk)
    rules = rules_of(access.contract.scheme)
    other = line_facts.needs_somebody_else(access, line, decisions)
    can_decide = Step.REJECT in set(steps_for(access, line)) and objection is not None
    context = {
        "line": line,
        "contract": access.contract,
        "key": uuid4(),
        "objection": objection,
        "objection_late": objections.is_late(objection),
        "can_dismiss": can_decide and not other and not is_his_own(request.acting, line),
        "history": [decision_terms(decision, rules) for decision in decisions],
        "breadcrumbs": _crumbs(line.reference, pk, _("Dismiss the objection")),
    }
    return render_form(request, "decisions/dismiss.html", form, context)


@login_required
def extend(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Take longer for an objection, once, with the reason."""
    access, line = line_to_decide(request.acting, pk)
    objection = objection_to(line)
    if request.method != "POST" and not objections.may_extend(access, objection):
        return redirect("decide", pk)
    last = objections.latest_extension(objection) if objection else None
    form = ExtensionForm(request.POST or None, initial={"until": last})

    def deed() -> None:
        typed = form.cleaned_data
        objections.extend(access, line, until=typed["until"], reason=typed["text"])

    if succeeds(form, deed, {"termijn": "until", "toelichting": "text"}):
        text = _("The term was extended up to and including %(day)s.")
        messages.success(request, text % {"day": day(form.cleaned_data["until"])})
        return redirect("decide", pk)
    return form_page(
        request,
        form,
        title=_("Take longer for the objection"),
        button=_("Extend the term"),
        back=("decide", pk),
        lead=_("This can be done once, before the term is over. The contractor is told."),
    )


def _crumbs(reference: str, pk: int, title: str) -> list[dict[str, str]]:
    return [
        {"label": _("Work list"), "url": reverse("queue")},
        {"label": reference, "url": reverse("decide", args=[pk])},
        {"label": title},
    ]
