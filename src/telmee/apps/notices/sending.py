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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from telmee.apps.notices.actions import send_soon
from telmee.apps.notices.choices import COUNTED, TOGETHER, USUAL, Fault, Group, Rhythm, State
from telmee.apps.notices.models import Notice
from telmee.apps.notices.suspects import suspect, suspects_among
from telmee.apps.notices.wishes import group_of, moment_of, rhythm_of, rhythms_of
from telmee.apps.notices.wording import mail_of, number_of_mail, words_of
from telmee.core.refusals import is_wrong_address

_log = logging.getLogger(__name__)

#: How long a notice waits after each attempt that was refused; after the last it is given up.
WAITS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 4, 12, 24)),
)
#: So many mails in one run, after which other work of the worker has its turn.
_RUN_MAX = 500
#: So many are looked at together, and what was looked at is sent within so many seconds.
_BATCH, _FRESH_SECONDS = 100, 5.0
#: What a server answers when it is well.
_SMTP_FINE = 250
#: What the server, or the library before it asks the server, says when it takes no mail. Any other
#: failure may have come after the mail was taken.
_REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
_ANSWER_MAX = 500
#: Take the rights of the sender's role until the transaction ends, and give them back before.
_AS_SENDER = "SELECT set_config('role', session_user || '_sender', true)"
_AS_BEFORE = "SELECT set_config('role', 'none', true)"
#: One mail is marked as sent and the next one as being sent with one question to the database, in
#: one transaction: most of the time of a run went to asking.
_SENT = """
UPDATE notices_notice SET state = 'sent', fault = '', answer = '', sealed = ''
WHERE id = ANY(%(sent)s::bigint[]) AND state = 'sending'
"""
_SENDING = """
WITH held AS (
    SELECT id FROM notices_notice
    WHERE id = ANY(%(taken)s::bigint[]) AND state = 'waiting' FOR UPDATE
), marked AS (
    UPDATE notices_notice SET state = 'sending', attempts = attempts + 1, mail = %(mail)s
    WHERE id IN (SELECT id FROM held)
    AND (SELECT count(*) FROM held) = cardinality(%(taken)s::bigint[]) RETURNING 1
)
SELECT count(*) = cardinality(%(taken)s::bigint[]) AS is_ours FROM marked
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to: the state, what is written with it, and whether others must wait.

    `suspect` is an address that the server refused for good.
    """

    state: State
    facts: dict[str, Any]
    ends_the_run: bool = False
    suspect: str = ""


class Addressee(NamedTuple):
    """Where a notice goes now and in which language, and why he is no longer told, if so."""

    address: str
    refused: str
    language: str


@dataclass(frozen=True, slots=True)
class Due:
    """What goes in one mail, and to which address."""

    notices: Sequence[Notice]
    address: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that is being sent: of which notices, and which attempt this is."""

    notices: Sequence[int]
    attempt: int
    message: EmailMessage

    @property
    def mail(self) -> str:
        """Its Message-ID."""
        return str(self.message.extra_headers["Message-ID"])


@contextmanager
def as_sender() -> Iterator[None]:
    """Open a transaction with the rights of the sender's role, and with no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_AS_SENDER)
        yield
        cursor.execute(_AS_BEFORE)


def send_due(now: datetime | None = None) -> int:
    """Send what is due and return how many were sent; nothing while another worker sends.

    What is due goes by the clock of the database, as the outbox does, unless `now` is given.
    Called outside a transaction: each step is committed before the next.
    """
    sent = 0
    with _alone() as is_alone:
        if is_alone:
            _settle_what_was_left()
            server = _Server()
            try:
                sent = _send_all(server, now or _database_now())
            finally:
                server.close()
    return sent


def _send_all(server: _Server, now: datetime) -> int:
    """Send until nothing is due, the server is away, or others have their turn; how many."""
    sent, mails = 0, 0
    while mails < _RUN_MAX:
        batch = _take(now)
        if batch is None:
            return sent
        went, outcome = _send_batch(server, batch)
        sent, mails = sent + went, mails + len(batch)
        if outcome is not None and outcome.ends_the_run:
            return sent
    send_soon()
    return sent


