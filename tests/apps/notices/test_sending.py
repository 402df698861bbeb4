"""Sending: once, or maybe; never twice by itself, and never to who may no longer read it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from telmee.apps.audit.seals import seal_rows
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.notices.sending import WAITS, as_sender, send_due
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import approve_manager, invite, withdraw_invitation
from telmee.apps.organisations.choices import Role
from telmee.apps.organisations.heads import mail_heads
from tests.apps.notices.mail_server import Answer, MailServer, serving_mail
from tests.apps.notices.test_writing import outbox, write
from tests.cast import Cast
from tests.conftest import Server
from tests.journeys.serving import url_of
from tests.patience import PATIENCE_SECONDS
from tests.registering import register

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.usefixtures("own_database"),
]


@pytest.fixture
def server_of_mail(settings: Any) -> Iterator[MailServer]:
    with serving_mail() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = PATIENCE_SECONDS  # what a test does when a mail comes takes time
        yield server


@pytest.fixture
def sender_url(server: Server, own_database: str) -> str:
    """Where a worker of its own finds the test's database."""
    return url_of(server.app_url, own_database)


def told(cast: Cast, event: str = "1") -> None:
    with acting_as(cast.adviser.pk):
        write(cast.adviser, event)


# The mail server -----------------------------------------------------------------------------


def test_a_server_that_refuses_and_then_takes_gets_it_once(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    told(cast)
    server_of_mail.answers = [Answer.REFUSE, Answer.REFUSE]
    assert send_due() == 0
    assert outbox(as_owner, "state, attempts, fault, answer") == [
        ("waiting", 1, "refused", "451 not now")
    ]
    assert send_due() == 0, "it waits before the next attempt"
    for sent in (0, 1):
        as_owner("UPDATE notices_notice SET next_attempt_at = now()")
        assert send_due() == sent
    assert send_due() == 0
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.adviser.email]
    assert outbox(as_owner, "state, attempts, fault, answer") == [("sent", 3, "", "")]


