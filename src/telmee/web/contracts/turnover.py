"""What was invoiced on a contract per period: proposed by one side, agreed by the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.agreements.choices import Outcome, State
from telmee.apps.agreements.queries import TurnoverVersion
from telmee.apps.contracts import turnover as deeds
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.chains import estimate_now
from telmee.apps.contracts.facts import is_with_vat
from telmee.apps.contracts.turnover import PeriodTurnover
from telmee.apps.organisations.journal import doers
from telmee.core.errors import DomainError
from telmee.core.free_text import PLAN_NOTE
from telmee.core.obligations.turnover import TurnoverPeriod, read_period
from telmee.web.contracts.forms import ReasonForm
from telmee.web.contracts.frame import around, form_page
from telmee.web.contracts.turnover_words import PERIOD_KINDS, period_in_words
from telmee.web.form_pages import tell
from telmee.web.forms import KeyField, MoneyField, SafeTextField, see_again, succeeds
from telmee.web.language import Words
from telmee.web.letters.links import letter_links
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day, euros

_FIELDS = {"omzet": "amount", "periode": "amount", "toelichting": "note"}
_STATES = {
    State.PROPOSED: (gettext_lazy("Proposed"), "info"),
    State.DISPUTED: (gettext_lazy("Disputed"), "warning"),
    State.IN_FORCE: (gettext_lazy("Agreed"), "positive"),
    State.SUPERSEDED: (gettext_lazy("Replaced"), ""),
    State.WITHDRAWN: (gettext_lazy("Withdrawn"), ""),
}


class TurnoverForm(forms.Form):
    """What was invoiced in a period, as a proposal to the other side."""

    amount = MoneyField(label=gettext_lazy("Turnover in euros"))
    note = SafeTextField(
        label=gettext_lazy("Note"),
        max_length=PLAN_NOTE.maximum,
        required=False,
        help_text=gettext_lazy("Both sides can read this. No names, no BSN."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = KeyField()


@login_required
@require_safe
def turnover(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what was agreed of each period, what waits, and what it comes to."""
    access = _over_turnover(request, pk)
    context = around(access, "contract-turnover")
    contract = access.contract
    periods = deeds.periods_by_contract([contract], today=context["today"])[pk]
    estimate = estimate_now(contract)
    context |= {
        "rows": [_row(access, one) for one in periods],
        "waiting": [_waiting_row(access, one) for one in periods if one.waiting],
        "history": list(_history(access, periods)),
        "agreed_cents": sum(one.agreed.cents for one in periods if one.agreed),
        "estimate": estimate,
        "kind": PERIOD_KINDS[deeds.period_kind(contract)],
        "kind_assumed": not contract.turnover_period,
        "with_vat": is_with_vat(contract),
        "open_count": sum(one.is_open for one in periods),
        "dispute_days": deeds.dispute_days(access),
    }
    return render(request, "contracts/turnover.html", context)


@login_required
def propose(request: TelmeeRequest, pk: int, period: str) -> HttpResponse:
    """Say what was invoiced in a period, or another amount than stands."""
    access = _over_turnover(request, pk)
    one = _period(access, period)
    # What was typed before the contract was closed is told that, and stays.
    may = deeds.is_speaker if request.method == "POST" else deeds.may_propose
    if not may(access):
        raise Http404
    latest = one.versions[0] if one.versions else None
    initial = {
        "seen": len(one.versions),
        "amount": latest.cents if latest else None,
    }
    form = TurnoverForm(request.POST or None, initial=initial)
    seen = form.cleaned_data.get("seen") if form.is_bound and form.is_valid() else None

    def deed() -> None:
        typed = form.cleaned_data
        deeds.propose_turnover(
            access,
            period=one.period.first,
            cents=typed["amount"],
            note=typed["note"],
            key=typed["key"],
            seen=seen,
            today=timezone.localdate(),
        )

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The proposal was sent to the other side."))
        return redirect("contract-turnover", pk)
    warnings = []
    if latest is not None and seen not in (None, len(one.versions)):
        see_again(form, seen=len(one.versions))
        meanwhile = _("Meanwhile %(cents)s was proposed. With your amount you propose another one.")
        warnings = [meanwhile % {"cents": euros(latest.cents)}]
    title = _("Turnover of %(period)s") % {"period": period_in_words(one.period)}
    return form_page(
        request,
        access,
        form,
        title=title,
        button=_("Propose"),
        section="contract-turnover",
        back=reverse("contract-turnover", args=[pk]),
        lead=_(
            "What was invoiced on this contract in this period. It holds once the other side"
            " agrees; the obligation then follows it."
        ),
        facts=list(_facts(access, one)),
        warnings=warnings,
    )


