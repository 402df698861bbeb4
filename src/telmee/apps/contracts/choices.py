"""The fixed choices of contracts, for tables, forms and pages alike."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from telmee.core.ledger import CONTRACTOR, FIRST_CONTRACTOR


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


class TurnoverPeriods(models.TextChoices):
    """For which periods turnover is agreed; the values of `telmee.core.obligations.turnover`."""

    YEAR = "year", _("Calendar year")
    HALF_YEAR = "half_year", _("Half year")
    QUARTER = "quarter", _("Quarter")
    MONTH = "month", _("Month")


class Ground(models.TextChoices):
    """Why the facts of a contract are what an amendment says."""

    REGISTERED = "registered", _("Registered")
    CORRECTED = "corrected", _("Correction of the registration")
    OPTION_USED = "option_used", _("Option used")
    OVERRUN = "overrun", _("Runs on after the last option")
    ENDED_EARLY = "ended_early", _("Ends earlier")
    VALUE = "value", _("Another contract sum")
    CONTENT = "content", _("Another category or share of labour")
    SCHEME = "scheme", _("Another version of the rules")
    AGREED = "agreed", _("An obligation in euros that was agreed")
    BY_THE_RULES = "by_the_rules", _("The obligation follows the rules again")
    VOIDED = "voided", _("Voided: registered by mistake")
    TURNOVER = "turnover", _("Turnover of a period")
    TAKEN_OVER = "taken_over", _("Taken over by another organisation")


class Takeover(models.TextChoices):
    """How another organisation came to carry a contract out."""

    BUSINESS = "business", _("Its business was transferred")
    MERGER = "merger", _("It merged with another organisation")
    CONTRACT = "contract", _("The contract itself was taken over")
    MISTAKE = "mistake", _("The contractor was recorded wrongly")


#: The facts that an amendment can change, by the names that a contract has for them.
TERMS = (
    "category", "scheme_id", "rules_client", "published_on", "awarded_on", "start", "end",
    "extension_count", "extension_months", "value_cents", "wages_cents", "labour_share_bp",
    "with_vat_cents", "eu_threshold_cents", "offered_bp", "chosen_bp", "agreed_cents",
    "over_turnover", "turnover_period", "client_decides", "no_obligation", "no_obligation_reason",
)  # fmt: skip
#: Which of them each ground is about. The percentages are with those where the rules may ask for
#: one, or no longer let one be. What is agreed of turnover is no fact of the contract itself.
TERMS_OF: Mapping[Ground, frozenset[str]] = {
    Ground.CORRECTED: frozenset(TERMS),
    Ground.OPTION_USED: frozenset({"end"}),
    Ground.OVERRUN: frozenset({"end"}),
    Ground.ENDED_EARLY: frozenset({"end"}),
    Ground.VALUE: frozenset({"value_cents", "with_vat_cents", "wages_cents", "offered_bp",
                             "chosen_bp"}),
    Ground.CONTENT: frozenset({"category", "labour_share_bp", "wages_cents", "offered_bp",
                               "chosen_bp"}),
    Ground.SCHEME: frozenset({"scheme_id", "rules_client", "offered_bp", "chosen_bp"}),
    Ground.AGREED: frozenset({"agreed_cents", "chosen_bp", "no_obligation",
                              "no_obligation_reason"}),
    Ground.BY_THE_RULES: frozenset({"agreed_cents", "offered_bp", "chosen_bp", "no_obligation",
                                    "no_obligation_reason"}),
    Ground.TURNOVER: frozenset(),
    Ground.TAKEN_OVER: frozenset({CONTRACTOR, FIRST_CONTRACTOR, "takeover"}),
}  # fmt: skip


class PartyRole(models.TextChoices):
    """What an organisation is to a contract; access follows from it and from nothing else."""

    CLIENT = "client", _("Client")
    REGIONAL_TEAM = "regional_team", _("Regional team")
    CONTRACTOR = "contractor", _("Contractor")
    FORMER = "former", _("Former contractor")
    CONSORTIUM = "consortium", _("Consortium partner")
    SUBCONTRACTOR = "subcontractor", _("Subcontractor")
    AUDITOR = "auditor", _("Auditor")


#: Who decides on contributions and keeps the books.
DECIDING_ROLES = (PartyRole.CLIENT, PartyRole.REGIONAL_TEAM)
#: Who delivers effort now.
DELIVERING_NOW = (PartyRole.CONTRACTOR, PartyRole.CONSORTIUM, PartyRole.SUBCONTRACTOR)
#: Who delivers or delivered: a former contractor still does, for the days that were his.
DELIVERING_ROLES = (PartyRole.FORMER, *DELIVERING_NOW)
#: The roles that one organisation may have together on a contract: it stands on one side.
SIDES = (DECIDING_ROLES, DELIVERING_ROLES, (PartyRole.AUDITOR,))
#: Who sees the books of a contract and everybody's lines; another sees his own lines. Who took the
#: contract over sees those from that day on.
SEEING_ROLES = (*DECIDING_ROLES, PartyRole.CONTRACTOR, PartyRole.CONSORTIUM, PartyRole.AUDITOR)
