"""A letter is fixed when it is sent, made once, and its reader's from then on."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from procrastinate.contrib.django.models import ProcrastinateJob

from telmee.apps.audit.models import Event
from telmee.apps.contracts.access import contract_for
from telmee.apps.letters.access import letter_for, letters_of, letters_on
from telmee.apps.letters.actions import MAKE_TASK, make_paper, send_letter
from telmee.apps.letters.choices import Media
from telmee.apps.letters.house_styles import Chosen, choose_house_style
from telmee.apps.letters.models import HouseStyle, Letter, Paper
from telmee.apps.letters.queries import content_of
from telmee.apps.letters.writing import text_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import change_organisation
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.lettering import asked_letter, sent_letter
from tests.mailing import mailed
from tests.money import accepted
from tests.registering import hand_in, register


def _decided(cast: Cast) -> tuple[int, int]:
    """A contract with a decision on a line."""
    contract = register(cast)
    return contract, accepted(cast, hand_in(cast, contract)).pk


def _seen(cast: Cast, contract: int, who: str) -> set[int]:
    with acting_as(getattr(cast, who).pk) as acting:
        try:
            letters = set(letters_on(contract_for(acting, contract)).values_list("pk", flat=True))
        except Http404:
            letters = set()
        assert letters == set(letters_of(acting).values_list("pk", flat=True))
        return letters


def test_a_letter_is_its_readers_once_it_has_its_paper(cast: Cast) -> None:
    contract, decision = _decided(cast)
    letter = asked_letter(cast.adviser, contract, "decision", decision).pk
    before = {who for who in cast.users() if _seen(cast, contract, who)}
    make_paper(letter, contract, cast.adviser.pk)
    after = {who for who in cast.users() if _seen(cast, contract, who)}
    assert before == {"adviser", "second_adviser", "manager", "reader", "team"}
    assert after - before == {"contractor", "contractor_manager", "auditor"}


def test_a_letter_to_a_subcontractor_is_not_the_contractors(cast: Cast) -> None:
    contract = register(cast)
    decision = accepted(cast, hand_in(cast, contract, by="subcontractor")).pk
    sent_letter(cast.adviser, contract, "decision", decision)
    assert _seen(cast, contract, "subcontractor")
    assert not _seen(cast, contract, "contractor")


def test_the_paper_is_kept_with_its_hash_and_never_changes(cast: Cast) -> None:
    contract, decision = _decided(cast)
    letter = sent_letter(cast.adviser, contract, "decision", decision)
    with acting_as(cast.contractor.pk):
        content = content_of(letter, Media.PDF)
        paper = Paper.objects.get(letter=letter)
    assert content.startswith(b"%PDF")
    assert (paper.sha256, paper.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert _refused("UPDATE letters_paper SET content = 'x'", cast.adviser)
    assert _refused("UPDATE letters_letter SET facts = '{}'", cast.adviser)
    assert _refused("DELETE FROM letters_letter", cast.adviser)


def test_what_changes_later_changes_no_word_of_a_letter(cast: Cast) -> None:
    contract, decision = _decided(cast)
    letter = asked_letter(cast.adviser, contract, "decision", decision)
    with acting_as(cast.adviser.pk):
        before = text_of(Letter.objects.get(pk=letter.pk))
    with acting_as(cast.manager.pk) as acting:
        change_organisation(acting, organisation_id=cast.hilversum.pk, name="Gemeente Anders")
        chosen = Chosen(colour="#7a0019", prefix="X", legal_basis="Iets.")
        choose_house_style(acting, cast.hilversum.pk, chosen)
    with acting_as(cast.adviser.pk):
        assert text_of(Letter.objects.get(pk=letter.pk)) == before


def test_its_reader_sees_it_in_the_house_style_of_its_sender(cast: Cast) -> None:
    contract, decision = _decided(cast)
    with acting_as(cast.manager.pk) as acting:
        choose_house_style(acting, cast.hilversum.pk, Chosen(prefix="SR", address="Postbus 1"))
    letter = sent_letter(cast.adviser, contract, "decision", decision)
    with acting_as(cast.manager.pk) as acting:
        choose_house_style(acting, cast.hilversum.pk, Chosen(prefix="XX", address="Elders"))
    with acting_as(cast.contractor.pk) as acting:
        _access, seen = letter_for(acting, contract, letter.pk)
        assert "Postbus 1" in text_of(seen)["sender"]
        assert seen.mark.startswith("SR-")
        # And of the house styles of others nothing else.
        assert HouseStyle.objects.count() == 1


def test_numbers_follow_each_other_per_sender_and_year(cast: Cast) -> None:
    contract, decision = _decided(cast)
    line = hand_in(
        cast,
        contract,
        kenmerk="K-2",
        persoon="P-2",
        begin=date(2025, 7, 1),
        eind=date(2025, 12, 31),
    )
    second = accepted(cast, line).pk
    first = asked_letter(cast.adviser, contract, "decision", decision, today=date(2026, 12, 31))
    last = asked_letter(cast.adviser, contract, "decision", second, today=date(2027, 1, 2))
    by_team = hand_in(cast, contract, kenmerk="K-3", persoon="P-3")
    third = asked_letter(
        cast.team, contract, "decision", accepted(cast, by_team).pk, today=date(2027, 1, 2)
    )
    assert [letter.mark for letter in (first, last, third)] == [
        "2026-0001",
        "2027-0001",
        "2027-0001",
    ]


def test_one_thing_has_one_letter_however_often_it_is_sent(cast: Cast) -> None:
    contract, decision = _decided(cast)
    key = uuid4()
    first = asked_letter(cast.adviser, contract, "decision", decision, key=key)
    again = asked_letter(cast.adviser, contract, "decision", decision, key=key)
    assert first.pk == again.pk
    with pytest.raises(DomainError) as error:
        asked_letter(cast.second_adviser, contract, "decision", decision)
    assert error.value.problems[0].code == "letter_sent_before"
    with acting_as(cast.adviser.pk):
        assert Event.objects.filter(verb="contract.letter_sent").count() == 1


def test_the_worker_makes_a_paper_once_and_tells_its_reader_once(cast: Cast) -> None:
    contract, decision = _decided(cast)
    mailed()
    letter = sent_letter(cast.adviser, contract, "decision", decision)
    make_paper(letter.pk, contract, cast.adviser.pk)
    make_paper(letter.pk, contract, cast.second_adviser.pk)
    mails = mailed()
    assert sorted(mail.to[0] for mail in mails) == sorted(
        (cast.contractor.email, cast.contractor_manager.email)
    )
    assert f"/opdrachten/{contract}/brieven/{letter.pk}" in str(mails[0].body)
    with acting_as(cast.adviser.pk):
        assert Paper.objects.filter(letter=letter).count() == 1


@pytest.mark.parametrize("who", ["contractor", "reader", "auditor", "colleague", "subcontractor"])
def test_only_who_decides_sends(cast: Cast, who: str) -> None:
    contract, decision = _decided(cast)
    with pytest.raises((DomainError, Http404)):
        asked_letter(getattr(cast, who), contract, "decision", decision)


@pytest.mark.parametrize("who", ["contractor", "reader", "auditor", "colleague"])
def test_nobody_else_makes_the_paper_of_a_letter(cast: Cast, who: str) -> None:
    contract, decision = _decided(cast)
    letter = asked_letter(cast.adviser, contract, "decision", decision)
    make_paper(letter.pk, contract, getattr(cast, who).pk)
    with acting_as(cast.adviser.pk):
        assert not Paper.objects.exists()


def test_a_letter_goes_to_a_party_and_not_to_its_sender(cast: Cast) -> None:
    contract, _decision = _decided(cast)
    for reader in (cast.rival.pk, cast.hilversum.pk):
        with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as error:
            send_letter(
                contract_for(acting, contract), kind="question", facts={}, reader_id=reader,
                key=uuid4(), today=date(2026, 1, 1),
            )  # fmt: skip
        assert error.value.problems[0].code == "letter_no_reader"


def test_the_job_stands_with_the_letter(cast: Cast) -> None:
    contract, decision = _decided(cast)
    letter = asked_letter(cast.adviser, contract, "decision", decision)
    jobs = ProcrastinateJob.objects.filter(task_name=MAKE_TASK)
    assert [job.args["letter_id"] for job in jobs] == [letter.pk]


def test_the_reader_gets_the_language_that_his_organisation_chose(cast: Cast) -> None:
    contract, decision = _decided(cast)
    with acting_as(cast.contractor_manager.pk) as acting:
        change_organisation(
            acting, organisation_id=cast.de_eem.pk, name=cast.de_eem.name, letter_language="en"
        )
    letter = asked_letter(cast.adviser, contract, "decision", decision)
    with acting_as(cast.adviser.pk):
        text = text_of(Letter.objects.get(pk=letter.pk))
    assert text["title"] == "Our decision on your line of effort K-1"
    assert text["language"] == "en"


def _refused(statement: str, user: Any) -> str:
    """Send a statement as somebody, and give what refused it."""
    with acting_as(user.pk):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            return str(error)
    return ""
