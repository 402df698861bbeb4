"""How a contractor and those who work for him divide an obligation, and what each did of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.agreements.choices import State
from telmee.apps.agreements.queries import ShareVersion
from telmee.apps.contracts import sharing
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contributions.queries import before_takeover
from telmee.apps.organisations.journal import doers
from telmee.apps.reports.shares import Delivery, deliveries
from telmee.core.errors import DomainError
from telmee.core.free_text import PLAN_NOTE
from telmee.web.contracts.contract_words import AGREEMENT_STATES
from telmee.web.contracts.frame import around, form_page
from telmee.web.form_pages import tell
from telmee.web.forms import KeyField, MoneyField, SafeTextField, see_again, succeeds
from telmee.web.letters.links import letter_links
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import euros

_FIELDS = {"deel": "amount", "opmerking": "note"}


class ShareForm(forms.Form):
    """Which part of an obligation somebody takes over, as a proposal to the other side."""

    amount = MoneyField(
        label=gettext_lazy("Part of the obligation in euros"),
        help_text=gettext_lazy("The whole part, not the difference. With 0 the agreement ends."),
    )
    note = SafeTextField(
        label=gettext_lazy("Note"),
        max_length=PLAN_NOTE.maximum,
        required=False,
        help_text=gettext_lazy("Only the two of you can read this. No names, no BSN."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = KeyField()


@login_required
@require_safe
def shares(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show who does which part of the obligation, and how far each is."""
    access = _shared(request, pk)
    context = around(access, "contract-shares")
    versions = sharing.shares_now(access)
    done = deliveries(pk, today=context["today"])
    whole = sharing.sees_whole(access)
    unshared = sharing.unshared_cents(access, versions) if whole else None
    context |= {
        "rows": list(_rows(access, versions, done, unshared)),
        "whole": whole,
        "beyond": max(0, -(unshared or 0)),
        "versions": list(_history(access, versions)),
    }
    return render(request, "contracts/shares.html", context)


