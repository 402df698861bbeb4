"""The page of goals: what organisations want to reach, and setting one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.organisations.acting import Own
from telmee.apps.reports.choices import Measure
from telmee.apps.reports.goals import goals_of, set_goal
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.reports.forms import GoalForm
from telmee.web.reports.report_words import figure_text

_BEHIND, _AHEAD = 3, 5
_HUNDRED = 100


@login_required
def goals(request: TelmeeRequest) -> HttpResponse:
    """The goals of somebody's organisations, and a form where he may set one."""
    acting = request.acting
    own = tuple(one for one in acting.own if one.id in acting.working)
    form = GoalForm(own, request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        measure = Measure(typed["measure"])
        amount = typed["amount"]
        set_goal(
            acting,
            typed["organisation"],
            measure=measure,
            year=typed["year"],
            amount=None if amount is None else amount * _unit(measure),
            source=typed["source"],
            key=typed["key"],
        )

    if succeeds(form, deed, {"doel": "amount", "toelichting": "source"}):
        messages.success(request, _("The goal was kept. An earlier one stays to be read."))
        return redirect("goals")
    context = {
        "may_set": bool(own),
        "organisations": [_shown(one) for one in (*acting.own, *acting.councils)],
        "breadcrumbs": [{"label": _("Goals")}],
    }
    return render_form(request, "reports/goals.html", form, context)


def _unit(measure: Measure) -> int:
    """How many of the smallest unit one of what people type is."""
    return _HUNDRED if measure.endswith(("_cents", "_bp")) else 1


def _shown(one: Own) -> dict[str, object]:
    return {"name": one.name, "goals": list(_rows(one.id))}


def _rows(organisation_id: int) -> Iterator[dict[str, Any]]:
    now = timezone.localdate().year
    for year, of_year in goals_of(organisation_id, range(now - _BEHIND, now + _AHEAD)).items():
        for measure, goal in of_year.items():
            yield {
                "year": year,
                "measure": measure.label,
                "text": figure_text(measure, goal.amount),
                "source": goal.source,
            }
