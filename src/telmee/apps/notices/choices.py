"""The fixed choices of notices."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a notice reaches its reader."""

    MAIL = "mail", _("Mail")


class State(models.TextChoices):
    """How far a notice has come. `telmee_guard_notice` holds the steps between them."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    UNKNOWN = "unknown", _("Maybe sent")
    GIVEN_UP = "given_up", _("Given up")
    WITHDRAWN = "withdrawn", _("Not sent: no longer for this reader")
    SETTLED = "settled", _("Settled")


class Fault(models.TextChoices):
    """Why a notice was not sent, or maybe not."""

    REFUSED = "refused", _("The mail server refused it.")
    AWAY = "away", _("The mail server could not be reached.")
    NO_ANSWER = "no_answer", _("The mail server gave no answer. It may have arrived.")
    WORKER_DIED = "worker_died", _("The worker stopped while it sent this. It may have arrived.")
    NOT_WRITTEN = "not_written", _("It could not be written. Look in the log of the worker.")
    RESTORED = (
        "restored",
        _("Put back from a backup. It may have been sent since the backup was made."),
    )
    TOO_LATE = "too_late", _("Its reader would have had it too late.")
    ACCOUNT_CLOSED = "account_closed", _("The account of its reader was closed.")
    NO_ACCESS = "no_access", _("Its reader no longer has access to what it is about.")
    INVITATION_CLOSED = "invitation_closed", _("The invitation is no longer open.")


#: What waits for a person, and what is over: then no secret stands in the outbox any more.
UNSETTLED = (State.UNKNOWN, State.GIVEN_UP)
OVER = (State.SENT, State.WITHDRAWN, State.SETTLED)
