"""Rules of trust and what they said of lines; samples, their reviews, and trust that is away."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.trust.choices import Decided
from telmee.core.free_text import REASON
from telmee.core.sampling import SEED, SIZE_MAX
from telmee.core.trust import AWAY_DAYS_MAX, LINES_MAX, MONTHS_MAX


class Rule(models.Model):
    """By which a client accepts lines without a person looking; a change is the next version.

    A contractor has earned it who, in the last `months`, had `least_lines` decided of which
    `least_right_bp` as he handed them in. It lets pass lines of these `blocks` up to `most_cents`,
    `with_assumed` also those whose value leans on what a scheme assumes, and `without_proof` those
    of which nobody saw the proof. It decides with the rights of who set it, and stands still when
    he loses them. A line that a sample finds wrong takes the trust away for `away_days`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    is_on = models.BooleanField()
    least_lines = models.PositiveIntegerField()
    least_right_bp = models.PositiveIntegerField()
    months = models.PositiveSmallIntegerField()
    most_cents = models.BigIntegerField()
    blocks = models.JSONField()
    with_assumed = models.BooleanField()
    without_proof = models.BooleanField()
    away_days = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per client; its limits are those of `telmee.core.trust`."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="rule_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="rule_has_reason"),
            models.CheckConstraint(
                condition=Q(
                    least_lines__range=(1, LINES_MAX),
                    least_right_bp__range=(1, 10_000),
                    months__range=(1, MONTHS_MAX),
                    most_cents__gte=1,
                    away_days__range=(1, AWAY_DAYS_MAX),
                ),
                name="rule_within_limits",
            ),
        )


class Weighing(models.Model):
    """What a rule said of a line as it was handed in: accepted by itself, or left to a person.

    With a `decision` that is the one it took, and `record` says what it leaned on. Without one
    `doubts` say why a person looks at it (`telmee.core.trust`).
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="weighings"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, related_name="weighing"
    )
    doubts = models.JSONField(default=list)
    record = models.JSONField(default=dict)
    submitted_at = models.DateTimeField(db_default=Now())
    weighed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Once for each handing in: what a person has to look at, no rule takes from him."""

        constraints = (
            models.UniqueConstraint(fields=["contribution", "submitted_at"], name="weighed_once"),
            models.CheckConstraint(
                condition=Q(decision__isnull=False, doubts=[])
                | (Q(decision__isnull=True) & ~Q(doubts=[])),
                name="weighing_decides_or_doubts",
            ),
        )
        indexes = (models.Index(fields=["contract", "weighed_at"], name="weighing_by_contract"),)


class Sample(models.Model):
    """Lines that are looked at again, drawn from what was decided on the contracts of a client.

    Frozen as it was drawn: `contracts`, the days and `decided` say from which lines, as they stood
    at the end of the day `as_of`; `hash` is theirs. `items` holds of each line that was drawn its
    number, that of its decision, its cents, and how many cents were hit in it. Samples are numbered
    per client, so that nobody draws until he likes what comes out.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    drawn_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    decided = models.CharField(max_length=10, choices=Decided.choices)
    first = models.DateField()
    last = models.DateField()
    as_of = models.DateField()
    seed = models.CharField(max_length=SEED.maximum)
    size = models.PositiveIntegerField()
    contracts = models.JSONField()
    lines = models.PositiveIntegerField()
    total_cents = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    interval = models.BigIntegerField()
    start = models.BigIntegerField()
    items = models.JSONField()
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    drawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        """What is drawn from is over before it is drawn from."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="sample_once"),
            models.CheckConstraint(
                condition=Q(first__lte=F("last"), last__lte=F("as_of")), name="sample_days"
            ),
            models.CheckConstraint(
                condition=Q(size__range=(1, SIZE_MAX), interval__gte=1, start__gte=1)
                & Q(start__lte=F("interval")),
                name="sample_drawn",
            ),
        )


class Review(models.Model):
    """What somebody found who looked again at a line of a sample; a later one replaces it.

    `right_cents` is what the line should have counted for.
    """

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="reviews")
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    is_right = models.BooleanField()
    right_cents = models.BigIntegerField()
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    reviewed_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Who calls a line wrong says why."""

        constraints = (
            models.CheckConstraint(condition=Q(right_cents__gte=0), name="review_amount"),
            models.CheckConstraint(
                condition=Q(is_right=True) | ~Q(reason=""), name="review_has_reason"
            ),
        )
        indexes = (models.Index(fields=["contribution"], name="review_by_line"),)


class Lapse(models.Model):
    """The trust of a client in a contractor is away until a day, by a line found wrong.

    Written by the database with the review; a person of the client can lift it, and says why.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    contractor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="lapse")
    until = models.DateField()
    created_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    lifted_why = models.CharField(max_length=REASON.maximum, blank=True)

    class Meta:
        """What is lifted has a reason; what holds is read per client and contractor."""

        constraints = (
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_why="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_why="")),
                name="lifted_has_reason",
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "contractor", "until"], name="lapse_in_force"),
        )
