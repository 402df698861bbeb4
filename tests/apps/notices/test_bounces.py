"""Mail that came back makes an address suspect, where the report is of a mail that we sent."""

from __future__ import annotations

import imaplib
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from telmee.apps.notices.bounces import read_bounces
from telmee.apps.notices.sending import send_due
from telmee.apps.notices.suspects import use_own_again
from telmee.apps.organisations.acting import acting_as
from tests.apps.notices.mail_server import Answer, MailServer
from tests.apps.notices.mailbox_server import (
    MailboxServer,
    serving_mailbox,
    write_certificate,
)
from tests.apps.notices.reports import recipient, report
from tests.apps.notices.test_digests import server_of_mail  # noqa: F401 - a fixture
from tests.apps.notices.test_wishes import THURSDAY, stand_in
from tests.apps.notices.test_writing import outbox
from tests.cast import Cast
from tests.conftest import Server
from tests.journeys.serving import url_of
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("own_database")]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this machine trusts for as long as the test lasts."""
    path = tmp_path / "mailbox.pem"
    write_certificate(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def mailbox(certificate: Path, settings: Any) -> Iterator[MailboxServer]:
    with serving_mailbox(certificate) as server:
        settings.BOUNCE_URL = server.url
        yield server


@pytest.fixture
def database_url(server: Server, own_database: str) -> str:
    """Where a worker of its own finds the test's database."""
    return url_of(server.app_url, own_database)


@pytest.fixture
def sent(cast: Cast, server_of_mail: MailServer, as_owner: Any) -> str:  # noqa: F811
    """The Message-ID of a mail that the adviser was sent."""
    stand_in(as_owner, cast.adviser, THURSDAY)
    assert send_due() == 1
    return str(server_of_mail.taken[-1]["Message-ID"])


def suspects(as_owner: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = as_owner("SELECT address, answer FROM notices_suspect")
    return found


# What a report does ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kinds",
    [
        ("message/delivery-status", "text/rfc822-headers"),
        ("message/delivery-status", "message/rfc822"),
        ("message/global-delivery-status", "message/global-headers"),
        ('Message/Delivery-Status; name="report"', "message/rfc822-headers"),
    ],
)
def test_an_address_that_does_not_exist_is_used_no_more(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any, kinds: tuple[str, str]
) -> None:
    kind, returned = kinds
    mailbox.put(report(sent, cast.adviser.email.upper(), kind=kind, returned=returned))
    read_bounces()
    assert suspects(as_owner) == [(cast.adviser.email, "5.1.1 550 5.1.1 no such user")]
    assert outbox(as_owner, "state, fault, answer") == [
        ("returned", "bounced", "5.1.1 550 5.1.1 no such user")
    ]
    assert mailbox.messages[0].flags == {r"\Seen"}
    stand_in(as_owner, cast.adviser, THURSDAY, event="2")
    assert send_due() == 0


@pytest.mark.parametrize(
    "answer",
    [
        ("4.4.1", "smtp; 450 4.4.1 no answer from the server for five days"),
        ("5.2.2", "smtp; 552 5.2.2 the mailbox is full"),
        ("5.7.1", "smtp; 550 5.7.1 the sender is on a list"),
        ("5.0.0", "smtp; 550 5.7.26 the sender is not who he says"),
        ("5.3.4", "smtp; 552 5.3.4 too large"),
    ],
)
def test_what_says_nothing_of_the_address_leaves_it_in_use(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any, answer: tuple[str, str]
) -> None:
    status, diagnostic = answer
    mailbox.put(report(sent, "", recipient(cast.adviser.email, status, diagnostic=diagnostic)))
    read_bounces()
    assert suspects(as_owner) == []
    assert outbox(as_owner, "state") == [("returned",)]


