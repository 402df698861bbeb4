"""Read decisions and objections."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F, OuterRef, QuerySet, Subquery

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.models import Decision, Objection
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared


def decisions_on(line: Contribution) -> list[Decision]:
    """What was decided on a line, latest first, each with its receipt."""
    kept = line.decisions.select_related("receipt__scheme").defer("receipt__scheme__document")
    return list(kept.order_by("-number"))


def decisions_on_each(line_ids: Collection[int]) -> dict[int, list[Decision]]:
    """What was decided on each of some lines, latest first. Runs one query."""
    decisions: dict[int, list[Decision]] = {pk: [] for pk in line_ids}
    for decision in _decisions_on_each(line_ids):
        decisions[decision.contribution_id].append(decision)
    return decisions


@prepared
def _decisions_on_each(line_ids: Collection[int]) -> QuerySet[Decision]:
    return Decision.objects.filter(contribution__in=listed(line_ids)).order_by("-number")


def took_part(decisions: list[Decision], user_id: int | None) -> bool:
    """Whether somebody took the decision that stands, or one of the parts that it consists of.

    `decisions` are those on one line, latest first.
    """
    latest = decisions[:1]
    return any(
        decision.user_id == user_id
        for decision in decisions
        for last in latest
        if decision is last
        or (decision.receipt_id is not None and decision.receipt_id == last.receipt_id)
    )


def asked_outcome(decision: Decision) -> Outcome:
    """What somebody asked for when a decision came out: accepting may count a part."""
    if decision.outcome in {Outcome.REJECTED, Outcome.REOPENED}:
        return Outcome(decision.outcome)
    return Outcome.ACCEPTED if decision.before_cents or not decision.reason else Outcome.ADJUSTED


def objection_to(line: Contribution) -> Objection | None:
    """The objection that waits on a line: who wrote it when, and why."""
    if line.state != State.OBJECTION:
        return None
    objections = Objection.objects.filter(contribution=line).select_related("extension")
    return objections.order_by("-pk").first()


def decided_lines(acting: Acting) -> QuerySet[Contribution]:
    """The lines on which a decision stands, for who decides on their contract or audits it.

    The database keeps with a line when the decision that stands was taken, so that those of a page
    are known without looking at any decision. Their ids alone; `outcome` and `reason` of the
    decision are there to narrow and sort by.
    """
    latest = Decision.objects.filter(contribution=OuterRef("pk")).order_by("-number")
    contracts = contracts_of(acting, *DECIDING_ROLES, PartyRole.AUDITOR)
    return (
        Contribution.objects.filter(decided_at__isnull=False, contract__in=contracts)
        .alias(**{name: Subquery(latest.values(name)[:1]) for name in ("outcome", "reason")})
        .only("pk")
    )


def standing_decisions(lines: Iterable[int]) -> QuerySet[Decision]:
    """The latest decision on each of some lines, with what it `counts` for with it, in cents."""
    decisions = Decision.objects.filter(contribution__in=listed(lines))
    latest = decisions.order_by("contribution", "-number").distinct("contribution")
    return latest.annotate(counts=F("before_cents") + F("amount_cents"))
