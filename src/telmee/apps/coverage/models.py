"""Lists of purchases, the purchases in them, and what somebody said of each."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.contracts.choices import Category, NoObligation
from telmee.apps.contracts.models import Contract
from telmee.apps.coverage.choices import Outcome, Reach
from telmee.apps.organisations.models import Organisation, User
from telmee.apps.organisations.names import SEARCH_MAX
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.coverage import Sureness
from telmee.core.free_text import ENTERPRISE, KEY, NAME, REASON, REFERENCE


class PurchaseList(models.Model):
    """A list of purchases of a client, as it was handed over.

    `scheme` names the family of rules whose thresholds hold; the day of each purchase picks the
    version. `known` is how many lines stood in an earlier list already, and `left_out` how many
    could not be read: `refused` has what was wrong, as problems with their rows, as far as they are
    kept. `noticed` is what was read otherwise than it looks, such as a sheet that was not read. A
    list that was wrong is withdrawn, and stays.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME.maximum)
    scheme = models.CharField(max_length=KEY.maximum)
    known = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    noticed = models.JSONField(default=list)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.CharField(max_length=REASON.maximum, blank=True)

    class Meta:
        """Found by client; what was withdrawn says why."""

        constraints = (
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
                name="withdrawn_with_reason",
            ),
        )
        indexes = (models.Index(fields=["organisation"], name="purchases_of_client"),)

    def __str__(self) -> str:
        return self.name


class Purchase(models.Model):
    """A line of a list, with where it stands to the threshold and the contract it may be.

    `version` is the rules in force on its day, empty where there were none; `owed_cents` is what a
    contract of this sum would owe by them, where they say so. `proposed` is the contract of the
    register that is most alike, as far as one is; only an answer makes it so.
    """

    list = models.ForeignKey(PurchaseList, on_delete=models.PROTECT, related_name="purchases")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    row = models.PositiveIntegerField()
    supplier = models.CharField(max_length=NAME.maximum)
    search_name = models.CharField(max_length=SEARCH_MAX, editable=False)
    kvk = models.CharField(max_length=ENTERPRISE.maximum, blank=True)
    cents = models.BigIntegerField()
    category = models.CharField(max_length=10, choices=Category.choices)
    day = models.DateField()
    reference = models.CharField(max_length=REFERENCE.maximum, blank=True)
    version = models.ForeignKey(
        SchemeVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reach = models.CharField(max_length=10, choices=Reach.choices)
    owed_cents = models.BigIntegerField(null=True)
    proposed = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="+")
    sureness = models.CharField(max_length=10, blank=True)

    class Meta:
        """Once in its list; found by client and day."""

        constraints = (
            models.UniqueConstraint(fields=["list", "row"], name="purchase_once"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="purchase_of_something"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="purchase_reach"),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="purchase_category"
            ),
            models.CheckConstraint(
                condition=Q(proposed__isnull=True, sureness="")
                | Q(proposed__isnull=False, sureness__in=[str(one) for one in Sureness]),
                name="purchase_proposed",
            ),
        )
        indexes = (models.Index(fields=["organisation", "day"], name="purchase_by_client"),)

    def __str__(self) -> str:
        return self.supplier


class PurchaseAnswer(models.Model):
    """What somebody said of a purchase; the last one counts, and none of them changes."""

    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="answers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=20, choices=NoObligation.choices, blank=True)
    reason = models.CharField(max_length=REASON.maximum, blank=True)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A match names its contract, and an explanation its ground and its reason."""

        constraints = (
            models.UniqueConstraint(fields=["purchase", "number"], name="purchase_answered_once"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.MATCHED, contract__isnull=False, ground="")
                | (Q(outcome=Outcome.EXPLAINED, contract__isnull=True) & ~Q(ground=""))
                | Q(
                    outcome__in=[Outcome.APPLY, Outcome.REOPENED], contract__isnull=True, ground=""
                ),
                name="apply_or_explain_purchase",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[Outcome.MATCHED, Outcome.APPLY]) | ~Q(reason=""),
                name="purchase_answer_why",
            ),
        )
