"""The rule of a client: set it as the next version, and see beforehand what it would have done."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Party
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.models import Decision, Question
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.turns import done_before
from telmee.apps.reports.dossier import missing_proof, to_check
from telmee.apps.trust.models import Review, Rule
from telmee.core.errors import DomainError
from telmee.core.free_text import reason_problems
from telmee.core.periods import later_end
from telmee.core.trust import Doubt, Facts, Record, Terms, doubts_of
from telmee.core.valuation import Status

#: What a client sees of a year back; more lines than this are not looked at, the latest are.
_PREVIEW_DAYS, _PREVIEW_MAX = 365, 20_000
_DECIDED = (State.PARTLY, State.ACCEPTED, State.ADJUSTED, State.REJECTED, State.OBJECTION)


def terms_of(rule: Rule) -> Terms:
    """What a version of a rule asks."""
    return Terms(
        least_lines=rule.least_lines,
        least_right_bp=rule.least_right_bp,
        months=rule.months,
        most_cents=rule.most_cents,
        blocks=frozenset(rule.blocks),
        with_assumed=rule.with_assumed,
        without_proof=rule.without_proof,
    )


def rules_set(client_id: int) -> QuerySet[Rule]:
    """The versions of the rule of a client, the latest first."""
    return Rule.objects.filter(organisation=client_id).order_by("-number")


@transaction.atomic
def set_rule(
    acting: Acting,
    client: Organisation,
    terms: Terms,
    *,
    is_on: bool,
    away_days: int,
    reason: str,
    key: UUID,
) -> Rule:
    """Let the rule of a client be this from now on; the same `key` twice sets it once.

    Only who manages the client sets it (the database holds this as well), and it decides in his
    name. Raises `trust_limit`, `trust_no_blocks`, and what refuses a reason.
    """
    faults = [*terms.problems(away_days), *reason_problems(reason)]
    if faults:
        raise DomainError(faults)
    known = done_before(key, Rule.objects.filter(key=key, organisation=client))
    if known is not None:
        return known
    rule = Rule.objects.create(
        organisation=client,
        is_on=is_on,
        least_lines=terms.least_lines,
        least_right_bp=terms.least_right_bp,
        months=terms.months,
        most_cents=terms.most_cents,
        blocks=sorted(terms.blocks),
        with_assumed=terms.with_assumed,
        without_proof=terms.without_proof,
        away_days=away_days,
        reason=reason.strip(),
        key=key,
        user_id=acting.user_id,
    )
    verb = "organisation.trust_set" if is_on else "organisation.trust_off"
    record(
        acting,
        verb,
        client,
        organisation_id=client.pk,
        reason=reason,
        details={"version": rule.number},
    )
    return rule


# The record ------------------------------------------------------------------------------------


def record_of(client_id: int, contractor_id: int, terms: Terms, today: date) -> Record:
    """What people decided of a contractor's lines for a client in the time that a rule looks back.

    A line counts where a person decided on it, or looked at it in a sample: what was accepted by
    itself says nothing of how well a contractor does. Right is what was never decided otherwise
    than it was handed in, was not corrected since somebody asked, with the answer or as a draft
    again, and that no sample found wrong.
    Runs one query.
    """
    since = _months_before(today, terms.months)
    looked_at = _with_verdict(_lines_of(client_id)).filter(
        organisation=contractor_id, state__in=_DECIDED, decided_at__date__gte=since, by_person=True
    )
    verdicts = list(looked_at.values_list("is_wrong", flat=True))
    return Record(len(verdicts), verdicts.count(False))


def _months_before(day: date, months: int) -> date:
    """The day so many months before another; the last of its month where it has no such day."""
    return later_end(day, -months)


def _lines_of(client_id: int) -> QuerySet[Contribution]:
    clients = Party.objects.filter(role=PartyRole.CLIENT, organisation=client_id)
    return Contribution.objects.filter(contract__in=clients.values("contract"))


def _with_verdict(lines: QuerySet[Contribution]) -> QuerySet[Any, Any]:
    """Put beside each line whether a person looked at it, and whether it was wrong."""
    decisions = Decision.objects.filter(contribution=OuterRef("pk"))
    otherwise = decisions.exclude(outcome=Outcome.REOPENED).exclude(reason="")
    questions = Question.objects.filter(contribution=OuterRef("pk"))
    corrected = questions.exclude(receipt__inputs=OuterRef("receipt__inputs"))
    by_people = decisions.filter(weighing=None).exclude(outcome=Outcome.REOPENED)
    reviews = Review.objects.filter(contribution=OuterRef("pk"))
    later = Review.objects.filter(sample=OuterRef("sample"), contribution=OuterRef("contribution"))
    wrong = reviews.filter(is_right=False).exclude(Exists(later.filter(pk__gt=OuterRef("pk"))))
    return lines.annotate(
        by_person=Q(Exists(by_people)) | Q(Exists(reviews)),
        is_wrong=Q(Exists(otherwise)) | Q(Exists(corrected)) | Q(Exists(wrong)),
    )


# What it would have done -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done with the lines of a year: how many, and how many of them wrong.

    `wrong` are those that were changed, rejected or corrected since, or that a sample found wrong.
    """

    lines: int
    automatic: int
    wrong: int
    contractors: int


