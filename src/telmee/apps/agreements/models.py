"""Agreements, their versions and the answers to these. Nothing here is ever changed or removed.

The database keeps the rules: see migrations/0002_rules.py. A contract is only an id here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self, TypeVar
from uuid import uuid4

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from telmee.apps.agreements.choices import Ending, Kind, Outcome
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.models import Organisation
from telmee.apps.receipts.models import Receipt
from telmee.core.free_text import KEY, KEYS, NAME, PLAN_NOTE, REASON
from telmee.core.money import WHOLE_BP


class Agreement(models.Model):
    """One thing that an organisation settles with another on a contract.

    What was settled is in the versions. An organisation has one plan on a contract, and settles one
    share with each organisation that takes part of the obligation over. Of turnover there is one
    for each `period`, named by its first day; one more with who took the contract over since. Which
    pool a contract is in is settled contract by contract.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(null=True)

    class Meta:
        """It has two sides."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="agreement_kind"),
            models.CheckConstraint(
                condition=~Q(organisation=F("other")), name="agreement_two_sides"
            ),
            models.UniqueConstraint(
                fields=["contract", "organisation"], condition=Q(kind="plan"), name="one_plan"
            ),
            models.UniqueConstraint(
                fields=["contract", "organisation", "other"],
                condition=Q(kind="share"),
                name="one_share",
            ),
            models.UniqueConstraint(
                fields=["contract", "other", "period"],
                condition=Q(kind="turnover"),
                name="one_turnover",
            ),
            models.CheckConstraint(
                condition=Q(kind="turnover", period__isnull=False)
                | (~Q(kind="turnover") & Q(period__isnull=True)),
                name="turnover_has_period",
            ),
            models.UniqueConstraint(
                fields=["contract", "organisation", "other"],
                condition=Q(kind="settlement"),
                name="one_settlement",
            ),
            models.UniqueConstraint(
                fields=["contract", "organisation", "other"],
                condition=Q(kind="pooling"),
                name="one_pooling",
            ),
        )


def _in_force(contract_ids: Iterable[int], as_of: datetime | None) -> RawSQL:
    """The ids of the versions that hold, by the database's own function."""
    return RawSQL(
        "SELECT telmee_in_force(%s::bigint[], %s::timestamptz)", [as_array(contract_ids), as_of]
    )


class Versions(models.QuerySet["Version"]):
    """Versions by whether they hold."""

    def in_force(self, contract_ids: Iterable[int], as_of: datetime | None = None) -> Versions:
        """The version of each agreement on these contracts that holds, now or at a moment."""
        return self.filter(pk__in=_in_force(contract_ids, as_of))

    def last_ones(self) -> Versions:
        """The last version of each agreement; a draft takes the place of nothing."""
        later = Version.objects.filter(
            agreement=OuterRef("agreement"), number__gt=OuterRef("number"), is_draft=False
        )
        return self.filter(~Exists(later))

    def waiting(self) -> Versions:
        """Those that wait for an answer of the other side."""
        return self.last_ones().filter(is_draft=False, addressee__isnull=False, answer=None)

    def latest_number(self) -> int:
        """The number of the latest of these versions; zero where there is none."""
        return self.aggregate(last=Max("number"))["last"] or 0

    def latest_numbers(self, agreement_ids: Iterable[int]) -> dict[int, int]:
        """The number of the latest version of each agreement that has one, by its id."""
        rows = self.filter(agreement__in=listed(agreement_ids)).order_by()
        return dict(rows.values_list("agreement").annotate(last=Max("number")))


