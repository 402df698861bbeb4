"""The fixed choices of contributions, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a contribution stands; `telmee.apps.contributions.transitions` says what can follow."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ASKED = "asked", _("Question asked")
    PARTLY = "partly", _("Decided in part")
    ACCEPTED = "accepted", _("Accepted")
    ADJUSTED = "adjusted", _("Adjusted")
    REJECTED = "rejected", _("Rejected")
    OBJECTION = "objection", _("Objection")
    WITHDRAWN = "withdrawn", _("Withdrawn")


#: Handed in, and nothing of it decided.
UNDECIDED_STATES = (State.SUBMITTED, State.ASKED)
#: Waiting for the client.
OPEN_STATES = (State.SUBMITTED, State.OBJECTION)
#: Decided with an amount; the books hold it.
COUNTING_STATES = (State.PARTLY, State.ACCEPTED, State.ADJUSTED, State.OBJECTION)


class HandingInStatus(models.TextChoices):
    """How far handing in many drafts is."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("All done")
    FAILED = "failed", _("Not handed in")


class UploadStatus(models.TextChoices):
    """How far the reading of a file is."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Read")
    UNREADABLE = "unreadable", _("Not readable")


#: What somebody outside can be asked about: what was handed in, as long as it stands.
CONFIRMED_STATES = (
    *(State.SUBMITTED, State.ASKED, State.PARTLY, State.ACCEPTED, State.ADJUSTED),
    State.OBJECTION,
)
#: How many days a link works that asks somebody outside.
LINK_DAYS = 30
