"""The check number of the books: shown, downloaded and mailed to who manages a client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from telmee.apps.audit.seals import head_faults, latest_head, read_head, seal_rows
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import change_account
from telmee.apps.organisations.heads import mail_heads
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import register


@pytest.mark.usefixtures("own_database")
def test_a_client_sees_and_downloads_the_number_that_fits(cast: Cast, browse: Any) -> None:
    register(cast)
    seal_rows(everything=True)
    head = latest_head()
    assert head is not None
    assert head.head in browse(cast.adviser).get("/controlegetal").content.decode()
    answer = browse(cast.adviser).get("/controlegetal.json")
    assert "attachment" in answer["Content-Disposition"]
    kept = read_head(answer.content.decode())
    assert kept == head
    assert head_faults(kept) == []


@pytest.mark.usefixtures("own_database")
def test_managers_of_clients_are_mailed_once_a_day(cast: Cast) -> None:
    register(cast)
    mail_heads()
    assert mailed() == [], "nothing is sealed yet"
    seal_rows(everything=True)
    mail_heads()
    mail_heads()
    readers = [message.to[0] for message in mailed()]
    assert readers.count(cast.manager.email) == 1
    others = {cast.adviser.email, cast.contractor_manager.email, cast.reader.email}
    assert others.isdisjoint(readers)
    name, content, _kind = mailed()[0].attachments[0]
    assert str(name).endswith(".json")
    assert json.loads(str(content))["head"] in str(mailed()[0].body)


@pytest.mark.usefixtures("own_database")
def test_who_said_no_is_not_mailed(cast: Cast) -> None:
    register(cast)
    seal_rows(everything=True)
    with acting_as(cast.manager.pk) as acting:
        change_account(acting, name="Manager", language="nl", gets_heads=False)
    mail_heads()
    readers = {message.to[0] for message in mailed()}
    assert readers, "others are mailed"
    assert cast.manager.email not in readers
