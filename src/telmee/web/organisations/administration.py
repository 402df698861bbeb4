"""What an operator does: add organisations, invite their first manager, and keep their numbers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.claims import waiting_claims
from telmee.web.form_pages import form_page
from telmee.web.forms import succeeds
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.organisations.forms import AdditionForm, RegistrationForm

_YES_NO = (("True", _("Yes")), ("False", _("No")))


def _yes_no(value: bool) -> Words:  # noqa: FBT001 - the value of a cell
    return dict(_YES_NO)[str(value)]


_ORGANISATIONS = ListPage(
    name=_("Organisations"),
    columns=(
        Column(
            "name",
            _("Name"),
            order="search_name",
            url=lambda row: reverse("organisation", args=[row.pk]),
        ),
        Column("kvk", _("KvK number"), order="kvk"),
        Column("oin", _("OIN"), order="oin"),
        Column("municipality__name", _("Municipality"), order="municipality__name"),
        Column("is_client", _("Awards contracts"), words=_yes_no),
        Column("has_people", _("Has people"), words=_yes_no),
    ),
    default="name",
    filters=(
        Filter("client", _("Awards contracts"), lambda: _YES_NO, "is_client"),
        Filter("people", _("Has people"), lambda: _YES_NO, "has_people"),
    ),
    search=queries.organisations_named,
    search_label=_("Name or number"),
)


@login_required
@require_safe
def organisations(request: TelmeeRequest) -> HttpResponse:
    """List all organisations."""
    access.require_operator(request.acting)
    listing = _ORGANISATIONS.read(request, queries.every_organisation())
    context = {
        "listing": listing,
        "claims": len(waiting_claims(request.acting)),
        "proposals": queries.proposals(request.acting),
    }
    return listing.file() or render(request, "organisations/administration.html", context)


@login_required
def add(request: TelmeeRequest) -> HttpResponse:
    """Add an organisation, and invite its first manager."""
    access.require_operator(request.acting)
    form = AdditionForm(request.POST or None)
    if succeeds(form, lambda: _add(request.acting, dict(form.cleaned_data))):
        messages.success(request, gettext("The organisation was added."))
        return redirect("all-organisations")
    return form_page(
        request,
        form,
        title=gettext("Add an organisation"),
        button=gettext("Add"),
        back=("all-organisations",),
    )


@transaction.atomic
def _add(acting: Acting, facts: dict[str, Any]) -> None:
    email = facts.pop("email")
    added = actions.add_organisation(acting, **facts)
    if email:
        actions.invite(acting, organisation_id=added.pk, email=email, role=Role.MANAGER)


@login_required
def registration(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Change the numbers by which an organisation is known."""
    access.require_operator(request.acting)
    organisation = access.organisation_for(request.acting, pk)
    facts = {name: getattr(organisation, name) for name in ("kvk", "oin", "rsin", "is_client")}
    form = RegistrationForm(request.POST or None, initial=facts)
    if succeeds(
        form,
        lambda: actions.change_registration(
            request.acting, organisation_id=pk, **form.cleaned_data
        ),
    ):
        messages.success(request, gettext("The numbers were changed."))
        return redirect("organisation", pk)
    return form_page(
        request,
        form,
        title=gettext("Change numbers"),
        button=gettext("Save"),
        lead=organisation.name,
        back=("organisation", pk),
    )
