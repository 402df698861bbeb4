"""Digests of several people in one run: each mail once, whatever dies, stops or goes back."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from telmee.apps.notices.actions import Reader, write_notice
from telmee.apps.notices.choices import Rhythm
from telmee.apps.notices.sending import send_due
from telmee.apps.organisations.acting import acting_as
from telmee.core.explain import Text
from tests.apps.notices.mail_server import Answer, MailServer, serving_mail
from tests.apps.notices.test_sending import _start_sender
from tests.apps.notices.test_wishes import THURSDAY, plain_text, stand_in, want
from tests.apps.notices.test_writing import outbox
from tests.cast import Cast
from tests.conftest import Server
from tests.journeys.serving import url_of
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("own_database")]

PEOPLE = ("adviser", "second_adviser", "manager")


@pytest.fixture
def server_of_mail(settings: Any) -> Iterator[MailServer]:
    with serving_mail() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def digests(cast: Cast, as_owner: Any) -> list[str]:
    """Three people for whom two notices wait for a morning; their addresses."""
    people = [getattr(cast, name) for name in PEOPLE]
    for user in people:
        want(user, team=Rhythm.DAILY)
        for event in ("1", "2"):
            stand_in(as_owner, user, THURSDAY, event=event)
    return [user.email for user in people]


def came(server: MailServer) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in server.taken)


def test_each_gets_one_mail_over_one_connection(
    digests: list[str], server_of_mail: MailServer, as_owner: Any
) -> None:
    assert send_due() == 6
    assert came(server_of_mail) == Counter(digests)
    assert {plain_text(mail).count("U vervangt Ria") for mail in server_of_mail.taken} == {2}
    assert server_of_mail.connections == 1
    assert outbox(as_owner, "DISTINCT state, attempts") == [("sent", 1)]


def test_a_mail_is_in_the_language_that_its_reader_has_when_it_is_sent(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    want(cast.adviser, team=Rhythm.DAILY)
    stand_in(as_owner, cast.adviser, THURSDAY)
    what = Text("Een plan van aanpak", "A plan")
    reader = Reader(user_id=cast.adviser.pk, language="nl")
    day = str(timezone.localdate())
    facts = {"what": what, "contract": "Onderhoud", "reference": "HIL-1", "due_on": day}
    with acting_as(cast.manager.pk):
        write_notice("deadline_near", reader, event="1", facts={**facts, "url": "x"})
    stand_in(as_owner, cast.adviser, THURSDAY, event="2")
    as_owner("UPDATE organisations_user SET language = 'en' WHERE id = %s", cast.adviser.pk)
    send_due(timezone.now() + timedelta(days=9))
    (mail,) = server_of_mail.taken
    assert str(mail["Subject"]) == "3 notices of Telmee"
    assert "Due soon on HIL-1: A plan" in plain_text(mail)


def test_a_server_that_ends_each_connection_gets_each_mail_once(
    digests: list[str], server_of_mail: MailServer, as_owner: Any
) -> None:
    server_of_mail.answers = [Answer.TAKE_AND_GO] * 3
    assert send_due() == 6
    assert came(server_of_mail) == Counter(digests)
    assert outbox(as_owner, "DISTINCT state") == [("sent",)]


def test_one_address_that_is_refused_holds_up_no_other_mail(
    digests: list[str], server_of_mail: MailServer, as_owner: Any
) -> None:
    server_of_mail.answers = [Answer.TAKE, Answer.REFUSE, Answer.TAKE]
    assert send_due() == 4
    assert len(came(server_of_mail)) == 2
    as_owner("UPDATE notices_notice SET next_attempt_at = now() WHERE state = 'waiting'")
    assert send_due() == 2
    assert came(server_of_mail) == Counter(digests)


def test_a_worker_that_is_killed_between_sending_and_marking_leaves_that_mail_alone_unknown(
    digests: list[str],
    server_of_mail: MailServer,
    server: Server,
    own_database: str,
    as_owner: Any,
) -> None:
    def kill_at_the_second() -> None:
        if len(server_of_mail.taken) == 2:
            sender.send_signal(signal.SIGKILL)

    server_of_mail.when_taken = kill_at_the_second
    sender = _start_sender(url_of(server.app_url, own_database), server_of_mail.port)
    assert sender.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    states = Counter(state for (state,) in outbox(as_owner, "state"))
    assert states == {"sending": 2, "sent": 2, "waiting": 2}
    server_of_mail.when_taken = lambda: None
    assert send_due() == 2
    assert send_due() == 0
    assert came(server_of_mail) == Counter(digests)
    states = Counter(state for (state,) in outbox(as_owner, "state"))
    assert states == {"sent": 4, "unknown": 2}


def test_two_workers_at_once_send_each_mail_once(
    digests: list[str], server_of_mail: MailServer, server: Server, own_database: str
) -> None:
    senders = [
        _start_sender(url_of(server.app_url, own_database), server_of_mail.port)
        for _number in range(2)
    ]
    assert [sender.wait(PATIENCE_SECONDS) for sender in senders] == [0, 0]
    assert send_due() == 0
    assert came(server_of_mail) == Counter(digests)


def test_a_mail_server_that_is_down_for_a_day_gets_each_mail_once(
    digests: list[str], settings: Any, as_owner: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with serving_mail() as gone:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", gone.port
    # The waits until a day has passed: a minute, five, a quarter, an hour, four, twelve.
    for _attempt in range(6):
        assert send_due() == 0
        as_owner("UPDATE notices_notice SET next_attempt_at = now() WHERE attempts > 0")
    assert outbox(as_owner, "DISTINCT state") == [("waiting",)]
    with serving_mail() as server:
        settings.EMAIL_PORT = server.port
        assert send_due() == 6
        assert send_due() == 0
    assert came(server) == Counter(digests)


def test_on_a_clock_that_goes_back_and_forward_each_mail_goes_once(
    digests: list[str], server_of_mail: MailServer
) -> None:
    now = timezone.now()
    early = datetime.fromisoformat(THURSDAY) - timedelta(days=1)
    later = (now + timedelta(days=days) for days in (0, -1, 1, 30, 0))
    sent = [send_due(moment) for moment in (early, *later)]
    assert sent == [0, 6, 0, 0, 0, 0]
    assert came(server_of_mail) == Counter(digests)
