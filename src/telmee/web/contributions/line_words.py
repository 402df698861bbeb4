"""The words of a contribution on a screen: its state, its steps, and what its journal tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telmee.apps.contributions.choices import HandingInStatus, State, UploadStatus
from telmee.apps.contributions.transitions import Step
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.core.schemes.model import Scheme
from telmee.web.language import Words
from telmee.web.rule_words import rule_in_words
from telmee.web.templatetags.telmee import day

if TYPE_CHECKING:
    from telmee.apps.decisions.models import Decision


#: The look of each state; its word is its own label.
STATE_KINDS: Mapping[str, str] = {
    State.DRAFT: "",
    State.SUBMITTED: "info",
    State.ASKED: "warning",
    State.PARTLY: "info",
    State.ACCEPTED: "positive",
    State.ADJUSTED: "warning",
    State.REJECTED: "negative",
    State.OBJECTION: "warning",
    State.WITHDRAWN: "",
}
#: Each state with its look, for a list.
STATES: Mapping[str, tuple[Words, str]] = {
    state: (label, STATE_KINDS[state]) for state, label in State.choices
}
#: What each state means for who delivers.
STATE_MEANINGS: Mapping[str, Words] = {
    State.DRAFT: _("Only your own organisation sees this. It does not count yet."),
    State.SUBMITTED: _("Handed in. The client decides whether and for how much it counts."),
    State.ASKED: _("The client asked something about it, and decides after the answer."),
    State.PARTLY: _(
        "The client decided up to a day, because the effort was not over yet. The rest is decided "
        "when it is."
    ),
    State.ACCEPTED: _("The client decided that this counts as it was handed in."),
    State.ADJUSTED: _("The client decided that this counts for another amount."),
    State.REJECTED: _("The client decided that this does not count."),
    State.OBJECTION: _(
        "The contractor objected. Somebody else at the client looks again; until then the decision "
        "stands."
    ),
    State.WITHDRAWN: _("The contractor withdrew this. It does not count."),
}
OUTCOME_KINDS: Mapping[str, str] = {
    Outcome.PARTLY: "info",
    Outcome.ACCEPTED: "positive",
    Outcome.ADJUSTED: "warning",
    Outcome.REJECTED: "negative",
    Outcome.REOPENED: "info",
}
HANDING_IN_KINDS: Mapping[str, str] = {
    HandingInStatus.WAITING: "info",
    HandingInStatus.DONE: "positive",
    HandingInStatus.FAILED: "negative",
}

UPLOAD_KINDS: Mapping[str, str] = {
    UploadStatus.WAITING: "info",
    UploadStatus.DONE: "positive",
    UploadStatus.UNREADABLE: "negative",
}

#: The steps of the side that delivers: its page, its button, and the look of that.
STEPS: Mapping[Step, tuple[str, Words, str]] = {
    Step.SUBMIT: ("contribution-submit", _("Hand in"), "primary"),
    Step.TAKE_BACK: ("contribution-take-back", _("Take back to correct it"), "secondary"),
    Step.REMOVE: (
        "contribution-remove",
        _("Throw the draft away"),
        "secondary nl-button--negative",
    ),
}

#: What a journal tells, by the verb of the event.
DEEDS: Mapping[str, Words] = {
    "contribution.drafted": _("Made a draft"),
    "contribution.changed": _("Changed the draft"),
    "contribution.submitted": _("Handed it in"),
    "contribution.taken_back": _("Took it back to correct it"),
    "contribution.withdrawn": _("Withdrew it"),
    "contribution.asked": _("Asked a question"),
    "contribution.replied": _("Answered the question"),
    "contribution.removed": _("Threw the draft away"),
    "contribution.partly": _("Decided on it in part: up to and including that day"),
    "contribution.accepted": _("Accepted it"),
    "contribution.adjusted": _("Adjusted the amount"),
    "contribution.rejected": _("Rejected it"),
    "contribution.reopened": _("Reopened the decision"),
    "contribution.counterparty_asked": _("Asked the counterparty to confirm"),
    "contribution.counterparty_withdrawn": _("Withdrew the link for the counterparty"),
    "contribution.counterparty_confirmed": _("Confirmed by the counterparty"),
    "contribution.counterparty_denied": _("Denied by the counterparty"),
    "contribution.denial_reviewed": _("Looked at what the counterparty denied"),
    "contribution.objected_to": _("Objected"),
    "contribution.objection_extended": _("Took longer for the objection"),
    "contribution.reviewed": _("Looked at it after an amendment: what was decided stays"),
    "contribution.evidence_added": _("Added a file as proof"),
    "contribution.evidence_removed": _("Removed a file"),
    "contribution.evidence_with_bsn": _("A photo with a BSN in it was removed"),
    "contribution.evidence_altered": _("Asked for a file that was altered; it was not given"),
    "contribution.evidence_missing": _("Asked for a file that is no longer there"),
    "contribution.sighted": _("Saw proof, not kept"),
    "upload.added": _("Added a file with effort"),
    "upload.read": _("The file was read"),
}


def decision_terms(decision: Decision, scheme: Scheme) -> dict[str, object]:
    """A decision: what it was with its look, why, by which rule, and whether it counts."""
    outcome = Outcome(decision.outcome)
    word: Words = outcome.label
    if decision.until is not None:
        word = gettext("%(outcome)s, up to and including %(day)s") % {
            "outcome": outcome.label,
            "day": day(decision.until),
        }
    return {
        "decision": decision,
        "word": word,
        "kind": OUTCOME_KINDS[outcome],
        "rule": rule_in_words(decision.rule, scheme),
        "reason": DecisionReason(decision.reason).label if decision.reason else "",
        "ruling": Ruling(decision.ruling).label if decision.ruling else "",
        "counts": outcome is not Outcome.REOPENED,
    }