class Version(models.Model):
    """An agreement as it was proposed at a moment, whole: what it leaves out is no part of it.

    `organisation` proposes it. `addressee` is the other side where its yes is asked; without one
    the version stands at once, or is a draft that never does: what it says counts once it is
    proposed. `key` comes with the form, so that the same submit twice proposes once.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    addressee = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_draft = models.BooleanField(default=False)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField(db_default=Now())

    objects = Versions.as_manager()

    class Meta:
        """Numbered from one; a draft asks nobody anything."""

        constraints = (
            models.CheckConstraint(
                condition=Q(is_draft=False) | Q(addressee=None), name="agreement_draft_asks_nobody"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="agreement_version_numbered"),
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
        )


class Answer(models.Model):
    """What ended a proposal.

    The other side confirmed it, or disputed it with a reason; or who made it withdrew it. A dispute
    may have a day `until` which the two try to come to something.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="answer")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    until = models.DateField(null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One of three; who disputes says why."""

        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="answer_outcome"),
            models.CheckConstraint(
                condition=~Q(outcome="disputed", reason=""), name="dispute_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(outcome="disputed") | Q(until__isnull=True), name="until_of_dispute"
            ),
        )


class Resolution(models.Model):
    """What a dispute came to, where no other proposal took the place of the disputed one."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="resolution")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Ending.choices)
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One of three; who decides says why."""

        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=Ending.values), name="resolution_outcome"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="decided", reason=""), name="resolution_has_reason"
            ),
        )


class PlanLines(models.QuerySet["PlanLine"]):
    """Lines of plans by the version that they are in."""

    def in_force(self, contract_ids: Iterable[int], as_of: datetime | None = None) -> PlanLines:
        """The lines of the plans on these contracts as they hold, now or at a moment."""
        ids = list(contract_ids)
        return self.filter(contract_id__in=listed(ids), version__in=_in_force(ids, as_of))


class PlanLine(models.Model):
    """What a contractor promises to do, as one version of his plan says it.

    `line` is the number of the line within the plan, the same in each version that has it.
    `number` is how many times (people, purchases). From `employment` to `steps` stands what is
    agreed on how it is done (`telmee.core.tables.plan_columns`). `value_cents` is the engine's
    value of one, times `number`, and `None` where a person must judge; `receipt` has its story,
    which a line that did not change shares with the version before.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="plan_lines")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    line = models.PositiveIntegerField()
    block = models.CharField(max_length=KEY.maximum)
    begin = models.DateField()
    end = models.DateField(null=True, blank=True)
    number = models.PositiveIntegerField(default=1)
    weekly_hours = models.PositiveIntegerField(null=True, blank=True)
    hours = models.PositiveIntegerField(null=True, blank=True)
    amount_cents = models.BigIntegerField(null=True, blank=True)
    count = models.PositiveIntegerField(null=True, blank=True)
    bonuses = models.CharField(max_length=KEYS.maximum, blank=True)
    certificate = models.CharField(max_length=KEY.maximum, blank=True)
    employment = models.CharField(max_length=KEY.maximum, blank=True)
    minimum_months = models.PositiveIntegerField(null=True, blank=True)
    guidance = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)
    guidance_hours = models.PositiveIntegerField(null=True, blank=True)
    training_cents = models.BigIntegerField(null=True, blank=True)
    trial_weeks = models.PositiveIntegerField(null=True, blank=True)
    preparation = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)
    steps = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)
    value_cents = models.BigIntegerField(null=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)

    objects = PlanLines.as_manager()

    class Meta:
        """A plan is for at least one, and has each line once."""

        constraints = (
            models.CheckConstraint(condition=Q(number__gte=1), name="plan_number"),
            models.UniqueConstraint(fields=["version", "line"], name="plan_line_once"),
        )


class Comment(models.Model):
    """What a side says of a version: of the whole, or of one `line` of its plan."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="comments")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    line = models.PositiveIntegerField(null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=REASON.maximum)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        """It says something."""

        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
        )


_Content = TypeVar("_Content", bound=models.Model)


class Contents(models.QuerySet[_Content]):
    """What versions say, one row for each, by the version that it is in."""

    def in_force(self, contract_ids: Iterable[int], as_of: datetime | None = None) -> Self:
        """What the versions on these contracts say that hold, now or at a moment."""
        return self.filter(version__in=_in_force(contract_ids, as_of))


class Share(models.Model):
    """Which part of the obligation of a contract `other` of the agreement takes over, in cents.

    Between the two only: the contractor owes his client the whole, whatever he passes on. Zero is
    an agreement that ended. `organisation` is who proposes it.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="share")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()
    note = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)

    objects = Contents["Share"].as_manager()

    class Meta:
        """Nobody takes over less than nothing."""

        constraints = (models.CheckConstraint(condition=Q(cents__gte=0), name="share_positive"),)


class Turnover(models.Model):
    """What was invoiced on a contract in the period of the agreement, in cents.

    With VAT where the scheme reckons with it, else without. `organisation` is who proposes it.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="turnover")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()
    note = models.CharField(max_length=PLAN_NOTE.maximum, blank=True)

    objects = Contents["Turnover"].as_manager()

    class Meta:
        """Nobody invoices less than nothing; a credit note comes off its own period."""

        constraints = (models.CheckConstraint(condition=Q(cents__gte=0), name="turnover_positive"),)


class Pooling(models.Model):
    """That a contract is in a pool from `begin` until `end`, that day included, or open-ended.

    Contracts of the same two sides with the same `pool` serve each other's obligation. The pool has
    no row of its own: it is what was agreed of each of its contracts, so a contract comes and goes
    without the others. `note` is the ground, and `organisation` who proposes it.

    Where `part_bp` says which part a contract has, the pool is an initiative: contracts of one
    client, of several contractors, over which each line of effort for it is divided.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="pooling")
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    pool = models.UUIDField()
    name = models.CharField(max_length=NAME.maximum)
    begin = models.DateField()
    end = models.DateField(null=True)
    note = models.CharField(max_length=PLAN_NOTE.maximum)
    part_bp = models.PositiveSmallIntegerField(null=True)

    objects = Contents["Pooling"].as_manager()

    class Meta:
        """It has a name and a ground, and does not end before it begins."""

        constraints = (
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("begin")), name="pooling_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(note=""), name="pooling_has_name_and_ground"
            ),
            models.CheckConstraint(
                condition=Q(part_bp__isnull=True) | Q(part_bp__gt=0, part_bp__lt=WHOLE_BP),
                name="pooling_part_of_the_whole",
            ),
        )
        indexes = (models.Index(fields=["pool"], name="pooling_by_pool"),)
