"""The fixed choices of enforcement, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StepKind(models.TextChoices):
    """A step of the ladder; the values of `telmee.core.enforcement.Step`."""

    REMINDER = "reminder", _("Reminder")
    SIGNAL = "signal", _("Signal")
    DEFAULT = "default", _("Notice of default")
    PENALTY = "penalty", _("Sanction")


class Ground(models.TextChoices):
    """Why a client is lenient."""

    CRISIS = "crisis", _("Crisis or force majeure")
    MARKET = "market", _("No suitable candidates")
    CLIENT = "client", _("Cause on the side of the client")
    CONTRACTOR = "contractor", _("Trouble at the contractor")
    SCOPE = "scope", _("The work turned out smaller")
    OTHER = "other", _("Another ground")


class LeavingKind(models.TextChoices):
    """Why a contract left the ladder; the values of `telmee.core.enforcement.Leaving`."""

    CAUGHT_UP = "caught_up", _("Caught up")
    LESS_OWED = "less_owed", _("Less has to be done by now")
    NOTHING_OWED = "nothing_owed", _("Nothing is owed any more")
    CLOSED = "closed", _("The contract was closed")
