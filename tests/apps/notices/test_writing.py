"""A notice stands or falls with its event, once for each reader, and its link is sealed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telmee.apps.notices.actions import (
    About,
    Addressed,
    Reader,
    send_soon,
    write_notice,
    write_notices,
)
from telmee.apps.notices.models import Notice
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import invite
from telmee.apps.organisations.choices import Role
from tests.cast import Cast
from tests.mailing import mailed


def write(user: Any, event: str = "1", **more: Any) -> None:
    reader = Reader(user_id=user.pk, language=user.language)
    facts = {"change": "password_changed", "at": timezone.now()}
    write_notice("account_changed", reader, event=event, facts=facts, **more)


def outbox(as_owner: Any, columns: str = "count(*)") -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = as_owner(f"SELECT {columns} FROM notices_notice")  # noqa: S608
    return found


def test_an_event_that_is_undone_leaves_no_notice(
    cast: Cast, own_database: str, as_owner: Any
) -> None:
    del own_database
    with acting_as(cast.manager.pk) as acting:
        invite(acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.READER)
        transaction.set_rollback(True)
    assert outbox(as_owner) == [(0,)]
    assert mailed() == []


def test_a_notice_is_written_in_a_transaction_only(own_database: str, cast: Cast) -> None:
    del own_database
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError):
        write(cast.adviser)


def test_the_same_event_tells_a_reader_once(cast: Cast, own_database: str) -> None:
    del own_database
    for _time in range(2):
        with acting_as(cast.adviser.pk):
            write(cast.adviser, "1")
            write(cast.manager, "1")
    with acting_as(cast.adviser.pk):
        write(cast.adviser, "2")
    readers = [message.to[0] for message in mailed()]
    assert sorted(readers) == sorted([cast.adviser.email, cast.manager.email, cast.adviser.email])


def test_several_readers_of_an_event_are_written_at_once_and_wake_the_worker_once(
    cast: Cast, own_database: str, django_capture_on_commit_callbacks: Any
) -> None:
    del own_database
    readers = [Reader(user_id=user.pk, language="nl") for user in (cast.adviser, cast.manager)]
    facts = {"change": "password_changed", "at": timezone.now()}
    everybody = [Addressed(reader, About(), facts) for reader in (*readers, readers[0])]
    with (
        acting_as(cast.adviser.pk),
        CaptureQueriesContext(connection) as asked,
        django_capture_on_commit_callbacks() as afterwards,
    ):
        write_notices("account_changed", everybody, event="1")
        write_notices("account_changed", [], event="2")
    assert len(asked) == 1
    assert afterwards == [send_soon]
    to = [message.to[0] for message in mailed()]
    assert sorted(to) == sorted([cast.adviser.email, cast.manager.email])


def test_a_link_stands_there_sealed_until_it_was_sent(
    cast: Cast, own_database: str, as_owner: Any
) -> None:
    del own_database
    with acting_as(cast.manager.pk) as acting:
        invite(acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.READER)
    ((row, sealed),) = outbox(as_owner, "row_to_json(notices_notice)::text, sealed")
    assert "uitnodiging" not in row
    assert sealed != ""
    assert "/uitnodiging/" in str(mailed()[0].body)
    assert outbox(as_owner, "sealed, state") == [("", "sent")]


def test_a_reader_sees_nothing_of_the_outbox_and_an_operator_all(
    cast: Cast, own_database: str
) -> None:
    del own_database
    with acting_as(cast.adviser.pk):
        write(cast.adviser)
    for user, count in ((cast.adviser, 0), (cast.manager, 0), (cast.operator, 1)):
        with acting_as(user.pk):
            assert Notice.objects.count() == count


@pytest.mark.django_db
def test_a_visitor_may_be_the_cause_of_a_notice(cast: Cast) -> None:
    with acting_as(None):
        write(cast.adviser, until=timezone.now() + timedelta(days=1))
    assert len(mailed()) == 1
