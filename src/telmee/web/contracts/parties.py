"""Who may see a contract: its parties, what each sees, and bringing in or taking off another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.contracts import actions, sharing
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.queries import people_of_parties
from telmee.apps.contributions.documents import documents_on
from telmee.apps.organisations.access import contracts_to_invite_on
from telmee.apps.organisations.actions import find_or_add_contractor
from telmee.apps.organisations.journal import doers
from telmee.web.contracts.contract_words import ROLES, SIGHT_OF_NEXT, SIGHTS
from telmee.web.contracts.forms import PartyForm, ReasonForm, addable_roles
from telmee.web.contracts.frame import around, form_page
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Party

_FIELDS = {"organisatie": "kvk", "toelichting": "reason"}


@login_required
@require_safe
def people(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show which organisations see a contract, what each sees, and with how many people."""
    access = contract_for(request.acting, pk)
    context = around(access, "contract-people") | {
        "parties": list(_parties(access)),
        "may_add": access.is_open and bool(addable_roles(access)),
        "sightings": _sightings(access),
    }
    return render(request, "contracts/people.html", context)


def _parties(access: ContractAccess) -> Iterator[dict[str, object]]:
    shares = sharing.sees_whole(access) and sharing.is_shared(access)
    counts = people_of_parties(access.contract.pk)
    for party in access.parties:
        yield {
            "pk": party.pk,
            "organisation": party.organisation_id,
            "name": party.organisation.name,
            "kvk": party.organisation.kvk,
            "role": ROLES[party.role],
            "since": party.since,
            "sees": SIGHT_OF_NEXT if _took_over(party) else SIGHTS[party.role],
            "shares": shares and party.role in sharing.TAKING_OVER,
            "people": counts.get(party.organisation_id, 0),
            "may_remove": access.is_open and access.removing_for(party) is not None,
            "may_invite": not counts.get(party.organisation_id)
            and access.contract.pk in contracts_to_invite_on(party.organisation_id),
        }


def _took_over(party: Party) -> bool:
    return party.role == PartyRole.CONTRACTOR and party.since is not None


def _sightings(access: ContractAccess) -> list[dict[str, object]]:
    """Who looked at which proof: the only looking that is written down."""
    sightings = [entry for entry in documents_on(access) if not entry.file_name]
    names = doers(access.acting, ((entry.user_id, entry.organisation_id) for entry in sightings))
    return [
        {
            "who": names[entry.user_id, entry.organisation_id],
            "day": entry.at,
            "what": entry.kind,
            "line": entry.line_id,
            "reference": entry.reference,
        }
        for entry in sightings
    ]


@login_required
def add(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Bring in an organisation."""
    access = contract_for(request.acting, pk)
    if not addable_roles(access):
        raise Http404
    form = PartyForm(access, request.POST or None)

    @transaction.atomic
    def deed() -> None:
        typed = form.cleaned_data
        contractor = find_or_add_contractor(request.acting, kvk=typed["kvk"], name=typed["name"])
        actions.add_party(access, organisation_id=contractor.pk, role=PartyRole(typed["role"]))

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The organisation is now a party to this contract."))
        return redirect("contract-people", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Add a party"),
        button=_("Add"),
        section="contract-people",
        offers="contractors",
        facts=[(ROLES[role], SIGHTS[role]) for role in addable_roles(access)],
    )


@login_required
def remove(request: TelmeeRequest, pk: int, party_pk: int) -> HttpResponse:
    """Ask why, then take an organisation off."""
    access = contract_for(request.acting, pk)
    party = next((one for one in access.parties if one.pk == party_pk), None)
    if party is None or access.removing_for(party) is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if succeeds(
        form,
        lambda: actions.remove_party(access, party_id=party_pk, reason=form.cleaned_data["reason"]),
        _FIELDS,
    ):
        messages.success(request, _("The organisation is no longer a party to this contract."))
        own = party.organisation_id in request.acting.roles
        return redirect("contracts") if own else redirect("contract-people", pk)
    lead = _("%(name)s will no longer see this contract. What it handed in stays.")
    return form_page(
        request,
        access,
        form,
        title=_("Remove a party"),
        button=_("Remove"),
        section="contract-people",
        lead=lead % {"name": party.organisation.name},
        dangerous=True,
    )
