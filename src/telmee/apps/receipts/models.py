"""The one table of receipts. It only grows: the database refuses a change or a removal."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from telmee.apps.people.models import Person
from telmee.apps.receipts.choices import Kind
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.free_text import REASON


class Receipt(models.Model):
    """A figure with what it came from: enough to tell its story, and to do it again.

    `inputs` are the cells of a line or the facts of a contract, `used` what earlier lines left of
    limits and caps, `steps` the explanation as facts (`telmee.core.receipts`). `cents` is the
    engine's figure; where it has none it is `None`, and `problems` say why. Where a person named
    another amount, that is `named_cents`, with who and why beside it.

    `hash` is made of all this, so the same figure from the same facts is the same receipt. A person
    stands in it by the number of his row, and not by his code.

    `first_day` and `last_day` are those of effort: the days that counted, as `steps` say, or else
    as filled in. The database keeps them, so that sums over many lines read no story.
    """

    hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    contract_id = models.BigIntegerField()
    organisation_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    scheme = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="+")
    scheme_sha256 = models.CharField(max_length=64)
    engine = models.PositiveIntegerField()
    inputs = models.JSONField()
    used = models.JSONField(default=dict)
    status = models.CharField(max_length=16)
    cents = models.BigIntegerField(null=True)
    named_cents = models.BigIntegerField(null=True)
    named_by = models.BigIntegerField(null=True)
    named_why = models.CharField(max_length=REASON.maximum, blank=True)
    steps = models.JSONField()
    problems = models.JSONField(default=list)
    kept_at = models.DateTimeField(db_default=Now())
    first_day = models.GeneratedField(
        expression=Func("steps", "inputs", function="telmee_first_day"),
        output_field=models.DateField(),
        db_persist=True,
    )
    last_day = models.GeneratedField(
        expression=Func("steps", "inputs", function="telmee_last_day"),
        output_field=models.DateField(),
        db_persist=True,
    )

    class Meta:
        """An amount that somebody named has a name and a reason."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="receipt_kind"),
            models.CheckConstraint(
                condition=Q(named_cents__isnull=True, named_by__isnull=True, named_why="")
                | (Q(named_cents__gte=0, named_by__isnull=False) & ~Q(named_why="")),
                name="receipt_named",
            ),
        )
        indexes = (
            models.Index(fields=["contract_id"], name="receipt_by_contract"),
            models.Index(
                fields=["contract_id", "last_day"],
                include=["id", "first_day"],
                condition=Q(last_day__isnull=False, kind=Kind.CONTRIBUTION),
                name="receipt_by_last_day",
            ),
        )

    @property
    def amount_cents(self) -> int | None:
        """The amount that holds: what a person named, else what the engine found."""
        return self.cents if self.named_cents is None else self.named_cents
