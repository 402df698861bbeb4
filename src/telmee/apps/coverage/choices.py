"""The fixed choices of coverage, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reach(models.TextChoices):
    """Where a purchase stands to the threshold; the values of `telmee.core.obligations.reach`."""

    ABOVE = "above", _("Above the threshold")
    BELOW = "below", _("Below the threshold")
    UNSURE = "unsure", _("Threshold not sure")


class Outcome(models.TextChoices):
    """What a person said of a purchase: apply or explain."""

    MATCHED = "matched", _("It is a contract of the register")
    APPLY = "apply", _("Social return will be asked")
    EXPLAINED = "explained", _("No social return, for a reason")
    REOPENED = "reopened", _("Answer taken back")


class State(models.TextChoices):
    """Where a purchase stands: what follows from its threshold, its answer and its contract."""

    GAP = "gap", _("Not in the register")
    PROPOSED = "proposed", _("Perhaps in the register")
    UNSURE = "unsure", _("Threshold not sure")
    TO_APPLY = "to_apply", _("Still to be asked")
    COVERED = "covered", _("With an obligation")
    EXPLAINED = "explained", _("Without, explained")
    BELOW = "below", _("Below the threshold")


#: The states in which somebody still has to say something.
OPEN_STATES = (State.GAP, State.PROPOSED, State.UNSURE, State.TO_APPLY)
