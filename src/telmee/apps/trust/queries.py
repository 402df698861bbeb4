"""Read samples and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from telmee.apps.contributions.models import Contribution
from telmee.apps.trust.models import Review, Sample, Weighing
from telmee.apps.trust.samples import Item, items_of
from telmee.core.sampling import projected_error_cents


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A line of a sample, what a review said of it, and what its error stands for.

    `line` is None for who sees the line no longer.
    """

    item: Item
    interval: int
    line: Contribution | None
    review: Review | None

    @property
    def projected_cents(self) -> int:
        """What its error stands for in all that was drawn from, below zero where it was too low."""
        if self.review is None:
            return 0
        return projected_error_cents(self.item.cents, self.review.right_cents, self.interval)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sample comes to, as far as its lines were reviewed."""

    drawn: int
    reviewed: int
    wrong: int
    over_cents: int
    under_cents: int

    @property
    def is_complete(self) -> bool:
        """Whether every line was reviewed; before that there is no figure for the whole."""
        return self.reviewed == self.drawn

    @property
    def projected_cents(self) -> int:
        """What was counted too much less what was counted too little."""
        return self.over_cents - self.under_cents


def lines_of(sample: Sample) -> list[SampleLine]:
    """The lines of a sample with their last review. Runs two queries."""
    items = items_of(sample)
    lines = (
        Contribution.objects.filter(pk__in=[item.line_id for item in items])
        .select_related("contract", "organisation")
        .defer("note")
    )
    line_of: Mapping[int, Contribution] = {line.pk: line for line in lines}
    latest = {review.contribution_id: review for review in sample.reviews.order_by("pk")}
    return [
        SampleLine(item, sample.interval, line_of.get(item.line_id), latest.get(item.line_id))
        for item in items
    ]


def outcome_of(lines: list[SampleLine]) -> Outcome:
    """Add up what the errors stand for; too much and too little are kept apart."""
    projected = [one.projected_cents for one in lines]
    return Outcome(
        drawn=len(lines),
        reviewed=sum(one.review is not None for one in lines),
        wrong=sum(one.review is not None and not one.review.is_right for one in lines),
        over_cents=sum(cents for cents in projected if cents > 0),
        under_cents=-sum(cents for cents in projected if cents < 0),
    )


def weighings_of(client_id: int) -> QuerySet[Weighing]:
    """What the rule of a client said of lines, with the version that did."""
    return Weighing.objects.filter(rule__organisation=client_id)


def count_weighed(client_id: int) -> tuple[int, int]:
    """How many lines the rule of a client accepted by itself, and how many it weighed."""
    counts = weighings_of(client_id).aggregate(automatic=Count("decision"), all=Count("pk"))
    return counts["automatic"], counts["all"]


def weighing_of(line: Contribution) -> Weighing | None:
    """What the rule said of a line as it was handed in last; None where it was not weighed."""
    if line.submitted_at is None:
        return None
    weighings = Weighing.objects.filter(contribution=line, submitted_at=line.submitted_at)
    return weighings.first()


def automatic_decisions(line: Contribution) -> frozenset[int]:
    """The ids of the decisions on a line that a rule took."""
    taken = Weighing.objects.filter(contribution=line, decision__isnull=False)
    return frozenset(taken.values_list("decision_id", flat=True))
