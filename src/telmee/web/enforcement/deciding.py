"""Decide on a step of one contract: take it, agree, withdraw it, look again, or be lenient."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.access import ContractAccess, contract_to_decide
from telmee.apps.contracts.booking import sanction_of
from telmee.apps.enforcement.actions import (
    Seen,
    against_second,
    changed_since,
    confirm_step,
    look_again,
    take_step,
    withdraw_step,
)
from telmee.apps.enforcement.ladders import terms_of
from telmee.apps.enforcement.leniency import end_leniency, grant_leniency, leniency_to_end
from telmee.apps.enforcement.queries import Prospect, holds, is_pending, prospect_on, steps_on
from telmee.apps.ledger.queries import position_together
from telmee.apps.organisations.journal import doers
from telmee.core.enforcement import Step as Rung
from telmee.core.obligations.sanctions import Consequence
from telmee.core.tables.contribution_columns import AMOUNT
from telmee.texts import number
from telmee.web import form_pages
from telmee.web.contracts.frame import form_page
from telmee.web.enforcement.contract_page import SECTION, back_to
from telmee.web.enforcement.enforcement_words import next_name, sanction_name, step_name
from telmee.web.enforcement.forms import (
    EndForm,
    LeniencyForm,
    LookForm,
    PenaltyForm,
    SecondForm,
    StepForm,
    WithdrawForm,
)
from telmee.web.forms import see_again, succeeds
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import day, euros

if TYPE_CHECKING:
    from telmee.apps.enforcement.models import Step

_COUNTS = gettext_lazy("The step counts. The contractor is told.")
_COUNTS_NOT = gettext_lazy("The step does not count. Your colleagues read why.")
_FIELDS = {"toelichting": "reason", AMOUNT: "amount"}


@login_required
def take(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Take the step that is due on a contract, on the figures that are shown."""
    access = contract_to_decide(request.acting, pk)
    today = timezone.localdate()
    prospect = prospect_on(access.contract, today=today)
    if prospect is None or prospect.next.step is None or not prospect.is_due:
        messages.info(request, _("No step is due on this contract."))
        return redirect(SECTION, pk)
    rung = prospect.next.step
    sanction = None
    initial: dict[str, object] = {"step": rung, "behind_cents": prospect.behind_cents(today)}
    if rung is Rung.PENALTY:
        position = position_together([pk])
        sanction = sanction_of(access.contract, position, on=today)
        initial["amount"] = None if sanction is None else sanction.amount_cents
    form = (PenaltyForm if rung is Rung.PENALTY else StepForm)(
        request.POST or None, initial=initial
    )

    def deed() -> None:
        typed = form.cleaned_data
        step = take_step(
            access,
            Seen(pk, Rung(typed["step"]), typed["behind_cents"]),
            reason=typed["reason"],
            key=typed["key"],
            today=today,
            amount_cents=typed.get("amount"),
        )
        messages.success(request, _said(step))

    if succeeds(form, deed, _FIELDS):
        return redirect(SECTION, pk)
    see_again(form, step=rung, behind_cents=initial["behind_cents"])
    return _page(
        request,
        access,
        form,
        title=_("%(step)s on %(contract)s")
        % {"step": next_name(access.contract, rung), "contract": access.contract},
        button=_("Take this step"),
        facts=_facts(prospect, sanction),
        lead=_lead(prospect, rung),
    )


def _said(step: Step) -> str:
    if step.needs_second:
        return _("It counts when a second person agrees. Your colleagues are told.")
    return _("The step is taken. The contractor is told.")


def _lead(prospect: Prospect, rung: Rung) -> str:
    terms = terms_of(prospect.ladder).of(rung)
    if terms is None:
        return ""
    parts = [_("The contractor then has %(days)s days.") % {"days": terms.days}]
    if terms.by_manager:
        parts.append(_("Only a manager decides on this step."))
    if terms.second_from_cents is not None:
        amount = euros(terms.second_from_cents)
        parts.append(_("From %(amount)s a second person has to agree.") % {"amount": amount})
    return " ".join(parts)


