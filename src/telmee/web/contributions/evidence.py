"""Proof of a contribution: files in and out, and what was seen and not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions import evidence
from telmee.apps.contributions.access import contribution_for, line_to_decide
from telmee.apps.contributions.choices import State
from telmee.core.errors import DomainError
from telmee.web.bodies import takes_file
from telmee.web.contributions.detail import detail_page
from telmee.web.contributions.forms import (
    NOT_SEARCHED,
    SEARCHED_LATER,
    EvidenceForm,
    ReasonForm,
    SightingForm,
)
from telmee.web.contributions.line_parts import crumbs, proof_name
from telmee.web.form_pages import UNPROCESSABLE, render_form
from telmee.web.forms import succeeds
from telmee.web.language import in_words
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution, Evidence

#: Whatever is in a file, a browser only saves it.
_HARMLESS = "default-src 'none'; sandbox"
#: What was asked for does not agree with what is there.
_CONFLICT = 409


@takes_file
@login_required
@require_POST
def add(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Keep a file that proves a line."""
    access, line = contribution_for(request.acting, line_id)
    form = EvidenceForm(evidence.kinds_of(access, line), request.POST, request.FILES)

    def deed() -> None:
        file, kind = form.cleaned_data["bestand"], form.cleaned_data["soort"]
        added = evidence.add_evidence(access, line, file=file, name=file.name, kind=kind)
        messages.success(request, _("The file was added."))
        if added.waits_for_search:
            messages.info(request, SEARCHED_LATER)
        elif not added.is_searched:
            messages.warning(request, NOT_SEARCHED)

    if succeeds(form, deed):
        return _back(line)
    return _again(request, access, line, evidence_form=form)


@login_required
@require_safe
def download(request: TelmeeRequest, line_id: int, evidence_id: int) -> HttpResponseBase:
    """A file as a download for who may see its line, if it is still what was put in."""
    access, line = contribution_for(request.acting, line_id)
    file = evidence.evidence_for(access, line, evidence_id)
    try:
        contents = evidence.contents_for(access, line, file)
    except DomainError as error:
        return _not_given(request, access, line, file, error)
    response = HttpResponse(contents, content_type=file.media_type)
    name = evidence.name_of(line, file)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["Content-Security-Policy"] = _HARMLESS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _not_given(
    request: TelmeeRequest,
    access: ContractAccess,
    line: Contribution,
    file: Evidence,
    error: DomainError,
) -> HttpResponse:
    """Say why a file is not given; a failure of ours (5xx) would undo what the journal says."""
    title = proof_name(file.kind, evidence.kinds_of(access, line), file.number)
    page = {
        "title": title,
        "problems": [in_words(problem) for problem in error.problems],
        "back": reverse("contribution", args=[line.pk]),
        "breadcrumbs": crumbs(access, title, line=line),
    }
    return render(request, "contributions/evidence_not_given.html", page, status=_CONFLICT)


@login_required
def remove(request: TelmeeRequest, line_id: int, evidence_id: int) -> HttpResponse:
    """Take a file away; once the line was handed in, say why."""
    access, line = contribution_for(request.acting, line_id)
    if not evidence.may_remove_file(access, line):
        raise Http404
    file = evidence.evidence_for(access, line, evidence_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["toelichting"].required = line.state != State.DRAFT

    def deed() -> None:
        reason = form.cleaned_data["toelichting"]
        evidence.remove_evidence(access, line, file, reason=reason)

    if succeeds(form, deed):
        messages.success(request, _("The file was removed."))
        return _back(line)
    title = _("Remove a file")
    context = {
        "title": title,
        "lead": _("“%(name)s” goes for good. That it was here stays in the journal.")
        % {"name": proof_name(file.kind, evidence.kinds_of(access, line), file.number)},
        "button": _("Remove"),
        "back": reverse("contribution", args=[line.pk]),
        "breadcrumbs": crumbs(access, title, line=line),
    }
    return render_form(request, "contributions/reason.html", form, context)


@login_required
@require_POST
def see(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Write down that who decides saw proof that is not kept."""
    access, line = line_to_decide(request.acting, line_id)
    form = SightingForm(evidence.kinds_of(access, line), request.POST)

    def deed() -> None:
        kind, seen_on = form.cleaned_data["soort"], form.cleaned_data["gezien_op"]
        evidence.record_sighting(access, line, kind=kind, seen_on=seen_on)

    if succeeds(form, deed):
        messages.success(request, _("What you saw was recorded."))
        return _back(line)
    return _again(request, access, line, sighting_form=form)


def _back(line: Contribution) -> HttpResponse:
    return redirect(f"{reverse('contribution', args=[line.pk])}#bewijs")


def _again(
    request: TelmeeRequest, access: ContractAccess, line: Contribution, **forms: Any
) -> HttpResponse:
    """Show the line with the form that was not right; who may not even try is refused."""
    page = detail_page(access, line, **forms)
    form = next(iter(forms.values()))
    if any(error.code == "not_allowed" for error in form.non_field_errors().as_data()):
        raise Http404
    return render(request, "contributions/contribution.html", page, status=UNPROCESSABLE)
