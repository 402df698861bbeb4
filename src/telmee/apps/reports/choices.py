"""The fixed choices of accounts, for tables, forms and pages alike."""

from __future__ import annotations

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    """What a goal is about, by the name that a result has for it; the last two a region counts."""

    PERCENTAGE = "percentage_bp", _("Achieved, as a percentage")
    VERIFIED = "verified_cents", _("Verified, in euros")
    PURCHASE = "purchase_cents", _("Purchases from social enterprises, in euros")
    PEOPLE = "people", _("People reached")
    PLACES = "places", _("Workplaces")
    PARTNERS = "partners", _("Partners")
    ENTERPRISES = "enterprises", _("Recognised enterprises")


#: What a region counts of its clients; an organisation that awards nothing has no goal for these.
OF_A_REGION = (Measure.PARTNERS, Measure.ENTERPRISES)


class ReportKind(models.TextChoices):
    """Whom a report is for."""

    COUNCIL = "council", _("Letter to the council")
    ANNUAL = "annual", _("Annual report")
    REGIONAL = "regional", _("Regional report")
    STATEMENT = "statement", _("Statement of a contractor")


class Making(Enum):
    """How far a report or a draft is that the worker makes; only `WAITING` goes on by itself."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


#: Which kinds an organisation makes about what it awards; a contractor makes a statement.
OF_A_CLIENT = (ReportKind.COUNCIL, ReportKind.ANNUAL, ReportKind.REGIONAL)
#: The reports of one client alone, those of a region, and those of a contractor: within one of
#: these they tell of the same contracts, so that each leans on all that was told before.
OF_ONE = (ReportKind.COUNCIL, ReportKind.ANNUAL)
OF_REGION = (ReportKind.REGIONAL,)
OF_A_CONTRACTOR = (ReportKind.STATEMENT,)


def about_the_same(kind: ReportKind) -> tuple[ReportKind, ...]:
    """The kinds that tell of the same contracts of an organisation as this one."""
    return next(kinds for kinds in (OF_ONE, OF_REGION, OF_A_CONTRACTOR) if kind in kinds)
