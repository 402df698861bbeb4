"""The fixed choices of contracts, for tables, forms and pages alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What a contract is about; the values of `telmee.core.obligations.Category`."""

    WORKS = "works", _("Works")
    SERVICES = "services", _("Services")
    SUPPLIES = "supplies", _("Supplies")
    SUBSIDY = "subsidy", _("Subsidy")
    HIRE = "hire", _("External hire")


class Form(models.TextChoices):
    """How a contract stands to others: a framework owes the sum of its call-offs."""

    SINGLE = "single", _("Contract")
    FRAMEWORK = "framework", _("Framework agreement")
    CALL_OFF = "call_off", _("Call-off")


class NoObligation(models.TextChoices):
    """Why a contract carries no obligation: apply or explain."""

    BELOW_THRESHOLD = "below_threshold", _("Below the threshold of the scheme")
    LITTLE_LABOUR = "little_labour", _("Hardly any labour in the contract")
    TOO_SHORT = "too_short", _("Too short to place somebody")
    MARKET = "market", _("The market cannot carry it")
    OTHER = "other", _("Another reason")


class PartyRole(models.TextChoices):
    """What an organisation is to a contract; access follows from it and from nothing else."""

    CLIENT = "client", _("Client")
    REGIONAL_TEAM = "regional_team", _("Regional team")
    CONTRACTOR = "contractor", _("Contractor")
    CONSORTIUM = "consortium", _("Consortium partner")
    SUBCONTRACTOR = "subcontractor", _("Subcontractor")
    AUDITOR = "auditor", _("Auditor")


#: Who decides on contributions and keeps the books.
DECIDING_ROLES = (PartyRole.CLIENT, PartyRole.REGIONAL_TEAM)
#: Who delivers effort.
DELIVERING_ROLES = (PartyRole.CONTRACTOR, PartyRole.CONSORTIUM, PartyRole.SUBCONTRACTOR)
#: The roles that one organisation may have together on a contract: it stands on one side.
SIDES = (DECIDING_ROLES, DELIVERING_ROLES, (PartyRole.AUDITOR,))
#: Who sees everything of a contract; a subcontractor sees his own lines.
SEEING_ROLES = (*DECIDING_ROLES, PartyRole.CONTRACTOR, PartyRole.CONSORTIUM, PartyRole.AUDITOR)
