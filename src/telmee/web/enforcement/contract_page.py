"""The ladder on a contract: what comes next, the steps that were taken, and leniency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import ContractAccess, contract_seen_whole
from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.enforcement.queries import (
    Prospect,
    corrected,
    counts_since,
    holds,
    is_pending,
    leniencies_for,
    prospect_on,
    spans_of,
    steps_on,
    taken_of,
)
from telmee.apps.ledger.queries import keys_reversed
from telmee.apps.organisations.journal import doers
from telmee.core.enforcement import Step as Rung
from telmee.web.contracts.contract_words import LEAVING, LENIENCY_GROUNDS
from telmee.web.contracts.frame import around
from telmee.web.enforcement.enforcement_words import (
    MATTERS,
    SECOND,
    next_name,
    step_name,
    step_state,
)
from telmee.web.letters.links import letter_links
from telmee.web.middleware import TelmeeRequest
from telmee.web.templatetags.telmee import basis_points, day, euros

if TYPE_CHECKING:
    from telmee.apps.enforcement.models import Leniency, Step

SECTION = "contract-enforcement"


@login_required
@require_safe
def ladder(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the steps on a contract with their figures and terms, and to its client what is due."""
    access = contract_seen_whole(request.acting, pk)
    today = timezone.localdate()
    is_team = access.has_role(*DECIDING_ROLES)
    prospect = prospect_on(access.contract, today=today) if is_team else None
    steps = list(steps_on([pk]))
    lenient = leniencies_for({pk: access.client.organisation_id})[pk] if access.client else []
    context = around(access, SECTION)
    context |= {
        "next": None if prospect is None else _next(access, prospect),
        "facts": None if prospect is None else _facts(prospect),
        "may_take": access.may_decide and prospect is not None and prospect.is_due,
        "steps": list(_steps(access, steps, lenient, is_team=is_team)),
        "lenient": list(_lenient(access, lenient)),
    }
    return render(request, "enforcement/contract.html", context)


def _next(access: ContractAccess, prospect: Prospect) -> dict[str, object]:
    """What comes next, in words; nothing for a contract that is not behind."""
    why = SECOND if prospect.climb.pending else prospect.next.why
    word, kind = MATTERS.get(why, (_("Not behind"), "positive"))
    return {
        "word": word,
        "kind": kind,
        "step": next_name(access.contract, prospect.next.step),
        "is_due": prospect.is_due,
        "due_on": prospect.next.due_on,
        "late_since": prospect.next.late_since,
    }


def _facts(prospect: Prospect) -> list[dict[str, object]]:
    """The figures on which the ladder says so, with the rule that they are held against."""
    pace, rules, today = prospect.pace, prospect.ladder, timezone.localdate()
    return [
        {"label": _("Owed"), "value": euros(pace.owed_cents)},
        {
            "label": _("Should have been done by today"),
            "value": _("%(due)s: %(passed)s of %(days)s days")
            % {
                "due": euros(pace.due_cents(today)),
                "passed": pace.passed(today),
                "days": pace.days,
            },
        },
        {"label": _("Done, with what waits for a decision"), "value": euros(pace.done_cents)},
        {"label": _("Behind"), "value": euros(pace.behind_cents(today))},
        {
            "label": _("Planned and still to come"),
            "value": euros(prospect.standing.outlook.planned_cents),
        },
        {
            "label": _("Rule"),
            "value": _("behind from %(share)s of what is owed, at least %(least)s (version %(nr)s)")
            % {
                "share": basis_points(rules.behind_bp),
                "least": euros(rules.least_cents),
                "nr": rules.number,
            },
        },
    ]


def _steps(
    access: ContractAccess, steps: list[Step], lenient: list[Leniency], *, is_team: bool
) -> Iterator[dict[str, object]]:
    """The steps, the latest first, each with what became of it and what can be done."""
    said = [one for step in steps if (one := getattr(step, "confirmation", None))]
    by = doers(access.acting, ((one.user_id, one.organisation_id) for one in [*steps, *said]))
    marked = corrected(steps) if is_team else {}
    spans, letters = spans_of(lenient), _letters(access, steps)
    for step in reversed(steps):
        since = counts_since(step)
        exit_, second = getattr(step, "exit", None), getattr(step, "confirmation", None)
        yield {
            "step": step,
            "name": step_name(step),
            "state": step_state(step),
            "since": since,
            "until": taken_of(step, lenient).until(spans) if holds(step) else None,
            "by": by[step.user_id, step.organisation_id],
            "second": second,
            "second_by": second and by[second.user_id, second.organisation_id],
            "withdrawal": getattr(step, "withdrawal", None),
            "left": exit_ and {"on": exit_.on, "why": LEAVING[exit_.why]},
            "corrected_at": marked.get(step.pk),
            "letter": letters.get(step.pk),
            "may_answer": is_pending(step)
            and access.may_decide
            and step.user_id != access.acting.user_id,
            "may_withdraw": access.may_decide and (holds(step) or is_pending(step)),
        }


def _letters(access: ContractAccess, steps: list[Step]) -> dict[int, dict[str, str]]:
    """The letter about each step that holds, or where it can be sent."""
    links: dict[int, dict[str, str]] = {}
    for rung in Rung:
        ids = [step.pk for step in steps if step.kind == rung and holds(step)]
        links |= letter_links(access, f"ladder_{rung}", ids)
    return links


def _lenient(access: ContractAccess, rows: list[Leniency]) -> Iterator[dict[str, object]]:
    """Leniency that holds for a contract, with the letter about it."""
    gone = keys_reversed(access.contract.pk, [row.key for row in rows if row.cents])
    stand = [row.pk for row in rows if row.first is not None or row.key not in gone]
    letters = letter_links(access, "ladder_leniency", stand)
    # What was over before the contract began has nothing to do with it.
    start = access.contract.start
    for row in (one for one in rows if one.last is None or one.last >= start):
        more = {"letter": letters.get(row.pk), "is_taken_back": row.key in gone}
        yield _leniency(access, row) | more


def _leniency(access: ContractAccess, row: Leniency) -> dict[str, object]:
    today = timezone.localdate()
    runs = row.last is not None and row.last >= today and row.ended_on is None
    of_all = row.contract_id is None
    may = access.may_decide and (not of_all or access.acting.manages(row.organisation_id))
    return {
        "row": row,
        "ground": LENIENCY_GROUNDS[row.ground],
        "of_all": of_all,
        "may_end": runs and may,
        "days": ""
        if row.first is None
        else _("%(first)s up to and including %(last)s")
        % {"first": day(row.first), "last": day(row.last)},
    }


def back_to(pk: int) -> str:
    """The page of the ladder on a contract."""
    return reverse(SECTION, args=[pk])
