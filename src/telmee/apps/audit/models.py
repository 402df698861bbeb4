"""The journal's one table. It only grows: the database refuses a change or a removal."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One thing that somebody did to one object, written in the transaction that did it.

    `verb` is a word such as `contribution.submitted`. Ids carry no foreign keys: the journal
    outlives what it tells of. `details` holds facts (amounts in cents, states), never a name.
    """

    at = models.DateTimeField(db_default=Now())
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    contract_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="", blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        """How it is stored: read per contract and per object, newest first."""

        indexes = (
            models.Index(fields=["contract_id", "-id"], name="audit_by_contract"),
            models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),
        )
