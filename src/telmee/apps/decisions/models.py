"""Decisions and objections. Both only grow: the database refuses a change or a removal."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.receipts.models import Receipt
from telmee.core.free_text import REASON, RULE_PATH


class Decision(models.Model):
    """What the client decided on a contribution; it is never changed, a later one takes its place.

    `receipt` keeps the figure that was decided with its story: the cells as they were valued (the
    contractor's, or as adjusted), and an amount that somebody named. `rule` is the dotted path in
    the scheme on which it turned. `key` makes the same submit twice the same decision.
    The database counts `number`, under the lock of the line. `submitted_at` is when the line was
    handed in as it was decided on: it may be handed in again.

    A decision on a part counts the effort up to and including `until`. One that follows on it adds
    to it: `before_cents` is what stood before, by the same receipt. All other decisions take the
    place of what stood, and then it is zero.

    One on an objection has a `ruling`, and its `text` says why.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="decisions"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    amount_cents = models.BigIntegerField()
    before_cents = models.BigIntegerField(default=0, db_default=0)
    until = models.DateField(null=True)
    reason = models.CharField(max_length=20, choices=DecisionReason.choices, blank=True)
    text = models.CharField(max_length=REASON.maximum, blank=True)
    rule = models.CharField(max_length=RULE_PATH.maximum, blank=True)
    ruling = models.CharField(
        max_length=10, choices=Ruling.choices, blank=True, default="", db_default=""
    )
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per contribution, so that two cannot both be the second."""

        constraints = (
            models.UniqueConstraint(fields=["contribution", "number"], name="decision_number"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0, before_cents__gte=0), name="decision_amount"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("partly", "accepted", "adjusted"))
                | Q(amount_cents=0, before_cents=0),
                name="rejected_counts_nothing",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("partly", "accepted", "adjusted"), receipt__isnull=False)
                | Q(outcome__in=("rejected", "reopened"), receipt__isnull=True),
                name="what_counts_has_receipt",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("partly", "accepted")) | (~Q(reason="") & ~Q(text="")),
                name="decision_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome="partly", until__isnull=False)
                | (~Q(outcome="partly") & Q(until__isnull=True)),
                name="part_has_last_day",
            ),
            models.CheckConstraint(
                condition=Q(ruling="") | (Q(ruling__in=Ruling.values) & ~Q(text="")),
                name="ruling_says_why",
            ),
        )
        indexes = (
            models.Index(
                fields=["contract", "decided_at"],
                include=("number", "submitted_at", "contribution_id"),
                name="decision_by_contract",
            ),
        )

    @property
    def counted_cents(self) -> int:
        """What the line counts for with this decision: its own amount and what stood before."""
        return self.before_cents + self.amount_cents


class Objection(models.Model):
    """Why who delivered does not agree with a decision; somebody else at the client looks again.

    The database writes `due`, the last day to decide on it, by the term that the client has at that
    moment. The decision that follows on the one it is against is the answer to it.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="objections"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="objection")
    reason = models.CharField(max_length=REASON.maximum)
    due = models.DateField(db_default=Now())
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        """An objection says why."""

        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="objection_reason"),)

    @property
    def longer(self) -> Extension | None:
        """The longer term that the client took for it, if it did."""
        return getattr(self, "extension", None)

    @property
    def last_day(self) -> date:
        """The last day to decide on it, with the longer term where there is one."""
        return self.longer.until if self.longer is not None else self.due


class Extension(models.Model):
    """Why the client takes longer for an objection, and until when; it can do so once."""

    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="extension")
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    until = models.DateField()
    reason = models.CharField(max_length=REASON.maximum)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    extended_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A longer term has a reason."""

        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="extension_reason"),)


class Question(models.Model):
    """What somebody who decides asks about a line before he does, and until when that can wait.

    The line waits for who delivered it from then on. After `due`, the last day to answer, it comes
    back in the work list: silence decides nothing. `receipt` is that of the line as it was asked
    about, written by the database.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="questions"
    )
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=REASON.maximum)
    due = models.DateField()
    key = models.UUIDField(unique=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A question asks something."""

        constraints = (models.CheckConstraint(condition=~Q(text=""), name="question_asks"),)

    @property
    def answer(self) -> Reply | None:
        """The reply to it, if there is one."""
        return getattr(self, "reply", None)


class Reply(models.Model):
    """What who delivered answers, and whether he `corrected` the line with it.

    What he corrected, the line itself says; how it was, the receipt of the question.
    """

    question = models.OneToOneField(Question, on_delete=models.PROTECT, related_name="reply")
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=REASON.maximum)
    corrected = models.BooleanField()
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField()
    replied_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A reply says something."""

        constraints = (models.CheckConstraint(condition=~Q(text=""), name="reply_says"),)
