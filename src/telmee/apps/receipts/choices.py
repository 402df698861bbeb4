"""What a receipt is of."""

from __future__ import annotations

from django.db.models import TextChoices


class Kind(TextChoices):
    """The kinds of figures that are kept; each is done again by a function of its own."""

    CONTRIBUTION = "contribution"
    PLAN = "plan"
    OBLIGATION = "obligation"
    SANCTION = "sanction"
