"""The fixed choices of trust and samples, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Decided(models.TextChoices):
    """Which decisions a sample is drawn from."""

    ALL = "all", _("All decisions")
    AUTOMATIC = "automatic", _("Decided automatically")
    PEOPLE = "people", _("Decided by a person")
