"""A file of contributions on a contract: handing it over, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from telmee.apps.contracts.access import contract_for, contract_to_deliver
from telmee.apps.contributions.access import upload_for
from telmee.apps.contributions.choices import UploadStatus
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.jobs import uploads_set_aside
from telmee.apps.contributions.kept_problems import ListedProblem, from_document
from telmee.apps.contributions.queries import drafts_of, uploads_on
from telmee.apps.contributions.uploads import add_upload
from telmee.apps.organisations.acting import Acting
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError, Problem
from telmee.web.bodies import takes_file
from telmee.web.contributions.double_words import several_in_words
from telmee.web.contributions.forms import FileForm
from telmee.web.contributions.line_parts import contract_url, crumbs
from telmee.web.contributions.line_words import UPLOAD_KINDS
from telmee.web.form_pages import render_form
from telmee.web.forms import add_problems
from telmee.web.language import in_row
from telmee.web.middleware import HtmxRequest, TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Upload


@takes_file
@login_required
def new(request: TelmeeRequest, contract_id: int) -> HttpResponse:
    """Hand over a file."""
    access = contract_to_deliver(request.acting, contract_id)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["bestand"]
        try:
            row, is_new = add_upload(access, file, file.name)
        except DomainError as error:
            add_problems(form, error)
        else:
            if not is_new:
                messages.info(request, _("You added this file before. Nothing was added again."))
            return redirect("upload", row.pk)
    title = _("Lines of effort from a file")
    scheme = rules_of(access.contract.scheme)
    context = {
        "access": access,
        "title": title,
        "scheme": scheme,
        "template_url": f"{reverse('scheme-template', args=[scheme.id])}?versie={scheme.version}",
        "back": contract_url(access),
        "uploads": _rows(uploads_on(access)),
        "breadcrumbs": crumbs(access, title),
    }
    return render_form(request, "contributions/upload_new.html", form, context)


def _rows(uploads: Sequence[Upload]) -> list[dict[str, object]]:
    """Files that were handed over, each with how far it is and whether its job was given up."""
    given_up = uploads_set_aside(one.pk for one in uploads)
    return [{"upload": one, **_state(one, is_set_aside=one.pk in given_up)} for one in uploads]


def _state(upload: Upload, *, is_set_aside: bool) -> dict[str, object]:
    """Say how far a file is; the row of one that was given up still waits, to be tried again."""
    if upload.status == UploadStatus.WAITING and is_set_aside:
        return {"state": _("Given up"), "kind": "negative"}
    return {"state": upload.get_status_display(), "kind": UPLOAD_KINDS[upload.status]}


@login_required
@require_safe
def upload(request: HtmxRequest, upload_id: int) -> HttpResponse:
    """Show how far a file is, and then what got in and what did not."""
    row = upload_for(request.acting, upload_id)
    access = contract_for(request.acting, row.contract_id)
    outcome = outcome_of(request.acting, row)
    context = {
        "file": outcome,
        "finished": outcome["finished"],
        "url": request.path,
        "label": _("The file is being read. You may leave this page."),
        "back": contract_url(access),
        "again_url": reverse("upload-new", args=[access.contract.pk]),
        "breadcrumbs": crumbs(access, row.file_name),
    }
    if request.htmx.target == "progress":
        if outcome["finished"]:
            return HttpResponseClientRefresh()
        return render(request, "components/progress.html", context)
    return render(request, "contributions/upload.html", context)


def outcome_of(acting: Acting, row: Upload) -> dict[str, Any]:
    """What came of a file, for the pages that tell it."""
    access = contract_for(acting, row.contract_id)
    is_set_aside = bool(uploads_set_aside([row.pk]))
    listed = [from_document(kept) for kept in row.refused]
    if row.status == UploadStatus.WAITING:
        listed = [ListedProblem(Problem("upload_failed", "bestand"))]
    drafts = dict(drafts_of(access, row).order_by("pk").values_list("pk", "reference"))
    return {
        "access": access,
        "upload": row,
        **_state(row, is_set_aside=is_set_aside),
        "finished": row.status != UploadStatus.WAITING or is_set_aside,
        "summary": _summary(row),
        "drafts": len(drafts),
        "doubles": several_in_words(drafts, doubles_of(access.acting, drafts)),
        "drafts_url": f"{reverse('contribution-drafts', args=[access.contract.pk])}"
        f"?bestand={row.pk}",
        "refused": [in_row(one.problem, one.place) for one in listed if not one.notice],
        "notices": [one.problem for one in listed if one.notice],
    }


def _summary(file: Upload) -> list[dict[str, object]]:
    """Count what became of the lines."""
    return [
        {
            "label": _("Added as draft"),
            "text": ngettext("%(n)d line", "%(n)d lines", file.added) % {"n": file.added},
            "strong": True,
        },
        {
            "label": _("Known already"),
            "text": ngettext("%(n)d line", "%(n)d lines", file.known) % {"n": file.known},
            "note": _("the same line is on this contract; nothing was added twice"),
        },
    ]
