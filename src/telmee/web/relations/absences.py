"""Being away, with somebody who stands in; and how soon and how often a client is in touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telmee.apps.contracts.choices import TurnoverPeriods
from telmee.apps.organisations.access import managed_organisation
from telmee.apps.relations.absences import absences_of, end_absence, set_absence
from telmee.apps.relations.access import absence_for
from telmee.apps.relations.contact_terms import (
    choose_contact_terms,
    contact_terms_of,
    report_period_of,
)
from telmee.web.form_pages import form_page, render_form
from telmee.web.forms import CountField, DateField, choices_with_blank, offer, succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.relations.team_tasks import workers
from telmee.web.schemes.block_words import UNKNOWN_CHOICE

if TYPE_CHECKING:
    from telmee.apps.organisations.acting import Acting


class AbsenceForm(forms.Form):
    """Who is away from when until when, and who stands in."""

    user = forms.TypedChoiceField(
        label=gettext_lazy("Who is away"),
        coerce=int,
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )
    first = DateField(label=gettext_lazy("First day"))
    last = DateField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("It ends by itself after this day.")
    )
    replacement = forms.TypedChoiceField(
        label=gettext_lazy("Who stands in"),
        coerce=int,
        help_text=gettext_lazy("This colleague sees the work of who is away under “Today”."),
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
    )

    def __init__(self, acting: Acting, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"user": acting.user_id, "first": timezone.localdate()})
        self.organisation_id = acting.clients[0].id
        people = workers(acting, self.organisation_id)
        own = [pair for pair in people if pair[0] == str(acting.user_id)]
        offer(self, "user", people if acting.manages(self.organisation_id) else own)
        others = people if len(own) < len(people) else []
        offer(self, "replacement", choices_with_blank(others, _("Choose a colleague")))


class TermsForm(forms.Form):
    """How soon after the award, and how often, a client is in touch with its contractor."""

    first_weeks = CountField(
        label=gettext_lazy("First contact within so many weeks of the award"),
        required=False,
        help_text=gettext_lazy("Empty: no first contact is asked."),
    )
    every_weeks = CountField(
        label=gettext_lazy("Then contact every so many weeks"),
        required=False,
        help_text=gettext_lazy("Empty: no periodic contact is asked."),
    )
    report_period = forms.ChoiceField(
        label=gettext_lazy("The contractor reports on each"),
        required=False,
        choices=(("", gettext_lazy("No report is asked")), *TurnoverPeriods.choices),
        error_messages={"invalid_choice": UNKNOWN_CHOICE},
        help_text=gettext_lazy(
            "Within two weeks of its end: by lines of effort, or by one click that there is"
            " nothing. Asked of periods that end from today on."
        ),
    )


@login_required
def absences(request: TelmeeRequest) -> HttpResponse:
    """Show who is away now and later, and say that somebody will be."""
    acting = request.acting
    if not acting.clients:
        raise Http404
    today = timezone.localdate()
    form = AbsenceForm(acting, request.POST or None)

    def deed() -> None:
        typed = dict(form.cleaned_data)
        set_absence(
            acting,
            organisation_id=form.organisation_id,
            user_id=typed["user"],
            replacement_id=typed["replacement"],
            first=typed["first"],
            last=typed["last"],
            today=today,
        )

    if succeeds(form, deed):
        messages.success(request, _("The absence is written down. Who stands in is told."))
        return redirect("absences")
    context = {
        "rows": [
            {
                "absence": row,
                "may_end": row.user_id == acting.user_id or acting.manages(row.organisation_id),
            }
            for row in absences_of(acting, today=today)
        ],
        "breadcrumbs": [{"label": _("Absence")}],
    }
    return render_form(request, "relations/absences.html", form, context)


@login_required
@require_POST
def end(request: TelmeeRequest, pk: int) -> HttpResponse:
    """End an absence before its last day."""
    end_absence(request.acting, absence_for(request.acting, pk), today=timezone.localdate())
    messages.success(request, _("The absence is ended."))
    return redirect("absences")


@login_required
def terms(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Choose how soon and how often a client is in touch with its contractors."""
    client = managed_organisation(request.acting, pk)
    if not client.is_client or not request.acting.manages(pk):
        raise Http404
    now = contact_terms_of(pk)
    initial = {
        "first_weeks": now.first_weeks,
        "every_weeks": now.every_weeks,
        "report_period": report_period_of(pk),
    }
    form = TermsForm(request.POST or None, initial=initial)

    def deed() -> None:
        choose_contact_terms(
            request.acting, organisation_id=pk, today=timezone.localdate(), **form.cleaned_data
        )

    if succeeds(form, deed):
        messages.success(request, _("The terms for contact are kept."))
        return redirect("organisation", pk)
    return form_page(
        request,
        form,
        title=_("Terms for contact"),
        button=_("Save"),
        back=("organisation", pk),
        lead=_("A contract that misses a term stands under “Today”. A note is no contact."),
    )
