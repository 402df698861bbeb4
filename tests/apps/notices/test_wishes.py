"""How often somebody is told: his own to choose, and held at sending."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from telmee.apps.notices.actions import Reader, write_notice
from telmee.apps.notices.choices import GROUPS, USUAL, Group, Rhythm
from telmee.apps.notices.models import Wish
from telmee.apps.notices.sending import send_due
from telmee.apps.notices.wishes import choose, wishes_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.web.notices.views import NOTICES
from tests.apps.notices.test_writing import outbox, write
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("own_database")

#: A Thursday, the evening before, and the Monday after it.
THURSDAY = "2026-11-26 10:00+01"
FRIDAY_MORNING, MONDAY_MORNING = "2026-11-27 08:00+01", "2026-11-30 08:00+01"
SATURDAY = "2026-11-28 12:00+01"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def want(user: Any, **wishes: Rhythm) -> None:
    with acting_as(user.pk) as acting:
        choose(acting, wishes)


def stand_in(as_owner: Any, user: Any, at: str, event: str = "1") -> None:
    """Somebody is told, at a moment, that he stands in for a colleague."""
    facts = {"name": "Ria", "first": "2026-12-01", "last": "2026-12-04", "url": "https://x/1"}
    with acting_as(user.pk):
        reader = Reader(user_id=user.pk, language="nl")
        write_notice("standing_in", reader, event=event, facts=facts)
    written_at(as_owner, at)


def written_at(as_owner: Any, at: str) -> None:
    as_owner(
        "UPDATE notices_notice SET created_at = %s, next_attempt_at = %s"
        " WHERE created_at > '2026-11-29' OR created_at > now() - interval '1 minute'",
        at,
        at,
    )


def send_at(*moments: str) -> list[int]:
    return [send_due(moment(at)) for at in moments]


def test_every_notice_belongs_to_a_group_and_has_a_name() -> None:
    templates = Path("src/telmee/web/templates/notices/mail").glob("*_subject.txt")
    codes = {re.sub("_subject$", "", path.stem) for path in templates}
    assert GROUPS.keys() == codes
    assert NOTICES.keys() == codes
    assert set(GROUPS.values()) - {Group.ACCOUNT} == set(USUAL)


def test_a_choice_is_kept_and_the_rest_is_as_usual(cast: Cast) -> None:
    want(cast.adviser, team=Rhythm.WEEKLY)
    want(cast.adviser, team=Rhythm.DAILY)
    with acting_as(cast.adviser.pk) as acting:
        assert wishes_of(acting) == {**USUAL, Group.TEAM: Rhythm.DAILY}
    with acting_as(cast.manager.pk) as acting:
        assert wishes_of(acting) == USUAL
        assert Wish.objects.count() == 0


@pytest.mark.parametrize("wishes", [{"account": "off"}, {"no_group": "daily"}])
def test_what_is_about_the_account_cannot_be_switched_off(
    cast: Cast, wishes: dict[str, str]
) -> None:
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError):
        choose(acting, wishes)


def test_at_once_is_quiet_on_a_weekend(cast: Cast, as_owner: Any) -> None:
    stand_in(as_owner, cast.adviser, SATURDAY)
    assert send_at(SATURDAY, "2026-11-30 07:59+01", MONDAY_MORNING, MONDAY_MORNING) == [0, 0, 1, 0]


def test_what_is_about_an_account_goes_on_a_weekend_too(cast: Cast, as_owner: Any) -> None:
    want(cast.adviser, **dict.fromkeys(USUAL, Rhythm.OFF))
    with acting_as(cast.adviser.pk):
        write(cast.adviser)
    written_at(as_owner, SATURDAY)
    assert send_at(SATURDAY) == [1]


@pytest.mark.parametrize(
    ("rhythm", "sent"),
    [
        (Rhythm.AT_ONCE, [1, 0, 0]),
        (Rhythm.DAILY, [0, 1, 0]),
        (Rhythm.WEEKLY, [0, 0, 1]),
        (Rhythm.OFF, [0, 0, 0]),
    ],
)
def test_it_comes_as_often_as_is_wanted(
    cast: Cast, as_owner: Any, rhythm: Rhythm, sent: list[int]
) -> None:
    want(cast.adviser, team=rhythm)
    stand_in(as_owner, cast.adviser, THURSDAY)
    assert send_at(THURSDAY, FRIDAY_MORNING, MONDAY_MORNING) == sent
    assert len(mail.outbox) == sum(sent)
    if rhythm is Rhythm.OFF:
        assert outbox(as_owner, "state, fault") == [("withdrawn", "unwanted")]
