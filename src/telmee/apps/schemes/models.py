"""Scheme versions as they were published here."""

from __future__ import annotations

from django.db import models

#: What a text says that has a percentage of turnover.
OVER_TURNOVER = models.Q(document__regex=r'basis\s*=\s*"turnover"')


class SchemeVersion(models.Model):
    """One version of one scheme, with the bytes of its file: the law of the contracts under it.

    The application reads it and nobody changes it; publishing is done by the owner's role when the
    system is set up. `has_amounts` is false for schemes that only say what a contract owes.
    """

    scheme_id = models.CharField(max_length=120)
    version = models.CharField(max_length=12)
    family = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    document = models.TextField()
    publisher = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    has_amounts = models.BooleanField()
    valid_from = models.DateField(null=True)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A version is published once."""

        constraints = (
            models.UniqueConstraint(fields=["scheme_id", "version"], name="version_once"),
        )
        # Every home asks which these are, and searching the texts took longer than all of the rest.
        indexes = (
            models.Index(fields=["id"], condition=OVER_TURNOVER, name="version_over_turnover"),
        )

    def __str__(self) -> str:
        return f"{self.scheme_id}@{self.version}"
