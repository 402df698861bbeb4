"""The fixed choices of keeping in touch."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole


class ConversationKind(models.TextChoices):
    """How the two spoke, or that it is only a note."""

    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    NOTE = "note", _("A note")


#: What counts as being in touch: a note to oneself does not.
CONTACT_KINDS = tuple(kind for kind in ConversationKind if kind != ConversationKind.NOTE)
#: Who keeps contact persons on a contract, and sees those of the other side.
KEEPING_ROLES = (*DECIDING_ROLES, PartyRole.CONTRACTOR, PartyRole.CONSORTIUM)
