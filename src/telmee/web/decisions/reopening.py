"""The page on which somebody takes a decision back."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.apps.contributions.access import line_to_decide
from telmee.apps.contributions.transitions import Step, steps_for
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.judgement import Judgement
from telmee.apps.decisions.queries import decisions_on
from telmee.apps.decisions.reviewers import is_his_own
from telmee.apps.schemes.queries import rules_of
from telmee.apps.settlements.settled_partners import decide_with_partners
from telmee.web.contributions.line_words import decision_terms
from telmee.web.decisions.forms import FIELDS, Once, ReasonForm, with_correction
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest


@login_required
def reopen(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Take a decision back, with the reason: the line waits again."""
    access, line = line_to_decide(request.acting, pk)
    once, form = Once(request.POST), ReasonForm(request.POST or None, with_rule=False)
    form = with_correction(form, line)

    def deed() -> None:
        typed = form.cleaned_data
        decide_with_partners(
            access,
            line,
            Judgement(
                outcome=Outcome.REOPENED,
                reason=DecisionReason(typed["reason"]),
                text=typed["text"],
            ),
            seen=once.as_seen(),
            key=once.cleaned_data["key"],
            correcting=typed.get("correcting", ""),
        )

    if once.is_valid() and succeeds(form, deed, FIELDS):
        messages.success(request, _("%(line)s waits again.") % {"line": line.reference})
        return redirect("decide", pk)
    rules = rules_of(access.contract.scheme)
    context = {
        "line": line,
        "contract": access.contract,
        "key": uuid4(),
        "can_reopen": Step.REOPEN in set(steps_for(access, line))
        and not is_his_own(request.acting, line),
        "history": [decision_terms(decision, rules) for decision in decisions_on(line)],
        "breadcrumbs": [
            {"label": _("Work list"), "url": reverse("queue")},
            {"label": line.reference, "url": reverse("decide", args=[pk])},
            {"label": _("Reopen")},
        ],
    }
    return render_form(request, "decisions/reopen.html", form, context)
