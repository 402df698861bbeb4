"""Pages about an organisation and its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.audit.queries import events_on
from telmee.apps.contracts.queries import contracts_to_invite_on
from telmee.apps.notices.suspects import seen_suspects
from telmee.apps.organisations import access, actions, queries
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.choices import ANSWER_DAYS, OBJECTION_DAYS, USUAL_DISPUTE_DAYS
from telmee.apps.organisations.journal import journal_of
from telmee.core.errors import DomainError
from telmee.web.addresses import number_in
from telmee.web.form_pages import form_page, tell
from telmee.web.forms import succeeds
from telmee.web.language import Words
from telmee.web.middleware import TelmeeRequest
from telmee.web.organisations.forms import (
    ROLES,
    ClientForm,
    InvitationForm,
    OwnForm,
    RoleForm,
)
from telmee.web.templatetags.telmee import day

if TYPE_CHECKING:
    from telmee.apps.organisations.models import Invitation, Organisation

_JOURNAL_MAX = 50

#: What a journal tells, by the verb of the event.
DEEDS: Mapping[str, Words] = {
    "organisation.added": _("Added the organisation"),
    "organisation.changed": _("Changed the facts of the organisation"),
    "organisation.term_chosen": _("Chose how long a dispute may last"),
    "organisation.answer_term_chosen": _("Chose how many days the other side has to answer"),
    "organisation.objection_term_chosen": _("Chose how many days an objection may take"),
    "organisation.letter_template_chosen": _("Chose a template for letters"),
    "organisation.letter_template_removed": _("Removed a template for letters"),
    "organisation.house_style_chosen": _("Chose the house style of letters"),
    "organisation.contact_terms_chosen": _("Chose how often to be in touch with contractors"),
    "organisation.absence_set": _("Wrote down an absence"),
    "organisation.absence_ended": _("Ended an absence"),
    "organisation.handed_over": _("Handed contracts over to a colleague"),
    "organisation.carrying_allowed": _("Chose that surplus may go to another contract"),
    "organisation.carrying_ended": _("Chose that surplus stays on its contract"),
    "organisation.ahead_allowed": _("Chose to accept effort that is still to come at once"),
    "organisation.ahead_ended": _("Chose to accept effort only up to and including today"),
    "organisation.trust_set": _("Set the rule of trust"),
    "organisation.trust_off": _("Switched the rule of trust off"),
    "organisation.trust_given_back": _("Gave trust back before its day"),
    "organisation.purchases_added": _("Handed over a list of purchases"),
    "organisation.purchases_withdrawn": _("Withdrew a list of purchases"),
    "organisation.ladder_set": _("Set the enforcement ladder"),
    "organisation.ladder_off": _("Switched the enforcement ladder off"),
    "organisation.leniency_granted": _("Granted leniency on all contracts"),
    "organisation.leniency_ended": _("Ended leniency before its last day"),
    "organisation.account_opened": _("Let everybody read a report"),
    "organisation.account_closed": _("Let nobody else read a report any more"),
    "organisation.invited": _("Invited somebody"),
    "organisation.invitation_withdrawn": _("Withdrew an invitation"),
    "organisation.manager_proposed": _("Proposed a manager"),
    "organisation.manager_approved": _("Approved a proposed manager"),
    "organisation.joined": _("Accepted an invitation"),
    "organisation.claim_confirmed": _("Confirmed who speaks for a contractor"),
    "organisation.role_changed": _("Changed somebody's role"),
    "organisation.contracts_given": _("Chose which contracts somebody sees"),
    "organisation.member_removed": _("Removed somebody"),
    "organisation.recognised": _("Recorded a recognition"),
    "organisation.recognition_ended": _("Ended a recognition"),
}


@login_required
@require_safe
def organisations(request: TelmeeRequest) -> HttpResponse:
    """Show for whom one works; who works for one organisation goes straight to it."""
    acting = request.acting
    if len(acting.organisations) == 1:
        return redirect("organisation", acting.organisations[0])
    roles = dict(ROLES)
    mine = [{"organisation": own, "role": roles[acting.roles[own.id]]} for own in acting.own]
    return render(request, "organisations/mine.html", {"mine": mine})


@login_required
@require_safe
def organisation(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show an organisation: facts, people, invitations, recognitions and journal."""
    acting = request.acting
    shown = access.organisation_for(acting, pk)
    today = timezone.localdate()
    people = list(queries.members_of(acting, pk))
    manages = acting.manages(pk)
    context = {
        "organisation": shown,
        "facts": _facts(shown),
        "actions": list(_page_actions(acting, pk)),
        "manages": manages,
        "is_member": pk in acting.roles,
        "people": people,
        "refused": seen_suspects(person.user.email for person in people) if manages else {},
        "invitations": [
            _invitation(acting, entry) for entry in queries.open_invitations(acting, pk)
        ],
        "recognitions": [
            {
                "recognition": entry,
                "is_valid": entry.is_valid_on(today),
                "may_end": entry.checked_by_id in acting.working,
            }
            for entry in queries.recognitions_of(pk)
        ],
        "journal": [
            {"entry": entry, "deed": DEEDS[entry.verb]}
            for entry in journal_of(acting, events_on("organisation", pk)[:_JOURNAL_MAX])
        ],
        "breadcrumbs": [
            {"label": gettext("Organisations"), "url": _list_url(acting)},
            {"label": shown.name},
        ],
    }
    return render(request, "organisations/organisation.html", context)