def test_each_wait_is_longer_and_after_the_last_it_is_given_up(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    told(cast)
    server_of_mail.answers = [Answer.REFUSE] * (len(WAITS) + 1)
    for wait in WAITS:
        assert send_due() == 0
        ((left,),) = outbox(as_owner, "next_attempt_at - changed_at")
        assert abs(left - wait).total_seconds() < 5
        as_owner("UPDATE notices_notice SET next_attempt_at = now()")
    assert send_due() == 0
    assert outbox(as_owner, "state") == [("given_up",)]
    assert send_due() == 0
    assert server_of_mail.taken == []


def test_a_server_that_is_away_takes_nothing_and_holds_up_no_more_than_one(
    cast: Cast, settings: Any, as_owner: Any
) -> None:
    with serving_mail() as gone:
        pass
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", gone.port
    told(cast, "1")
    told(cast, "2")
    assert send_due() == 0
    assert sorted(outbox(as_owner, "state, attempts")) == [("waiting", 0), ("waiting", 1)]


def test_no_answer_is_unknown_and_not_repeated(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    told(cast)
    server_of_mail.answers = [Answer.SAY_NOTHING]
    for _run in range(3):
        assert send_due() == 0
    assert outbox(as_owner, "state, fault") == [("unknown", "no_answer")]
    assert len(server_of_mail.taken) == 1


# The worker ----------------------------------------------------------------------------------


def test_a_worker_that_is_killed_while_it_sends_leaves_what_nobody_knows(
    cast: Cast, sender_url: str, server_of_mail: MailServer, as_owner: Any, browse: Any
) -> None:
    told(cast)
    server_of_mail.when_taken = lambda: sender.send_signal(signal.SIGKILL)
    sender = _start_sender(sender_url, server_of_mail.port)
    assert sender.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert outbox(as_owner, "state") == [("sending",)]
    server_of_mail.when_taken = lambda: None
    assert send_due() == 0
    assert outbox(as_owner, "state") == [("unknown",)]
    assert len(server_of_mail.taken) == 1

    operator = browse(cast.operator)
    listed = operator.get("/beheer/berichten").content.decode()
    assert cast.adviser.email in listed
    assert "De werker stopte tijdens het versturen" in listed
    ((notice,),) = outbox(as_owner, "id")
    operator.post(f"/beheer/berichten/{notice}/opnieuw")
    assert send_due() == 1
    assert send_due() == 0
    first, second = server_of_mail.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert operator.post(f"/beheer/berichten/{notice}/opnieuw").status_code == 404


def _start_sender(url: str, port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "DATABASE_URL": url,
        "PYTHONPATH": "src",
    }
    script = Path(__file__).with_name("sender.py")
    return subprocess.Popen([sys.executable, str(script), str(port)], env=environment)


def test_what_a_person_settled_is_over(
    cast: Cast, server_of_mail: MailServer, as_owner: Any, browse: Any
) -> None:
    told(cast)
    server_of_mail.answers = [Answer.SAY_NOTHING]
    send_due()
    ((notice,),) = outbox(as_owner, "id")
    operator = browse(cast.operator)
    operator.post(f"/beheer/berichten/{notice}/afgehandeld")
    assert send_due() == 0
    assert outbox(as_owner, "state, sealed") == [("settled", "")]
    assert "Alles is verstuurd" in operator.get("/beheer/berichten").content.decode()
    assert as_owner("SELECT user_id FROM audit_event WHERE verb = 'notice.settled'") == [
        (cast.operator.pk,)
    ]


def test_while_one_sends_another_does_not(
    cast: Cast, sender_url: str, server_of_mail: MailServer, as_owner: Any
) -> None:
    told(cast)
    told(cast, "2")
    seen: list[Any] = []

    def send_beside() -> None:
        if not seen:
            seen.append(outbox(as_owner, "state"))
            assert _start_sender(sender_url, server_of_mail.port).wait(PATIENCE_SECONDS) == 0

    server_of_mail.when_taken = send_beside
    assert send_due() == 2
    assert sorted(seen[0]) == [("sending",), ("waiting",)]
    assert len(server_of_mail.taken) == 2


def test_a_notice_that_cannot_be_worded_holds_up_no_other(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    with acting_as(cast.adviser.pk):
        reader = Reader(user_id=cast.adviser.pk, language="nl")
        write_notice("no_such_words", reader, event="1", facts={})
        write(cast.manager)
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.manager.email]
    assert sorted(outbox(as_owner, "state")) == [("given_up",), ("sent",)]


# The reader ----------------------------------------------------------------------------------


def _invite(cast: Cast) -> int:
    with acting_as(cast.manager.pk) as acting:
        return invite(
            acting, organisation_id=cast.hilversum.pk, email="a@b.nl", role=Role.READER
        ).pk


def test_who_left_the_organisation_is_told_nothing_of_it(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    with acting_as(cast.manager.pk):
        for user in (cast.adviser, cast.second_adviser):
            write(user, about=About(organisation_id=cast.hilversum.pk))
    as_owner("DELETE FROM organisations_membership WHERE user_id = %s", cast.adviser.pk)
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.second_adviser.email]
    assert ("withdrawn", "no_access") in outbox(as_owner, "state, fault")


def test_who_is_no_longer_on_the_contract_is_told_nothing_of_it(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    contract = register(cast)
    as_owner("DELETE FROM notices_notice")  # that the contract has a subcontractor
    for user in (cast.adviser, cast.contractor, cast.competitor):
        with acting_as(user.pk):
            write(user, about=About(contract_id=contract))
    as_owner(
        "DELETE FROM contracts_party WHERE contract_id = %s AND organisation_id = %s",
        contract,
        cast.de_eem.pk,
    )
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.adviser.email]


#: What ended between writing and sending, of who is told and of a contract of two of his own.
_ENDED = {
    "his role": "UPDATE organisations_membership SET role = 'reader' WHERE user_id = {user}",
    "his organisation's part": "DELETE FROM contracts_party WHERE contract_id = {contract}"
    " AND organisation_id = {organisation}",
    "his part": "INSERT INTO contracts_restriction (user_id, organisation_id)"
    " VALUES ({user}, {organisation})",
}


@pytest.mark.parametrize("what", _ENDED)
def test_who_works_on_it_no_longer_is_told_nothing(
    cast: Cast, server_of_mail: MailServer, as_owner: Any, what: str
) -> None:
    """Also where he still sees the contract, as a reader or for another party to it."""
    contract = register(cast)
    as_owner("DELETE FROM notices_notice")  # that the contract has a subcontractor
    own, reader = cast.sub, cast.subcontractor
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'reader', now())",
        reader.pk,
        cast.hilversum.pk,
    )
    with acting_as(cast.manager.pk):
        for user, organisation in ((reader, own), (cast.contractor, cast.de_eem)):
            about = About(organisation_id=organisation.pk, contract_id=contract)
            write(user, about=about)
    as_owner(_ENDED[what].format(user=reader.pk, organisation=own.pk, contract=contract))
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.contractor.email]
    assert ("withdrawn", "no_access") in outbox(as_owner, "state, fault")


@pytest.mark.parametrize(
    "ended",
    [
        "UPDATE organisations_membership SET role = 'worker' WHERE user_id = {}",
        "UPDATE organisations_user SET gets_heads = false WHERE id = {}",
    ],
)
def test_the_head_goes_to_who_manages_and_wants_it_when_it_is_sent(
    cast: Cast, server_of_mail: MailServer, as_owner: Any, ended: str
) -> None:
    seal_rows()
    mail_heads()
    as_owner(ended.format(cast.manager.pk))
    send_due()
    told_to = [mail["To"] for mail in server_of_mail.taken]
    assert cast.colleague.email in told_to
    assert cast.manager.email not in told_to


