"""Entries, movements and balances, whose rules the database keeps: see migrations/0002_books.py.

A contract is only an id here: the books do not depend on what a contract is.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.ledger.choices import Claimed, Kind
from telmee.apps.organisations.models import Organisation
from telmee.apps.receipts.models import Receipt
from telmee.core.free_text import REASON


class Entry(models.Model):
    """One line in the books of a contract.

    `booked_at` is when it was written, by the database's clock, and `effective_on` the day whose
    year it belongs to. `key` makes posting idempotent: the same key is the same entry. A wrong
    entry is answered by its mirror image (`reverses`), never changed. `decision` is the id of the
    decision that a `realised` entry stands for, `contribution` of what was decided on. `receipt`
    tells how the amount came about, where rules had a say in it. `transfer` is the same for the
    two entries of surplus that moves. `amendment` is the number of the amendment of the contract
    that this entry was written with.
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
    transfer = models.UUIDField(null=True)
    amendment = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=REASON.maximum, blank=True)
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
            models.Index(
                fields=["transfer"],
                name="entry_by_transfer",
                condition=Q(transfer__isnull=False),
            ),
        )


class Movement(models.Model):
    """A change of what a contractor promised or delivered; written by the database, never changed.

    The books hold what was verified. This is the same for the two other figures, so that they too
    can be told as of any day. `contribution_id` is the line of effort
    that changed, `version_id` the version of a plan that came in force.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Claimed.choices)
    cents = models.BigIntegerField()
    effective_on = models.DateField()
    moved_at = models.DateTimeField(db_default=Now())
    contribution_id = models.BigIntegerField(null=True)
    version_id = models.BigIntegerField(null=True)

    class Meta:
        """Read per contract as of a moment, and compared with the line that it is about."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Claimed.values), name="movement_kind"),
            models.CheckConstraint(
                condition=Q(contribution_id__isnull=True) ^ Q(version_id__isnull=True),
                name="movement_of_one",
            ),
        )
        indexes = (
            models.Index(fields=["contract", "moved_at"], name="movement_by_contract"),
            models.Index(fields=["contribution_id"], name="movement_by_contribution"),
        )


class Balance(models.Model):
    """What a contract's figures add up to, per kind, year and who delivered.

    Written by the database with each entry and each movement, so that a home or a list reads a few
    rows per contract however many entries there are. `organisation` is who delivered, and empty
    where nobody did: an obligation, a waiver, a penalty. Any of them can be made again.
    """

    contract = models.ForeignKey(
        "contracts.Contract", on_delete=models.PROTECT, related_name="balances"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    year = models.SmallIntegerField()
    kind = models.CharField(max_length=12, choices=(*Kind.choices, *Claimed.choices))
    cents = models.BigIntegerField()

    class Meta:
        """One for each."""

        constraints = (
            models.UniqueConstraint(
                fields=["contract", "kind", "year", "organisation"],
                name="balance_once",
                nulls_distinct=False,
            ),
        )


class LineBalance(models.Model):
    """What one line of effort comes to on a contract in a year; the balances, line by line.

    Written by the database in the same way. What a year came to is told by what stands behind it:
    people, places, kinds of effort. Those are of lines, and to add up every entry and movement of
    each line again at each view takes longer than all the rest. A line for an initiative has a row
    on each contract that it counts for.
    """

    contract = models.ForeignKey(
        "contracts.Contract", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    contribution_id = models.BigIntegerField()
    year = models.SmallIntegerField()
    delivered_cents = models.BigIntegerField(db_default=0)
    undecided_cents = models.BigIntegerField(db_default=0)
    verified_cents = models.BigIntegerField(db_default=0)

    class Meta:
        """One for each, in the order in which they are read."""

        constraints = (
            models.UniqueConstraint(
                fields=["contract", "year", "contribution_id"], name="line_balance_once"
            ),
        )