def preview(acting: Acting, client_id: int, terms: Terms, *, today: date) -> Preview:
    """What a rule would have done in the last year, with what was known when each line came in.

    Runs a fixed number of queries, however many lines there are. Of proof and possible doubles only
    how it is today is known.
    """
    lines = _of_last_year(client_id, today)
    records = _Records((line.organisation_id, line.decided_at, line.is_wrong) for line in lines)
    passing = [
        line
        for line in lines
        if not doubts_of(
            terms, records.before(line.organisation_id, line.submitted_at, terms), _facts(line)
        )
    ]
    doubted = _doubted(acting, passing, terms)
    automatic = [line for line in passing if line.pk not in doubted]
    return Preview(
        lines=len(lines),
        automatic=len(automatic),
        wrong=sum(line.is_wrong for line in automatic),
        contractors=len({line.organisation_id for line in automatic}),
    )


def _of_last_year(client_id: int, today: date) -> list[Any]:
    begin = today - timedelta(days=_PREVIEW_DAYS)
    decided = _lines_of(client_id).filter(
        state__in=_DECIDED, submitted_at__date__gte=begin, decided_at__isnull=False
    )
    assumed = Func(
        F("receipt__steps"),
        template="jsonb_path_exists(%(expressions)s, '$[*].assumed[*]')",
        output_field=BooleanField(),
    )
    rows = _with_verdict(decided).annotate(has_assumed=assumed)
    return list(rows.select_related("contract").defer("note").order_by("-pk")[:_PREVIEW_MAX])


def _facts(line: Any) -> Facts:
    value = line.value_cents if line.value_status == Status.VALUED else None
    return Facts(line.block, value, frozenset({Doubt.ASSUMED} if line.has_assumed else ()))


def _doubted(acting: Acting, lines: Sequence[Any], terms: Terms) -> set[int]:
    """Lines that something else speaks against: a point to check, a possible double, no proof."""
    points = to_check(lines)
    unproven = {} if terms.without_proof else missing_proof(lines, takes_a_word=False)
    doubles = doubles_of(acting, [line.pk for line in lines])
    return {line.pk for line in lines if points[line.pk]} | unproven.keys() | doubles.keys()


class _Records:
    """What was known of each contractor at a moment, from lines with when they were decided."""

    def __init__(self, decided: Iterable[tuple[int, datetime, bool]]) -> None:
        moments: Mapping[int, list[tuple[datetime, bool]]] = defaultdict(list)
        for contractor, at, is_wrong in decided:
            moments[contractor].append((at, is_wrong))
        self._at, self._right = {}, {}
        for contractor, each in moments.items():
            each.sort()
            self._at[contractor] = [at for at, _ in each]
            self._right[contractor] = [0, *accumulate(not is_wrong for _, is_wrong in each)]

    def before(self, contractor: int, moment: datetime, terms: Terms) -> Record:
        """The record of a contractor at a moment, as far back as a rule looks."""
        since = _months_before(timezone.localdate(moment), terms.months)
        begin = timezone.make_aware(datetime.combine(since, time.min))
        at, right = self._at.get(contractor, []), self._right.get(contractor, [0])
        first, last = bisect_left(at, begin), bisect_left(at, moment)
        return Record(last - first, right[last] - right[first])


def blocks_delivered(client_id: int) -> list[tuple[int, str]]:
    """The scheme and key of every building block of which lines were handed in to a client."""
    lines = _lines_of(client_id).exclude(state=State.DRAFT)
    pairs = lines.values_list("contract__scheme_id", "block").distinct()
    return sorted((int(scheme), block) for scheme, block in pairs)
