"""Who may not decide on a line: nobody on his own, nor on an objection to his own decision.

The database holds the same rules (`decisions.0002`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.models import Objection, Reply
from telmee.apps.decisions.queries import decisions_on, took_part
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.core.errors import DomainError, Problem


def require_reviewer(acting: Acting, line: Contribution) -> None:
    """Refuse who worked on a line himself, and who decided before on what is objected to."""
    if is_his_own(acting, line):
        raise DomainError(Problem("own_line"))
    if line.state == State.OBJECTION and took_part(decisions_on(line), acting.user_id):
        raise DomainError(Problem("second_reviewer_needed"))


def is_his_own(acting: Acting, line: Contribution) -> bool:
    """Whether somebody made or handed in a line, objected for it, or answered a question on it.

    He may work for both sides of a contract, through two organisations.
    """
    return bool(his_own(acting, [line]))


def his_own(acting: Acting, lines: Sequence[Contribution]) -> set[int]:
    """The ids of the lines that somebody worked on for who delivers. Runs one query."""
    me = acting.user_id
    other = [line.pk for line in lines if me not in {line.created_by_id, line.submitted_by_id}]
    touched = _touched_by(me, other) if other else ()
    return {line.pk for line in lines} - set(other) | {pk for (pk,) in touched}


@prepared
def _touched_by(user_id: int | None, line_ids: Collection[int]) -> QuerySet[Any, tuple[int]]:
    """The lines among these for which somebody objected, or on which he answered a question."""
    objected, replied = (
        acted.filter(contribution_id__in=listed(line_ids), user_id=user_id)
        for acted in (Objection.objects.order_by(), Reply.objects.order_by())
    )
    return objected.values_list("contribution_id").union(replied.values_list("contribution_id"))
