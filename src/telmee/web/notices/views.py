"""The outbox, for an operator: what was maybe sent, what was given up, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.notices import actions, queries
from telmee.apps.notices.choices import MAY_GO_AGAIN, UNSETTLED, State
from telmee.apps.notices.suspects import suspects, use_own_again
from telmee.apps.notices.suspects import use_again as use_address_again
from telmee.apps.organisations.queries import addresses_of
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.notices.models import Notice

_SHOWN_MAX = 100
#: What a notice is, by its code. Its own words stand in `templates/notices/mail`.
NOTICES: Mapping[str, Promise] = {
    "invitation": _("Invitation to work for an organisation"),
    "proposal": _("A manager is proposed"),
    "head": _("Check number of the books"),
    "password_reset": _("Link to choose a new password"),
    "account_changed": _("Something in the account was changed"),
    "share_proposed": _("A part of an obligation is proposed"),
    "plan_proposed": _("A plan is proposed"),
    "plan_agreed": _("A plan is agreed"),
    "plan_commented": _("Somebody commented on a plan"),
    "contract_amended": _("A contract was changed"),
    "takeover_begins": _("A contract was taken over"),
    "takeover_ends": _("A contract was handed over"),
    "party_added": _("An organisation is party to a contract"),
    "subcontractor_added": _("A subcontractor was brought in"),
    "subcontractor_joined": _("A subcontractor came in"),
    "contract_voided": _("A contract became void"),
    "message_written": _("A message on a contract or a line"),
    "lines_handed_in": _("Lines were handed in"),
    "lines_decided": _("Lines were decided on"),
    "question_asked": _("A question about a line"),
    "letter_sent": _("A letter"),
    "question_answered": _("A question about a line was answered"),
    "objection_received": _("An objection was received"),
    "objection_made": _("An objection to a decision"),
    "objection_extended": _("More time for an objection"),
    "objection_decided": _("An objection was decided on"),
    "objection_term_near": _("The term of an objection ends soon"),
    "objection_term_missed": _("The term of an objection is over"),
    "question_term_near": _("The term of a question ends soon"),
    "question_term_missed": _("The term of a question is over"),
    "agreement_term_near": _("The term of a proposal ends soon"),
    "agreement_term_missed": _("The term of a proposal is over"),
    "dispute_term_near": _("The term of a dispute ends soon"),
    "dispute_term_missed": _("The term of a dispute is over"),
    "deadline_near": _("Something is due soon"),
    "deadline_missed": _("The day of something has passed"),
    "report_due": _("A report on a period is due"),
    "report_missed": _("A report on a period is late"),
    "certificate_ending": _("A certificate ends soon"),
    "contract_ending": _("A contract ends soon with something open"),
    "contract_ended": _("A contract ended with something open"),
    "counterparty_asked": _("A counterparty is asked to confirm"),
    "counterparty_confirmed": _("A counterparty confirmed a line"),
    "counterparty_denied": _("A counterparty denied a line"),
    "surplus_moved": _("Surplus went to another contract"),
    "pool_proposed": _("A pool of contracts is proposed"),
    "pool_agreed": _("A pool of contracts is agreed"),
    "pool_disputed": _("A pool of contracts is disputed"),
    "pool_balanced": _("Surplus was moved in a pool"),
    "part_booked": _("A part of an initiative was booked"),
    "part_taken_off": _("A part of an initiative was taken off"),
    "settlement_proposed": _("A settlement is proposed"),
    "settlement_agreed": _("A settlement is agreed"),
    "settlement_disputed": _("A settlement is disputed"),
    "settlement_corrected": _("A settlement is corrected"),
    "ladder_step": _("A step of enforcement is taken"),
    "ladder_second": _("A step of enforcement waits for a second person"),
    "ladder_withdrawn": _("A step of enforcement is withdrawn"),
    "ladder_left": _("A contract left the enforcement ladder"),
    "ladder_refused": _("A second person did not agree with a step"),
    "ladder_leniency": _("Leniency is granted"),
    "ladder_leniency_ended": _("Leniency is ended"),
    "leniency_for_all": _("Leniency on all contracts of a client"),
    "leniency_for_all_ended": _("Leniency on all contracts is ended"),
    "settlement_term_near": _("The term of a settlement ends soon"),
    "settlement_term_missed": _("The term of a settlement is over"),
    "handed_over_to_you": _("Contracts are handed over to somebody"),
    "handed_over_from_you": _("Contracts of somebody are handed over"),
    "standing_in": _("Somebody stands in for a colleague"),
    "trust_taken_away": _("Trust was taken away"),
    "trust_given_back": _("Trust was given back"),
    "share_confirmed": _("A part of an obligation is agreed"),
    "turnover_proposed": _("Turnover is proposed"),
    "turnover_sheet": _("Turnover of several contracts is proposed"),
    "turnover_confirmed": _("Turnover is agreed"),
    "turnover_disputed": _("Turnover is disputed"),
    "turnover_withdrawn": _("A proposal of turnover was withdrawn"),
    "turnover_decided": _("The client decided on turnover"),
}


@login_required
@require_safe
def notices(request: TelmeeRequest) -> HttpResponse:
    """List what waits for a person, and count what waits for the worker."""
    unsettled = queries.unsettled_notices(request.acting)
    counts = queries.count_of_each_state(request.acting)
    shown = list(unsettled[:_SHOWN_MAX])
    addresses = addresses_of(notice.user_id for notice in shown if notice.user_id is not None)
    context = {
        "count": sum(counts[state] for state in UNSETTLED),
        "waiting": counts[State.WAITING] + counts[State.SENDING],
        "shown_max": _SHOWN_MAX,
        "notices": [_row(notice, addresses) for notice in shown],
        "suspects": suspects(request.acting)[:_SHOWN_MAX],
    }
    return render(request, "notices/notices.html", context)


def _row(notice: Notice, addresses: Mapping[int, str]) -> dict[str, object]:
    return {
        "notice": notice,
        "what": NOTICES.get(notice.code, notice.code),
        "to": notice.address or addresses.get(notice.user_id or 0, ""),
        "state": notice.get_state_display(),
        "is_unsure": notice.state == State.UNKNOWN,
        "may_go_again": notice.state in MAY_GO_AGAIN,
        "reason": notice.get_fault_display(),
    }


@login_required
@require_POST
def again(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Let the worker send one again."""
    actions.send_again(request.acting, pk)
    messages.success(request, gettext("The worker sends it again."))
    return redirect("notices")


@login_required
@require_POST
def settle(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Mark one as needing nothing more."""
    actions.settle(request.acting, pk)
    messages.success(request, gettext("It is settled, and is not sent again."))
    return redirect("notices")


@login_required
@require_POST
def use_again(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Use an address again that a mail server refused."""
    use_address_again(request.acting, pk)
    messages.success(request, gettext("Mail goes to this address again."))
    return redirect("notices")


@login_required
@require_POST
def own_address_works(request: TelmeeRequest) -> HttpResponse:
    """Say that one's own address works, after a mail server refused it."""
    user = request.acting.user_id or 0
    use_own_again(addresses_of([user])[user])
    messages.success(request, gettext("Mail goes to your address again."))
    return redirect("home")