def _send_batch(server: _Server, batch: Sequence[Due]) -> tuple[int, Outcome | None]:
    """Send the mails of a batch one after the other; how many notices went, and the last outcome.

    Where it takes long, the rest is left: who may read it is then asked anew.
    """
    sent, until = 0, monotonic() + _FRESH_SECONDS
    outcome: Outcome | None = None
    before: Sequence[int] = ()
    for due in batch:
        taken = _worded(due)
        if taken is None:
            continue
        if monotonic() > until or not _begin(taken, before):
            break
        outcome, before = server.send(taken), ()
        if outcome.state is State.SENT:
            before, sent = taken.notices, sent + len(taken.notices)
        else:
            _mark(taken, outcome)
        if outcome.ends_the_run:
            break
    _begin(None, before)
    return sent, outcome


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


@dataclass(slots=True)
class _Choice:
    """What is due together, with what is known of its readers, and what becomes of it."""

    now: datetime
    rhythms: Mapping[int | None, Mapping[Group, Rhythm]]
    readers: Mapping[int, Addressee]
    #: The addresses that a mail server refused for good, in small letters.
    suspects: frozenset[str]
    #: What stays or goes without being sent, to be written at once.
    settled: list[Notice] = field(default_factory=list)

    def rhythm(self, notice: Notice) -> Rhythm:
        """How often its reader wants to be told this."""
        return rhythm_of(notice, self.rhythms.get(notice.user_id, {}))

    def address(self, notice: Notice) -> str | None:
        """Where a notice goes now; else it is withdrawn or put off, and nothing.

        It is worded in the language that its reader has by now.
        """
        address, refused, notice.language = self.readers[notice.pk]
        rhythm = self.rhythm(notice)
        if not refused and rhythm is Rhythm.OFF:
            refused = Fault.UNWANTED
        if not refused and address.lower() in self.suspects and group_of(notice) in USUAL:
            refused = Fault.SUSPECT
        if refused:
            notice.state, notice.fault, notice.sealed = State.WITHDRAWN, refused, ""
            self.settled.append(notice)
            return None
        if (moment := moment_of(notice, rhythm)) > self.now:
            notice.next_attempt_at = moment
            self.settled.append(notice)
            return None
        return address


def _take(now: datetime) -> list[Due] | None:
    """The next mails, by what is due; None where nothing is.

    On the way those are withdrawn whose reader may no longer see what they are about or does not
    want to know, and those put off for which a better moment comes. What is chosen here is worded
    and marked as being sent one mail at a time, right before it is sent.
    """
    with as_sender():
        waiting = Notice.objects.filter(state=State.WAITING)
        first = list(
            waiting.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")[:_BATCH]
        )
        if not first:
            return None
        users = {notice.user_id for notice in first if notice.user_id is not None}
        may_go = Q(next_attempt_at__lte=now) | ~Q(mail="")
        rows = waiting.filter(may_go, user_id__in=users).order_by("created_at", "pk")
        beside: dict[int | None, list[Notice]] = {}
        for row in rows:
            beside.setdefault(row.user_id, []).append(row)
        every = {row.pk for row in (*first, *rows)}
        readers = readers_of(every)
        suspects = suspects_among(one.address for one in readers.values())
        choice = _Choice(now, rhythms_of(users), readers, suspects)
        mails = list(_mails(first, beside, choice))
        Notice.objects.bulk_update(
            choice.settled, ("state", "fault", "sealed", "next_attempt_at"), batch_size=_BATCH
        )
        return mails


def _mails(
    first: Sequence[Notice], beside: Mapping[int | None, Sequence[Notice]], choice: _Choice
) -> Iterator[Due]:
    """Each mail with all that goes in it; a notice that went along earlier is not taken again."""
    done: set[int] = set()
    for notice in first:
        if notice.pk in done:
            continue
        done.add(notice.pk)
        address = choice.address(notice)
        if address is None:
            continue
        along = [row for row in beside.get(notice.user_id, ()) if row.pk not in done]
        together = list(_that_go_along(notice, along, choice))
        done.update(row.pk for row in together)
        let_go = [row for row in together if choice.address(row) is not None]
        yield Due([notice, *let_go], address)


def _that_go_along(notice: Notice, rows: Iterable[Notice], choice: _Choice) -> Iterator[Notice]:
    """What goes in one mail with a notice: what did so before, else all that waits for a morning.

    So what was once in a mail is never in another one. What is counted goes along with its like
    also at once, so that a rule of trust that accepts lines one by one does not fill a mail box.
    """
    for row in rows:
        if row.mail != notice.mail:
            continue
        is_of_morning = choice.rhythm(notice) in TOGETHER and choice.rhythm(row) in TOGETHER
        is_like = notice.code in COUNTED and (row.code, row.contract_id) == (
            notice.code,
            notice.contract_id,
        )
        if notice.mail or ((is_of_morning or is_like) and row.next_attempt_at <= choice.now):
            yield row


