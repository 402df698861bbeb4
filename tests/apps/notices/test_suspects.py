"""An address that is refused for good is used no more, until somebody says that it works."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from telmee.apps.notices.sending import send_due
from telmee.apps.notices.suspects import seen_suspects, use_again, use_own_again
from telmee.apps.organisations.acting import acting_as
from tests.apps.notices.mail_server import Answer, MailServer
from tests.apps.notices.test_digests import server_of_mail  # noqa: F401 - a fixture
from tests.apps.notices.test_wishes import THURSDAY, stand_in
from tests.apps.notices.test_writing import outbox, write
from tests.cast import Cast
from tests.mailing import suspected

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("own_database")]


@pytest.fixture
def refused(cast: Cast, server_of_mail: MailServer, as_owner: Any) -> MailServer:  # noqa: F811
    """The mail server said no for good to the adviser."""
    server_of_mail.answers = [Answer.REFUSE_FOR_GOOD]
    stand_in(as_owner, cast.adviser, THURSDAY)
    assert send_due() == 0
    return server_of_mail


def test_it_is_given_up_at_once_and_the_address_is_used_no_more(
    cast: Cast, refused: MailServer, as_owner: Any
) -> None:
    assert outbox(as_owner, "state, attempts, fault, answer") == [
        ("given_up", 1, "refused", "550 no such user")
    ]
    stand_in(as_owner, cast.adviser, THURSDAY, event="2")
    stand_in(as_owner, cast.manager, THURSDAY)
    assert send_due() == 1
    assert [mail["To"] for mail in refused.taken] == [cast.manager.email]
    assert ("withdrawn", "suspect") in outbox(as_owner, "state, fault")


def test_refused_for_now_is_no_reason_to_suspect(
    cast: Cast,
    server_of_mail: MailServer,  # noqa: F811
    as_owner: Any,
) -> None:
    server_of_mail.answers = [Answer.REFUSE]
    stand_in(as_owner, cast.adviser, THURSDAY)
    assert send_due() == 0
    assert as_owner("SELECT count(*) FROM notices_suspect") == [(0,)]


def test_mail_about_the_account_goes_there_all_the_same(cast: Cast, refused: MailServer) -> None:
    with acting_as(cast.adviser.pk):
        write(cast.adviser)
    assert send_due() == 1
    assert [mail["To"] for mail in refused.taken] == [cast.adviser.email]


def test_its_reader_and_his_manager_see_it_and_who_reads_it_says_that_it_works(
    cast: Cast, refused: MailServer, as_owner: Any, browse: Any
) -> None:
    reader, manager = browse(cast.adviser), browse(cast.manager)
    assert "Uw mail komt niet aan" in reader.get("/").content.decode()
    assert "Uw mail komt niet aan" not in manager.get("/").content.decode()
    page = f"/organisaties/{cast.hilversum.pk}"
    assert "mail wordt geweigerd" in manager.get(page).content.decode()
    assert "mail wordt geweigerd" not in reader.get(page).content.decode()
    assert reader.post("/mijn-account/adres-klopt").status_code == 302
    assert "Uw mail komt niet aan" not in reader.get("/").content.decode()
    stand_in(as_owner, cast.adviser, THURSDAY, event="2")
    assert send_due() == 1
    assert [mail["To"] for mail in refused.taken] == [cast.adviser.email]


def test_another_address_is_another_address(cast: Cast, refused: MailServer, as_owner: Any) -> None:
    as_owner("UPDATE organisations_user SET email = 'n@example.org' WHERE id = %s", cast.adviser.pk)
    stand_in(as_owner, cast.adviser, THURSDAY, event="2")
    assert send_due() == 1
    assert [mail["To"] for mail in refused.taken] == ["n@example.org"]


def test_an_operator_uses_it_again_and_nobody_else_does(cast: Cast, browse: Any) -> None:
    pk = suspected(cast.adviser.email)
    for user in (cast.adviser, cast.manager):
        with acting_as(user.pk) as acting, pytest.raises(Http404):
            use_again(acting, pk)
    operator = browse(cast.operator)
    assert cast.adviser.email in operator.get("/beheer/berichten").content.decode()
    assert operator.post(f"/beheer/adressen/{pk}/weer-gebruiken").status_code == 302
    assert cast.adviser.email not in operator.get("/beheer/berichten").content.decode()


def test_past_all_code_others_neither_see_nor_change_it(cast: Cast) -> None:
    suspected(cast.adviser.email)
    seen = {"adviser", "manager", "operator"}
    for name, user in cast.users().items():
        with acting_as(user.pk):
            assert bool(seen_suspects([cast.adviser.email])) is (name in seen), name
            if name not in {"adviser", "operator"}:
                use_own_again(cast.adviser.email)
    for statement in (
        "INSERT INTO notices_suspect (address, answer) VALUES ('x@example.org', '')",
        "UPDATE notices_suspect SET address = 'x@example.org' WHERE id > 0",
    ):
        with (
            acting_as(cast.operator.pk),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with acting_as(cast.adviser.pk):
        assert seen_suspects([cast.adviser.email]) != {}
