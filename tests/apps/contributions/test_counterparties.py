"""Somebody outside confirms a line, by a link without an account that works once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.audit.queries import events_on
from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contributions.actions import save_draft, submit, take_back, withdraw
from telmee.apps.contributions.choices import LINK_DAYS, State
from telmee.apps.contributions.counterparties import (
    answer_by,
    ask_counterparty,
    confirmed,
    denied,
    facts_by,
    is_waiting,
    links_of,
    may_ask,
    review_denial,
    waiting_denials,
    withdraw_link,
)
from telmee.apps.contributions.models import Contribution, CounterpartyAnswer, CounterpartyLink
from telmee.apps.decisions.questions import ask as ask_question
from telmee.apps.decisions.questions import reply
from telmee.apps.ledger.queries import check_ledger
from telmee.apps.organisations.access import hash_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.dossier import missing_proof
from telmee.core.errors import DomainError
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.mailing import mailed
from tests.registering import PLACEMENT, PURCHASE, found, hand_in, register

SMALL = {**PURCHASE, "bedrag": 5_000_00}
YES: dict[str, Any] = {"confirms": True, "name": "Noor Bakker", "function": "Administratie"}
NO = {**YES, "confirms": False, "reason": "Wij leverden voor € 500."}


def put(cast: Cast, line: int, by: str = "contractor", **more: Any) -> str:
    """Ask about a line; gives the token of the link."""
    with acting_as(getattr(cast, by).pk) as acting:
        return ask_counterparty(*found(acting, line), **{"who": "ROC", "key": uuid4(), **more})


def answered(token: str, **more: Any) -> bool:
    with acting_as(None):
        return answer_by(hash_of(token), **{**YES, **more})


def opens(token: str) -> bool:
    with acting_as(None):
        return facts_by(hash_of(token)) is not None


def line_of(cast: Cast, line: int, by: str = "adviser") -> Contribution:
    with acting_as(getattr(cast, by).pk) as acting:
        return found(acting, line)[1]


@pytest.fixture
def line(cast: Cast) -> int:
    """A placement that was handed in."""
    return hand_in(cast, register(cast))


def bought(cast: Cast, **cells: Any) -> int:
    """A purchase that was handed in."""
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, register(cast))
        typed = {name: cell for name, cell in {**SMALL, **cells}.items() if cell is not None}
        row = save_draft(access, {**typed, "kenmerk": "I-1"})
        submit(access, row)
    return row.pk


def test_a_link_shows_the_facts_of_its_line_and_takes_one_answer(cast: Cast, line: int) -> None:
    token = put(cast, line)
    with acting_as(None):
        facts = facts_by(hash_of(token))
    assert facts is not None
    assert (facts.contractor, facts.who) == (cast.de_eem.name, "ROC")
    assert (facts.first, facts.last, facts.weekly_hours) == (
        PLACEMENT["begin"],
        PLACEMENT["eind"],
        PLACEMENT["uren_per_week"],
    )
    # The block of a placement tells a benefit: that is for the two parties.
    assert (facts.category, facts.block) == ("placement", None)
    assert "P-1" not in repr(facts)
    assert "pw_lt2" not in repr(facts)
    assert opens(token)  # looking uses nothing up
    assert answered(token)
    assert not opens(token)
    assert not answered(token, confirms=False, reason="Toch niet.")
    row = line_of(cast, line)
    with acting_as(cast.adviser.pk):
        assert confirmed([row]) == {line}
        assert denied([row]) == set()
        (link,) = links_of(row)
        assert link.reply is not None
        assert (link.reply.name, link.reply.function) == ("Noor Bakker", "Administratie")
        verbs = [event.verb for event in events_on("contribution", line)]
        assert verbs[:2] == [
            "contribution.counterparty_confirmed",
            "contribution.counterparty_asked",
        ]


def test_only_the_hash_of_the_token_is_kept(cast: Cast, line: int) -> None:
    token = put(cast, line)
    assert len(token) >= 43  # 256 bits
    with acting_as(cast.contractor.pk):
        link = CounterpartyLink.objects.get()
        assert token not in repr(vars(link))
        assert hash_of(token) not in repr(vars(link))
    # Who reads the table cannot answer either.
    with acting_as(None):
        assert facts_by(link.token_hash) is None
        assert not answer_by(link.token_hash, **YES)


def test_a_purchase_is_asked_about_by_mail_once(cast: Cast) -> None:
    line, key = bought(cast), uuid4()
    asked: dict[str, Any] = {"who": "Groenwerk", "address": "Inkoop@Groenwerk.example", "key": key}
    token = put(cast, line, **asked)
    assert put(cast, line, **asked) == ""
    (mail,) = mailed()
    assert mail.to == ["inkoop@groenwerk.example"]
    assert f"/bevestiging/{token}" in str(mail.body)
    assert "5.000" not in str(mail.body)
    with acting_as(None):
        facts = facts_by(hash_of(token))
    assert facts is not None
    assert facts.block is not None
    assert facts.amount_cents == 5_000_00
    assert answered(token)
    told = {to for sent in mailed()[1:] for to in sent.to}
    assert told == {"contractor@example.org", "contractor_manager@example.org"}


def test_a_no_goes_to_a_person_and_decides_nothing(cast: Cast, line: int) -> None:
    token = put(cast, line)
    with acting_as(None), pytest.raises(DomainError, match="missing_explanation"):
        answer_by(hash_of(token), **{**NO, "reason": " "})
    assert answered(token, **NO)
    row = line_of(cast, line)
    assert row.state == State.SUBMITTED
    with acting_as(cast.adviser.pk) as acting:
        assert denied([row]) == {line}
        assert [answer.reason for answer in waiting_denials(acting)] == [NO["reason"]]
    sides = {"adviser", "second_adviser", "manager", "team", "contractor", "contractor_manager"}
    assert {mail.to[0].partition("@")[0] for mail in mailed()} == sides
    assert not any(NO["reason"] in str(mail.body) for mail in mailed())
    # A later yes does not wash it away: somebody looks first.
    assert answered(put(cast, line))
    with acting_as(cast.adviser.pk) as acting:
        assert confirmed([row]) == set()
        answer = waiting_denials(acting).get()
        confirms = CounterpartyAnswer.objects.get(confirms=True)
        with pytest.raises(Http404):  # a yes is nothing to look at
            review_denial(*found(acting, line), confirms.pk)
        review_denial(*found(acting, line), answer.pk)
        assert list(waiting_denials(acting)) == []
        assert confirmed([row]) == {line}


def test_with_a_confirmation_no_proof_is_missing(cast: Cast, line: int) -> None:
    row = line_of(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        row = found(acting, line)[1]
        assert line in missing_proof([row])
    assert answered(put(cast, line))
    with acting_as(cast.adviser.pk):
        assert missing_proof([row]) == {}


# What closes a link ------------------------------------------------------------------------------


def _corrected(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        ask_question(access, row, text="Hoeveel uur?", due=timezone.localdate(), key=uuid4())
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        cells = {**PLACEMENT, "kenmerk": "K-1", "uren_per_week": 32_00}
        reply(access, row, text="Het was 32.", cells=cells)


def _taken_back(cast: Cast, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))


def _withdrawn(cast: Cast, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        withdraw(*found(acting, line), reason="Vervalt.")


def _link_withdrawn(cast: Cast, line: int) -> None:
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        withdraw_link(access, row, links_of(row)[0].pk)


def _replaced(cast: Cast, line: int) -> None:
    put(cast, line)


def _closed(cast: Cast, line: int) -> None:
    with acting_as(cast.adviser.pk) as acting:
        access, _row = found(acting, line)
        today = timezone.localdate()
        close_contract(access, on=today, today=today, reason="Klaar.")


@pytest.mark.parametrize(
    "change", [_corrected, _taken_back, _withdrawn, _link_withdrawn, _replaced, _closed]
)
def test_a_link_dies_with_what_it_was_about(cast: Cast, line: int, change: Any) -> None:
    token = put(cast, line)
    assert opens(token)
    change(cast, line)
    assert not opens(token)
    assert not answered(token)
    with acting_as(cast.contractor.pk) as acting:
        assert CounterpartyAnswer.objects.count() == 0
        access, row = found(acting, line)
        latest = links_of(row)[0]  # the page of the line says whether it works
        assert is_waiting(access, latest, row) == (change is _replaced)


@pytest.mark.parametrize("change", [_taken_back, _withdrawn, _link_withdrawn, _closed])
def test_no_mail_brings_a_link_that_opens_nothing_any_more(cast: Cast, change: Any) -> None:
    line = bought(cast)
    put(cast, line, who="Groenwerk", address="inkoop@groenwerk.example")
    change(cast, line)
    assert all("groenwerk.example" not in to for mail in mailed() for to in mail.to)


def test_who_is_asked_anew_before_the_mail_went_gets_the_link_that_works_alone(cast: Cast) -> None:
    line = bought(cast)
    asked: dict[str, Any] = {"who": "Groenwerk", "address": "inkoop@groenwerk.example"}
    _before, token = put(cast, line, **asked), put(cast, line, **asked)
    (mail,) = mailed()
    assert f"/bevestiging/{token}" in str(mail.body)


@pytest.mark.usefixtures("own_database")
def test_a_link_that_is_too_old_does_nothing(cast: Cast, as_owner: Any, line: int) -> None:
    token = put(cast, line)
    as_owner("UPDATE contributions_counterpartylink SET expires_at = now()")
    assert not opens(token)
    assert not answered(token)


def test_a_link_that_was_answered_is_not_taken_back(cast: Cast, line: int) -> None:
    assert answered(put(cast, line))
    _link_withdrawn(cast, line)
    with acting_as(cast.contractor.pk):
        (link,) = links_of(line_of(cast, line))
        assert link.withdrawn_at is None


def test_what_was_confirmed_before_a_change_counts_no_more(cast: Cast, line: int) -> None:
    assert answered(put(cast, line))
    _corrected(cast, line)
    row = line_of(cast, line)
    with acting_as(cast.adviser.pk):
        assert confirmed([row]) == set()


def test_a_guess_does_nothing(cast: Cast, line: int) -> None:
    token = put(cast, line)
    for guess in ("", "x", token[:-1], token.swapcase(), hash_of(token)):
        assert not opens(guess)
        assert not answered(guess)
    assert opens(token)


# Who asks ----------------------------------------------------------------------------------------


def test_both_sides_can_ask_and_nobody_else(cast: Cast, line: int) -> None:
    assert put(cast, line, "adviser")
    for other in ("auditor", "reader"):
        with pytest.raises(DomainError, match="not_allowed"):
            put(cast, line, other)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"who": " "}, "counterparty_who"),
        ({"who": "ROC, over P-1"}, "text_names_person"),
        ({"address": "iemand@school.example"}, "counterparty_no_mail"),
    ],
)
def test_what_asking_about_a_start_needs(
    cast: Cast, line: int, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError, match=code):
        put(cast, line, **more)
    assert mailed() == []


def test_nobody_mails_his_own_side(cast: Cast) -> None:
    line = bought(cast)
    with pytest.raises(DomainError, match="counterparty_own"):
        put(cast, line, address="iemand.anders@EXAMPLE.org")
    assert mailed() == []


def test_nobody_is_asked_about_one_line_all_day(cast: Cast, line: int) -> None:
    for _number in range(5):
        put(cast, line)
    with pytest.raises(DomainError, match="counterparty_often"):
        put(cast, line)


def test_a_draft_is_not_asked_about(cast: Cast) -> None:
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, register(cast))
        row = save_draft(access, {**PLACEMENT, "kenmerk": "K-1"})
        assert not may_ask(access, row)
        with pytest.raises(DomainError, match="wrong_state"):
            ask_counterparty(access, row, who="ROC", key=uuid4())


def test_of_two_answers_at_once_one_wins(
    own_database: str, cast: Cast, server: Server, line: int
) -> None:
    token = put(cast, line)
    taken: list[bool] = []

    def send(**more: Any) -> None:
        taken.append(answered(token, **more))

    assert at_once(send, partial(send, **NO)) == ["done", "done"]
    assert sorted(taken) == [False, True]
    with acting_as(cast.adviser.pk):
        assert CounterpartyAnswer.objects.count() == 1
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


# The second lock ---------------------------------------------------------------------------------

_LINK = """INSERT INTO contributions_counterpartylink (contribution_id, contract_id,
    organisation_id, who, address, language, fingerprint, token_hash, key, expires_at, asked_by_id)
    SELECT id, contract_id, %s, 'x', '', 'nl', {fingerprint}, gen_random_uuid()::text,
    gen_random_uuid(), '2100-01-01', %s FROM contributions_contribution"""
_ANSWER = """INSERT INTO contributions_counterpartyanswer (link_id, contribution_id, contract_id,
    confirms, reason, name, function) SELECT id, contribution_id, contract_id, true, '', 'x', 'x'
    FROM contributions_counterpartylink"""


def _refused(who: int | None, statement: str, *facts: Any) -> bool:
    try:
        with acting_as(who), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, facts)
            count = cursor.rowcount
            transaction.set_rollback(True)
            return not count
    except DatabaseError:
        return True


def test_past_all_code_nobody_writes_an_answer_or_sees_a_link(cast: Cast, line: int) -> None:
    put(cast, line)
    for who in (cast.contractor, cast.adviser, cast.competitor):
        assert _refused(who.pk, _ANSWER)
    assert _refused(None, _ANSWER)
    strangers = (cast.competitor, cast.colleague, cast.outsider, cast.operator)
    for stranger in (None, *(somebody.pk for somebody in strangers)):
        with acting_as(stranger):
            assert not CounterpartyLink.objects.exists()
    renewed = "UPDATE contributions_counterpartylink SET expires_at = '2100-01-01'"
    assert _refused(cast.contractor.pk, renewed)
    assert _refused(cast.contractor.pk, "DELETE FROM contributions_counterpartylink")


@pytest.mark.usefixtures("line")
def test_past_all_code_a_link_is_made_by_a_side_about_the_line_as_it_is(cast: Cast) -> None:
    own = (cast.de_eem.pk, cast.contractor.pk)
    assert not _refused(own[1], _LINK.format(fingerprint="fingerprint"), *own)
    assert _refused(own[1], _LINK.format(fingerprint="'x'"), *own)
    assert _refused(own[1], _LINK.format(fingerprint="fingerprint"), own[0], cast.adviser.pk)
    assert _refused(own[1], _LINK.format(fingerprint="fingerprint"), cast.hilversum.pk, own[1])
    auditor = (cast.audit_office.pk, cast.auditor.pk)
    assert _refused(auditor[1], _LINK.format(fingerprint="fingerprint"), *auditor)
    with acting_as(own[1]), connection.cursor() as cursor:
        cursor.execute(_LINK.format(fingerprint="fingerprint"), own)
        latest = timezone.now() + timedelta(days=LINK_DAYS)
        assert CounterpartyLink.objects.get().expires_at <= latest


def test_past_all_code_a_no_is_reviewed_by_who_decides_in_his_own_name(
    cast: Cast, line: int
) -> None:
    answered(put(cast, line), **NO)
    seen = "UPDATE contributions_counterpartyanswer SET reviewed_at = now(), reviewed_by_id = %s"
    assert _refused(cast.contractor.pk, seen, cast.contractor.pk)
    assert _refused(cast.adviser.pk, seen, cast.manager.pk)
    assert not _refused(cast.adviser.pk, seen, cast.adviser.pk)
    turned = "UPDATE contributions_counterpartyanswer SET confirms = true"
    assert _refused(cast.adviser.pk, turned)
