"""Somebody outside who was asked about lines, for tests of pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.counterparties import (
    answer_by,
    ask_counterparty,
    links_of,
    waiting_denials,
)
from telmee.apps.organisations.access import hash_of
from telmee.apps.organisations.acting import acting_as


def asked_outside(delivering: Any, deciding: Any, lines: dict[str, int]) -> dict[str, int]:
    """A link about a line that waits, and a no of somebody outside about another."""
    tokens = []
    with acting_as(delivering.pk) as acting:
        for state in ("submitted", "accepted"):
            access, line = contribution_for(acting, lines[state])
            tokens.append(ask_counterparty(access, line, who="ROC", key=uuid4()))
    said: dict[str, Any] = {"name": "Noor Bakker", "function": "Docent", "reason": "Nooit gezien."}
    with acting_as(None):
        answer_by(hash_of(tokens[1]), confirms=False, **said)
    with acting_as(deciding.pk) as acting:
        (link,) = links_of(contribution_for(acting, lines["submitted"])[1])
        return {"link": link.pk, "denial": waiting_denials(acting).get().pk}
