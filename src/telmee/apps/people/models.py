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

#: All that goes when a code is erased.
_ERASED = tuple(f"{name}__isnull" for name in ("code", "code_key", "near_parts", "near_whole"))


class Person(models.Model):
    """Somebody whose effort a contractor reports, under a code that he chose himself.

    The code means nothing outside his organisation. It is `None` once it was erased: which person
    the row stands for is then known to nobody. `code` is as it was typed first; `code_key` is how
    it is compared, and the two `near` how near-equal codes are looked up: `codes.fields_of` makes
    all four. The database says when a code was last exchanged for another, and when it was erased.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=CODE.maximum, null=True)  # noqa: DJ001 - erased
    code_key = models.TextField(null=True)  # noqa: DJ001 - erased
    near_parts = models.TextField(null=True)  # noqa: DJ001 - erased
    near_whole = models.TextField(null=True)  # noqa: DJ001 - erased
    created_at = models.DateTimeField(db_default=Now())
    exchanged_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        """One row for a code of an organisation, however it is spelled."""

        constraints = (
            models.UniqueConstraint(fields=["organisation", "code_key"], name="person_once"),
            models.CheckConstraint(condition=~Q(code=""), name="person_has_code"),
            models.CheckConstraint(
                condition=Q(**dict.fromkeys(_ERASED, True), erased_at__isnull=False)
                | Q(**dict.fromkeys(_ERASED, False), erased_at__isnull=True),
                name="person_erased",
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "near_parts"], name="person_near_parts"),
            models.Index(fields=["organisation", "near_whole"], name="person_near_whole"),
        )

    def __str__(self) -> str:
        return self.code or ""
