"""Weigh lines by the rule of their client, and accept what nothing speaks against.

A line is weighed once for each handing in, by the worker. What the rule accepts has a decision and
a receipt like any other, taken by the hand of who set the rule: with his rights and no others, so
that both locks hold as they do for a person. All of one line is one transaction.
"""

from __future__ import annotations

from datetime import date
from itertools import takewhile
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from telmee.apps.contracts.access import ContractAccess, hold
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import locked
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.counterparties import denied
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.plan_fit import plan_fit
from telmee.apps.contributions.valuing import value_line
from telmee.apps.decisions.actions import decide
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.judgement import Judgement, Seen
from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.access import account_for
from telmee.apps.organisations.acting import Acting, acting_as, acting_as_system
from telmee.apps.organisations.many import each_apart
from telmee.apps.reports.dossier import missing_proof, to_check
from telmee.apps.trust.models import Lapse, Rule, Weighing
from telmee.apps.trust.rules import record_of, terms_of
from telmee.core.errors import DomainError
from telmee.core.trust import Doubt, Facts, Record, doubts_of
from telmee.core.valuation import Status
from telmee.core.valuation.decided import ValuedAfter
from telmee.texts import Language, phrase

#: So many lines by one rule in one run; the rest comes a minute later.
_AT_ONCE = 200
#: From this and the line follows the key of a decision, so that one run after a kill decides once.
_KEYS = UUID("5d6f8b1e-0f43-4c1b-9d7e-2a4f5b8c9036")


def weigh_waiting() -> None:
    """Weigh every line that was handed in since the rule of its client was set, by that rule.

    What goes wrong with one line, or one rule, stops no other, and is raised at the end.
    """
    each_apart(lambda rule: _weigh_by(*rule), _rules_that_hold(), "rules that did not weigh")


def _weigh_by(rule_id: int, user_id: int) -> None:
    """Weigh the lines of one rule, as many as go in one run; those that fail are not counted."""
    weighed = []

    def weigh_one(line_id: int) -> None:
        with acting_as(user_id) as acting:
            weighed.append(weigh(acting, rule_id, line_id))

    lines = takewhile(lambda _: len(weighed) < _AT_ONCE, _waiting(rule_id, user_id))
    each_apart(weigh_one, lines, "lines that were not weighed")


def _rules_that_hold() -> list[tuple[int, int]]:
    with acting_as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT rule_id, user_id FROM telmee_rules_of_trust()")
        return list(cursor.fetchall())


def _waiting(rule_id: int, user_id: int) -> list[int]:
    """The lines to weigh, the oldest first; none when who set the rule may decide no longer."""
    with acting_as(user_id) as acting:
        rule = _rule(acting, rule_id)
        lines = to_weigh(rule).order_by("pk") if rule else Contribution.objects.none()
        return list(lines.values_list("pk", flat=True))


def _rule(acting: Acting, rule_id: int) -> Rule | None:
    return Rule.objects.filter(pk=rule_id, organisation__in=acting.working).first()


def to_weigh(rule: Rule) -> QuerySet[Contribution]:
    """The lines that wait and that no rule looked at since they were handed in."""
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation=rule.organisation_id)
    weighed = Weighing.objects.filter(
        contribution=OuterRef("pk"), submitted_at=OuterRef("submitted_at")
    )
    return Contribution.objects.filter(
        ~Exists(weighed),
        contract__in=clients.values("contract"),
        contract__closed_on=None,
        contract__voided_on=None,
        state=State.SUBMITTED,
        submitted_at__gte=rule.set_at,
    )


@transaction.atomic
def weigh(acting: Acting, rule_id: int, line_id: int) -> Weighing | None:
    """Weigh one line, and accept it where nothing speaks against that.

    Nothing happens where somebody was there before, or the line is gone.
    """
    rule = _rule(acting, rule_id)
    if rule is None or not to_weigh(rule).filter(pk=line_id).exists():
        return None
    seen_access, seen = contribution_for(acting, line_id)
    (access,) = hold(seen_access)
    line = locked(seen, None)
    if not to_weigh(rule).filter(pk=line_id).exists():  # somebody was there before
        return None
    line.contract = access.contract
    today = timezone.localdate()
    record = record_of(rule.organisation_id, line.organisation_id, terms_of(rule), today)
    valued = value_line(
        access.contract, line.organisation_id, cells_to_value(line), line_id=line.pk
    )
    doubts = doubts_of(terms_of(rule), record, _facts(acting, rule, line, valued, today))
    decision = None
    if not doubts:
        try:
            decision = _accept(access, line, valued.value_cents, rule, record)
        except DomainError:
            doubts = (Doubt.REFUSED,)
    return _keep(rule, line, decision, doubts, record)


def _facts(
    acting: Acting, rule: Rule, line: Contribution, valued: ValuedAfter, today: date
) -> Facts:
    """What is known of a line, with everything that a person would be shown as a point to check."""
    changed = valued.value_cents != line.value_cents or valued.displaced_cents
    points = to_check([line])[line.pk] or valued.checks or plan_fit(line).departures
    seen = {
        Doubt.AWAY: is_away(rule.organisation_id, line.organisation_id, today),
        Doubt.ASSUMED: any(step.assumed for step in valued.explain()),
        Doubt.TO_CHECK: bool(changed or points or denied([line])),
        Doubt.DOUBLE: bool(doubles_of(acting, [line.pk])),
        Doubt.PROOF: bool(missing_proof([line], takes_a_word=False)),
        Doubt.ASKED: line.questions.exists(),
        Doubt.DECIDED_BEFORE: line.decisions.exists(),
    }
    value = valued.value_cents if valued.status is Status.VALUED else None
    return Facts(line.block, value, frozenset(doubt for doubt, holds in seen.items() if holds))


def is_away(client_id: int, contractor_id: int, today: date) -> bool:
    """Whether the trust of a client in a contractor is away on a day."""
    lapses = Lapse.objects.filter(organisation=client_id, contractor=contractor_id)
    return lapses.filter(until__gte=today, lifted_at=None).exists()


def _accept(
    access: ContractAccess, line: Contribution, seen_cents: int | None, rule: Rule, record: Record
) -> Decision:
    language: Language = "en" if account_for(access.acting).language == "en" else "nl"
    facts = {"version": rule.number, "right": record.right, "lines": record.lines}
    text = phrase("trust.accepted", language, **facts)
    return decide(
        access,
        line,
        Judgement(outcome=Outcome.ACCEPTED, text=text),
        seen=Seen(cents=seen_cents, on=timezone.localdate()),
        key=uuid5(_KEYS, f"{line.pk} {line.submitted_at}"),
    )


def _keep(
    rule: Rule,
    line: Contribution,
    decision: Decision | None,
    doubts: tuple[Doubt, ...],
    record: Record,
) -> Weighing:
    return Weighing.objects.create(
        contribution=line,
        contract_id=line.contract_id,
        rule=rule,
        decision=decision,
        doubts=[str(doubt) for doubt in doubts],
        record={"lines": record.lines, "right": record.right, "months": rule.months},
    )
