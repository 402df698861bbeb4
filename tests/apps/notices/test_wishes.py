"""How often somebody is told: his own to choose, and held at sending."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from telmee.apps.notices.actions import About, Reader, send_again, write_notice
from telmee.apps.notices.choices import GROUPS, USUAL, Group, Rhythm
from telmee.apps.notices.models import Wish
from telmee.apps.notices.sending import send_due
from telmee.apps.notices.wishes import choose, wishes_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.web.notices.views import NOTICES
from tests.apps.notices.mail_server import Answer, serving_mail
from tests.apps.notices.test_writing import outbox, write
from tests.cast import Cast
from tests.registering import register

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("own_database")]

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
        " WHERE created_at > '2026-11-29'",
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
    assert set(GROUPS.values()) - {Group.ACCOUNT, Group.ENFORCED} == set(USUAL)


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


# One mail ------------------------------------------------------------------------------------


def told_of_plans(as_owner: Any, cast: Cast) -> None:
    """The adviser is told two things on one contract, one on another, and one about himself."""
    want(cast.adviser, answered=Rhythm.DAILY, team=Rhythm.WEEKLY)
    contract, other = register(cast), register(cast, reference="SRT-9")
    as_owner("DELETE FROM notices_notice")  # that these contracts have a subcontractor
    with acting_as(cast.adviser.pk):
        reader = Reader(user_id=cast.adviser.pk, language="nl")
        for number, (about, name) in enumerate(
            [(contract, "Groen <b>"), (other, "Brug"), (contract, "Groen <b>")]
        ):
            facts = {
                "by": f"De Eem {number}",
                "contract": name,
                "reference": f"R-{about}",
                "url": f"https://telmee.example/opdrachten/{about}",
            }
            write_notice(
                "plan_agreed",
                reader,
                event=str(number),
                facts=facts,
                about=About(contract_id=about),
            )
    stand_in(as_owner, cast.adviser, THURSDAY)


def test_what_waits_for_a_morning_is_one_mail_by_contract(cast: Cast, as_owner: Any) -> None:
    told_of_plans(as_owner, cast)
    assert send_at(THURSDAY, MONDAY_MORNING, MONDAY_MORNING) == [0, 4, 0]
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    text = str(message.body)
    assert message.subject == "4 berichten van Telmee"
    order = ["Brug (", "De Eem 1", "Groen <b> (", "De Eem 0", "De Eem 2", "U vervangt Ria"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert text.count("Groen <b>") == 1
    page, kind = message.alternatives[0]
    assert kind == "text/html"
    assert '<html lang="nl">' in str(page)
    assert "Groen &lt;b&gt;" in str(page)
    assert "<b>" not in str(page)
    assert str(page).count('<a href="https://telmee.example/opdrachten/') == 3


def test_what_went_in_a_mail_stays_in_that_mail(cast: Cast, as_owner: Any, settings: Any) -> None:
    told_of_plans(as_owner, cast)
    with serving_mail() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.answers = [Answer.REFUSE]
        assert send_at(FRIDAY_MORNING) == [0]
        stand_in(as_owner, cast.adviser, THURSDAY, event="later")
        as_owner("UPDATE notices_notice SET next_attempt_at = '2026-11-27' WHERE attempts > 0")
        server.answers = [Answer.SAY_NOTHING]
        assert send_at("2026-11-27 09:00+01") == [0]
        assert sorted(outbox(as_owner, "state")) == [("unknown",)] * 3 + [("waiting",)] * 2
        ((first,), *_rest) = as_owner("SELECT id FROM notices_notice WHERE state = 'unknown'")
        with acting_as(cast.operator.pk, is_operator=True) as acting:
            send_again(acting, first)
        assert send_at("2099-01-05 08:00+01") == [5]
    sent = [(taken["Message-ID"], plain_text(taken)) for taken in server.taken]
    first_id = sent[0][0]
    assert [text.count("De Eem") for name, text in sent if name == first_id] == [3, 3]
    assert [text.count("U vervangt") for name, text in sent if name != first_id] == [2]


def plain_text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_reader_without_access_at_that_moment_is_not_told(cast: Cast, as_owner: Any) -> None:
    told_of_plans(as_owner, cast)
    as_owner(
        "DELETE FROM contracts_party WHERE organisation_id = %s"
        " AND contract_id = (SELECT min(contract_id) FROM contracts_party)",
        cast.hilversum.pk,
    )
    assert send_at(MONDAY_MORNING) == [2]
    assert "Groen" not in str(mail.outbox[0].body)


def test_a_notice_that_cannot_be_worded_is_left_out(cast: Cast, as_owner: Any) -> None:
    told_of_plans(as_owner, cast)
    as_owner("UPDATE notices_notice SET facts = '{\"first_on\": 1}' WHERE code = 'standing_in'")
    assert send_at(MONDAY_MORNING) == [3]
    assert ("given_up", "not_written") in outbox(as_owner, "state, fault")


def test_a_single_notice_has_its_own_words_and_html(cast: Cast, as_owner: Any) -> None:
    want(cast.adviser, team=Rhythm.DAILY)
    stand_in(as_owner, cast.adviser, THURSDAY)
    send_at(FRIDAY_MORNING)
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert message.subject.startswith("U vervangt Ria")
    assert '<a href="https://x/1"' in str(message.alternatives[0][0])
