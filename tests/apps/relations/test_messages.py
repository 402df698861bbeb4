"""Messages on a contract and on a line: who reads and writes them, and who is told."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import contract_for, contracts_of
from telmee.apps.contracts.amending import taken_over
from telmee.apps.contracts.choices import Takeover
from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.actions import remove_draft, save_draft, take_back
from telmee.apps.contributions.touched import amend_contract
from telmee.apps.organisations.acting import acting_as
from telmee.apps.relations.absences import set_absence
from telmee.apps.relations.messages import (
    contract_with_messages,
    mark_read,
    message_to_withdraw,
    messages_on,
    unread_messages,
    unread_on,
    withdraw_message,
    write_message,
)
from telmee.apps.relations.models import Message, Reading
from tests.apps.relations.test_in_touch import codes
from tests.apps.relations.test_second_lock import held, sent
from tests.cast import Cast
from tests.mailing import mailed
from tests.registering import hand_in, register


def write(cast: Cast, contract: int, who: str = "adviser", **facts: Any) -> int:
    """Write a message as somebody; on a line where `line` is its id."""
    with acting_as(getattr(cast, who).pk) as acting:
        access, line = contract_for(acting, contract), facts.pop("line", None)
        if line is not None:
            access, line = contribution_for(acting, line)
        return write_message(
            access, line=line, **{"text": "Kunt u bellen?", "key": uuid4(), **facts}
        ).pk


def read(cast: Cast, who: str, contract: int) -> list[str]:
    """The texts that somebody reads on a contract and its lines, the latest first."""
    with acting_as(getattr(cast, who).pk) as acting:
        return [row.text for row in messages_on(contract_for(acting, contract))]


def unread(cast: Cast, who: str) -> dict[int, int]:
    """How many messages are new to somebody, as his home says and as each of the contracts does."""
    with acting_as(getattr(cast, who).pk) as acting:
        counted = {pk: one.messages for pk, one in unread_messages(acting).items()}
        on_each = {row.pk: unread_on(contract_for(acting, row.pk)) for row in contracts_of(acting)}
    assert counted == {pk: messages for pk, messages in on_each.items() if messages}
    return counted


def addressees() -> list[str]:
    return sorted(mail.to[0].split("@")[0] for mail in mailed())


# Who reads ------------------------------------------------------------------------------------


def test_the_two_sides_read_what_is_written_on_a_contract(cast: Cast) -> None:
    contract = register(cast)
    write(cast, contract, text="Van de gemeente")
    write(cast, contract, "contractor", text="Van de aannemer")
    for who in ("adviser", "second_adviser", "reader", "team", "contractor"):
        assert read(cast, who, contract) == ["Van de aannemer", "Van de gemeente"], who
    assert read(cast, "subcontractor", contract) == []
    assert read(cast, "auditor", contract) == []
    for who in ("auditor", "competitor", "colleague", "outsider"):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            contract_with_messages(acting, contract)


def test_a_subcontractor_reads_and_writes_on_his_own_line(cast: Cast) -> None:
    contract = register(cast)
    theirs = hand_in(cast, contract)
    own = hand_in(cast, contract, by="subcontractor", kenmerk="S-1")
    write(cast, contract, line=theirs, text="Over de ander")
    write(cast, contract, line=own, text="Over de zijne")
    write(cast, contract, "subcontractor", line=own, text="Antwoord")
    assert read(cast, "subcontractor", contract) == ["Antwoord", "Over de zijne"]
    assert read(cast, "contractor", contract) == ["Antwoord", "Over de zijne", "Over de ander"]
    with acting_as(cast.subcontractor.pk) as acting:
        access = contract_for(acting, contract)
        assert codes(write_message, access, text="x", key=uuid4()) == ["not_allowed"]


def test_who_took_a_contract_over_reads_nothing_of_who_was_there_before(cast: Cast) -> None:
    contract = register(cast)
    before = hand_in(cast, contract, kenmerk="A-1", persoon="A-1")
    write(cast, contract, "contractor", text="Van de vorige")
    write(cast, contract, line=before, text="Over de regel van de vorige")
    with acting_as(cast.adviser.pk) as acting:
        wanted = taken_over(
            cast.rival.pk, how=Takeover.MERGER, effective_on=date(2025, 9, 1), reason="Fusie."
        )
        amend_contract(contract_for(acting, contract), wanted, key=uuid4())
    after = hand_in(cast, contract, by="competitor", kenmerk="B-1", persoon="B-1",
                    begin=date(2025, 9, 1), eind=date(2025, 12, 31))  # fmt: skip
    write(cast, contract, text="Aan de nieuwe")
    write(cast, contract, line=after, text="Over de regel van de nieuwe")
    assert read(cast, "competitor", contract) == ["Over de regel van de nieuwe", "Aan de nieuwe"]
    assert read(cast, "contractor", contract) == ["Over de regel van de vorige"]
    for who in ("competitor", "contractor", "contractor_manager", "second_adviser", "auditor"):
        unread(cast, who)
        with acting_as(getattr(cast, who).pk) as acting:
            by_both = messages_on(contract_for(acting, contract)).values_list("pk", flat=True)
            behind = Message.objects.all() if who != "auditor" else Message.objects.none()
            assert {*by_both} == {*behind.values_list("pk", flat=True)}, who


def test_who_only_reads_does_not_write(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    for who in ("reader", "auditor"):
        with acting_as(getattr(cast, who).pk) as acting:
            access, seen = contribution_for(acting, line)
            for of in (None, seen):
                refused = codes(write_message, access, text="x", key=uuid4(), line=of)
                assert refused == ["not_allowed"], who


def test_nobody_writes_on_a_draft_or_with_the_line_of_another_contract(cast: Cast) -> None:
    contract, other = register(cast), register(cast, reference="B-2")
    line = hand_in(cast, other)
    with acting_as(cast.contractor.pk) as acting:
        access = contract_for(acting, contract)
        draft = save_draft(access, {"kenmerk": "D-1", "bouwblok": "pw_lt2"})
        _other, elsewhere = contribution_for(acting, line)
        for of in (draft, elsewhere):
            refused = codes(write_message, access, text="x", key=uuid4(), line=of)
            assert refused == ["not_allowed"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "missing_explanation"),
        ("x" * 2001, "text_too_long"),
        ("burger 111222333", "bsn_typed"),
        ("lees\u200b", "text_not_printable"),
    ],
)
def test_it_refuses_what_no_message_may_hold(cast: Cast, text: str, code: str) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        assert code in codes(write_message, access, text=text, key=uuid4())


def test_it_refuses_the_code_of_the_person_of_the_line(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, persoon="P-17")
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, line)
        refused = codes(write_message, access, text="over p-17", key=uuid4(), line=row)
        assert refused == ["text_names_person"]


def test_the_same_form_twice_writes_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    assert write(cast, contract, key=key) == write(cast, contract, key=key)
    assert read(cast, "contractor", contract) == ["Kunt u bellen?"]
    assert len(mailed()) == 2  # each of the two who work for the contractor, once


# Taking back, and what is new -----------------------------------------------------------------


def test_who_wrote_takes_back_and_it_stays_to_be_seen(cast: Cast) -> None:
    contract = register(cast)
    message = write(cast, contract)
    for who in ("contractor", "team", "reader", "subcontractor", "competitor"):
        with acting_as(getattr(cast, who).pk) as acting, pytest.raises(Http404):
            message_to_withdraw(acting, message)
    with acting_as(cast.contractor.pk) as acting:
        access, row = contract_for(acting, contract), Message.objects.get(pk=message)
        assert codes(withdraw_message, access, row) == ["not_allowed"]
    with acting_as(cast.second_adviser.pk) as acting:
        access, row = message_to_withdraw(acting, message)
        withdraw_message(access, row)
        withdraw_message(access, row)
        with pytest.raises(Http404):
            message_to_withdraw(acting, message)
    with acting_as(cast.contractor.pk) as acting:
        (seen,) = messages_on(contract_for(acting, contract))
        assert (seen.text, seen.withdrawal.user_id) == ("Kunt u bellen?", cast.second_adviser.pk)


def test_what_others_wrote_is_new_until_it_was_on_the_screen(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    write(cast, contract)
    write(cast, contract, line=line)
    taken_back = write(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        withdraw_message(*message_to_withdraw(acting, taken_back))
    assert unread(cast, "contractor") == unread(cast, "second_adviser") == {contract: 2}
    assert unread(cast, "adviser") == unread(cast, "subcontractor") == {}
    assert unread(cast, "auditor") == unread(cast, "competitor") == {}
    with acting_as(cast.contractor.pk) as acting:
        rows = messages_on(contract_for(acting, contract)).filter(contribution=line)
        for _twice in range(2):
            mark_read(acting, rows)
    assert unread(cast, "contractor") == {contract: 1}
    assert unread(cast, "contractor_manager") == {contract: 2}


def test_a_line_about_which_somebody_wrote_is_not_thrown_away(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    write(cast, contract, line=line)
    with acting_as(cast.contractor.pk) as acting:
        access, row = contribution_for(acting, line)
        take_back(access, row)
        assert codes(remove_draft, *contribution_for(acting, line)) == ["draft_has_history"]
    assert read(cast, "contractor", contract) == ["Kunt u bellen?"]
    assert read(cast, "adviser", contract) == []  # he does not see the draft


# Who is told ----------------------------------------------------------------------------------


def test_the_other_side_is_told_that_there_is_a_message_and_not_what_it_says(cast: Cast) -> None:
    contract = register(cast)
    write(cast, contract, text="Noor is ziek")
    assert addressees() == ["contractor", "contractor_manager"]
    for mail in mailed():
        for part in (
            mail.subject,
            mail.body,
            *(page for page, _kind in getattr(mail, "alternatives", ())),
        ):
            assert "Noor" not in str(part)
        assert f"/opdrachten/{contract}/berichten" in str(mail.body)


def test_the_adviser_and_who_stands_in_for_him_are_told_and_no_colleague(cast: Cast) -> None:
    contract = register(cast, adviser_id=cast.adviser.pk)
    write(cast, contract, "contractor")
    assert addressees() == ["adviser"]
    today = timezone.localdate()
    with acting_as(cast.adviser.pk) as acting:
        set_absence(
            acting,
            organisation_id=cast.hilversum.pk,
            user_id=cast.adviser.pk,
            replacement_id=cast.second_adviser.pk,
            first=today,
            last=today,
            today=today,
        )
    mailed().clear()
    write(cast, contract, "contractor")
    assert addressees() == ["adviser", "second_adviser"]


def test_without_an_adviser_all_who_decide_are_told(cast: Cast) -> None:
    write(cast, register(cast), "contractor")
    assert addressees() == ["adviser", "manager", "second_adviser", "team"]


def test_of_a_line_are_told_who_handed_it_in_and_who_wrote_about_it(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, by="subcontractor", kenmerk="S-1")
    write(cast, contract, line=line)
    assert addressees() == ["subcontractor"]
    mailed().clear()
    write(cast, contract, "contractor", line=line)
    assert addressees() == ["adviser", "subcontractor"]
    mailed().clear()
    write(cast, contract, "subcontractor", line=line)
    assert addressees() == ["adviser", "contractor"]


# Past our code --------------------------------------------------------------------------------

_MESSAGE = (
    "INSERT INTO relations_message (contract_id, contribution_id, organisation_id, text, key,"
    " user_id, withdraws_id) VALUES (%(contract)s, %(line)s, %(org)s, %(text)s,"
    " gen_random_uuid(), %(me)s, %(withdraws)s)"
)
_READ = "INSERT INTO relations_reading (message_id, user_id) VALUES (%(message)s, %(me)s)"


def test_each_writes_for_his_own_side_alone(cast: Cast) -> None:
    contract = register(cast)
    tries: list[tuple[str, Any, bool]] = [
        ("adviser", cast.hilversum, True),
        ("team", cast.region, True),
        ("contractor", cast.de_eem, True),
        ("subcontractor", cast.sub, False),
        ("adviser", cast.de_eem, False),
        ("contractor", cast.hilversum, False),
        ("reader", cast.hilversum, False),
        ("auditor", cast.audit_office, False),
        ("competitor", cast.rival, False),
        ("colleague", cast.huizen, False),
        ("operator", cast.hilversum, False),
    ]
    facts: dict[str, Any] = {"contract": contract, "text": "x", "withdraws": None}
    held(cast, _MESSAGE, tries, line=None, **facts)
    own = hand_in(cast, contract, by="subcontractor", kenmerk="S-1")
    held(
        cast,
        _MESSAGE,
        [(w, o, may or w == "subcontractor") for w, o, may in tries],
        line=own,
        **facts,
    )
    theirs = hand_in(cast, contract)
    held(cast, _MESSAGE, tries, line=theirs, **facts)


def test_nobody_writes_in_anothers_name_or_on_a_line_of_elsewhere(cast: Cast) -> None:
    contract, other = register(cast), register(cast, reference="B-2")
    elsewhere = hand_in(cast, other)
    facts: dict[str, Any] = {"contract": contract, "text": "x", "withdraws": None}
    with acting_as(cast.adviser.pk):
        org = cast.hilversum.pk
        assert "row-level" in sent(_MESSAGE, me=cast.manager.pk, org=org, line=None, **facts)
        assert "row-level" in sent(_MESSAGE, me=cast.adviser.pk, org=org, line=elsewhere, **facts)


def test_nobody_takes_back_what_another_wrote_or_changes_a_message(cast: Cast) -> None:
    contract, other = register(cast), register(cast, reference="B-2")
    message, elsewhere = write(cast, contract), write(cast, other)
    facts: dict[str, Any] = {"contract": contract, "line": None, "text": ""}
    held(
        cast,
        _MESSAGE,
        [("adviser", cast.hilversum, True), ("contractor", cast.de_eem, False)],
        withdraws=message,
        **facts,
    )
    held(cast, _MESSAGE, [("adviser", cast.hilversum, False)], withdraws=elsewhere, **facts)
    with acting_as(cast.adviser.pk):
        me = {"me": cast.adviser.pk, "org": cast.hilversum.pk}
        saying = {**facts, "text": "x"}
        assert "says_something" in sent(_MESSAGE, withdraws=message, **me, **saying)
        assert "says_something" in sent(_MESSAGE, withdraws=None, **me, **facts)
        for deed in ("UPDATE relations_message SET text = 'y'", "DELETE FROM relations_message"):
            assert "permission denied" in sent(deed)


def test_what_somebody_read_is_his_own(cast: Cast) -> None:
    contract = register(cast)
    message = write(cast, contract)
    held(
        cast,
        _READ,
        [
            ("contractor", cast.de_eem, True),
            ("reader", cast.hilversum, True),
            ("subcontractor", cast.sub, False),
            ("auditor", cast.audit_office, False),
            ("competitor", cast.rival, False),
        ],
        message=message,
    )
    with acting_as(cast.contractor.pk) as acting:
        mark_read(acting, messages_on(contract_for(acting, contract)))
        assert "row-level" in sent(_READ, message=message, me=cast.adviser.pk)
    with acting_as(cast.adviser.pk):
        assert not Reading.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            Reading.objects.all().delete()
