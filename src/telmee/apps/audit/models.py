"""The journal, and the seals of all that only grows: the database refuses a change or a removal."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from telmee.core.free_text import REASON


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
    reason = models.CharField(max_length=REASON.maximum, default="", blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        """How it is stored: read per contract and per object, newest first."""

        indexes = (
            models.Index(fields=["contract_id", "-at", "-id"], name="audit_by_contract"),
            models.Index(fields=["kind", "object_id", "-at", "-id"], name="audit_by_object"),
        )


class Seal(models.Model):
    """A batch of rows of one table, and the head of the chain with it (`telmee.apps.audit.seals`).

    Written by the database alone. `columns` are those that were hashed, so that a column that is
    added later leaves older seals as they are. `last_id` is the greatest of `ids`, `rows_total` how
    many rows the chain names up to here. `at` never goes back, whatever the clock does.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    table_name = models.CharField(max_length=63)
    columns = ArrayField(models.TextField())
    ids = ArrayField(models.BigIntegerField())
    hashes = ArrayField(models.BinaryField())
    last_id = models.BigIntegerField()
    rows_total = models.BigIntegerField()
    previous = models.CharField(max_length=64, unique=True)
    head = models.CharField(max_length=64)

    class Meta:
        """Found by how far a table is sealed."""

        indexes = (models.Index(fields=["table_name", "last_id"], name="seal_by_table"),)
