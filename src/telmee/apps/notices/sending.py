"""Send what waits in the outbox, by the worker, under the role of the sender.

A notice is marked as being sent and that is committed; then it is sent, and marked as sent. What
is still marked as being sent when nobody sends may have left or not: it is unknown, and is never
repeated by itself. A person looks, and sends it again or settles it.

What somebody wants once a day or once a week goes in one mail; all of it stays in that mail, under
one Message-ID, however often it is tried.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from telmee.apps.notices.actions import send_soon
from telmee.apps.notices.choices import TOGETHER, Fault, Group, Rhythm, State
from telmee.apps.notices.models import Notice
from telmee.apps.notices.wishes import moment_of, rhythm_of, rhythms_of
from telmee.apps.notices.wording import mail_of, words_of

_log = logging.getLogger(__name__)

#: How long a notice waits after each attempt that was refused; after the last it is given up.
WAITS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 4, 12, 24)),
)
#: So many mails in one run, after which other work of the worker has its turn.
_RUN_MAX = 100
#: What the server, or the library before it asks the server, says when it takes no mail. Any other
#: failure may have come after the mail was taken.
_REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
_ANSWER_MAX = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to: the state, what is written with it, and whether others must wait."""

    state: State
    facts: dict[str, Any]
    ends_the_run: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that is being sent: of which notices, and which attempt this is."""

    notices: Sequence[int]
    attempt: int
    message: EmailMessage


@contextmanager
def as_sender() -> Iterator[None]:
    """Open a transaction with the rights of the sender's role, and with no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', session_user || '_sender', true)")
        yield
        cursor.execute("SET LOCAL ROLE NONE")


def send_due(now: datetime | None = None) -> int:
    """Send what is due and return how many were sent; nothing while another worker sends.

    What is due goes by the clock of the database, as the outbox does, unless `now` is given.
    Called outside a transaction: each step is committed before the next.
    """
    sent = 0
    with _alone() as is_alone:
        if is_alone:
            _settle_what_was_left()
            now = now or _database_now()
            for _number in range(_RUN_MAX):
                taken = _take_next(now)
                if taken is None:
                    break
                outcome = _send(taken)
                sent += len(taken.notices) if outcome.state is State.SENT else 0
                if outcome.ends_the_run:
                    break
            else:
                send_soon()
    return sent


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold a lock that the database lets go when this program dies."""
    name = "hashtextextended('telmee.notices', 0)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({name})")
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute(f"SELECT pg_advisory_unlock({name})")


def _settle_what_was_left() -> None:
    """Find what a dead worker was sending, and withdraw what came too late for its reader."""
    with as_sender():
        Notice.objects.filter(state=State.SENDING).update(
            state=State.UNKNOWN, fault=Fault.WORKER_DIED
        )
        may_wait = Q(state__in=(State.WAITING, State.UNKNOWN, State.GIVEN_UP))
        Notice.objects.filter(may_wait, until__lte=Now()).update(
            state=State.WITHDRAWN, fault=Fault.TOO_LATE, sealed=""
        )


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now  # type: ignore[no-any-return]  # what the cursor gives has no type


def _take_next(now: datetime) -> Taken | None:
    """Mark what goes in the next mail as being sent, and give that mail.

    On the way those are withdrawn whose reader may no longer see what they are about or does not
    want to know, and those put off for which a better moment comes.
    """
    with as_sender():
        while (notice := _due(now)) is not None:
            rhythms = rhythms_of(notice.user_id)
            address = _let_go(notice, rhythms, now)
            if address is None:
                continue
            together = [
                other
                for other in _that_go_along(notice, rhythms, now)
                if _let_go(other, rhythms, now) is not None
            ]
            taken = _worded([notice, *together], address)
            if taken is not None:
                mail = taken.message.extra_headers["Message-ID"]
                facts = {"attempts": F("attempts") + 1, "mail": mail}
                _mark(taken.notices, Outcome(State.SENDING, facts))
                return taken
    return None


def _let_go(notice: Notice, rhythms: Mapping[Group, Rhythm], now: datetime) -> str | None:
    """The address that a notice goes to now; else it is withdrawn or put off, and nothing."""
    address, refused = _reader_of(notice)
    rhythm = rhythm_of(notice, rhythms)
    if not refused and rhythm is Rhythm.OFF:
        refused = Fault.UNWANTED
    if refused:
        _mark([notice.pk], Outcome(State.WITHDRAWN, {"fault": refused, "sealed": ""}))
        return None
    if (moment := moment_of(notice, rhythm)) > now:
        _mark([notice.pk], Outcome(State.WAITING, {"next_attempt_at": moment}))
        return None
    return address


def _that_go_along(
    notice: Notice, rhythms: Mapping[Group, Rhythm], now: datetime
) -> Iterator[Notice]:
    """What goes in one mail with a notice: what did so before, else all that waits for a morning.

    So what was once in a mail is never in another one.
    """
    same = {"state": State.WAITING, "user_id": notice.user_id, "mail": notice.mail}
    waiting = Notice.objects.filter(**same).exclude(pk=notice.pk)
    rows = waiting.order_by("created_at", "pk").select_for_update(skip_locked=True)
    if notice.mail:
        yield from rows
    elif rhythm_of(notice, rhythms) in TOGETHER:
        for other in rows.filter(next_attempt_at__lte=now):
            if rhythm_of(other, rhythms) in TOGETHER:
                yield other


def _worded(notices: Sequence[Notice], address: str) -> Taken | None:
    """The mail of these notices; one that cannot be worded is given up and holds up no other."""
    worded = []
    for notice in notices:
        try:
            worded.append(words_of(notice))
        except Exception as error:  # noqa: BLE001 - it stops no other notice
            _give_up([notice.pk], error)
    if not worded:
        return None
    first = worded[0].notice
    numbers = [words.notice.pk for words in worded]
    try:
        message = mail_of(worded, address, first.mail or first.message_id)
    except Exception as error:  # noqa: BLE001 - it stops no other mail
        _give_up(numbers, error)
        return None
    return Taken(numbers, first.attempts + 1, message)


def _give_up(notices: Sequence[int], error: Exception) -> None:
    _log.exception("notices %s cannot be written", notices)
    _mark(notices, Outcome(State.GIVEN_UP, _why(Fault.NOT_WRITTEN, error)))


def _due(now: datetime) -> Notice | None:
    waiting = Notice.objects.filter(state=State.WAITING, next_attempt_at__lte=now)
    return waiting.order_by("next_attempt_at", "pk").select_for_update(skip_locked=True).first()


def _reader_of(notice: Notice) -> tuple[str, str]:
    """The reader's address now, and why he is no longer told, where that is so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, refused FROM telmee_notice_reader(%s)", [notice.pk])
        address, refused = cursor.fetchone()
    return address, refused


