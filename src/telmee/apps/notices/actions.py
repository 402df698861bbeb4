"""Write a notice with the event that it tells of, and settle what sending left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from telmee.apps.audit.actions import record
from telmee.apps.notices.access import Asker, unsettled_notice, unsettled_with
from telmee.apps.notices.choices import MAY_GO_AGAIN, State
from telmee.apps.notices.models import Notice
from telmee.core.explain import Text
from telmee.integrations.seals import seal
from telmee.texts import LANGUAGES

#: The name under which the worker knows the sending; one that waits is enough.
SEND_TASK = "notices:send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is told: a user, in the language that is his when it is sent, or an address."""

    language: str
    user_id: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What has to be the reader's to see, or still open, at the moment of sending."""

    organisation_id: int | None = None
    contract_id: int | None = None
    invitation_id: int | None = None


class Addressed(NamedTuple):
    """What one of several readers of an event is written."""

    reader: Reader
    about: About
    facts: Mapping[str, Any]


def write_notice(
    code: str,
    reader: Reader,
    *,
    event: str,
    facts: Mapping[str, Any],
    about: About | None = None,
    link: str = "",
    until: datetime | None = None,
) -> None:
    """Write what somebody is told, inside the transaction of the event: both stand or neither.

    `event` names the event among those of this code; the same one twice tells a reader once.
    `link` is an address that lets somebody in: it is sealed, and is gone when the notice is over.
    """
    addressed = Addressed(reader, about or About(), facts)
    write_notices(code, [addressed], event=event, link=link, until=until)


def write_notices(
    code: str,
    everybody: Iterable[Addressed],
    *,
    event: str,
    link: str = "",
    until: datetime | None = None,
) -> None:
    """Write to several readers of one event, as `write_notice` does, in one query.

    The worker is woken once, however many there are.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{code}: a notice is written in the transaction of its event")
    notices = [
        Notice(
            code=code,
            facts={name: _kept(fact) for name, fact in one.facts.items()},
            user_id=one.reader.user_id,
            address=one.reader.address,
            language=one.reader.language,
            organisation_id=one.about.organisation_id,
            contract_id=one.about.contract_id,
            invitation_id=one.about.invitation_id,
            until=until,
            message_id=_message_id(code, event, one.reader),
            sealed=seal(link, settings.SECRET_KEY) if link else "",
        )
        for one in everybody
    ]
    if not notices:
        return
    # Not read back: who writes a notice may not read the outbox.
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    transaction.on_commit(send_soon, robust=True)


def _kept(fact: Any) -> Any:
    """Words are kept in both languages: which one the reader's is, is known when it is sent."""
    if not isinstance(fact, Text):
        return fact
    return {language: fact.in_language(language) for language in LANGUAGES}


def _message_id(code: str, event: str, reader: Reader) -> str:
    to = reader.address if reader.user_id is None else f"user {reader.user_id}"
    name = uuid5(NAMESPACE_URL, f"{settings.SITE_URL} {code} {event} {to}")
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def send_soon() -> None:
    """Wake the worker, which would look within a minute by itself."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(SEND_TASK, queueing_lock=SEND_TASK).defer(timestamp=0)


@transaction.atomic
def send_again(asker: Asker, notice_id: int) -> None:
    """Let the worker send a notice once more, with all its attempts. Raises `Http404`.

    Those that go in the same mail go along, so that it is the same mail again.
    """
    notice = unsettled_notice(asker, notice_id, MAY_GO_AGAIN)
    again = unsettled_with(asker, notice, MAY_GO_AGAIN)
    again.update(state=State.WAITING, attempts=0, next_attempt_at=Now())
    record(asker, "notice.sent_again", notice)
    transaction.on_commit(send_soon, robust=True)


@transaction.atomic
def settle(asker: Asker, notice_id: int) -> None:
    """Say that a notice needs nothing more: it arrived, or its reader knows. Raises `Http404`.

    So does what was in the same mail.
    """
    notice = unsettled_notice(asker, notice_id)
    unsettled_with(asker, notice).update(state=State.SETTLED, sealed="")
    record(asker, "notice.settled", notice)
