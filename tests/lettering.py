"""Letters for tests, sent by the same actions as the pages use."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from telmee.apps.contracts.access import contract_for
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
