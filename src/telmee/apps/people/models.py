"""Who somebody is: a row for each code that a contractor uses.

Lines and receipts refer to the row. So a code can be replaced, or erased for good, without
touching a figure that was decided, and the limits of that person go on.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.organisations.models import Organisation
from telmee.core.free_text import CODE


class Person(models.Model):
    """Somebody whose effort a contractor reports, under a code that he chose himself.

    The code means nothing outside his organisation. It is `None` once it was erased: which person
    the row stands for is then known to nobody.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=CODE.maximum, null=True)  # noqa: DJ001 - erased
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True)

    class Meta:
        """One row for a code of an organisation."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "code"], name="person_once"),
            models.CheckConstraint(condition=~Q(code=""), name="person_has_code"),
            models.CheckConstraint(
                condition=Q(code__isnull=True, erased_at__isnull=False)
                | Q(code__isnull=False, erased_at__isnull=True),
                name="person_erased",
            ),
        )

    def __str__(self) -> str:
        return self.code or ""
