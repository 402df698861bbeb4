"""The page on which somebody says what he saw at a line of a sample."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.apps.contributions.access import contribution_for
from telmee.apps.organisations.journal import doers
from telmee.apps.trust.access import sample_to_review
from telmee.apps.trust.queries import lines_of
from telmee.apps.trust.samples import is_of_reviewer, review_line
from telmee.web.form_pages import render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.trust.forms import WRONG, ReviewForm


@login_required
def review(request: TelmeeRequest, pk: int, line_id: int) -> HttpResponse:
    """Say of a line in a sample whether it is right; then on to the next that nobody looked at."""
    sample = sample_to_review(request.acting, pk)
    lines = lines_of(sample)
    shown = next((one for one in lines if one.item.line_id == line_id), None)
    if shown is None:
        raise Http404
    _access, line = contribution_for(request.acting, line_id)
    form = ReviewForm(request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        right_cents = typed["right_cents"] if typed["verdict"] == WRONG else None
        review_line(
            request.acting,
            sample,
            line,
            right_cents=right_cents,
            reason=typed["reason"],
            key=typed["key"],
        )

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("%(line)s was looked at.") % {"line": line.reference})
        return _go_on(pk, [one.item.line_id for one in lines if one.review is None], line_id)
    last = shown.review
    who = (last.user_id, last.organisation_id) if last else (None, None)
    context = {
        "sample": sample,
        "shown": shown,
        "is_own": is_of_reviewer(request.acting, shown.item, line),
        "line": line,
        "reviewed_by": doers(request.acting, [who])[who],
        "breadcrumbs": [
            {"label": _("Trust"), "url": reverse("trust")},
            {"label": _("Samples"), "url": reverse("samples")},
            {
                "label": _("Sample %(number)s") % {"number": sample.number},
                "url": reverse("sample", args=[pk]),
            },
            {"label": line.reference},
        ],
    }
    return render_form(request, "trust/review.html", form, context)


def _go_on(pk: int, waiting: list[int], line_id: int) -> HttpResponse:
    """To the next line that nobody looked at, or back to the sample after the last."""
    rest = [other for other in waiting if other != line_id]
    return redirect("sample-review", pk, rest[0]) if rest else redirect("sample", pk)
