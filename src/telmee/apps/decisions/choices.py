"""The fixed choices of decisions, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What was decided."""

    PARTLY = "partly", _("Decided in part")
    ACCEPTED = "accepted", _("Accepted")
    ADJUSTED = "adjusted", _("Adjusted")
    REJECTED = "rejected", _("Rejected")
    REOPENED = "reopened", _("Reopened")


class Ruling(models.TextChoices):
    """What came of an objection: whether who delivered was right."""

    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Upheld in part")
    DISMISSED = "dismissed", _("Dismissed")


class DecisionReason(models.TextChoices):
    """Why an amount was adjusted or rejected; the text beside it says more."""

    EVIDENCE = "evidence", _("The evidence is missing or does not fit")
    TARGET_GROUP = "target_group", _("The person does not belong to the target group")
    PERIOD = "period", _("The period does not fit")
    HOURS = "hours", _("The hours do not fit")
    AMOUNT = "amount", _("The amount does not fit")
    DOUBLE = "double", _("It was counted before")
    NOT_RECOGNISED = "not_recognised", _("The supplier is not recognised")
    AGREEMENT = "agreement", _("By agreement")
    MISTAKE = "mistake", _("The earlier decision was a mistake")
    OTHER = "other", _("Another reason")
