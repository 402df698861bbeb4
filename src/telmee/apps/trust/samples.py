"""Draw a sample from what a client decided, and say of each line in it whether it is right.

What is drawn from follows from the decisions, which only grow, and from days that are over: so it
can be put together again at any time, and its hash shows whether it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from telmee.apps.audit.actions import record
from telmee.apps.contributions.erasing import require_no_code
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.reviewers import is_his_own
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.turns import done_before
from telmee.apps.trust.access import Drawing, contracts_drawn_from, reviewing_for
from telmee.apps.trust.choices import Decided
from telmee.apps.trust.models import Review, Sample
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import reason_problems
from telmee.core.money import CENTS_MAX
from telmee.core.sampling import Population, draw, require_drawable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """From which decisions to draw, how many lines, and by which seed; both days are included."""

    first: date
    last: date
    seed: str
    size: int
    decided: Decided = Decided.ALL


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a sample, as it was drawn: its decision, its cents, and how many cents were hit."""

    line_id: int
    decision_id: int
    cents: int
    hits: int


@transaction.atomic
def draw_sample(
    acting: Acting, drawing: Drawing, wanted: Wanted, *, key: UUID, today: date
) -> Sample:
    """Draw a sample and freeze it; the same `key` twice draws once.

    Only days that are over are drawn from, and decisions as they stood at the end of yesterday.
    Raises `sample_days`, and what `require_drawable` raises.
    """
    as_of = today - timedelta(days=1)
    faults = [] if wanted.first <= wanted.last <= as_of else [_days_problem(as_of)]
    try:
        require_drawable(wanted.seed, wanted.size)
    except DomainError as error:
        faults += error.problems
    if faults:
        raise DomainError(faults)
    known = done_before(key, Sample.objects.filter(key=key, organisation=drawing.client_id))
    if known is not None:
        return known
    contracts = sorted(contracts_drawn_from(acting, drawing).values_list("pk", flat=True))
    rows = _decided(contracts, wanted, as_of)
    drawn = draw(rows.population, seed=wanted.seed, size=wanted.size)
    sample = Sample.objects.create(
        organisation_id=drawing.client_id,
        drawn_for_id=drawing.drawn_for_id,
        decided=wanted.decided,
        first=wanted.first,
        last=wanted.last,
        as_of=as_of,
        seed=wanted.seed,
        size=wanted.size,
        contracts=contracts,
        lines=len(rows.population),
        total_cents=drawn.total_cents,
        hash=drawn.population_hash,
        interval=drawn.interval,
        start=drawn.start,
        items=[
            [*rows.at(place), hits]
            for place, hits in zip(drawn.places.tolist(), drawn.hits.tolist(), strict=True)
        ],
        key=key,
        user_id=acting.user_id,
    )
    details = {"seed": wanted.seed, "lines": sample.lines, "drawn": len(sample.items)}
    record(acting, "sample.drawn", sample, organisation_id=drawing.drawn_for_id, details=details)
    return sample


def _days_problem(as_of: date) -> Problem:
    return Problem("sample_days", "last", params={"last": as_of})


@dataclass(frozen=True, slots=True)
class _Rows:
    """The lines to draw from, each with its decision."""

    population: Population
    decisions: Sequence[int]

    def at(self, place: int) -> tuple[int, int, int]:
        """A line, its decision and its cents, by its place."""
        lines, cents = self.population.lines, self.population.cents
        return int(lines[place]), int(self.decisions[place]), int(cents[place])


