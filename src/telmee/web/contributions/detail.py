"""The page of one contribution: cells, value, decisions, proof, journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.agreements.queries import pooling_versions
from telmee.apps.audit.queries import events_on
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions import evidence, queries
from telmee.apps.contributions.cells import cells_kept, cells_of, cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.initiatives import initiative_of
from telmee.apps.contributions.transitions import Step, steps_for
from telmee.apps.contributions.valuing import value_line
from telmee.apps.decisions.objections import is_late
from telmee.apps.decisions.queries import decisions_on, objection_to
from telmee.apps.decisions.questions import questions_on
from telmee.apps.organisations.journal import doers, journal_of
from telmee.apps.receipts.queries import split_of, story_of
from telmee.apps.schemes.queries import rules_of
from telmee.apps.trust.queries import automatic_decisions
from telmee.core.explain import Step as StoryStep
from telmee.core.explain import Text
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import PERSON
from telmee.web.contributions.counterparty import counterparty_part
from telmee.web.contributions.double_words import line_in_words
from telmee.web.contributions.forms import EvidenceForm, SightingForm
from telmee.web.contributions.line_parts import (
    contract_url,
    crumbs,
    kind_in_words,
    plan_fit_parts,
    proof_name,
    proof_note,
)
from telmee.web.contributions.line_words import (
    DEEDS,
    STATE_KINDS,
    STATE_MEANINGS,
    STEPS,
    decision_terms,
)
from telmee.web.contributions.terms import cell_terms
from telmee.web.language import active
from telmee.web.letters.links import letter_links
from telmee.web.relations.message_part import messages_part
from telmee.web.templatetags.telmee import day
from telmee.web.to_come import with_to_come
from telmee.web.value_forms import ShownValue, kept_value, shown_value

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution, Evidence, Sighting
    from telmee.apps.decisions.models import Decision, Question
    from telmee.apps.receipts.models import Receipt


def detail_page(access: ContractAccess, line: Contribution, **forms: Any) -> dict[str, Any]:
    """Everything that the page of a line shows to this reader, for its template."""
    scheme = rules_of(access.contract.scheme)
    cells = cells_of(line)
    steps = set(steps_for(access, line))
    objection, questions = objection_to(line), questions_on(line)
    return {
        "access": access,
        "line": line,
        "contract_url": contract_url(access),
        "state_kind": STATE_KINDS[line.state],
        "meaning": STATE_MEANINGS[line.state],
        "scheme": scheme,
        "cells": cell_terms(scheme, cells),
        "shown": _value_of(access, line),
        "doubles": line_in_words(access.acting, line.pk),
        **plan_fit_parts(line),
        "today": line.state == State.DRAFT,
        "figures": _figures(line),
        "may_see_upload": line.organisation_id in access.acting.organisations,
        "buttons": list(_buttons(line, steps)),
        "may_edit": Step.SUBMIT in steps,
        "may_withdraw": Step.WITHDRAW in steps,
        "may_object": Step.OBJECT in steps,
        "may_reply": Step.REPLY in steps,
        "questions": questions,
        "question_letter": _question_letter(access, questions),
        "initiative": _initiative(access, line, may_edit=Step.SUBMIT in steps),
        "decide_url": _decide_url(line, steps),
        "decisions": _decisions(access, scheme, line),
        "objection": objection,
        "objection_late": is_late(objection),
        "journal": [
            {"entry": entry, "deed": DEEDS.get(entry.verb, entry.verb)}
            for entry in journal_of(access.acting, events_on("contribution", line.pk))
        ],
        "breadcrumbs": crumbs(access, line.reference),
        "again_url": _again_url(access, line),
        **counterparty_part(access, line),
        **messages_part(access, line, forms.get("message_form")),
        **_proof(access, line, forms),
    }


def _again_url(access: ContractAccess, line: Contribution) -> str:
    """Where the line can be entered once more, on this contract or another; empty for others."""
    if line.organisation_id not in access.acting.working or not access.may_deliver:
        return ""
    return f"{reverse('contribution-enter')}?kopie={line.pk}"


def _question_letter(access: ContractAccess, questions: list[Question]) -> dict[str, str] | None:
    """The letter about the latest question, or where it can be sent."""
    latest = [question.pk for question in questions[:1]]
    return next(iter(letter_links(access, "question", latest).values()), None)


def _initiative(
    access: ContractAccess, line: Contribution, *, may_edit: bool
) -> dict[str, object] | None:
    """The initiative that a line is for, or that a draft could be for."""
    if line.pool is None and not may_edit:
        return None
    place = initiative_of(access)
    if line.pool is not None:
        place = next(iter(pooling_versions(pool=line.pool)), None)
    if place is None:
        return None
    return {"name": place.place.name, "is_for": line.pool is not None, "may_change": may_edit}


def _value_of(access: ContractAccess, line: Contribution) -> ShownValue | None:
    """The figure that stands as it was kept; only a draft is valued, as of today."""
    if line.state == State.DRAFT:
        cells = cells_to_value(line)
        return shown_value(
            value_line(access.contract, line.organisation_id, cells, line_id=line.pk)
        )
    return kept_value(line.decided or line.receipt)


def _figures(line: Contribution) -> list[dict[str, Any]]:
    """Show what was claimed beside what was decided; the two are never one figure."""
    claimed = {
        "label": _("Value of the draft") if line.state == State.DRAFT else _("Delivered"),
        "cents": line.value_cents,
        "note": _("does not count yet")
        if line.state == State.DRAFT
        else _with_split(_("claimed by the contractor"), line.value_cents, line.receipt),
    }
    verified = {
        "label": _("Verified"),
        "cents": line.verified_cents,
        "note": _verified_note(line) if line.verified_cents is not None else _("not decided yet"),
        "strong": line.verified_cents is not None,
    }
    if line.state in (State.DRAFT, State.WITHDRAWN):
        return [claimed]
    if line.rest_cents is None:
        return [claimed, verified]
    rest = _("to be decided after %(day)s") % {"day": day(line.rest_after)}
    return [
        claimed,
        verified,
        {"label": _("Still to decide"), "cents": line.rest_cents, "note": rest},
    ]


def _verified_note(line: Contribution) -> str:
    """What the verified amount is; of a decision on a part, all was done."""
    receipt = line.decided if line.rest_cents is None else None
    return _with_split(_("decided by the client"), line.verified_cents, receipt)


def _with_split(note: str, cents: int | None, receipt: Receipt | None) -> str:
    """The note of an amount, with what of it is still to come."""
    later = split_of(receipt, timezone.localdate())[1] if receipt else 0
    return with_to_come(note, cents, later)


def _buttons(line: Contribution, steps: set[Step]) -> Iterator[dict[str, object]]:
    for step, (name, label, kind) in STEPS.items():
        if step in steps:
            yield {"url": reverse(name, args=[line.pk]), "label": label, "kind": kind}


def _decide_url(line: Contribution, steps: set[Step]) -> str:
    """The address of the page to decide on; empty for who may not."""
    if {Step.ACCEPT, Step.ADJUST, Step.REJECT} & steps:
        return reverse("decide", args=[line.pk])
    return reverse("reopen", args=[line.pk]) if Step.REOPEN in steps else ""


def _decisions(
    access: ContractAccess, scheme: Scheme, line: Contribution
) -> list[dict[str, object]]:
    """Each decision: what, how much, why, on which rule it turned, by whom and when."""
    decisions = decisions_on(line)
    names = doers(access.acting, ((d.user_id, d.organisation_id) for d in decisions))
    letters = letter_links(access, "decision", [decision.pk for decision in decisions])
    by_rule = automatic_decisions(line)
    return [
        {
            **decision_terms(decision, scheme),
            "who": _("automatically, by the rule of the client")
            if decision.pk in by_rule
            else names[decision.user_id, decision.organisation_id],
            "changed": _changed(scheme, line, decision),
            "story": _earlier_story(line, decision),
            "letter": letters.get(decision.pk),
        }
        for decision in decisions
    ]


def _earlier_story(line: Contribution, decision: Decision) -> tuple[StoryStep, ...]:
    """How a decision came to its amount; of the one that stands, the page itself tells."""
    if decision.receipt is None or decision.receipt_id == line.decided_id:
        return ()
    return story_of(decision.receipt)


def _changed(scheme: Scheme, line: Contribution, decision: Decision) -> list[dict[str, str]]:
    """The cells that a decision took otherwise than they were handed in."""
    own = cells_of(line)
    if decision.receipt is None:
        return []
    other = cells_kept(decision.receipt.inputs) | {PERSON: own.get(PERSON)}
    return cell_terms(
        scheme, {column: cell for column, cell in other.items() if own.get(column) != cell}
    )


# Proof -----------------------------------------------------------------------------------------


def _proof(
    access: ContractAccess, line: Contribution, forms: Mapping[str, object]
) -> dict[str, object]:
    kinds = evidence.kinds_of(access, line)
    files, sightings = queries.evidence_of(line), queries.sightings_of(line)
    names = doers(access.acting, ((s.seen_by_id, s.organisation_id) for s in sightings))
    removable = evidence.may_remove_file(access, line)
    seen = [
        {
            "label": kind_in_words(one.kind, kinds),
            "note": _("%(who)s, on %(day)s")
            % {
                "who": names[one.seen_by_id, one.organisation_id],
                "day": day(one.seen_on),
            },
            "status": _("seen, not kept"),
            "status_kind": "positive",
        }
        for one in sightings
    ]
    shown = [
        {
            "label": proof_name(file.kind, kinds, file.number),
            "note": proof_note(line, file),
            "url": reverse("evidence", args=[line.pk, file.pk]),
            "remove_url": reverse("evidence-remove", args=[line.pk, file.pk]) if removable else "",
        }
        for file in files
    ]
    return {
        "evidence_files": shown,
        "evidence_seen": seen,
        "evidence_open": _still_open(kinds, files, sightings),
        "takes_files": evidence.takes_files(access, line),
        "evidence_form": forms.get("evidence_form") or _evidence_form(access, line, kinds),
        "sighting_form": forms.get("sighting_form") or _sighting_form(access, line, kinds),
    }


def _still_open(
    kinds: tuple[Text, ...], files: list[Evidence], sightings: list[Sighting]
) -> list[str]:
    missing = evidence.still_to_show(kinds, files, sightings)
    return [kind.in_language(active()) for kind in missing]


def _evidence_form(
    access: ContractAccess, line: Contribution, kinds: tuple[Text, ...]
) -> EvidenceForm | None:
    return EvidenceForm(kinds) if evidence.may_add_file(access, line) else None


def _sighting_form(
    access: ContractAccess, line: Contribution, kinds: tuple[Text, ...]
) -> SightingForm | None:
    return SightingForm(kinds) if evidence.may_record_sighting(access, line) else None
