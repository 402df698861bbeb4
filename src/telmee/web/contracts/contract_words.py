"""The words of contracts on a screen: status, roles, entries and the deeds of a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telmee.apps.agreements.choices import State
from telmee.apps.contracts.chains import TURNOVER_FACT
from telmee.apps.contracts.choices import (
    Category,
    Form,
    Ground,
    NoObligation,
    PartyRole,
    Takeover,
    TurnoverPeriods,
)
from telmee.apps.enforcement.choices import Ground as LeniencyGround
from telmee.apps.enforcement.choices import LeavingKind, StepKind
from telmee.apps.ledger.choices import Kind
from telmee.apps.schemes.queries import named_versions
from telmee.web.contributions.line_words import DEEDS as LINE_DEEDS
from telmee.web.enforcement.enforcement_words import sanctions_on
from telmee.web.language import Words
from telmee.web.rule_words import scheme_in_words
from telmee.web.templatetags.telmee import basis_points, euros

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract

Status = tuple[Words, str]

STATUSES: Mapping[str, Status] = {
    "coming": (_("Not started yet"), "info"),
    "running": (_("Running"), "positive"),
    "ended": (_("Ended"), ""),
    "closed": (_("Closed"), ""),
    "voided": (_("Void"), ""),
}
#: What became of what one side proposed to the other.
AGREEMENT_STATES: Mapping[str, Words] = {
    State.PROPOSED: _("Proposed"),
    State.IN_FORCE: _("Agreed"),
    State.SUPERSEDED: _("Replaced"),
    State.DISPUTED: _("Disputed"),
    State.WITHDRAWN: _("Withdrawn"),
}
CATEGORIES: Mapping[str, Words] = dict(Category.choices)
FORMS: Mapping[str, Words] = dict(Form.choices)
ROLES: Mapping[str, Words] = dict(PartyRole.choices)
GROUNDS: Mapping[str, Words] = dict(Ground.choices)
TAKEOVERS: Mapping[str, Words] = dict(Takeover.choices)
KINDS: Mapping[str, Words] = dict(Kind.choices)
STEPS: Mapping[str, Words] = dict(StepKind.choices)
LENIENCY_GROUNDS: Mapping[str, Words] = dict(LeniencyGround.choices)
LEAVING: Mapping[str, Words] = dict(LeavingKind.choices)
_ABOUT_PROOF = (
    "contribution.evidence_added",
    "contribution.evidence_removed",
    "contribution.evidence_with_bsn",
    "contribution.evidence_altered",
    "contribution.evidence_missing",
    "contribution.sighted",
)
#: What each role sees of a contract.
SIGHTS: Mapping[str, Words] = {
    PartyRole.CLIENT: _(
        "Everything: figures, all lines that were handed in, books, proof and journal. Decides."
    ),
    PartyRole.REGIONAL_TEAM: _("The same as the client, and decides on behalf of the client."),
    PartyRole.CONTRACTOR: _("Everything, and its own drafts. Hands in effort and makes the plan."),
    PartyRole.CONSORTIUM: _("Everything, and its own drafts. Hands in effort and makes the plan."),
    PartyRole.FORMER: _(
        "Only its own lines and proof. Still hands in effort of before the day on which another"
        " organisation took the contract over."
    ),
    PartyRole.SUBCONTRACTOR: _(
        "Only its own lines, plan and proof. No books and no figures of the contract."
    ),
    PartyRole.AUDITOR: _("Everything but drafts. Changes nothing."),
}
#: What who took a contract over sees of it.
SIGHT_OF_NEXT = _(
    "All lines from the day of the takeover on, the books, and of before what it comes to in sums."
    " Hands in effort and makes the plan."
)
#: What the journal tells, by the verb of the event.
DEEDS: Mapping[str, Words] = {
    **{f"contract.{kind}": KINDS[kind] for kind in (Kind.WAIVED, Kind.PENALTY)},
    **{verb: words for verb, words in LINE_DEEDS.items() if verb in _ABOUT_PROOF},
    "contract.registered": _("Registered the contract"),
    "contract.changed": _("Changed the facts"),
    "contract.amended": _("Amended the contract"),
    "contract.closed": _("Closed the contract"),
    "contract.voided": _("Voided the contract"),
    "contract.settled": _("Settled the contract: both sides agreed"),
    "contract.corrected": _("Corrected the settlement"),
    "contract.letter_sent": _("Sent a letter"),
    "contract.letter_template_failed": _("Could not make a letter in its Word template"),
    "contract.reopened": _("Opened the contract again"),
    "contract.party_added": _("Added a party"),
    "contract.party_removed": _("Removed a party"),
    "contract.handed_over": _("Gave the contract another adviser"),
    "contract.contact_added": _("Added a contact person"),
    "contract.contact_changed": _("Changed a contact person"),
    "contract.contact_removed": _("Removed a contact person"),
    "contract.nothing_to_report": _("Said that there is nothing to report on a period"),
    "contract.plan_saved": _("Saved a line of the plan"),
    "contract.plan_removed": _("Removed a line of the plan"),
    "contract.plan_put_back": _("Put the agreed plan back"),
    "agreement.commented": _("Said something of an agreement"),
    "agreement.proposed": _("Proposed an agreement"),
    "agreement.confirmed": _("Confirmed an agreement"),
    "agreement.disputed": _("Disputed a proposal"),
    "agreement.decided": _("Decided on a disputed proposal"),
    "agreement.withdrawn": _("Withdrew a proposal"),
    "contract.step_taken": _("Took a step of enforcement"),
    "contract.step_withdrawn": _("Withdrew a step of enforcement"),
    "contract.ladder_left": _("Left the enforcement ladder"),
    "contract.leniency_granted": _("Granted leniency"),
    "contract.leniency_ended": _("Ended leniency before its last day"),
    "ledger.posted": _("Posted an entry"),
    "ledger.reversed": _("Took an entry back"),
    "contribution.drafted": _("Made a draft"),
    "contribution.changed": _("Changed a draft"),
    "contribution.removed": _("Removed a draft"),
    "contribution.submitted": _("Handed in effort"),
    "contribution.partly": _("Decided on effort up to and including that day"),
    "contribution.accepted": _("Accepted effort"),
    "contribution.adjusted": _("Adjusted effort"),
    "contribution.rejected": _("Rejected effort"),
    "contribution.asked": _("Asked about effort"),
    "contribution.replied": _("Answered a question about effort"),
    "contribution.reopened": _("Took a decision back"),
    "contribution.taken_back": _("Took effort back to correct it"),
    "contribution.withdrawn": _("Withdrew effort"),
    "contribution.counterparty_asked": _("Asked the counterparty to confirm"),
    "contribution.counterparty_withdrawn": _("Withdrew the link for the counterparty"),
    "contribution.counterparty_confirmed": _("Confirmed by the counterparty"),
    "contribution.counterparty_denied": _("Denied by the counterparty"),
    "contribution.denial_reviewed": _("Looked at what the counterparty denied"),
    "contribution.objected_to": _("Objected to a decision"),
    "contribution.objection_extended": _("Took longer for an objection"),
    "contribution.reviewed": _("Kept a decision after an amendment"),
}
#: What a detail of an event is called, and how it is written; what is not here is not shown.
_AMOUNTS: Mapping[str, Words] = {
    "cents": _("amount"),
    "obligation_cents": _("obligation"),
    "value_cents": _("value"),
    "verified_cents": _("verified"),
    "wages_cents": _("wages in the contract"),
    "agreed_cents": _("agreed obligation"),
    "open_cents": _("open"),
}
_SHARES: Mapping[str, Words] = {
    "labour_share_bp": _("share of labour"),
    "offered_bp": _("offered percentage"),
    "chosen_bp": _("percentage"),
}
_FACTS: Mapping[str, Words] = {
    "amendment": _("amendment"),
    "correction": _("correction"),
    "letter": _("letter"),
    "effective_on": _("counts from"),
    "start": _("first day"),
    "end": _("last day"),
    "extension_count": _("extensions left"),
    "published_on": _("publication"),
    "on": _("day"),
    "first": _("first day"),
    "last": _("last day"),
    "block": _("building block"),
    "number": _("number"),
    "name": _("name"),
    "procurement": _("tender"),
    "lot": _("lot"),
    "cpv_id": _("CPV code"),
    "awarded_on": _("award"),
    "percentage_reason": _("reason for the percentage"),
    "scheme": _("scheme"),
}
_CHOICES: Mapping[str, tuple[Words, Mapping[str, Words]]] = {
    "role": (_("role"), ROLES),
    "ground": (_("ground"), GROUNDS),
    "category": (_("category"), CATEGORIES),
    "leniency": (_("ground"), LENIENCY_GROUNDS),
    "why": (_("because"), LEAVING),
}


def kinds_on(contract: Contract) -> Mapping[str, Words]:
    """The kinds of entries in the books of a contract, with the word of its rules of today."""
    today = timezone.localdate()
    return kinds_of_days(contract, [today])[today]


def kinds_of_days(contract: Contract, days: Iterable[date]) -> dict[date, Mapping[str, Words]]:
    """The kinds of entries by the day about which they are, with the word of its rules then.

    The call-offs of a framework may have schemes of their own, so there it is the word for all.
    """
    if contract.form == Form.FRAMEWORK:
        return dict.fromkeys(days, KINDS)
    sanctions = sanctions_on(contract, days)
    return {day: {**KINDS, Kind.PENALTY: word} for day, word in sanctions.items()}


def deeds_on(contract: Contract) -> Mapping[str, Words]:
    """What the journal of a contract tells, with the word of its scheme for a sanction."""
    return {**DEEDS, f"contract.{Kind.PENALTY}": kinds_on(contract)[Kind.PENALTY]}


def status_of(start: date, end: date, closed_on: date | None, today: date) -> str:
    """Where a contract is in its life: a key of `STATUSES`."""
    if closed_on is not None:
        return "closed"
    if today < start:
        return "coming"
    return "running" if today <= end else "ended"


def details_of(
    details: Mapping[str, object], blocks: Mapping[str, str], kinds: Mapping[str, Words]
) -> str:
    """Write the details of an event for people: what changed from what into what.

    `blocks` names the building blocks of the contract's scheme, `kinds` what is in its books.
    """
    choices = {
        **_CHOICES,
        "kind": (_("kind"), kinds),
        "step": (_("step"), {**STEPS, StepKind.PENALTY: kinds[Kind.PENALTY]}),
    }
    parts = []
    for key, value in details.items():
        if key in _AMOUNTS:
            parts.append(f"{_AMOUNTS[key]}: {_change(value, _money)}")
        elif key in _SHARES:
            parts.append(f"{_SHARES[key]}: {_change(value, _percent)}")
        elif key == "block":
            parts.append(f"{_FACTS[key]}: {blocks.get(str(value), value)}")
        elif key in _FACTS:
            parts.append(f"{_FACTS[key]}: {_change(value, _plain)}")
        elif key in choices:
            label, words = choices[key]
            parts.append(f"{label}: {_change(value, partial(_word_for, words))}")
        elif key.startswith(TURNOVER_FACT):
            parts.append(f"{_turnover_of(key)}: {_change(value, _money)}")
    return "; ".join(parts)


def facts_in_words(facts: Mapping[str, object]) -> list[dict[str, str]]:
    """The facts of a contract for people, each with its name; a pair is from what, into what.

    What is empty, and what has no name here, is left out.
    """
    known = {name: list(fact) if isinstance(fact, tuple) else fact for name, fact in facts.items()}
    terms = []
    for name, words in _TERMS.items():
        if name in known and known[name] not in (None, "", False, [None, None]):
            label, write = words
            terms.append({"label": str(label), "value": _change(known[name], write)})
    terms += [
        {"label": _turnover_of(name), "value": _change(known[name], _money)}
        for name in sorted(known)
        if name.startswith(TURNOVER_FACT)
    ]
    return terms


def _turnover_of(fact: str) -> str:
    """What the fact of a period is called, which it names by its first day."""
    return gettext("Turnover from %(day)s") % {"day": _plain(fact.removeprefix(TURNOVER_FACT))}


def _version(value: object) -> str:
    schemes = {row.pk: row for row in named_versions().values()}
    scheme = schemes.get(value) if isinstance(value, int) else None
    return _plain(value) if scheme is None else scheme_in_words(scheme)


def _change(value: object, write: Callable[[object], str]) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{write(value[0])} → {write(value[1])}"
    return write(value)


def _word_for(words: Mapping[str, Words], value: object) -> str:
    return _plain(value) if value is None else str(words.get(str(value), value))


def _percent(value: object) -> str:
    return basis_points(value) if isinstance(value, int) else "\N{EN DASH}"


def _yes(value: object) -> str:
    return str(_("yes") if value else _("no"))


def _money(value: object) -> str:
    return euros(value if isinstance(value, int) else None)


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    try:
        return f"{date.fromisoformat(text):%d-%m-%Y}"
    except ValueError:
        return text or "\N{EN DASH}"


#: The facts that an amendment can change, in the order of the form, with how each is written.
_TERMS: Mapping[str, tuple[Words, Callable[[object], str]]] = {
    "contractor": (_("Carried out by"), _plain),
    "takeover": (_("How it was taken over"), partial(_word_for, TAKEOVERS)),
    "category": (_("What the contract is about"), partial(_word_for, CATEGORIES)),
    "scheme_id": (_("Rules"), _version),
    "start": (_("First day of the contract"), _plain),
    "end": (_("Last day of the contract"), _plain),
    "extension_count": (_("Extensions left"), _plain),
    "value_cents": (_("Contract sum"), _money),
    "wages_cents": (_("Wages in it"), _money),
    "labour_share_bp": (_("Share of labour"), _percent),
    "offered_bp": (_("Offered percentage"), _percent),
    "chosen_bp": (_("Percentage"), _percent),
    "agreed_cents": (_("Agreed obligation"), _money),
    "over_turnover": (_("Reckons over the turnover"), _yes),
    "turnover_period": (
        _("Turnover is agreed per"),
        partial(_word_for, dict(TurnoverPeriods.choices)),
    ),
    "client_decides": (_("The client decides on disputed turnover"), _yes),
    "no_obligation": (
        _("Why there is no obligation"),
        partial(_word_for, dict(NoObligation.choices)),
    ),
    "no_obligation_reason": (_("Explanation"), _plain),
}
