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


#: What waits for a person, and what is over: then no secret stands in the outbox any more.
UNSETTLED = (State.UNKNOWN, State.GIVEN_UP)
OVER = (State.SENT, State.WITHDRAWN, State.SETTLED)
