"""The fixed choices of contributions, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a contribution stands; `telmee.apps.contributions.transitions` says what can follow."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ACCEPTED = "accepted", _("Accepted")
    ADJUSTED = "adjusted", _("Adjusted")
    REJECTED = "rejected", _("Rejected")
    OBJECTION = "objection", _("Objection")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Outcome(models.TextChoices):
    """What was decided."""

    ACCEPTED = "accepted", _("Accepted")
    ADJUSTED = "adjusted", _("Adjusted")
    REJECTED = "rejected", _("Rejected")
    REOPENED = "reopened", _("Reopened")


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


#: Claimed by the contractor: what the figure *delivered* adds up.
DELIVERED_STATES = (
    State.SUBMITTED,
    State.ACCEPTED,
    State.ADJUSTED,
    State.REJECTED,
    State.OBJECTION,
)
#: Waiting for the client.
OPEN_STATES = (State.SUBMITTED, State.OBJECTION)
#: Decided with an amount; the books hold it.
COUNTING_STATES = (State.ACCEPTED, State.ADJUSTED, State.OBJECTION)


class UploadStatus(models.TextChoices):
    """How far the reading of a file is."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Read")
    UNREADABLE = "unreadable", _("Not readable")
