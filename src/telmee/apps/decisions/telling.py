"""Notices of what was decided on lines, to who handed them in."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid5

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.telling import tell_of_lines
from telmee.apps.decisions.models import Decision


def tell_of_decisions(access: ContractAccess, decisions: Iterable[Decision]) -> None:
    """Write to who handed in the lines of a contract that were decided on, once for each of them.

    Where he works there no longer, everybody does who works for the same organisation. What came of
    an objection has a notice of its own.
    """
    groups: dict[tuple[int, int], list[Decision]] = {}
    for decision in decisions:
        line = decision.contribution
        if not decision.ruling:
            place = (line.organisation_id, line.submitted_by_id or line.created_by_id or 0)
            groups.setdefault(place, []).append(decision)
    for (organisation_id, person), some in groups.items():
        keys = " ".join(sorted(str(decision.key) for decision in some))
        outcomes = {str(decision.outcome) for decision in some}
        tell_of_lines(
            access,
            [decision.contribution for decision in some],
            "lines_decided",
            event=f"decisions {uuid5(some[0].key, keys)}",
            to=[organisation_id],
            people={person},
            by=some[0].organisation_id or 0,
            listed="",
            facts={"outcome": outcomes.pop() if len(outcomes) == 1 else ""},
        )
