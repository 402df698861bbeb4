"""Rows of a sheet that are pasted in a page, on one contract or on several."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from telmee.apps.contributions.access import upload_for
from telmee.apps.contributions.entering import drafts_by_contract, total_of
from telmee.apps.contributions.pasting import add_rows
from telmee.core.errors import DomainError
from telmee.web.addresses import number_in
from telmee.web.bodies import takes_file
from telmee.web.contributions.entering import contracts_offered
from telmee.web.contributions.uploads import outcome_of
from telmee.web.form_pages import render_form
from telmee.web.forms import add_problems, offer
from telmee.web.language import in_row
from telmee.web.middleware import HtmxRequest, TelmeeRequest

#: Files of one paste that a page shows; the rest stand with their contracts.
_ALSO, _ALSO_MAX = "ook", 50


class RowsForm(forms.Form):
    """Rows of a sheet, and the contract that they are on where they name none.

    The field has no limit of its own: a browser would cut rows off and say nothing.
    """

    opdracht = forms.ChoiceField(
        label=gettext_lazy("Contract"),
        required=False,
        help_text=gettext_lazy("Only where the rows have no column with the contract."),
    )
    rijen = forms.CharField(
        label=gettext_lazy("Rows"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off", "autofocus": True}
        ),
        help_text=gettext_lazy(
            "Copy the cells in Excel or LibreOffice, with the row of headings, and paste them here."
            " Telmee reads what the sheet shows: let amounts show their cents and dates their year."
        ),
        error_messages={"required": gettext_lazy("Paste the rows here.")},
    )


@takes_file
@login_required
def paste(request: TelmeeRequest) -> HttpResponse:
    """Paste rows, which the worker then reads as it does a file."""
    choices = contracts_offered(request.acting)
    alone = choices[0][0] if len(choices) == 1 else None
    chosen = number_in(request.GET.get("opdracht")) or alone
    form = RowsForm(request.POST or None, initial={"opdracht": chosen})
    offer(form, "opdracht", [("", _("As the rows say")), *choices])
    refused: list[dict[str, object]] = []
    if form.is_bound and form.is_valid():
        try:
            uploads = add_rows(
                request.acting,
                form.cleaned_data["rijen"],
                name=_("Pasted rows") + ".csv",
                chosen=number_in(form.cleaned_data["opdracht"]),
            )
        except DomainError as error:
            refused = _refused(form, error)
        else:
            first, *others = [one.pk for one in uploads]
            url = reverse("contribution-pasted", args=[first])
            return redirect(f"{url}?{urlencode({_ALSO: others}, doseq=True)}")
    context = {
        "title": _("Rows from a sheet"),
        "refused": refused,
        "nothing": not choices,
        "breadcrumbs": _crumbs(_("Rows from a sheet")),
    }
    return render_form(request, "contributions/paste.html", form, context)


def _refused(form: RowsForm, error: DomainError) -> list[dict[str, object]]:
    """What is wrong with the rows, each with its place; a BSN in them is not shown again."""
    about_choice = [problem for problem in error.problems if problem.column in form.fields]
    if about_choice:
        add_problems(form, DomainError(about_choice))
    else:
        form.add_error("rijen", _("These rows could not be read. Nothing was added."))
    if any(problem.code.startswith("bsn_") for problem in error.problems):
        form.data = QueryDict(urlencode({"opdracht": form.cleaned_data["opdracht"]}))
    return [in_row(problem) for problem in error.problems if problem not in about_choice]


@login_required
@require_safe
def pasted(request: HtmxRequest, upload_id: int) -> HttpResponse:
    """Show how far pasted rows are, and then what got in on each contract and what did not."""
    also = [number_in(one) or 0 for one in request.GET.getlist(_ALSO)[:_ALSO_MAX]]
    files = [upload_for(request.acting, pk) for pk in (upload_id, *also)]
    outcomes = [outcome_of(request.acting, one) for one in files]
    done = sum(one["finished"] for one in outcomes)
    title = _("Pasted rows")
    context: dict[str, Any] = {
        "title": title,
        "files": outcomes,
        "finished": done == len(outcomes),
        "done": done,
        "total": len(outcomes),
        "url": request.get_full_path(),
        "label": _("The rows are being read. You may leave this page."),
        "key": uuid4(),
        "breadcrumbs": _crumbs(title),
    }
    if request.htmx.target == "progress":
        if context["finished"]:
            return HttpResponseClientRefresh()
        return render(request, "components/progress.html", context)
    context["count"], context["cents"] = total_of(drafts_by_contract(request.acting))
    return render(request, "contributions/pasted.html", context)


def _crumbs(title: str) -> list[dict[str, str]]:
    return [
        {"label": _("Enter lines of effort"), "url": reverse("contribution-enter")},
        {"label": title},
    ]
