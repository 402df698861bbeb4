"""The choice of a client: which report everybody may read, or none."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now

from telmee.apps.organisations.models import Organisation
from telmee.apps.reports.models import Report


class Opening(models.Model):
    """From now on everybody may read this report of an organisation, and no other of it.

    The last one holds; without a `report` nothing is open any more. None of them changes.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField(db_default=1)
    key = models.UUIDField(unique=True, default=uuid4)
    user_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        """Numbered per organisation."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "number"], name="opening_once"),
        )