def _facts(prospect: Prospect, sanction: Consequence | None) -> list[tuple[str, str]]:
    pace, today = prospect.pace, timezone.localdate()
    facts = [
        (_("Owed"), euros(pace.owed_cents)),
        (_("Should have been done by today"), euros(pace.due_cents(today))),
        (_("Done, with what waits for a decision"), euros(pace.done_cents)),
        (_("Behind"), euros(pace.behind_cents(today))),
        (_("Behind since"), day(prospect.next.late_since)),
    ]
    if sanction is not None:
        name = sanction_name(sanction.kind)
        facts += _by_the_scheme(name, sanction.base_cents, sanction.factor, sanction.amount_cents)
    return facts


def _by_the_scheme(
    name: str, base_cents: int | None, factor: Fraction | str | None, rules_cents: int | None
) -> Iterator[tuple[str, str]]:
    """What was not done, and what its price is by the scheme, as far as that says so."""
    yield _("What was not done"), euros(base_cents)
    if factor is not None:
        yield _("Factor of the scheme"), number(Fraction(factor), active())
    if rules_cents is not None:
        yield _("%(sanction)s by the scheme") % {"sanction": name}, euros(rules_cents)


@login_required
def second(request: TelmeeRequest, pk: int, step_id: int) -> HttpResponse:
    """Say as the second person whether a step counts."""
    access = contract_to_decide(request.acting, pk)
    step = _step(pk, step_id)
    form = SecondForm(request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        confirm_step(
            access,
            step_id,
            agrees=typed["agrees"] == "yes",
            reason=typed["reason"],
            today=timezone.localdate(),
        )

    if succeeds(form, deed, _FIELDS):
        agrees = form.cleaned_data["agrees"] == "yes"
        messages.success(request, _COUNTS if agrees else _COUNTS_NOT)
        return redirect(SECTION, pk)
    against = against_second(access, step) or changed_since(
        access, step, today=timezone.localdate()
    )
    return _page(
        request,
        access,
        form,
        against=[] if form.is_bound else against,
        title=_("Second person: %(step)s") % {"step": step_name(step)},
        button=_("Say so"),
        facts=[_taken_by(access, step), *_kept(step)],
        lead=_second_lead(step),
    )


@login_required
def withdraw(request: TelmeeRequest, pk: int, step_id: int) -> HttpResponse:
    """Take a step back; it stays to be seen."""
    access = contract_to_decide(request.acting, pk)
    step = _step(pk, step_id)
    form = WithdrawForm(request.POST or None)
    reason = form.data.get("reason", "")
    if succeeds(form, lambda: withdraw_step(access, step_id, reason=reason), _FIELDS):
        messages.success(request, _("The step is withdrawn. It stays to be seen."))
        return redirect(SECTION, pk)
    return _page(
        request,
        access,
        form,
        title=_("Withdraw: %(step)s") % {"step": step_name(step)},
        button=_("Withdraw"),
        facts=_kept(step),
        lead=_withdrawn_lead(step),
        dangerous=True,
    )


@login_required
def look(request: TelmeeRequest, pk: int, step_id: int) -> HttpResponse:
    """Say that a step stands although figures on which it rests were corrected."""
    access = contract_to_decide(request.acting, pk)
    step = _step(pk, step_id)
    form = LookForm(request.POST or None)

    def deed() -> None:
        typed = form.cleaned_data
        look_again(access, step_id, reason=typed["reason"], key=typed["key"])

    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The step stands."))
        return redirect(SECTION, pk)
    return _page(
        request,
        access,
        form,
        title=_("Look again: %(step)s") % {"step": step_name(step)},
        button=_("The step stands"),
        facts=_kept(step),
        lead=_(
            "Figures on which this step rests were corrected since. If it should not have been"
            " taken, withdraw it."
        ),
    )


@login_required
def lenient(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Be lenient on a contract: days, euros, or both."""
    access = contract_to_decide(request.acting, pk)
    form = LeniencyForm(request.POST or None)

    def deed() -> None:
        key, today = form.cleaned_data["key"], timezone.localdate()
        grant_leniency(access, form.wanted(), key=key, today=today)

    if succeeds(form, deed, {"toelichting": "reason", AMOUNT: "cents"}):
        messages.success(request, _("The leniency is granted. The contractor is told."))
        return redirect(SECTION, pk)
    position = position_together([pk])
    facts = [(_("Owed"), euros(position.owed_cents)), (_("Open"), euros(position.open_cents))]
    return _page(
        request,
        access,
        form,
        title=_("Be lenient"),
        button=_("Grant leniency"),
        facts=facts,
        lead=_(
            "On days of leniency no step is taken and no term runs. What is owed goes on. Euros are"
            " taken off what is owed."
        ),
    )


@login_required
def end(request: TelmeeRequest, pk: int) -> HttpResponse:
    """End days of leniency today, on one contract or on all contracts of a client.

    The page goes by the leniency and not by where somebody came from: days that hold for all
    contracts end on all of them, and the page says so.
    """
    row = leniency_to_end(request.acting, pk)
    form = EndForm(request.POST or None)

    def deed() -> None:
        reason = form.cleaned_data["reason"]
        end_leniency(request.acting, row, reason=reason, today=timezone.localdate())

    one = row.contract_id
    back = ("ladder-settings", row.organisation_id) if one is None else (SECTION, one)
    if succeeds(form, deed, _FIELDS):
        messages.success(request, _("The leniency ends today."))
        return redirect(*back)
    if one is None:
        title = _("End leniency on all contracts")
        lead = row.organisation.name
        return form_pages.form_page(
            request, form, title=title, button=_("End it"), back=back, lead=lead
        )
    access = contract_to_decide(request.acting, one)
    facts = [(_("First day"), day(row.first)), (_("Last day"), day(row.last))]
    return _page(request, access, form, title=_("End leniency"), button=_("End it"), facts=facts)


def _taken_by(access: ContractAccess, step: Step) -> tuple[str, str]:
    """Who took a step, as it is called on the ladder."""
    who = step.user_id, step.organisation_id
    return _("Taken by"), doers(access.acting, [who])[who]


def _second_lead(step: Step) -> str:
    """What a second person brings about with each answer."""
    parts = [_("If you agree, the step counts from today and the contractor is told.")]
    if step.amount_cents is not None:
        parts.append(_("The amount is then booked."))
    return " ".join([*parts, _("If you do not, it does not count, and your colleagues read why.")])


def _withdrawn_lead(step: Step) -> str:
    """What withdrawing a step brings about."""
    parts = [_("The step does not count any more. It stays to be seen.")]
    if holds(step):
        parts.append(_("The contractor is told, and what comes next follows from the other steps."))
    if step.amount_cents is not None and not is_pending(step):
        parts.append(_("The amount is taken off the books as well."))
    return " ".join(parts)


def _kept(step: Step) -> list[tuple[str, str]]:
    """The figures that were kept with a step."""
    kept = step.facts
    facts = [
        (_("Taken on"), day(step.on)),
        (_("Owed"), euros(kept.get("owed_cents"))),
        (_("Should have been done by then"), euros(kept.get("due_cents"))),
        (_("Done, with what waited for a decision"), euros(kept.get("done_cents"))),
        (_("Behind"), euros(step.behind_cents)),
    ]
    if step.amount_cents is not None:
        name = step_name(step)
        facts += _by_the_scheme(name, *map(kept.get, ("base_cents", "factor", "rules_cents")))
        facts.append((name, euros(step.amount_cents)))
    return [*facts, (_("Why"), step.reason)]


def _step(pk: int, step_id: int) -> Step:
    step = steps_on([pk]).filter(pk=step_id).first()
    if step is None:
        raise Http404
    return step


def _page(
    request: TelmeeRequest, access: ContractAccess, form: BaseForm, **context: Any
) -> HttpResponse:
    back = back_to(access.contract.pk)
    return form_page(request, access, form, section=SECTION, back=back, **context)