def test_one_that_is_only_late_or_that_arrived_does_nothing(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    for action in ("delayed", "delivered", "relayed", "expanded"):
        mailbox.put(report(sent, "", recipient(cast.adviser.email, action=action)))
    read_bounces()
    assert (suspects(as_owner), outbox(as_owner, "state")) == ([], [("sent",)])
    assert all(one.flags == {r"\Seen"} for one in mailbox.messages)


def test_each_notice_of_a_mail_comes_back_with_it(
    cast: Cast,
    mailbox: MailboxServer,
    server_of_mail: MailServer,  # noqa: F811
    as_owner: Any,
    browse: Any,
) -> None:
    as_owner(
        "INSERT INTO notices_wish (user_id, \"group\", rhythm) VALUES (%s, 'team', 'daily')",
        cast.adviser.pk,
    )
    for event in ("1", "2"):
        stand_in(as_owner, cast.adviser, THURSDAY, event=event)
    stand_in(as_owner, cast.manager, THURSDAY)
    assert send_due() == 3
    mail = next(one for one in server_of_mail.taken if one["To"] == cast.adviser.email)
    mailbox.put(report(str(mail["Message-ID"]), cast.adviser.email))
    read_bounces()
    rows = outbox(as_owner, "user_id, state")
    assert sorted(rows) == sorted([(cast.adviser.pk, "returned")] * 2 + [(cast.manager.pk, "sent")])
    operator = browse(cast.operator)
    page = operator.get("/beheer/berichten").content.decode()
    assert "Teruggekomen" in page
    assert "Opnieuw versturen" not in page
    ((first,), *_rest) = as_owner("SELECT id FROM notices_notice WHERE state = 'returned'")
    assert operator.post(f"/beheer/berichten/{first}/opnieuw").status_code == 404
    assert operator.post(f"/beheer/berichten/{first}/afgehandeld").status_code == 302
    assert sorted(outbox(as_owner, "state")) == [("sent",), ("settled",), ("settled",)]


def test_a_mail_of_which_nobody_knew_whether_it_left_came_back_all_the_same(
    cast: Cast,
    mailbox: MailboxServer,
    server_of_mail: MailServer,  # noqa: F811
    as_owner: Any,
) -> None:
    server_of_mail.answers = [Answer.SAY_NOTHING]
    stand_in(as_owner, cast.adviser, THURSDAY)
    send_due()
    ((mail,),) = outbox(as_owner, "mail")
    mailbox.put(report(mail, cast.adviser.email))
    read_bounces()
    assert outbox(as_owner, "state, sealed") == [("returned", "")]


# What others send -----------------------------------------------------------------------------


def test_a_report_of_a_mail_that_we_never_sent_does_nothing(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    """Not even with the name of the notice, which whoever knows the program can reckon."""
    ((notice,),) = outbox(as_owner, "message_id")
    assert notice != sent, "its name is not its secret"
    name, _dot, _rest = sent.partition(".")
    for mail in (
        notice,
        "<x@telmee.example>",
        "",
        f"{name}.{'0' * 32}@telmee.example>",
        "%",
        "<%>",
    ):
        mailbox.put(report(mail, cast.adviser.email))
    read_bounces()
    assert (suspects(as_owner), outbox(as_owner, "state")) == ([], [("sent",)])


def test_a_report_of_our_mail_about_another_address_does_nothing(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    mailbox.put(report(sent, cast.manager.email), report(sent, ""), report(sent, "rfc822;"))
    read_bounces()
    assert (suspects(as_owner), outbox(as_owner, "state")) == ([], [("sent",)])


def test_a_report_about_an_address_of_before_does_nothing(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    as_owner("UPDATE organisations_user SET email = 'n@example.org' WHERE id = %s", cast.adviser.pk)
    mailbox.put(report(sent, cast.adviser.email))
    read_bounces()
    assert (suspects(as_owner), outbox(as_owner, "state")) == ([], [("sent",)])


def odd_messages(sent: str, to: str) -> list[bytes]:
    """What comes into a mailbox, by mistake or to do harm."""
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
        for depth in range(3_000)
    )
    inner = b"Content-Type: message/rfc822\r\n\r\n" * 5_000
    unknown = recipient(to).replace("Status: 5.1.1", "Status: \udcff\x00 5.1.1")
    return [
        b"",
        b"\x00\xff\xfe" * 100,
        b"From: somebody@example.org\r\nSubject: Re: your mail\r\n\r\nI am on holiday.\r\n",
        nested,
        inner,
        report(sent, to, kind="message/delivery-status; boundary=\xff\xfe"),
        report("<" * 10_000, to, unknown),
        report(sent, "x@example.org", *([recipient("y@example.org")] * 2_000)),
        report(sent, to)[:300],
        b"Content-Type: multipart/report\r\n\r\n" + report(sent, to),
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n/////",
    ]


def test_an_odd_message_stops_no_other(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    mailbox.put(*odd_messages(sent, cast.manager.email), report(sent, cast.adviser.email))
    begin = process_time()
    read_bounces()
    assert process_time() - begin < 10
    assert [address for address, _answer in suspects(as_owner)] == [cast.adviser.email]
    assert all(r"\Seen" in one.flags for one in mailbox.messages)
    holiday, last = mailbox.messages[2], mailbox.messages[-1]
    assert (holiday.flags, last.flags) == ({r"\Seen", r"\Flagged"}, {r"\Seen"})


def test_signs_that_no_answer_has_are_left_out_of_it(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    answer = "smtp; 550 5.1.1 \udcff\x00\x1b[2J" + "x" * 10_000
    mailbox.put(report(sent, "", recipient(cast.adviser.email, diagnostic=answer)))
    read_bounces()
    ((_address, kept),) = suspects(as_owner)
    assert kept.startswith("5.1.1 550 5.1.1")
    assert kept.isprintable()
    assert len(kept) <= 500


def test_of_a_large_message_only_the_beginning_is_read(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    large = report(sent, cast.adviser.email, returned="message/rfc822") + b"x\r\n" * 10_000_000
    mailbox.put(large)
    tracemalloc.start()
    read_bounces()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert suspects(as_owner) != []
    assert mailbox.bytes_sent <= 256 * 1024
    assert most < 8 * 1024 * 1024


# Twice, and not at all ------------------------------------------------------------------------


def test_a_worker_that_is_killed_before_it_marks_a_message_does_nothing_twice(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any, database_url: str
) -> None:
    """Its reader said meanwhile that the address works; the same report does not undo that."""
    mailbox.put(report(sent, cast.adviser.email))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "DATABASE_URL": database_url,
        "TELMEE_BOUNCE_URL": mailbox.url,
        "PYTHONPATH": "src",
    }
    script = Path(__file__).with_name("reader_of_bounces.py")
    worker = subprocess.Popen([sys.executable, str(script)], env=environment)
    mailbox.before_marking = worker.kill
    assert worker.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    mailbox.before_marking = lambda: None
    assert [address for address, _answer in suspects(as_owner)] == [cast.adviser.email]
    mailbox.messages[0].flags.clear()
    with acting_as(cast.adviser.pk):
        use_own_again(cast.adviser.email)
    read_bounces()
    assert suspects(as_owner) == []
    assert mailbox.messages[0].flags == {r"\Seen"}


def test_a_message_that_was_seen_is_not_read_again(
    cast: Cast, mailbox: MailboxServer, sent: str, as_owner: Any
) -> None:
    mailbox.put(report(sent, cast.adviser.email))
    mailbox.messages[0].flags.add(r"\Seen")
    read_bounces()
    assert (suspects(as_owner), mailbox.bytes_sent) == ([], 0)


def test_a_mailbox_that_cannot_be_read_is_a_job_that_failed(
    mailbox: MailboxServer, settings: Any
) -> None:
    settings.BOUNCE_URL = mailbox.url.replace("geheim", "anders")
    with pytest.raises(imaplib.IMAP4.error):
        read_bounces()
    settings.BOUNCE_URL = mailbox.url.replace("Teruggekomen", "Anders")
    with pytest.raises(imaplib.IMAP4.error):
        read_bounces()
    mailbox.shutdown()
    mailbox.server_close()
    with pytest.raises(OSError, match="refused"):
        read_bounces()


@pytest.mark.usefixtures("mailbox")
def test_a_server_that_nobody_vouches_for_is_not_told_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        read_bounces()


def test_without_a_mailbox_nothing_is_read(settings: Any) -> None:
    settings.BOUNCE_URL = ""
    read_bounces()
