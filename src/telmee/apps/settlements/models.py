"""Statements and corrections. Both only grow, and the database itself fills in every sum."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.agreements.models import Version
from telmee.apps.organisations.models import Organisation
from telmee.core.free_text import REASON
from telmee.core.ledger import Position


class Correction(models.Model):
    """What was put right on a contract that was settled already: why, by whom and when.

    It opens the books for one deed in its own `transaction`, and its statement says what they came
    to. `key` comes with the form, so that the same submit twice corrects once.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=REASON.maximum)
    closed_on = models.DateField(null=True)
    transaction = models.BigIntegerField(null=True)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    corrected_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered from one, and never without a reason."""

        constraints = (
            models.UniqueConstraint(fields=["contract", "number"], name="correction_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1) & ~Q(reason=""), name="correction_has_reason"
            ),
        )


class Statement(models.Model):
    """What stood in the books of a contract: the content of a proposal, or of a correction.

    The sums are those of the entries up to and including `as_of`; `entries` is how many there were,
    and `hash` is made of them and of their receipts. `due_on` is the last day for an answer to a
    proposal, and `closes_on` the day on which the contract closes when that is a yes.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, null=True, related_name="statement"
    )
    correction = models.OneToOneField(
        Correction, on_delete=models.PROTECT, null=True, related_name="statement"
    )
    due_on = models.DateField(null=True)
    closes_on = models.DateField(null=True)
    as_of = models.DateTimeField(db_default=Now())
    entries = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")
    obligation_cents = models.BigIntegerField(default=0)
    reduced_cents = models.BigIntegerField(default=0)
    realised_cents = models.BigIntegerField(default=0)
    waived_cents = models.BigIntegerField(default=0)
    carried_in_cents = models.BigIntegerField(default=0)
    carried_out_cents = models.BigIntegerField(default=0)
    pooled_cents = models.BigIntegerField(default=0)
    penalty_cents = models.BigIntegerField(default=0)

    class Meta:
        """It belongs to a proposal, which has a term, or to a correction."""

        constraints = (
            models.CheckConstraint(
                condition=Q(
                    version__isnull=False,
                    correction__isnull=True,
                    due_on__isnull=False,
                    closes_on__isnull=False,
                )
                | Q(
                    version__isnull=True,
                    correction__isnull=False,
                    due_on__isnull=True,
                    closes_on__isnull=True,
                ),
                name="statement_of_one",
            ),
        )
        indexes = (models.Index(fields=["contract"], name="statement_by_contract"),)

    @property
    def position(self) -> Position:
        """Where the contract stood."""
        return Position(
            obligation_cents=self.obligation_cents,
            reduced_cents=self.reduced_cents,
            realised_cents=self.realised_cents,
            waived_cents=self.waived_cents,
            carried_in_cents=self.carried_in_cents,
            carried_out_cents=self.carried_out_cents,
            pooled_cents=self.pooled_cents,
            penalty_cents=self.penalty_cents,
        )
