"""How often somebody is told, for each group of notices; his own to see and to choose.

The sender asks at the moment of sending, so a choice also holds for what waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from telmee.apps.notices.access import Asker
from telmee.apps.notices.choices import GROUPS, USUAL, Group, Rhythm
from telmee.apps.notices.models import Notice, Wish
from telmee.core.errors import DomainError, Problem
from telmee.core.mornings import at_once, next_morning, next_week
from telmee.integrations.holidays_nl import public_holidays


def wishes_of(asker: Asker) -> dict[Group, Rhythm]:
    """How often somebody is told, for each group that he may choose about."""
    chosen = Wish.objects.filter(user_id=asker.user_id or 0).values_list("group", "rhythm")
    return {**USUAL, **{Group(group): Rhythm(rhythm) for group, rhythm in chosen}}


@transaction.atomic
def choose(asker: Asker, wishes: Mapping[str, str]) -> None:
    """Be told so often from now on, for each group. Raises `not_allowed` for what is no choice."""
    if not asker.user_id or not wishes.keys() <= set(USUAL):
        raise DomainError(Problem("not_allowed"))
    rows = [
        Wish(user_id=asker.user_id, group=Group(group), rhythm=Rhythm(rhythm))
        for group, rhythm in wishes.items()
    ]
    Wish.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user_id", "group"], update_fields=["rhythm"]
    )


def rhythms_of(user_ids: Iterable[int]) -> dict[int | None, Mapping[Group, Rhythm]]:
    """How often readers want to be told, by reader; for the sender. Runs one query."""
    rows: dict[int | None, dict[Group, Rhythm]] = {user: dict(USUAL) for user in user_ids}
    for user, group, rhythm in Wish.objects.filter(user_id__in=list(rows)).values_list(
        "user_id", "group", "rhythm"
    ):
        rows[user][Group(group)] = Rhythm(rhythm)
    return dict(rows)


def rhythm_of(notice: Notice, rhythms: Mapping[Group, Rhythm]) -> Rhythm:
    """How often its reader wants to be told this: what is about an account, at once."""
    return rhythms.get(group_of(notice), Rhythm.AT_ONCE)


def moment_of(notice: Notice, rhythm: Rhythm) -> datetime:
    """When a notice may go: what is about an account when it was written, the rest as is wanted.

    It follows from when the notice was written, so that it is the same whenever it is asked.
    """
    written = timezone.localtime(notice.created_at)
    if group_of(notice) not in USUAL:
        return written
    holidays = public_holidays((written.year, written.year + 1))
    match rhythm:
        case Rhythm.DAILY:
            return next_morning(written, holidays)
        case Rhythm.WEEKLY:
            return next_week(written, holidays)
        case _:
            return at_once(written, holidays)


def group_of(notice: Notice) -> Group:
    """To which group a notice belongs; a code that is not known is told at once."""
    return GROUPS.get(notice.code, Group.ACCOUNT)