def _invitation(acting: Acting, entry: Invitation) -> dict[str, object]:
    waits = entry.needs_approval and entry.approved_by_id is None
    return {
        "invitation": entry,
        "waits": waits,
        "may_approve": waits and access.may_approve(acting, entry),
        "may_withdraw": access.may_withdraw(acting, entry),
    }


#: How a client reckons where its scheme leaves that to it.
_RULES = ("accepts_ahead", "carries_surplus", "answer_days", "objection_days")


def _list_url(acting: Acting) -> str:
    return reverse("all-organisations" if acting.is_operator else "organisations")


def _facts(organisation: Organisation) -> list[dict[str, object]]:
    carries = gettext("yes") if organisation.carries_surplus else gettext("no")
    ahead = gettext("accepted up to and including today; the rest when it is over")
    if organisation.accepts_ahead:
        ahead = gettext("accepted at once, for its whole value")
    return [
        *(
            {
                "label": gettext("Former name"),
                "value": gettext("%(name)s, until %(day)s")
                % {"name": former.name, "day": day(former.until)},
            }
            for former in queries.former_names(organisation.pk)
        ),
        {"label": gettext("KvK number"), "value": organisation.kvk},
        {"label": gettext("OIN"), "value": organisation.oin},
        {"label": gettext("RSIN"), "value": organisation.rsin},
        {"label": gettext("Municipality"), "value": organisation.municipality},
        {
            "label": gettext("Awards contracts"),
            "value": gettext("yes") if organisation.is_client else gettext("no"),
        },
        *(_of_client(organisation, ahead, carries) if organisation.is_client else ()),
    ]


def _of_client(organisation: Organisation, ahead: str, carries: str) -> Iterator[dict[str, object]]:
    """How a client decides, as its managers chose."""
    yield {"label": gettext("Effort that is still to come"), "value": ahead}
    yield {"label": gettext("Surplus may go to another contract"), "value": carries}
    answer = organisation.answer_days or ANSWER_DAYS
    yield {"label": gettext("Days to answer a proposal"), "value": answer}
    days = organisation.dispute_days or USUAL_DISPUTE_DAYS
    yield {"label": gettext("Days after a dispute"), "value": days}
    own = organisation.objection_days or OBJECTION_DAYS
    yield {"label": gettext("Days to decide on an objection"), "value": own}


def _page_actions(acting: Acting, pk: int) -> Iterator[dict[str, object]]:
    """The buttons of the page, as far as this visitor may press them."""
    invite = reverse("organisation-invite", args=[pk])
    if acting.manages(pk) or (acting.is_operator and not access.has_people(pk)):
        yield {"label": gettext("Invite somebody"), "url": invite, "primary": True}
    elif acting.is_operator:
        yield {"label": gettext("Propose a manager"), "url": invite}
    if acting.manages(pk) or acting.is_operator:
        yield {"label": gettext("Change"), "url": reverse("organisation-change", args=[pk])}
    if any(own.id == pk for own in acting.clients) and acting.manages(pk):
        yield {
            "label": gettext("Terms for contact"),
            "url": reverse("contact-terms", args=[pk]),
        }
        yield {
            "label": gettext("House style of letters"),
            "url": reverse("house-style", args=[pk]),
        }
        yield {
            "label": gettext("Templates of letters and reports"),
            "url": reverse("letter-templates", args=[pk]),
        }
    if acting.is_operator:
        yield {
            "label": gettext("Change numbers"),
            "url": reverse("organisation-registration", args=[pk]),
        }