@login_required
@require_POST
def answer(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Agree with what the other side proposed, or take back what one's own side did."""
    access = _over_turnover(request, pk)
    one = _version(access, version_pk)
    agrees = request.POST.get("answer") == "agree"
    if not (deeds.is_asked(access, one) or deeds.is_proposer(access, one)):
        raise Http404
    try:
        if agrees:
            deeds.confirm_turnover(access, version_pk, seen=request.POST.get("seen"))
        else:
            deeds.withdraw_turnover(access, version_pk)
    except DomainError as error:
        tell(request, error)
    else:
        agreed = _("You agreed. The obligation follows this turnover.")
        messages.success(request, agreed if agrees else _("The proposal was withdrawn."))
    return redirect("contract-turnover", pk)


@login_required
def dispute(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Say why one does not agree with what the other side proposed."""
    access = _over_turnover(request, pk)
    one = _version(access, version_pk)
    waits = one.state is State.PROPOSED and deeds.may_answer(access, one)
    # What was typed before something else was done stays, with what that was.
    if not (deeds.is_asked(access, one) if request.method == "POST" else waits):
        raise Http404
    form = ReasonForm(request.POST or None)

    def deed() -> None:
        reason = form.cleaned_data["reason"]
        deeds.dispute_turnover(access, version_pk, reason=reason, today=timezone.localdate())

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The other side was told that you do not agree."))
        return redirect("contract-turnover", pk)
    lead = _(
        "The other side reads your reason. You then have %(days)s days to come to something: agree"
        " on another amount, or the proposal is withdrawn."
    )
    return form_page(
        request,
        access,
        form,
        title=_("You do not agree"),
        button=_("Send"),
        section="contract-turnover",
        back=reverse("contract-turnover", args=[pk]),
        lead=lead % {"days": deeds.dispute_days(access)},
        facts=_said(access, one),
    )


@login_required
def decide(request: TelmeeRequest, pk: int, version_pk: int) -> HttpResponse:
    """Decide for the client that its own proposal holds, where the contract lets it."""
    access = _over_turnover(request, pk)
    one = _version(access, version_pk)
    may = deeds.is_decider if request.method == "POST" else deeds.may_decide
    if not may(access, one):
        raise Http404
    form = ReasonForm(request.POST or None)

    def deed() -> None:
        deeds.decide_turnover(access, version_pk, reason=form.cleaned_data["reason"])

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("It was decided. The obligation follows this turnover."))
        return redirect("contract-turnover", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Decide on the turnover"),
        button=_("Decide"),
        section="contract-turnover",
        back=reverse("contract-turnover", args=[pk]),
        lead=_(
            "The contract lets the client decide when the two of you do not agree. The contractor"
            " reads your reason."
        ),
        facts=_said(access, one),
    )


def _over_turnover(request: TelmeeRequest, pk: int) -> ContractAccess:
    """A contract of which turnover is agreed, for who sees its books. Raises `Http404`."""
    access = contract_for(request.acting, pk)
    if not deeds.has_turnover(access):
        raise Http404
    return access


def _period(access: ContractAccess, text: str) -> PeriodTurnover:
    """The period that an address names. Raises `Http404`."""
    contract = access.contract
    try:
        period = read_period(text, deeds.period_kind(contract))
    except DomainError:
        raise Http404 from None
    periods = deeds.periods_by_contract([contract], today=timezone.localdate())[contract.pk]
    one = next((one for one in periods if one.period == period), None)
    if one is None:
        raise Http404
    return one


def _version(access: ContractAccess, version_pk: int) -> TurnoverVersion:
    contract = access.contract
    periods = deeds.periods_by_contract([contract], today=timezone.localdate())[contract.pk]
    versions = (one for period in periods for one in period.versions)
    one = next((one for one in versions if one.version.pk == version_pk), None)
    if one is None:
        raise Http404
    return one


def _facts(access: ContractAccess, one: PeriodTurnover) -> Iterator[tuple[str, str]]:
    days = {"first": day(one.period.first), "last": day(one.period.last)}
    yield _("Period"), _("%(first)s up to and including %(last)s") % days
    with_vat = is_with_vat(access.contract)
    yield _("VAT"), _("included: the rules reckon with VAT") if with_vat else _("not included")
    if one.agreed is not None:
        yield _("Agreed now"), euros(one.agreed.cents)


def _said(access: ContractAccess, one: TurnoverVersion) -> list[tuple[str, str]]:
    kind = deeds.period_kind(access.contract)
    facts = [
        (_("Period"), period_in_words(TurnoverPeriod.starting(one.period, kind))),
        (_("Proposed turnover"), euros(one.cents)),
    ]
    if one.dispute is not None:
        facts.append((_("Why the other side does not agree"), one.dispute.reason))
    return facts


def _row(access: ContractAccess, one: PeriodTurnover) -> dict[str, Any]:
    """A period with what holds, and how far it is."""
    word: Words
    period = one.period
    if one.waiting is not None:
        word, kind = _STATES[one.waiting.state]
    elif one.agreed is not None:
        word, kind = _STATES[State.IN_FORCE]
    elif one.is_over:
        word, kind = _("Nobody said anything yet"), "warning"
    else:
        word, kind = _("Not over yet"), ""
    return {
        "period": str(period),
        "name": period_in_words(period),
        "agreed": one.agreed,
        "waiting": one.waiting,
        "word": word,
        "kind": kind,
        "is_outside": period.last < access.contract.start or period.first > access.contract.end,
        "may_propose": one.is_over and deeds.may_propose(access),
    }


def _waiting_row(access: ContractAccess, one: PeriodTurnover) -> dict[str, object]:
    """A proposal that waits, who said it, and what agreeing with it does."""
    waiting = one.waiting
    assert waiting is not None  # noqa: S101 - the list has only those
    version = waiting.version
    try:
        planned = deeds.plan_turnover(access.contract, waiting.period, waiting.cents)
    except DomainError:
        planned = None
    return {
        "name": period_in_words(one.period),
        "period": str(one.period),
        "waiting": waiting,
        "by": access.name_of(version.organisation_id),
        "at": version.proposed_at,
        "owed_before": None if planned is None else planned.owed_before_cents,
        "owed": None if planned is None else planned.owed_cents,
        "may_answer": deeds.may_answer(access, waiting),
        "may_dispute": waiting.state is State.PROPOSED and deeds.may_answer(access, waiting),
        "may_withdraw": deeds.may_withdraw(access, waiting),
        "may_decide": deeds.may_decide(access, waiting),
        "may_propose": deeds.may_propose(access),
        "disputed_by": access.name_of(waiting.dispute.organisation_id) if waiting.dispute else "",
        "is_late": waiting.dispute is not None
        and waiting.dispute.until is not None
        and waiting.dispute.until < timezone.localdate(),
    }


def _history(access: ContractAccess, periods: list[PeriodTurnover]) -> Iterator[dict[str, object]]:
    """Every version with who said what and when, the latest first."""
    versions = [(one.period, version) for one in periods for version in one.versions]
    versions.sort(key=lambda pair: pair[1].version.pk, reverse=True)
    people = {(one.version.user_id, one.version.organisation_id) for _period, one in versions}
    people |= {
        (reply.user_id, reply.organisation_id) for _period, one in versions for reply in one.replies
    }
    by = doers(access.acting, people)
    # What the client decided in a dispute holds, and nobody agreed on it.
    agreed = [
        one.version.pk
        for _period, one in versions
        if one.state is State.IN_FORCE and one.replies[-1].outcome == Outcome.CONFIRMED
    ]
    letters = letter_links(access, "agreed_turnover", agreed)
    for period, one in versions:
        yield {
            "period": period_in_words(period),
            "cents": one.cents,
            "state": _STATES[one.state][0],
            "by": by[one.version.user_id, one.version.organisation_id],
            "at": one.version.proposed_at,
            "note": one.note,
            "letter": letters.get(one.version.pk),
            "replies": [
                {
                    "deed": _REPLIES[reply.outcome],
                    "by": by[reply.user_id, reply.organisation_id],
                    "at": reply.answered_at,
                    "reason": reply.reason,
                    "until": getattr(reply, "until", None),
                }
                for reply in one.replies
            ],
        }


_REPLIES = {
    "confirmed": gettext_lazy("Agreed"),
    "disputed": gettext_lazy("Disputed"),
    "decided": gettext_lazy("Decided by the client"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
