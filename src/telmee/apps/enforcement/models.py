"""The ladder of a client, the steps that were taken, and leniency. All of it only grows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from telmee.apps.contracts.models import Contract
from telmee.apps.enforcement.choices import Ground, LeavingKind, StepKind
from telmee.apps.organisations.models import Organisation
from telmee.core.enforcement import CENTS_LEAST, DAYS_MAX, WEEKS_MAX
from telmee.core.free_text import REASON


class Ladder(models.Model):
    """When a contract of a client is behind and what follows; a change is the next version.

    `steps` holds of each rung its `step`, `days`, whether it is `by_manager`, and
    `second_from_cents` (`telmee.core.enforcement.Terms`).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    is_on = models.BooleanField()
    steps = models.JSONField()
    behind_bp = models.PositiveIntegerField()
    least_cents = models.BigIntegerField()
    after_end_days = models.PositiveSmallIntegerField()
    effect_weeks = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per client; its limits are those of `telmee.core.enforcement`."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="ladder_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="ladder_has_reason"),
            models.CheckConstraint(
                condition=Q(
                    behind_bp__range=(1, 10_000),
                    least_cents__gte=CENTS_LEAST,
                    after_end_days__range=(0, DAYS_MAX),
                    effect_weeks__range=(1, WEEKS_MAX),
                ),
                name="ladder_within_limits",
            ),
        )


class Step(models.Model):
    """A step that somebody decided on, with the figures on which he did.

    `days` and `needs_second` follow from the `ladder`, and the database fills them in. A step that
    needs a second person counts from the day on which that one agreed. A penalty has
    `amount_cents`; once it counts, the books have it under the `key` of the step. `facts` are what
    the letter says and what a later correction is held against.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    on = models.DateField()
    days = models.PositiveSmallIntegerField(db_default=1)
    amount_cents = models.BigIntegerField(null=True)
    needs_second = models.BooleanField(db_default=False)
    late_since = models.DateField()
    behind_cents = models.BigIntegerField()
    facts = models.JSONField()
    reason = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per contract; only a penalty has an amount."""

        constraints = (
            models.UniqueConstraint(fields=["contract", "number"], name="step_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="step_has_reason"),
            models.CheckConstraint(
                condition=Q(kind="penalty", amount_cents__gt=0)
                | (~Q(kind="penalty") & Q(amount_cents__isnull=True)),
                name="step_amount",
            ),
            models.CheckConstraint(condition=Q(late_since__lte=F("on")), name="step_is_late"),
        )


class Confirmation(models.Model):
    """What the second person said of a step: it counts, or it does not."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="confirmation")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    on = models.DateField()
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Who does not agree says why."""

        constraints = (
            models.CheckConstraint(
                condition=Q(agrees=True) | ~Q(reason=""), name="confirmation_has_reason"
            ),
        )


class Withdrawal(models.Model):
    """A step that was taken back; it stays to be seen."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="withdrawal")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=REASON.maximum)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    withdrawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Never without a reason."""

        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_reason"),
        )


class SecondLook(models.Model):
    """Somebody looked again at a step whose figures were corrected since, and it stands."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="looks")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    looked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Never without a reason."""

        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="look_has_reason"),)


class Exit(models.Model):
    """A contract left the ladder after this step: by itself, as its figures were on that day."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="exit")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=12, choices=LeavingKind.choices)
    on = models.DateField()
    facts = models.JSONField()
    left_at = models.DateTimeField(db_default=Now())


class Leniency(models.Model):
    """What a client lets go of: days on which no step is taken and no term runs, euros, or both.

    Without a contract it is for all contracts of the client, and has no euros. Those stand in the
    books under its `key`. Days can be ended before the last one.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=10, choices=Ground.choices)
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    cents = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    granted_at = models.DateTimeField(db_default=Now())
    ended_on = models.DateField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    ended_why = models.CharField(max_length=REASON.maximum, blank=True)

    class Meta:
        """Days with both ends, euros of one contract, or both of these."""

        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="leniency_has_reason"),
            models.CheckConstraint(
                condition=Q(first__isnull=False, last__gte=F("first"))
                | Q(first__isnull=True, last__isnull=True, cents__isnull=False),
                name="leniency_lets_go",
            ),
            models.CheckConstraint(
                condition=Q(cents__isnull=True) | Q(cents__gt=0, contract__isnull=False),
                name="leniency_euros",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_why="")
                | (Q(ended_on__isnull=False, first__isnull=False) & ~Q(ended_why="")),
                name="leniency_end_has_reason",
            ),
        )
        indexes = (models.Index(fields=["organisation", "last"], name="leniency_in_force"),)