def _decided(contracts: Iterable[int], wanted: Wanted, as_of: date) -> _Rows:
    """Read what each line counted for by its last decision, as it stood at the end of a day."""
    latest = (
        Decision.objects.filter(contract__in=listed(contracts), decided_at__lt=_end_of(as_of))
        .order_by("contribution_id", "-number")
        .distinct("contribution_id")
    )
    rows = _of(wanted.decided, Decision.objects.filter(pk__in=latest.values("pk"))).filter(
        decided_at__gte=_end_of(wanted.first - timedelta(days=1)),
        decided_at__lt=_end_of(wanted.last),
    )
    counting = rows.exclude(outcome=Outcome.REOPENED).order_by("contribution_id")
    values = counting.values_list("contribution_id", F("before_cents") + F("amount_cents"), "pk")
    table = np.array(list(values), dtype=np.int64).reshape(-1, 3)
    lines, cents, decisions = table[:, 0].copy(), table[:, 1].copy(), table[:, 2].tolist()
    return _Rows(Population(lines, cents), decisions)


def _of(decided: str, rows: QuerySet[Decision]) -> QuerySet[Decision]:
    if decided == Decided.ALL:
        return rows
    return rows.filter(weighing__isnull=decided == Decided.PEOPLE)


def _end_of(day: date) -> datetime:
    """The first moment after a day, in the Netherlands."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def population_again(sample: Sample) -> Population:
    """Put together once more what a sample was drawn from.

    Raises `sample_population_changed` where it is not what it was, so that nobody repeats another.
    """
    wanted = Wanted(
        first=sample.first,
        last=sample.last,
        seed=sample.seed,
        size=sample.size,
        decided=Decided(sample.decided),
    )
    population = _decided(sample.contracts, wanted, sample.as_of).population
    if population.hash() != sample.hash:
        raise DomainError(Problem("sample_population_changed"))
    return population


def items_of(sample: Sample) -> list[Item]:
    """The lines of a sample in the order in which they were drawn."""
    return [Item(*item) for item in sample.items]


def is_of_reviewer(acting: Acting, item: Item, line: Contribution) -> bool:
    """Whether somebody decided on a line of a sample himself, or worked on it for who delivers."""
    decided = Decision.objects.filter(pk=item.decision_id, user_id=acting.user_id)
    return decided.exists() or is_his_own(acting, line)


@transaction.atomic
def review_line(
    acting: Acting,
    sample: Sample,
    line: Contribution,
    *,
    right_cents: int | None,
    reason: str,
    key: UUID,
) -> Review:
    """Say what was found at a line of a sample: right, or the amount that it should have been.

    Without `right_cents` it is right. A line that nobody looked at before and that is wrong takes
    the trust in its contractor away, and right after all it gives it back, with the reason
    (`telmee_follow_review`). The same `key` twice says it once. Raises `sample_own_decision`,
    `sample_right_amount`, and what refuses a reason.
    """
    item = next((one for one in items_of(sample) if one.line_id == line.pk), None)
    organisation_id = reviewing_for(acting, sample)
    if item is None or organisation_id is None:
        raise DomainError(Problem("not_allowed"))
    is_right = right_cents is None
    before = Review.objects.filter(sample=sample, contribution=line).order_by("-pk").first()
    was_wrong = before is not None and not before.is_right
    faults = reason_problems(reason, required=was_wrong or not is_right)
    if right_cents is not None and (not 0 <= right_cents <= CENTS_MAX or right_cents == item.cents):
        faults.append(Problem("sample_right_amount", "right_cents"))
    if faults:
        raise DomainError(faults)
    require_no_code(line, reason)
    known = done_before(key, Review.objects.filter(key=key, sample=sample))
    if known is not None:
        return known
    if is_of_reviewer(acting, item, line):
        raise DomainError(Problem("sample_own_decision"))
    review = Review.objects.create(
        sample=sample,
        contribution=line,
        contract_id=line.contract_id,
        is_right=is_right,
        right_cents=item.cents if right_cents is None else right_cents,
        reason=reason.strip(),
        key=key,
        user_id=acting.user_id,
        organisation_id=organisation_id,
    )
    details = {"line": line.reference, "right": is_right, "cents": review.right_cents}
    record(
        acting,
        "sample.reviewed",
        sample,
        organisation_id=organisation_id,
        reason=reason,
        details=details,
    )
    return review
