"""Read decisions and objections."""

from __future__ import annotations

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Decision, Objection


def decisions_on(line: Contribution) -> list[Decision]:
    """What was decided on a line, latest first, each with its receipt."""
    kept = line.decisions.select_related("receipt__scheme").defer("receipt__scheme__document")
    return list(kept.order_by("-number"))


def objection_to(line: Contribution) -> Objection | None:
    """The objection that waits on a line: who wrote it when, and why."""
    if line.state != State.OBJECTION:
        return None
    return Objection.objects.filter(contribution=line).order_by("-pk").first()
