"""Letters for tests, sent by the same actions as the pages use."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.access import contribution_for
from telmee.apps.letters.actions import make_paper, send_letter
from telmee.apps.letters.kinds import FACTS
from telmee.apps.letters.models import Letter
from telmee.apps.letters.writing import language_for
from telmee.apps.organisations.acting import acting_as


def asked_letter(user: Any, contract: int, kind: str, subject: int, **more: Any) -> Letter:
    """Send a letter about something, whose paper is still to be made."""
    with acting_as(user.pk) as acting:
        access = contract_for(acting, contract)
        _known, reader = FACTS[kind](access, subject, "nl")
        facts, reader = FACTS[kind](access, subject, language_for(access, reader))
        asked = {"key": uuid4(), "today": timezone.localdate(), **more}
        return send_letter(
            access, kind=kind, facts=facts, reader_id=reader, subject_id=subject, **asked
        )


def sent_letter(user: Any, contract: int, kind: str, subject: int, **more: Any) -> Letter:
    """Send a letter about something, and make its paper as the worker does."""
    letter = asked_letter(user, contract, kind, subject, **more)
    make_paper(letter.pk, contract, user.pk)
    return letter


def lettered(user: Any, things: dict[str, Any]) -> dict[str, int]:
    """Send a letter and ask for another, about lines of the world, and say what is left for one."""
    contract = things["contract"]
    with acting_as(user.pk) as acting:
        lines = {
            name: contribution_for(acting, things[name])[1]
            for name in ("adjusted", "accepted", "rejected", "asked")
        }
        latest = {name: line.decisions.order_by("-number").first() for name, line in lines.items()}
        decisions = {name: decision.pk for name, decision in latest.items() if decision}
        question = lines["asked"].questions.latest("pk").pk
    return {
        "letter": sent_letter(user, contract, "decision", decisions["adjusted"]).pk,
        "letter_unmade": asked_letter(user, contract, "decision", decisions["accepted"]).pk,
        "decision": decisions["rejected"],
        "question": question,
    }