@login_required
def change(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Change what an organisation says about itself."""
    organisation = access.managed_organisation(request.acting, pk)
    initial = {
        "name": organisation.name,
        "municipality": organisation.municipality_id or "",
        "letter_language": organisation.letter_language,
        "accepts_ahead": organisation.accepts_ahead,
        "dispute_days": organisation.dispute_days,
        "carries_surplus": organisation.carries_surplus,
        "answer_days": organisation.answer_days,
        "objection_days": organisation.objection_days,
    }
    chooses = organisation.is_client and request.acting.manages(pk)
    form = (ClientForm if chooses else OwnForm)(request.POST or None, initial=initial)

    def deed() -> None:
        typed = dict(form.cleaned_data)
        days = typed.pop("dispute_days", None)
        rules = {name: typed.pop(name) for name in _RULES if name in typed}
        actions.change_organisation(request.acting, organisation_id=pk, **typed)
        if rules:
            actions.choose_rules(request.acting, organisation_id=pk, **rules)
            actions.choose_dispute_days(request.acting, organisation_id=pk, days=days)

    if succeeds(form, deed):
        messages.success(request, gettext("The facts were changed."))
        return redirect("organisation", pk)
    return form_page(
        request,
        form,
        title=gettext("Change the organisation"),
        button=gettext("Save"),
        back=("organisation", pk),
    )


@login_required
def invite(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Invite somebody by mail; a client chooses which of its contracts that opens."""
    acting = request.acting
    organisation = access.inviting_organisation(acting, pk)
    if not acting.manages(pk) and access.has_people(pk):
        return _propose(request, organisation)
    contracts = {one.pk: str(one) for one in contracts_to_invite_on(acting, pk)}
    form = InvitationForm(
        request.POST or None,
        first=not acting.manages(pk),
        is_client=organisation.is_client,
        contracts=contracts,
        initial={"contract_id": _chosen(request, contracts)},
    )
    if succeeds(form, lambda: actions.invite(acting, organisation_id=pk, **form.cleaned_data)):
        sent = gettext("The invitation is on its way to {email}. It works for two weeks.")
        messages.success(request, sent.format(email=form.cleaned_data["email"]))
        return redirect(*_around_invitation(pk, form.cleaned_data.get("contract_id")))
    return form_page(
        request,
        form,
        title=gettext("Invite somebody"),
        button=gettext("Send the invitation"),
        lead=organisation.name,
        back=_around_invitation(pk, form.initial["contract_id"]),
    )


def _propose(request: TelmeeRequest, organisation: Organisation) -> HttpResponse:
    """Let an operator propose a manager where there are people."""
    form = InvitationForm(request.POST or None, first=True, is_client=False, contracts={})
    if succeeds(
        form,
        lambda: actions.invite(
            request.acting, organisation_id=organisation.pk, **form.cleaned_data
        ),
    ):
        messages.success(request, gettext("The proposal waits for somebody else to approve it."))
        return redirect("organisation", organisation.pk)
    lead = gettext(
        "{name} has people already. Its managers are told by mail, or everybody where there is"
        " none. Who you propose gets an invitation when a second operator, or a manager there,"
        " approves."
    )
    return form_page(
        request,
        form,
        title=gettext("Propose a manager"),
        button=gettext("Propose"),
        lead=lead.format(name=organisation.name),
        back=("organisation", organisation.pk),
    )


def _chosen(request: TelmeeRequest, contracts: Mapping[int, str]) -> int | None:
    """The contract from whose page somebody came, or else the latest."""
    wanted = number_in(request.GET.get("contract"))
    return wanted if wanted in contracts else next(iter(contracts), None)


def _around_invitation(organisation_id: int, contract_id: int | None) -> tuple[str, int]:
    """Name the page where an invitation belongs: that of its contract, if it is for one."""
    if contract_id is not None:
        return "contract-people", contract_id
    return "organisation", organisation_id


@login_required
@require_POST
def withdraw(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = access.invitation_for(request.acting, pk)
    actions.withdraw_invitation(request.acting, invitation_id=pk)
    messages.success(request, gettext("The invitation was withdrawn."))
    return redirect("organisation", invitation.organisation_id)


@login_required
@require_POST
def approve(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Approve a manager whom an operator proposed."""
    proposal = access.proposal_for(request.acting, pk)
    actions.approve_manager(request.acting, invitation_id=pk)
    sent = gettext("The invitation is on its way to {email}. It works for two weeks.")
    messages.success(request, sent.format(email=proposal.email))
    return redirect("organisation", proposal.organisation_id)


@login_required
def change_role(request: TelmeeRequest, pk: int) -> HttpResponse:
    """The page on which somebody gets another role in an organisation."""
    membership = access.membership_for(request.acting, pk)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    if succeeds(
        form,
        lambda: actions.change_role(request.acting, membership_id=pk, **form.cleaned_data),
    ):
        messages.success(request, gettext("The role was changed."))
        return redirect("organisation", membership.organisation_id)
    return form_page(
        request,
        form,
        title=gettext("Change the role"),
        button=gettext("Save"),
        lead=str(membership.user),
        back=("organisation", membership.organisation_id),
    )


@login_required
def remove_member(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask for certainty, then end somebody's membership."""
    membership = access.membership_for(request.acting, pk)
    if request.method != "POST":
        return render(request, "organisations/remove_member.html", {"membership": membership})
    try:
        actions.remove_member(request.acting, membership_id=pk)
    except DomainError as error:
        tell(request, error)
    else:
        gone = gettext("{name} no longer works for this organisation.")
        messages.success(request, gone.format(name=membership.user))
    if membership.user_id == request.acting.user_id:
        return redirect("organisations")
    return redirect("organisation", membership.organisation_id)