def _send(taken: Taken) -> Outcome:
    """Send a mail, and write what came of it."""
    outcome = _outcome(taken.attempt, taken.message)
    with as_sender():
        # Where it is no longer marked as being sent, somebody took us for dead: that stands.
        sending = Notice.objects.filter(pk__in=taken.notices, state=State.SENDING)
        _mark(list(sending.values_list("pk", flat=True)), outcome)
    return outcome


def _outcome(attempt: int, message: EmailMessage) -> Outcome:
    server = get_connection()
    try:
        server.open()
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
        return _refused(attempt, _why(Fault.AWAY, error), ends_the_run=True)
    try:
        server.send_messages([message])
    except _REFUSALS as error:
        return _refused(attempt, _why(Fault.REFUSED, error))
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody answered
        _log.exception("nobody knows whether a notice was sent")
        return Outcome(State.UNKNOWN, _why(Fault.NO_ANSWER, error), ends_the_run=True)
    finally:
        server.close()
    return Outcome(State.SENT, {"fault": "", "answer": "", "sealed": ""})


def _refused(attempt: int, why: dict[str, Any], *, ends_the_run: bool = False) -> Outcome:
    """Wait for the next attempt, longer each time; after the last one it is given up."""
    if attempt > len(WAITS):
        return Outcome(State.GIVEN_UP, why, ends_the_run=ends_the_run)
    later = {"next_attempt_at": Now() + WAITS[attempt - 1]}
    return Outcome(State.WAITING, why | later, ends_the_run=ends_the_run)


def _mark(notices: Sequence[int], outcome: Outcome) -> None:
    Notice.objects.filter(pk__in=notices).update(state=outcome.state, **outcome.facts)


def _why(fault: Fault, error: Exception) -> dict[str, Any]:
    """What is written of a failure: its code, and what the mail server said, where it did."""
    return {"fault": fault, "answer": _answer(error)[:_ANSWER_MAX]}


def _answer(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, text),) = error.recipients.values()  # a notice has one reader
        return f"{code} {text.decode(errors='replace')}"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        said = said.decode(errors="replace") if isinstance(said, bytes) else said
        return f"{error.smtp_code} {said}"
    return str(error)