def _worded(due: Due) -> Taken | None:
    """The mail of what is due; one that cannot be worded is given up and holds up no other."""
    worded = []
    for notice in due.notices:
        try:
            worded.append(words_of(notice))
        except Exception as error:  # noqa: BLE001 - it stops no other notice
            _give_up([notice.pk], error)
    if not worded:
        return None
    first = worded[0].notice
    numbers = [words.notice.pk for words in worded]
    try:
        message = mail_of(worded, due.address, first.mail or number_of_mail(first))
    except Exception as error:  # noqa: BLE001 - it stops no other mail
        _give_up(numbers, error)
        return None
    return Taken(numbers, first.attempts + 1, message)


def _give_up(notices: Sequence[int], error: Exception) -> None:
    _log.exception("notices %s cannot be written", notices)
    with as_sender():
        waiting = Notice.objects.filter(pk__in=notices, state=State.WAITING)
        waiting.update(state=State.GIVEN_UP, **_why(Fault.NOT_WRITTEN, error))


def readers_of(notices: Iterable[int]) -> dict[int, Addressee]:
    """Of each notice its reader as he is now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, address, refused, language"
            " FROM unnest(%s::bigint[]) n, LATERAL telmee_notice_reader(n)",
            [list(notices)],
        )
        return {pk: Addressee(*reader) for pk, *reader in cursor.fetchall()}


def _begin(taken: Taken | None, sent: Sequence[int]) -> bool:
    """Mark a mail as being sent, and the notices of the one before it as sent, at once.

    Whether all of it still waited; else somebody else has it, and it is left.
    """
    facts: dict[str, Any] = {"sent": list(sent), "taken": [], "mail": ""}
    if taken is not None:
        facts |= {"taken": list(taken.notices), "mail": taken.mail}
    database = connection.connection
    with connection.wrap_database_errors, database.pipeline():
        database.execute(_AS_SENDER)
        database.execute(_SENT, facts)
        marked = database.execute(_SENDING, facts)
        database.execute(_AS_BEFORE)
        (is_ours,) = marked.fetchone()
    return bool(is_ours)


def _mark(taken: Taken, outcome: Outcome) -> None:
    """Mark what came of a mail that was not sent, or maybe not."""
    with as_sender():
        # Where it is no longer marked as being sent, somebody took us for dead: that stands.
        sending = Notice.objects.filter(pk__in=taken.notices, state=State.SENDING)
        sending.update(state=outcome.state, **outcome.facts)
        if outcome.suspect:
            suspect(outcome.suspect, str(outcome.facts["answer"]))


class _Server:
    """A mail server with one connection for many mails; anew after a failure."""

    def __init__(self) -> None:
        self._connection: Any = None

    def send(self, taken: Taken) -> Outcome:
        """Send one mail; what came of it."""
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            self.close()
            return _refused(taken.attempt, _why(Fault.AWAY, error), ends_the_run=True)
        try:
            self._connection.send_messages([taken.message])
        except _REFUSALS as error:
            self.close()
            why = _why(Fault.REFUSED, error)
            is_of_address = isinstance(error, smtplib.SMTPRecipientsRefused)
            if is_of_address and is_wrong_address(why["answer"]):
                return Outcome(State.GIVEN_UP, why, suspect=taken.message.to[0])
            return _refused(taken.attempt, why)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody answered
            _log.exception("nobody knows whether a notice was sent")
            self.close()
            return Outcome(State.UNKNOWN, _why(Fault.NO_ANSWER, error), ends_the_run=True)
        return Outcome(State.SENT, {})

    def _open(self) -> None:
        """Have a connection that lives: a server may end one after so many mails, or minutes.

        Where mail goes into a file, each has its own.
        """
        smtp = getattr(self._connection, "connection", None)
        alive = False
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                alive = smtp.noop()[0] == _SMTP_FINE
        if not alive:
            self.close()
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()

    def close(self) -> None:
        """End the connection, if there is one."""
        opened, self._connection = self._connection, None
        if opened is not None:
            with suppress(smtplib.SMTPException, OSError):
                opened.close()


def _refused(attempt: int, why: dict[str, Any], *, ends_the_run: bool = False) -> Outcome:
    """Wait for the next attempt, longer each time; after the last one it is given up."""
    if attempt > len(WAITS):
        return Outcome(State.GIVEN_UP, why, ends_the_run=ends_the_run)
    later = {"next_attempt_at": Now() + WAITS[attempt - 1]}
    return Outcome(State.WAITING, why | later, ends_the_run=ends_the_run)


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
