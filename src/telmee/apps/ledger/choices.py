"""The fixed choices of the books, for tables and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What an entry is about; the values of `telmee.core.ledger.EntryKind`."""

    OBLIGATION = "obligation", _("Obligation")
    REDUCED = "reduced", _("Obligation reduced")
    REALISED = "realised", _("Verified")
    WAIVED = "waived", _("Waived")
    CARRIED_IN = "carried_in", _("Carried in")
    CARRIED_OUT = "carried_out", _("Carried out")
    POOLED = "pooled", _("Pooled")
    PENALTY = "penalty", _("Sanction")


class Claimed(models.TextChoices):
    """What the contractor says, and what of it both agreed: it has a history beside the books."""

    PROMISED = "promised", _("Promised")
    AGREED = "agreed", _("Promised and agreed")
    DELIVERED = "delivered", _("Delivered")
    UNDECIDED = "undecided", _("Delivered, not decided")
