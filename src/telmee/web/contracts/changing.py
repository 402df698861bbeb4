"""What a contract owes; change facts that no amount turns on; close it, and open it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from telmee.apps.contracts import actions
from telmee.apps.contracts.access import contract_seen_whole, contract_to_decide
from telmee.apps.contracts.choices import Form, NoObligation
from telmee.apps.contracts.comparing import Alike
from telmee.apps.contracts.queries import call_offs, lots, party_names
from telmee.apps.contributions.choices import State
from telmee.apps.reports import work
from telmee.apps.reports.portfolio import standing_of, standings
from telmee.web.contracts.comparison import Beside, beside_others
from telmee.web.contracts.contract_words import kinds_on
from telmee.web.contracts.forms import ChangeForm, CloseForm, ReasonForm
from telmee.web.contracts.frame import around, form_page
from telmee.web.contracts.overview import deadlines_of, scheme_url
from telmee.web.contracts.risk_words import RISKS, reasons_in_short
from telmee.web.contracts.sums import position_sums
from telmee.web.contracts.turnover_words import turnover_now
from telmee.web.contracts.unseen import unseen
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.rule_words import version_in_words
from telmee.web.templatetags.telmee import euros
from telmee.web.value_forms import kept_value

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contracts.access import ContractAccess
    from telmee.apps.contracts.models import Contract
    from telmee.apps.contributions.models import Contribution

#: Lines that a page names before a contract is closed; more than that is a work list.
_WAITING_MAX = 200
#: The field of each column that a problem of these actions names.
_FIELDS = {"toelichting": "reason", "datum": "on"}


# Obligation ---------------------------------------------------------------------------------


@login_required
@require_safe
def obligation(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what a contract owes, how that came about, and what comes with it."""
    access = contract_seen_whole(request.acting, pk)
    context = around(access, "contract-obligation")
    stands = standing_of(access.contract, today=context["today"])
    contract = access.contract
    framework = contract.form == Form.FRAMEWORK
    turnover = turnover_now(access, context["today"])
    context |= {
        "stands": stands,
        "sums": position_sums(stands.position, kinds_on(access.contract)),
        "is_framework": framework,
        "story": kept_value(contract.obligation_receipt),
        "no_obligation": NoObligation(contract.no_obligation).label
        if contract.no_obligation
        else "",
        "scheme_url": scheme_url(access),
        "version": version_in_words(contract.scheme.version),
        "assessed": deadlines_of(access, stands, context["today"]),
        "comparison": _comparison(access, stands.position.owed_cents, turnover),
        "call_offs": _standing_rows(call_offs(access), context["today"]) if framework else [],
        "lots": _standing_rows(lots(access), context["today"]),
        "may_adjust": access.may_decide and not framework,
        "turnover": turnover,
    }
    return render(request, "contracts/obligation.html", context)


def _comparison(
    access: ContractAccess, owed_cents: int, turnover: Mapping[str, Any] | None
) -> Beside | None:
    """What comparable contracts owe, for who decides: nobody else sees those.

    Of one that follows turnover its estimate stands beside them: what was agreed so far is of a
    part of its value.
    """
    contract = access.contract
    if not access.may_decide:
        return None
    return beside_others(
        access.acting,
        Alike(contract.category, contract.value_cents, contract.cpv_id),
        client_id=access.client.organisation_id if access.client else None,
        owed_cents=owed_cents if turnover is None else turnover["estimate"],
        besides=contract.pk,
    )


def _standing_rows(contracts: QuerySet[Contract], today: date) -> list[dict[str, object]]:
    contracts_now = standings(contracts, today=today)
    names = party_names(entry.contract.pk for entry in contracts_now)
    return [
        {
            "contract": entry.contract,
            "url": reverse("contract", args=[entry.contract.pk]),
            "contractor": names[entry.contract.pk].contractor,
            "position": entry.position,
            "to_come": entry.to_come,
            "risk": RISKS[entry.risk],
            "why": reasons_in_short(entry.outlook),
        }
        for entry in contracts_now
    ]


# Facts and end ------------------------------------------------------------------------------


@login_required
def change(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Change facts that do not change what is owed."""
    access = contract_to_decide(request.acting, pk)
    form = ChangeForm(access, request.POST or None)
    if succeeds(
        form,
        lambda: actions.change_contract(access, form.changes(), reason=form.cleaned_data["reason"]),
        _FIELDS,
    ):
        messages.success(request, _("The facts were changed."))
        return redirect("contract", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Change the facts"),
        button=_("Save"),
        section="contract",
        lead=_(
            "What the obligation turns on does not change here. Use “Change the contract” for that."
        ),
        offers="cpv",
    )


@login_required
def close(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask for certainty, then close a contract."""
    access = contract_to_decide(request.acting, pk)
    today = timezone.localdate()
    form = CloseForm(request.POST or None, initial={"on": min(today, access.contract.end)})

    def deed() -> None:
        typed = form.cleaned_data
        actions.close_contract(access, on=typed["on"], reason=typed["reason"], today=today)

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The contract is closed."))
        return redirect("contract", pk)
    stands = standing_of(access.contract, today=today)
    # What is left of a decision on a part waits too, whenever its effort is over.
    waiting = work.waiting([pk], today=date.max, few=_WAITING_MAX)
    warnings = []
    if waiting.lines:
        text = ngettext(
            "%(count)s line still waits for a decision. It can no longer be decided on.",
            "%(count)s lines still wait for a decision. They can no longer be decided on.",
            waiting.lines,
        )
        warnings.append(text % {"count": waiting.lines})
    text = _("In no work list any more: %(what)s.")
    warnings += [text % {"what": row["label"]} for row in unseen(access)]
    if stands.position.open_cents:
        text = _("%(amount)s is still open.")
        warnings.append(text % {"amount": euros(stands.position.open_cents)})
    return form_page(
        request,
        access,
        form,
        title=_("Close the contract"),
        button=_("Close the contract"),
        section="contract",
        warnings=warnings,
        waiting=[_waiting_row(line) for line in waiting.oldest],
        waiting_title=_("What still waits"),
        dangerous=True,
    )


def _waiting_row(line: Contribution) -> dict[str, str]:
    facts = (line.organisation.name, State(line.state).label, euros(line.value_cents))
    return {
        "label": line.reference,
        "note": " · ".join(map(str, facts)),
        "url": reverse("decide", args=[line.pk]),
    }


@login_required
def reopen(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Open a closed contract again."""
    access = contract_to_decide(request.acting, pk)
    if access.is_open or access.contract.voided_on is not None:
        return redirect("contract", pk)
    form = ReasonForm(request.POST or None)
    if succeeds(
        form,
        lambda: actions.reopen_contract(access, reason=form.cleaned_data["reason"]),
        _FIELDS,
    ):
        messages.success(request, _("The contract is open again."))
        return redirect("contract", pk)
    return form_page(
        request,
        access,
        form,
        title=_("Open the contract again"),
        button=_("Open again"),
        section="contract",
    )
