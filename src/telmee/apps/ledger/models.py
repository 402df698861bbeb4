"""Entries and balances. The database itself keeps the rules: see migrations/0002_books.py.

A contract is only an id here: the books do not depend on what a contract is.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.ledger.choices import Kind
from telmee.apps.receipts.models import Receipt


class Entry(models.Model):
    """One line in the books of a contract.

    `booked_at` is when it was written, by the database's clock, and `effective_on` the day whose
    year it belongs to. `key` makes posting idempotent: the same key is the same entry. A wrong
    entry is answered by its mirror image (`reverses`), never changed. `decision` is the id of the
    decision that a `realised` entry stands for, `contribution` of what was decided on. `receipt`
    tells how the amount came about, where rules had a say in it.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_cents = models.BigIntegerField()
    effective_on = models.DateField()
    booked_at = models.DateTimeField(db_default=Now())
    key = models.UUIDField(unique=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    contribution_id = models.BigIntegerField(null=True)
    decision_id = models.BigIntegerField(null=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)

    class Meta:
        """Read per contract in the order of booking."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="entry_kind"),
            models.CheckConstraint(
                condition=Q(kind="realised", decision_id__isnull=False)
                | (~Q(kind="realised") & Q(decision_id__isnull=True)),
                name="realised_by_decision",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=False) | Q(amount_cents__gte=0), name="entry_sign"
            ),
        )
        indexes = (
            models.Index(fields=["contract", "booked_at"], name="entry_by_contract"),
            models.Index(fields=["contribution_id"], name="entry_by_contribution"),
        )


class Balance(models.Model):
    """The sum of a contract's entries of one kind; written by the database when an entry is."""

    contract = models.ForeignKey(
        "contracts.Contract", on_delete=models.PROTECT, related_name="balances"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    cents = models.BigIntegerField()

    class Meta:
        """One for each kind."""

        constraints = (models.UniqueConstraint(fields=["contract", "kind"], name="balance_once"),)
