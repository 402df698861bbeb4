"""What a contract comes to in the end: proposed, answered, and frozen with its books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.agreements.choices import State
from telmee.apps.contracts.access import (
    ContractAccess,
    contract_seen_whole,
    contracts_to_decide,
)
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.pooling import place_of, pool_of
from telmee.apps.contributions.queries import drafts_of, references_of
from telmee.apps.ledger.queries import books_of, registered_cents
from telmee.apps.organisations.journal import doers
from telmee.apps.settlements import actions
from telmee.apps.settlements.queries import (
    Proposal,
    books_now,
    corrections_of,
    is_amended_since,
    lines_to_decide,
    parts_to_decide,
    proposals_of,
    settled_by,
)
from telmee.core.errors import DomainError
from telmee.core.ledger import EntryKind
from telmee.web.contracts.contract_words import AGREEMENT_STATES, kinds_on
from telmee.web.contracts.forms import ReasonForm
from telmee.web.contracts.frame import around, form_page
from telmee.web.contracts.settlement_sums import old_beside_new, settlement_sums
from telmee.web.contracts.turnover_words import turnover_left
from telmee.web.contracts.unseen import unseen
from telmee.web.contributions.line_words import STATES as LINE_STATES
from telmee.web.decisions.queue_list import line_url
from telmee.web.form_pages import key_in, tell
from telmee.web.forms import succeeds
from telmee.web.letters.links import letter_links
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.settlements.models import Statement


@login_required
@require_safe
def settlement(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what a contract comes to: as it was agreed, as it was proposed, or as it is today."""
    access = _settling(request, pk)
    context = around(access, "contract-settlement")
    proposals, corrections = proposals_of(pk), corrections_of(pk)
    agreed = settled_by(proposals)
    waiting = next((one for one in proposals if one.state is State.PROPOSED), None)
    shown = corrections[0] if corrections else (agreed or waiting)
    books = books_now(pk)
    statement = shown.statement if isinstance(shown, Proposal) else shown
    position = statement.position if statement else books.position
    as_of = statement.as_of if statement else None
    is_behind = waiting is not None and (
        waiting.statement.hash != books.hash or is_amended_since(waiting.statement)
    )
    settled = [agreed.version.pk] if agreed else []
    context |= {
        "agreed": agreed,
        "waiting": waiting,
        "disputed": _disputed(proposals),
        "is_silent": waiting is not None and waiting.is_silent(context["today"]),
        "is_behind": is_behind,
        "statement": statement,
        "books": books,
        "sums": settlement_sums(
            pk,
            position,
            registered_cents(pk, as_of=as_of),
            kinds=kinds_on(access.contract),
            until=day(timezone.localdate(as_of)) if as_of else "",
        ),
        "lines": [] if agreed else [*_lines(access), *_parts(access)],
        "unseen": [] if agreed else list(unseen(access)),
        "turnover_left": turnover_left(access, context["today"]) if access.is_open else 0,
        "initiative": _initiative(access) if access.is_open else "",
        "proposals": list(_history(access, proposals)),
        "corrections": list(_corrections(access, agreed, corrections)) if agreed else [],
        "letter": next(iter(letter_links(access, "settlement", settled).values()), None),
        "key": uuid4(),
        "drafts": drafts_of(access).count() if access.may_deliver else 0,
        "may_propose": access.may_decide,
        "may_answer": waiting is not None and _works_for(access, waiting.version.addressee_id),
        "may_withdraw": waiting is not None and access.may_decide,
        "may_correct": agreed is not None and access.deciding_for is not None,
    }
    return render(request, "contracts/settlement.html", context)