def test_an_account_that_was_closed_is_told_nothing(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    told(cast)
    as_owner("UPDATE organisations_user SET is_active = false WHERE id = %s", cast.adviser.pk)
    assert send_due() == 0
    assert outbox(as_owner, "state, fault") == [("withdrawn", "account_closed")]
    assert server_of_mail.taken == []


def test_an_invitation_that_was_withdrawn_is_not_mailed_and_its_link_is_gone(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    invitation = _invite(cast)
    with acting_as(cast.manager.pk) as acting:
        withdraw_invitation(acting, invitation_id=invitation)
    assert send_due() == 0
    assert outbox(as_owner, "state, fault, sealed") == [("withdrawn", "invitation_closed", "")]
    assert server_of_mail.taken == []


def test_what_comes_too_late_is_withdrawn_also_when_it_was_given_up(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    _invite(cast)
    as_owner("UPDATE notices_notice SET state = 'given_up', until = now()")
    send_due()
    assert outbox(as_owner, "state, fault, sealed") == [("withdrawn", "too_late", "")]
    assert server_of_mail.taken == []


def test_a_proposal_that_was_approved_meanwhile_is_told_to_nobody(
    cast: Cast, server_of_mail: MailServer
) -> None:
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        proposal = invite(
            acting, organisation_id=cast.hilversum.pk, email="b@b.nl", role=Role.MANAGER
        ).pk
    with acting_as(cast.manager.pk) as acting:
        approve_manager(acting, invitation_id=proposal)
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == ["b@b.nl"]


def test_a_proposal_goes_to_who_manages_when_it_is_sent_and_to_everybody_where_nobody_does(
    cast: Cast, server_of_mail: MailServer, as_owner: Any
) -> None:
    as_role = "UPDATE organisations_membership SET role = %s WHERE user_id = %s"
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        for organisation in (cast.hilversum, cast.huizen):
            invite(acting, organisation_id=organisation.pk, email="b@b.nl", role=Role.MANAGER)
    as_owner(as_role, "manager", cast.second_adviser.pk)
    for user in (cast.manager, cast.colleague):
        as_owner(as_role, "worker", user.pk)
    assert send_due() == 1
    assert [mail["To"] for mail in server_of_mail.taken] == [cast.colleague.email]


# The role of the sender ----------------------------------------------------------------------


def _refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "permission denied" in str(error)
    return False


def test_the_sender_reads_the_outbox_and_no_other_table(cast: Cast, as_owner: Any) -> None:
    told(cast)
    tables = as_owner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    views = as_owner("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
    with as_sender():
        open_to_him = [
            name
            for (name,) in tables + views
            if not _refused(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - names of tables
        ]
    assert len(tables) > 40
    assert sorted(open_to_him) == ["notices_notice", "notices_suspect", "notices_wish"]


@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO notices_notice (code) VALUES ('x')",
        "DELETE FROM notices_notice",
        "UPDATE notices_notice SET address = 'x@example.org'",
        "UPDATE notices_notice SET facts = '{}'",
        "UPDATE notices_notice SET user_id = 1",
        "UPDATE notices_notice SET until = NULL",
        "UPDATE organisations_user SET is_active = true",
        "SELECT telmee_organisations()",
        "SELECT telmee_begin(1)",
        "SELECT nextval('notices_notice_id_seq')",
        "CREATE TABLE mine ()",
    ],
)
def test_the_sender_cannot(cast: Cast, attack: str) -> None:
    told(cast)
    with as_sender():
        assert _refused(attack), attack


def test_the_application_is_no_sender_by_itself(cast: Cast, as_owner: Any) -> None:
    told(cast)
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notices_notice")
        assert cursor.fetchone() == (0,)
        assert _refused("SELECT * FROM telmee_notice_reader(1)")
        assert _refused("UPDATE notices_notice SET fault = ''")
    with acting_as(cast.operator.pk), connection.cursor() as cursor:
        for state in ("sending", "sent", "settled", "withdrawn"):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute("UPDATE notices_notice SET state = %s", [state])
    assert outbox(as_owner, "state") == [("waiting",)]


_INSERT = """INSERT INTO notices_notice (code, facts, channel, address, language, message_id,
    mail, sealed, state, attempts, fault, answer)
    VALUES ('x', '{{}}', 'mail', 'a@example.org', 'nl', 'y', '', '', '{}', {}, '', '')"""


@pytest.mark.parametrize(
    ("state", "attempts", "is_let_in"),
    [("waiting", 0, True), ("waiting", 1, False), ("sent", 0, False), ("unknown", 0, False)],
)
def test_a_notice_begins_by_waiting(
    cast: Cast, *, state: str, attempts: int, is_let_in: bool
) -> None:
    written = True
    with acting_as(cast.adviser.pk), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(_INSERT.format(state, attempts))
        except DatabaseError:
            written = False
    assert written is is_let_in


def test_nobody_signs_in_as_the_sender(as_owner: Any) -> None:
    assert as_owner(
        "SELECT rolcanlogin, rolinherit, rolsuper FROM pg_roles WHERE rolname = 'telmee_app_sender'"
    ) == [(False, True, False)]
    assert as_owner("SELECT rolinherit FROM pg_roles WHERE rolname = 'telmee_app'") == [(False,)]
