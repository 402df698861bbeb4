"""The register of recognised social enterprises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import RecognitionKind
from telmee.web.form_pages import form_page
from telmee.web.forms import succeeds
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.organisations.forms import EndForm, RecognitionForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.organisations.models import Recognition


def _kind_words(kind: str) -> str:
    return str(RecognitionKind(kind).label)


def _validity(recognitions: QuerySet[Recognition], choice: str) -> QuerySet[Recognition]:
    narrow = queries.valid_on if choice == "valid" else queries.not_valid_on
    return narrow(recognitions, timezone.localdate())


_REGISTER = ListPage(
    name=_("Recognised enterprises"),
    columns=(
        Column("organisation__name", _("Enterprise"), order="organisation__search_name"),
        Column(
            "organisation__municipality__name",
            _("Municipality"),
            order="organisation__municipality__name",
        ),
        Column("kind", _("Recognition"), order="kind", words=_kind_words),
        Column("level", _("Level"), order="level"),
        Column("valid_from", _("First day"), kind="date", order="valid_from"),
        Column("valid_until", _("Last day"), kind="date", order="valid_until"),
        Column("checked_by__name", _("Checked by"), order="checked_by__search_name"),
    ),
    default="organisation__name",
    filters=(
        Filter("kind", _("Recognition"), lambda: RecognitionKind.choices, "kind"),
        Filter(
            "validity",
            _("Validity"),
            lambda: (("valid", _("Valid today")), ("not", _("Not valid today"))),
            _validity,
        ),
    ),
    search=queries.enterprises_named,
    search_label=_("Name"),
)


@login_required
@require_safe
def enterprises(request: TelmeeRequest) -> HttpResponse:
    """List every recognition with its validity, for everybody who signed in."""
    listing = _REGISTER.read(request, queries.enterprises())
    context = {"listing": listing, "may_record": bool(_recognising(request.acting))}
    return listing.file() or render(request, "organisations/enterprises.html", context)


@login_required
def record(request: TelmeeRequest) -> HttpResponse:
    """Write down a certificate that a client has looked at."""
    acting = request.acting
    clients = _recognising(acting)
    if not clients:
        raise Http404
    form = RecognitionForm(request.POST or None, clients=clients)
    if succeeds(form, lambda: _record(acting, dict(form.cleaned_data))):
        messages.success(request, gettext("The recognition was recorded."))
        return redirect("enterprises")
    return form_page(
        request,
        form,
        title=gettext("Record a recognition"),
        button=gettext("Record"),
        back=("enterprises",),
    )


@transaction.atomic
def _record(acting: Acting, facts: dict[str, Any]) -> None:
    enterprise = actions.find_or_add_contractor(
        acting, kvk=facts.pop("kvk"), name=facts.pop("name")
    )
    actions.record_recognition(acting, organisation_id=enterprise.pk, **facts)


def _recognising(acting: Acting) -> list[tuple[int, str]]:
    """The clients for which this visitor may record something, as choices."""
    return [(client.id, client.name) for client in acting.clients]


@login_required
def end(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Say on which day a recognition ended."""
    recognition = access.recognition_for(request.acting, pk)
    form = EndForm(request.POST or None)
    if succeeds(
        form,
        lambda: actions.end_recognition(
            request.acting, recognition_id=pk, last_day=form.cleaned_data["valid_until"]
        ),
    ):
        messages.success(request, gettext("The last day was recorded."))
        return redirect("enterprises")
    return form_page(
        request,
        form,
        title=gettext("End the recognition"),
        button=gettext("Save"),
        lead=f"{recognition.organisation}: {_kind_words(recognition.kind)}",
        back=("enterprises",),
    )
