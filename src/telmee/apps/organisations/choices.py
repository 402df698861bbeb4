"""The fixed choices of organisations, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do for an organisation; the first three include what stands below them.

    A member of the council of a client works for nobody: he reads what that client published.
    """

    MANAGER = "manager", _("Manager")
    WORKER = "worker", _("Worker")
    READER = "reader", _("Reader")
    COUNCIL = "council", _("Council member")


#: The roles in which somebody changes something for an organisation.
WORKING = (Role.MANAGER, Role.WORKER)


class RecognitionKind(models.TextChoices):
    """Who recognises social enterprises and employers."""

    PSO = "pso", _("PSO")
    CODE = "code", _("Code Sociale Ondernemingen")
    LOCAL = "local", _("Recognised by a client or region")
    ASPIRANT = "aspirant", _("Aspirant")


#: How many days two sides have after a dispute, where the client chose no other term.
USUAL_DISPUTE_DAYS = 28
#: How few and how many days a client may give the other side of a proposal to answer.
ANSWER_DAYS_MIN, ANSWER_DAYS_MAX = 7, 180
#: How many days it has where its client chose no number.
ANSWER_DAYS = 28
#: How many days a client has to decide on an objection where it chose no number: six weeks, as in
#: article 7:10 of the General Administrative Law Act (Awb). Whether that law holds for a contract
#: is for the client to say; here the term is only the client's own.
OBJECTION_DAYS = 42
