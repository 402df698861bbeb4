"""A question before a no: the same line goes back, is answered in place, and comes again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from telmee.apps.audit.queries import events_on
from telmee.apps.contributions.actions import take_back, withdraw
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.queries import queue
from telmee.apps.decisions.choices import Outcome
from telmee.apps.decisions.models import Question, Reply
from telmee.apps.decisions.questions import ask, questions_on, reply
from telmee.apps.ledger.queries import check_ledger, figures
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.mailing import mailed
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents

QUESTION = "Hoeveel uur per week was het na de zomer?"
ANSWER = "Het bleef 24 uur."


def put(cast: Cast, line: int, by: str = "adviser", **changes: Any) -> Question:
    usual = {"text": QUESTION, "due": today() + timedelta(days=14), "key": uuid4()}
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        return ask(access, row, **{**usual, **changes})


def answer(cast: Cast, line: int, by: str = "contractor", **changes: Any) -> None:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        reply(access, row, **{"text": ANSWER, **changes})


def line_of(cast: Cast, line: int, by: str = "adviser") -> Contribution:
    with acting_as(getattr(cast, by).pk) as acting:
        return found(acting, line)[1]


def waits(cast: Cast) -> list[int]:
    with acting_as(cast.adviser.pk) as acting:
        return [row.pk for row in queue(acting, today())]


def test_a_line_goes_back_and_comes_again_as_it_was(
    own_database: str, cast: Cast, server: Server
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    before = line_of(cast, line)
    put(cast, line)
    asked = line_of(cast, line, "contractor")
    assert (asked.state, asked.answer_by) == (State.ASKED, today() + timedelta(days=14))
    assert waits(cast) == []
    with acting_as(cast.contractor.pk):
        # It is claimed as it was: a question takes nothing away.
        told = figures([contract])[contract]
        assert told.delivered_cents == before.value_cents
    answer(cast, line)
    again = line_of(cast, line)
    assert (again.state, again.answer_by, again.receipt_id) == (
        State.SUBMITTED,
        None,
        before.receipt_id,
    )
    assert again.submitted_at == before.submitted_at
    assert waits(cast) == [line]
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        (question,) = questions_on(row)
        assert (question.text, question.reply.text, question.reply.corrected) == (
            QUESTION,
            ANSWER,
            False,
        )
        verbs = [event.verb for event in events_on("contribution", line)]
        assert verbs[:2] == ["contribution.replied", "contribution.asked"]
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_what_is_corrected_gets_a_figure_and_the_old_one_stays(
    own_database: str, cast: Cast, server: Server
) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    before = line_of(cast, line)
    cells = cells_to_value(before)
    put(cast, line)
    answer(cast, line, cells={**cells, "uren_per_week": 32_00, "persoon": "P-1"}, note="Nu 32.")
    again = line_of(cast, line)
    assert again.value_cents is not None
    assert before.value_cents is not None
    assert again.value_cents > before.value_cents
    assert (again.weekly_hours, again.note) == (32_00, "Nu 32.")
    assert again.receipt_id != before.receipt_id
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        (question,) = questions_on(row)
        assert question.reply.corrected
        assert question.receipt.amount_cents == before.value_cents
        told = figures([contract])[contract]
        assert told.delivered_cents == again.value_cents
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_what_could_not_be_handed_in_does_not_come_back(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    cells = cells_to_value(line_of(cast, line))
    put(cast, line)
    with pytest.raises(DomainError):
        answer(cast, line, cells={**cells, "begin": date(2025, 7, 1), "persoon": "P-1"})
    assert line_of(cast, line).state == State.ASKED


def test_no_answer_names_the_person_whom_the_line_is_about_now(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    cells = cells_to_value(line_of(cast, line))
    put(cast, line)
    with pytest.raises(DomainError, match="text_names_person"):
        answer(cast, line, cells={**cells, "persoon": "P-9"}, text="Dit was P-9.")
    assert line_of(cast, line).state == State.ASKED


@pytest.mark.usefixtures("own_database")
def test_after_its_term_an_unanswered_line_waits_for_the_client_again(
    cast: Cast, as_owner: Any
) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line, due=today())
    assert waits(cast) == []
    as_owner("ALTER TABLE contributions_contribution DISABLE TRIGGER USER")
    as_owner("UPDATE contributions_contribution SET answer_by = %s", today() - timedelta(days=1))
    assert waits(cast) == [line]
    # An answer that comes late is an answer.
    as_owner("ALTER TABLE contributions_contribution ENABLE TRIGGER USER")
    answer(cast, line)
    assert line_of(cast, line).state == State.SUBMITTED


def test_somebody_may_decide_while_his_question_is_open(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access,
            row,
            outcome=Outcome.ACCEPTED,
            key=uuid4(),
            seen_cents=seen_cents(access, row),
        )
    decided = line_of(cast, line)
    assert (decided.state, decided.answer_by) == (State.ACCEPTED, None)
    with pytest.raises(DomainError, match="wrong_state"):
        answer(cast, line)


def test_a_second_question_can_follow_on_the_answer(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    first = put(cast, line)
    assert put(cast, line, key=first.key).pk == first.pk
    with pytest.raises(DomainError, match="wrong_state"):
        put(cast, line)
    answer(cast, line)
    assert put(cast, line, text="En daarvoor?").pk != first.pk
    assert line_of(cast, line).state == State.ASKED
    answer(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        _access, row = found(acting, line)
        assert [question.text for question in questions_on(row)] == ["En daarvoor?", QUESTION]


def test_it_can_be_withdrawn_and_is_not_taken_back(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        with pytest.raises(DomainError, match="wrong_state"):
            take_back(access, row)
        withdraw(access, row, reason="Het klopte niet.")
    assert line_of(cast, line).state == State.WITHDRAWN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": "  "}, "missing_explanation"),
        ({"due": -1}, "question_term"),
        ({"due": 367}, "question_term"),
        ({"text": "Was P-1 er?"}, "text_names_person"),
    ],
)
def test_what_a_question_needs(cast: Cast, changes: dict[str, Any], code: str) -> None:
    line = hand_in(cast, register(cast))
    if "due" in changes:
        changes = {"due": today() + timedelta(days=changes["due"])}
    with pytest.raises(DomainError, match=code):
        put(cast, line, **changes)
    assert line_of(cast, line).state == State.SUBMITTED


@pytest.mark.parametrize("by", ["contractor", "auditor", "reader", "subcontractor"])
def test_only_who_decides_asks(cast: Cast, by: str) -> None:
    contract = register(cast)
    line = hand_in(cast, contract, by="subcontractor" if by == "subcontractor" else "contractor")
    with pytest.raises(DomainError, match="not_allowed"):
        put(cast, line, by)


@pytest.mark.parametrize("by", ["adviser", "auditor", "subcontractor"])
def test_only_who_delivered_answers(cast: Cast, by: str) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line)
    with pytest.raises((DomainError, Http404)) as refused:
        answer(cast, line, by)
    assert "not_allowed" in str(refused.value) or by == "subcontractor"


def test_each_side_is_mailed_what_the_other_did(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line)
    asked = list(mailed())
    assert {to for mail in asked for to in mail.to} == {
        "contractor@example.org",
        "contractor_manager@example.org",
    }
    assert not any(QUESTION in str(mail.body) for mail in asked)
    answer(cast, line)
    told = {to for mail in mailed()[len(asked) :] for to in mail.to}
    assert told == {"adviser@example.org", "second_adviser@example.org", "manager@example.org"}


def test_the_database_asks_the_same(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    put(cast, line)
    rows = Contribution.objects.filter(pk=line)
    with acting_as(cast.contractor.pk):
        # Without an answer, and with other cells but no figure that is kept beside it.
        for changes in ({"state": "submitted"}, {"weekly_hours": 1}):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**changes)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="submitted")
    with acting_as(cast.adviser.pk):
        assert Question.objects.update(text="Iets anders.") == 0
    other = hand_in(cast, register(cast, reference="HIL-2"))
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        Contribution.objects.filter(pk=other).update(state="asked")


@pytest.mark.parametrize("corrected", [True, False])
def test_an_answer_says_whether_it_corrected_and_nothing_else(cast: Cast, corrected: bool) -> None:
    contract = register(cast)
    line, other = hand_in(cast, contract), hand_in(cast, contract, kenmerk="K-2")
    put(cast, line)
    with acting_as(cast.contractor.pk) as acting:
        _access, row = found(acting, line)
        receipt = row.receipt if corrected else found(acting, other)[1].receipt
        Reply.objects.create(
            question=row.questions.get(),
            contribution=row,
            contract_id=row.contract_id,
            text=ANSWER,
            corrected=corrected,
            user_id=cast.contractor.pk,
            organisation_id=row.organisation_id,
        )
        refused = pytest.raises(DatabaseError, match="whether it corrected")
        with refused, transaction.atomic():
            Contribution.objects.filter(pk=line).update(state="submitted", receipt=receipt)
