"""The people whose effort a contractor reports, by their codes: replace a code, or erase it."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.audit.queries import events_on
from telmee.apps.contributions.erasing import erase_code, exchange_code
from telmee.apps.contributions.queries import lines_of_people
from telmee.apps.organisations.journal import journal_of
from telmee.apps.people.access import person_for, person_to_erase
from telmee.core.tables.contribution_columns import PERSON
from telmee.web.form_pages import form_page
from telmee.web.forms import succeeds
from telmee.web.language import Words
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.value_forms import PersonField

DEEDS: Mapping[str, Words] = {
    "person.exchanged": gettext_lazy("Replaced the code"),
    "person.erased": gettext_lazy("Erased the code"),
}
_ERASED = gettext_lazy("erased")
_PEOPLE = ListPage(
    name=gettext_lazy("Persons"),
    columns=(
        Column(
            "code",
            gettext_lazy("Code of the person"),
            order="code",
            words=lambda code: code or _ERASED,
            url=lambda row: reverse("person", args=[row["pk"]]),
        ),
        Column(
            "organisation__name", gettext_lazy("Organisation"), order="organisation__search_name"
        ),
        Column("effort", gettext_lazy("Lines of effort"), kind="count", order="effort"),
        Column("begin", gettext_lazy("First day"), kind="date", order="begin"),
        Column("end", gettext_lazy("Last day"), kind="date", order="end"),
    ),
    default="code",
    search=("code__icontains",),
)
_FIELDS = ("pk", "code", "organisation__name", "effort", "begin", "end")


class CodeForm(forms.Form):
    """Another code for somebody."""

    code = PersonField(
        label=gettext_lazy("New code"),
        help_text=gettext_lazy("A code that you choose. No name, no BSN."),
    )


@login_required
@require_safe
def people(request: TelmeeRequest) -> HttpResponse:
    """List the people of the organisations that one works for."""
    listing = _PEOPLE.read(request, lines_of_people(request.acting).values(*_FIELDS))
    return listing.file() or render(request, "people/list.html", {"listing": listing})


@login_required
@require_safe
def person(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show one person: his code, how much effort leans on it, and what was done with it."""
    somebody = person_for(request.acting, pk)
    effort = lines_of_people(request.acting).values(*_FIELDS).get(pk=pk)
    context: dict[str, object] = {
        "person": somebody,
        "effort": effort,
        "may_erase": somebody.code is not None and request.acting.manages(somebody.organisation_id),
        "journal": [
            {"entry": entry, "deed": DEEDS[entry.verb]}
            for entry in journal_of(request.acting, events_on("person", pk))
        ],
        "breadcrumbs": [
            {"label": _("Persons"), "url": reverse("people")},
            {"label": somebody.code or _("Erased code")},
        ],
    }
    return render(request, "people/person.html", context)


@login_required
def exchange(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The page on which a person gets another code."""
    somebody = person_for(request.acting, pk)
    form = CodeForm(request.POST or None)

    def deed() -> None:
        exchange_code(request.acting, somebody, form.cleaned_data["code"])

    if succeeds(form, deed, {PERSON: "code"}):
        messages.success(request, _("The code was replaced."))
        return redirect("person", pk)
    return form_page(
        request,
        form,
        title=_("Replace the code"),
        button=_("Replace"),
        back=("person", pk),
        lead=_(
            "All effort of this person moves to the new code, and the old one disappears from notes"
            " and messages about files. Amounts and limits stay."
        ),
    )


@login_required
def erase(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask for certainty, then erase the code of a person for good."""
    somebody = person_to_erase(request.acting, pk)
    if request.method == "POST":
        erase_code(request.acting, somebody)
        messages.success(request, _("The code was erased."))
        return redirect("person", pk)
    return render(request, "people/erase.html", {"person": somebody})