@login_required
@require_POST
def propose(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Propose to the other side what the contract comes to."""
    access = _settling(request, pk)
    if access.deciding_for is None:
        raise Http404
    key, today = key_in(request) or uuid4(), timezone.localdate()
    try:
        actions.propose_settlement(access, seen=request.POST.get("seen", ""), key=key, today=today)
    except DomainError as error:
        tell(request, error)
    else:
        messages.success(request, _("The settlement was proposed to the contractor."))
    return redirect("contract-settlement", pk)


@login_required
@require_POST
def answer(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Agree with a settlement, or withdraw one's own."""
    access, proposal = _to_answer(request, pk, version_pk)
    agrees = request.POST.get("answer") == "agree"
    is_addressee = access.works_for(proposal.version.addressee_id or 0)
    if not (is_addressee if agrees else access.deciding_for is not None):
        raise Http404
    try:
        if agrees:
            actions.answer_settlement(access, version_pk, agrees=True)
        else:
            actions.withdraw_settlement(access, version_pk)
    except DomainError as error:
        tell(request, error)
    else:
        done = _("You agreed. The contract is settled.") if agrees else _("It was withdrawn.")
        messages.success(request, done)
    return redirect("contract-settlement", pk)


@login_required
def dispute(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Say what is wrong with a settlement that the other side proposed."""
    access, proposal = _to_answer(request, pk, version_pk)
    is_addressee = access.works_for(proposal.version.addressee_id or 0)
    if not is_addressee or (request.method != "POST" and not access.is_open):
        raise Http404
    form = ReasonForm(request.POST or None)

    def deed() -> None:
        reason = form.cleaned_data["reason"]
        actions.answer_settlement(access, version_pk, agrees=False, reason=reason)

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The client reads what is wrong according to you."))
        return redirect("contract-settlement", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Dispute the settlement"),
        button=_("Dispute"),
        section="contract-settlement",
        back=reverse("contract-settlement", args=[pk]),
        lead=_("Say which figure is wrong and why. The client then makes another proposal."),
    )


def _settling(request: TelmeeRequest, pk: int) -> ContractAccess:
    """A contract that can be settled, for who sees its books. Raises `Http404`."""
    access = contract_seen_whole(request.acting, pk)
    if access.contract.form == Form.FRAMEWORK:
        raise Http404
    return access


def _to_answer(request: TelmeeRequest, pk: int, version_pk: int) -> tuple[ContractAccess, Proposal]:
    """A settlement that was proposed, by the id of its version. Raises `Http404`."""
    access = _settling(request, pk)
    proposal = next((one for one in proposals_of(pk) if one.version.pk == version_pk), None)
    if proposal is None:
        raise Http404
    return access, proposal


def _works_for(access: ContractAccess, organisation_id: int | None) -> bool:
    return access.is_open and access.works_for(organisation_id or 0)


def _disputed(proposals: list[Proposal]) -> Proposal | None:
    """What was proposed last, if the other side did not agree with it."""
    return next((one for one in proposals[:1] if one.state is State.DISPUTED), None)


def _lines(access: ContractAccess) -> Iterator[dict[str, str]]:
    for line in lines_to_decide(access.contract.pk):
        facts = (line.organisation.name, LINE_STATES[line.state][0], euros(line.value_cents))
        yield {
            "label": line.reference,
            "note": " · ".join(map(str, facts)),
            "url": line_url(line.pk, may_decide=access.may_decide),
        }


def _parts(access: ContractAccess) -> Iterator[dict[str, str]]:
    """What waits on other contracts for an initiative; a line that one does not see has no name."""
    parts = parts_to_decide(access.contract.pk)
    if not parts:
        return
    name = pool_of(parts[0].pool).name
    references = references_of(part.line_id for part in parts)
    deciding = contracts_to_decide(access.acting).filter(pk__in={part.home_id for part in parts})
    homes = set(deciding.values_list("pk", flat=True))
    for part in parts:
        facts = [part.organisation, str(LINE_STATES[part.state][0])]
        if part.cents:
            facts.append(_("%(amount)s comes to this contract") % {"amount": euros(part.cents)})
        is_seen = part.line_id in references
        yield {
            "label": references.get(part.line_id, _("A line")) + " · " + name,
            "note": " · ".join(facts),
            "url": line_url(part.line_id, may_decide=part.home_id in homes)
            if is_seen
            else reverse("contract-pool", args=[access.contract.pk]),
        }


def _initiative(access: ContractAccess) -> str:
    """The name of the initiative in which a contract takes part, or of which it has a part.

    What is decided on a line for it after the settlement corrects the settlement.
    """
    place = place_of(access.contract.pk)
    takes_part = place is not None and place.state is State.IN_FORCE
    if place is None or place.place.part_bp is None:
        return ""
    came = books_of([access.contract.pk]).filter(
        kind=EntryKind.POOLED, contribution_id__isnull=False, partner=None
    )
    return place.place.name if takes_part or came.exists() else ""


def _history(access: ContractAccess, proposals: list[Proposal]) -> Iterator[dict[str, object]]:
    by = doers(
        access.acting,
        [
            (one.user_id, one.organisation_id)
            for proposal in proposals
            for one in (proposal.version, proposal.answer)
            if one is not None
        ],
    )
    for proposal in proposals:
        version, its_answer = proposal.version, proposal.answer
        yield {
            "number": version.number,
            "at": version.proposed_at,
            "by": by[version.user_id, version.organisation_id],
            "due_on": proposal.statement.due_on,
            "position": proposal.statement.position,
            "state": AGREEMENT_STATES[proposal.state],
            "answered_at": its_answer.answered_at if its_answer else None,
            "answered_by": by[its_answer.user_id, its_answer.organisation_id] if its_answer else "",
            "reason": its_answer.reason if its_answer else "",
        }


def _corrections(
    access: ContractAccess, agreed: Proposal, statements: list[Statement]
) -> Iterator[dict[str, object]]:
    """Each correction with what it changed, the latest first."""
    corrections = [one.correction for one in statements if one.correction is not None]
    by = doers(access.acting, [(one.user_id, one.organisation_id) for one in corrections])
    before, kinds = [*statements, agreed.statement][1:], kinds_on(access.contract)
    for statement, correction, old in zip(statements, corrections, before, strict=True):
        yield {
            "number": correction.number,
            "at": correction.corrected_at,
            "by": by[correction.user_id, correction.organisation_id],
            "reason": correction.reason,
            "changes": list(old_beside_new(old.position, statement.position, kinds)),
        }
