"""The fixed choices of notices."""

from __future__ import annotations

from collections.abc import Mapping

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
    RETURNED = "returned", _("Came back")
    WITHDRAWN = "withdrawn", _("Not sent: no longer for this reader")
    SETTLED = "settled", _("Settled")


class Fault(models.TextChoices):
    """Why a notice was not sent, or maybe not."""

    REFUSED = "refused", _("The mail server refused it.")
    AWAY = "away", _("The mail server could not be reached.")
    NO_ANSWER = "no_answer", _("The mail server gave no answer. It may have arrived.")
    WORKER_DIED = "worker_died", _("The worker stopped while it sent this. It may have arrived.")
    BOUNCED = "bounced", _("A mail server on the way could not deliver it.")
    NOT_WRITTEN = "not_written", _("It could not be written. Look in the log of the worker.")
    RESTORED = (
        "restored",
        _("Put back from a backup. It may have been sent since the backup was made."),
    )
    TOO_LATE = "too_late", _("Its reader would have had it too late.")
    ACCOUNT_CLOSED = "account_closed", _("The account of its reader was closed.")
    NO_ACCESS = "no_access", _("Its reader no longer has access to what it is about.")
    UNWANTED = "unwanted", _("Its reader does not want to be told this.")
    SUSPECT = "suspect", _("The mail server refused the address of its reader before.")
    INVITATION_CLOSED = "invitation_closed", _("The invitation is no longer open.")


#: What may be sent once more; what came back arrived nowhere, but its link is gone from the outbox.
MAY_GO_AGAIN = (State.UNKNOWN, State.GIVEN_UP)
#: What waits for a person, and what is over: then no secret stands in the outbox any more.
UNSETTLED = (*MAY_GO_AGAIN, State.RETURNED)
OVER = (State.SENT, State.WITHDRAWN, State.SETTLED)


class Rhythm(models.TextChoices):
    """How often somebody is told what belongs to a group."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
    OFF = "off", _("Not")


#: What is kept for a morning goes in one mail.
TOGETHER = (Rhythm.DAILY, Rhythm.WEEKLY)


class Group(models.TextChoices):
    """Of which kind a notice is, for who chooses how often he is told."""

    #: About somebody's account and what keeps it safe: always told, and at once.
    ACCOUNT = "account", _("Your account")
    #: A term begins to run for who reads it: told at once, whatever he chose of the rest.
    ENFORCED = "enforced", _("A step of enforcement")
    ASKED = "asked", _("Somebody waits for you")
    MESSAGES = "messages", _("A message on a contract or a line")
    LINES = "lines", _("Lines are handed in or decided on")
    TERMS = "terms", _("A term ends or has passed")
    ANSWERED = "answered", _("Something was answered or decided")
    CONTRACT = "contract", _("A contract changes")
    TEAM = "team", _("Work goes to a colleague")


#: Of which group each notice is.
GROUPS: Mapping[str, Group] = {
    code: group
    for group, codes in {
        Group.ACCOUNT: "invitation proposal head password_reset account_changed",
        Group.ENFORCED: "ladder_step",
        Group.ASKED: (
            "share_proposed plan_proposed plan_commented question_asked objection_made"
            " pool_proposed pool_disputed settlement_proposed settlement_disputed"
            " turnover_proposed turnover_sheet turnover_disputed"
            " counterparty_asked counterparty_denied ladder_second"
        ),
        Group.MESSAGES: "message_written",
        Group.LINES: "lines_handed_in lines_decided",
        Group.TERMS: (
            "objection_term_near objection_term_missed settlement_term_near settlement_term_missed"
            " question_term_near question_term_missed agreement_term_near agreement_term_missed"
            " dispute_term_near dispute_term_missed deadline_near deadline_missed"
            " report_due report_missed certificate_ending contract_ending contract_ended"
        ),
        Group.ANSWERED: (
            "plan_agreed share_confirmed question_answered objection_received objection_extended"
            " objection_decided surplus_moved pool_agreed pool_balanced part_booked part_taken_off"
            " settlement_agreed settlement_corrected"
            " turnover_confirmed turnover_withdrawn turnover_decided"
            " counterparty_confirmed trust_taken_away trust_given_back letter_sent"
            " ladder_withdrawn ladder_left ladder_refused ladder_leniency ladder_leniency_ended"
            " leniency_for_all leniency_for_all_ended"
        ),
        Group.CONTRACT: (
            "contract_amended contract_voided takeover_begins takeover_ends"
            " party_added subcontractor_added subcontractor_joined"
        ),
        Group.TEAM: "handed_over_to_you handed_over_from_you standing_in",
    }.items()
    for code in codes.split()
}
#: What somebody may choose about, and how often he is told until he chooses.
USUAL: Mapping[Group, Rhythm] = {
    Group.ASKED: Rhythm.AT_ONCE,
    Group.MESSAGES: Rhythm.AT_ONCE,
    Group.LINES: Rhythm.DAILY,
    #: They are looked for once a day: so many mails at once would be thrown away unread.
    Group.TERMS: Rhythm.DAILY,
    Group.ANSWERED: Rhythm.AT_ONCE,
    Group.CONTRACT: Rhythm.AT_ONCE,
    Group.TEAM: Rhythm.AT_ONCE,
}
#: What is told of a number of lines: those of one contract that go together are one, with the sum.
COUNTED = frozenset(code for code, group in GROUPS.items() if group is Group.LINES)