@login_required
def propose(request: TelmeeRequest, pk: int, partner_pk: int) -> HttpResponse:
    """Propose a part, or another one than stands."""
    access = _shared(request, pk)
    versions = sharing.shares_now(access)
    own = [one for one in versions if one.partner_id == partner_pk]
    # What was typed before the contract was closed is told that, and stays.
    may = sharing.is_proposer if request.method == "POST" else sharing.may_propose
    if not may(access, partner_pk, own):
        raise Http404
    latest = own[0] if own else None
    initial = {
        "seen": latest.version.number if latest else 0,
        "amount": latest.cents if latest else None,
    }
    form = ShareForm(request.POST or None, initial=initial)
    seen = _seen(form)

    def deed() -> None:
        typed = form.cleaned_data
        sharing.propose_share(
            access,
            partner_id=partner_pk,
            cents=typed["amount"],
            note=typed["note"],
            key=typed["key"],
            seen=seen,
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The proposal was sent to the other side."))
        return redirect("contract-shares", pk)
    warnings = []
    if latest is not None and seen not in (None, latest.version.number):
        see_again(form, seen=latest.version.number)
        meanwhile = _(
            "Meanwhile %(cents)s was proposed. With your amount you propose another part."
        )
        warnings = [meanwhile % {"cents": euros(latest.cents)}]
    return form_page(
        request,
        access,
        form,
        title=_("Propose another part") if latest else _("Propose a part"),
        button=_("Propose"),
        section="contract-shares",
        back=reverse("contract-shares", args=[pk]),
        lead=_(
            "It holds once the other side agrees. The contractor owes the client the whole"
            " obligation, whatever is agreed here."
        ),
        facts=list(_facts(access, versions, access.name_of(partner_pk), partner_pk)),
        warnings=warnings,
    )


@login_required
@require_POST
def answer(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Agree with a proposal of the other side, or withdraw one's own."""
    access = _shared(request, pk)
    proposed = next(
        (one for one in sharing.shares_now(access) if one.version.pk == version_pk), None
    )
    if proposed is None or not sharing.side_of(access, proposed):
        raise Http404
    agrees = request.POST.get("answer") == "agree"
    try:
        sharing.answer_share(access, version_pk, agrees=agrees)
    except DomainError as error:
        tell(request, error)
    else:
        done = _("You agreed on the part.") if agrees else _("The proposal was withdrawn.")
        messages.success(request, done)
    return redirect("contract-shares", pk)


def _shared(request: TelmeeRequest, pk: int) -> ContractAccess:
    """A contract for somebody who delivers on it together with others. Raises `Http404`."""
    access = contract_for(request.acting, pk)
    if not sharing.is_shared(access):
        raise Http404
    return access


def _seen(form: ShareForm) -> int | None:
    """The number of the version that somebody looked at, as far as he sent one that is right."""
    return form.cleaned_data.get("seen") if form.is_bound and form.is_valid() else None


def _facts(
    access: ContractAccess, versions: list[ShareVersion], partner: str, partner_pk: int
) -> Iterator[tuple[str, str]]:
    yield _("Who takes it over"), partner
    if sharing.sees_whole(access):
        left = sharing.left_cents(access, versions, besides=partner_pk)
        yield _("Owed and not passed on to others"), euros(left)


def _rows(
    access: ContractAccess,
    versions: list[ShareVersion],
    done: dict[int | None, Delivery],
    unshared: int | None,
) -> Iterator[dict[str, Any]]:
    """The contractor with what he keeps, each who takes a part over, and all together.

    `unshared` is what is not passed on, which another than the contractor is not told.
    What was delivered before a takeover is a row of its own: it counts for what the contractor
    keeps, and who took over sees no line of it. So does what other contracts bring and get.
    Who takes nothing over works on what the contractor keeps. Another than he sees his own row.
    """
    names = {one.partner_id: one.partner for one in versions}
    names |= {p.organisation_id: p.organisation.name for p in sharing.partners_of(access)}
    if unshared is None:
        names = {id_: name for id_, name in names.items() if id_ in access.acting.organisations}
    rows = [_partner(access, id_, name, versions, done) for id_, name in names.items()]
    contractor = access.contractor
    if unshared is None or contractor is None:
        yield from rows
        return
    own = done.get(contractor.organisation_id, Delivery())
    owed = sharing.owed_cents(access)
    before = _before_takeover(access)
    helped = sum(row["done"].expected_cents for row in rows if row["cents"] is None)
    moved = done.get(None, Delivery())
    expected = own.expected_cents + helped + before.expected_cents + moved.expected_cents
    yield _row(contractor.organisation.name, max(0, unshared), own, expected) | {
        "helped_cents": helped
    }
    yield from rows
    if before != Delivery():
        yield _row(_("Before the takeover"), None, before, 0) | {"is_no_party": True}
    if moved != Delivery():
        yield _row(_("From and to other contracts"), None, moved, 0) | {"is_no_party": True}
    together = sum((row["done"] for row in rows), own) + before + moved
    yield _row(_("Together"), owed, together, together.expected_cents)


def _before_takeover(access: ContractAccess) -> Delivery:
    """What was delivered of which who took the contract over sees the sums and no line."""
    if access.sees_lines_from is None:
        return Delivery()
    rows = [
        Delivery(
            delivered_cents=row.delivered_cents,
            undecided_cents=row.undecided_cents,
            verified_cents=row.verified_cents,
        )
        for row in before_takeover(access.contract.pk)
    ]
    return sum(rows, Delivery())


def _partner(
    access: ContractAccess,
    partner: int,
    name: str,
    versions: list[ShareVersion],
    done: dict[int | None, Delivery],
) -> dict[str, Any]:
    """The row of somebody who can take a part over, with what waits for an answer."""
    own = [one for one in versions if one.partner_id == partner]
    holds = next((one.cents for one in own if one.state is State.IN_FORCE), None)
    waits = next((one for one in own if one.state is State.PROPOSED), None)
    did = done.get(partner, Delivery())
    return _row(name, holds, did, did.expected_cents) | {
        "proposed": waits,
        "may_agree": waits and access.works_for(waits.version.addressee_id or 0),
        "may_withdraw": waits and access.works_for(waits.version.organisation_id),
        "may_propose": sharing.may_propose(access, partner, own),
        "partner": partner,
    }


def _row(name: str, cents: int | None, done: Delivery, expected_cents: int) -> dict[str, Any]:
    """What somebody takes on, what he did, and what will be missing of it by what is expected."""
    return {
        "name": name,
        "cents": cents,
        "done": done,
        "moved": _moved(done.moved_cents),
        "missing": None if cents is None else max(0, cents - expected_cents),
        "is_no_party": False,
        "proposed": None,
        "may_agree": False,
        "may_withdraw": False,
        "may_propose": False,
    }


def _moved(cents: int) -> str:
    """What came from other contracts or went there, beside what was verified here."""
    if not cents:
        return ""
    text = _("%(amount)s to other contracts") if cents < 0 else _("%(amount)s from other contracts")
    return text % {"amount": euros(abs(cents))}


def _history(access: ContractAccess, versions: list[ShareVersion]) -> Iterator[dict[str, object]]:
    by = doers(
        access.acting, ((one.version.user_id, one.version.organisation_id) for one in versions)
    )
    agreed = [one.version.pk for one in versions if one.state is State.IN_FORCE]
    letters = letter_links(access, "agreed_share", agreed)
    for one in versions:
        yield {
            "letter": letters.get(one.version.pk),
            "partner": access.name_of(one.partner_id),
            "cents": one.cents,
            "state": AGREEMENT_STATES[one.state],
            "by": by[one.version.user_id, one.version.organisation_id],
            "at": one.version.proposed_at,
            "note": one.note,
        }
