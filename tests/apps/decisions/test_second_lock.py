"""What is decided, booked and said about a line, past all our code: the database refuses it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from telmee.apps.contributions.models import Contribution
from telmee.apps.decisions.choices import Outcome, Ruling
from telmee.apps.decisions.models import Decision, Objection, Question, Reply
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.acting import acting_as
from tests.apps.decisions.test_parts import DAY, running, take
from tests.apps.decisions.test_questions import answer, put
from tests.cast import Cast
from tests.days import today
from tests.money import accepted
from tests.registering import found, hand_in, register


@pytest.fixture
def _unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what our code asks of who decides."""
    monkeypatch.setattr("telmee.apps.decisions.actions.require_reviewer", lambda *_: None)


def decided(cast: Cast, line: Contribution, outcome: Outcome, **changes: Any) -> Decision:
    """Insert a decision as the adviser, and nothing of what comes with it."""
    counts = outcome is Outcome.ACCEPTED
    facts: dict[str, Any] = {
        "contribution": line,
        "contract_id": line.contract_id,
        "outcome": outcome,
        "amount_cents": line.value_cents if counts else 0,
        "receipt_id": line.receipt_id if counts else None,
        "reason": "" if counts else "other",
        "text": "" if counts else "x",
        "key": uuid4(),
        "user_id": cast.adviser.pk,
        "organisation_id": cast.hilversum.pk,
    }
    return Decision.objects.create(**facts | changes)


def booked(cast: Cast, decision: Decision) -> None:
    """Insert the entries of a decision as the adviser."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT y.* FROM decisions_decision d, telmee_decided_years(d) y WHERE d.id = %s",
            [decision.pk],
        )
        years = cursor.fetchall()
    for day, cents in years:
        Entry.objects.create(
            contract_id=decision.contract_id,
            kind=Kind.REALISED,
            amount_cents=cents,
            effective_on=day,
            key=uuid4(),
            contribution_id=decision.contribution_id,
            decision_id=decision.pk,
            receipt_id=decision.receipt_id,
            user_id=cast.adviser.pk,
            organisation_id=cast.hilversum.pk,
        )


def line_of(cast: Cast, pk: int) -> Contribution:
    with acting_as(cast.adviser.pk) as acting:
        return found(acting, pk)[1]


def works_for_both(cast: Cast, as_owner: Any) -> None:
    """Let the contractor work for the client as well."""
    as_owner(
        "INSERT INTO organisations_membership (user_id, organisation_id, role, since)"
        " VALUES (%s, %s, 'worker', now())",
        cast.contractor.pk,
        cast.hilversum.pk,
    )


@pytest.mark.usefixtures("_unlooked")
@pytest.mark.parametrize("who", ["adviser", "second_adviser"])
def test_who_decided_on_any_part_rules_on_no_objection_to_it(cast: Cast, who: str) -> None:
    _contract, line = running(cast)
    take(cast, line, Outcome.ACCEPTED, seen_on=today() - DAY)
    take(cast, line, Outcome.ACCEPTED, by="second_adviser")
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Accepteer het geheel.")
    said: dict[str, Any] = {"ruling": Ruling.PARTLY, "text": "De rest komt later."}
    with pytest.raises(DatabaseError, match="no decision for who asks"):
        take(cast, line, Outcome.ACCEPTED, by=who, **said)
    assert take(cast, line, Outcome.ACCEPTED, by="team", **said).ruling == Ruling.PARTLY


@pytest.mark.usefixtures("own_database", "_unlooked")
def test_who_answered_a_question_about_a_line_does_not_decide_on_it(
    cast: Cast, as_owner: Any
) -> None:
    line = hand_in(cast, register(cast), by="contractor_manager")
    put(cast, line)
    answer(cast, line, by="contractor")
    works_for_both(cast, as_owner)
    with pytest.raises(DatabaseError, match="a line of his own"):
        take(cast, line, Outcome.ACCEPTED, by="contractor")


def test_what_was_decided_before_is_not_booked(cast: Cast) -> None:
    line = line_of(cast, hand_in(cast, register(cast)))
    with acting_as(cast.adviser.pk):
        first = decided(cast, line, Outcome.ACCEPTED)
        with transaction.atomic():
            booked(cast, first)
            transaction.set_rollback(True)
        decided(cast, line, Outcome.REJECTED)
        with pytest.raises(IntegrityError, match="decision_differs"), transaction.atomic():
            booked(cast, first)


def test_what_was_decided_is_booked_once(cast: Cast) -> None:
    decision = accepted(cast, hand_in(cast, register(cast)))
    with (
        acting_as(cast.adviser.pk),
        pytest.raises(IntegrityError, match="realised_twice"),
        transaction.atomic(),
    ):
        booked(cast, decision)


def test_a_decision_leans_on_no_receipt_of_another_contract(cast: Cast) -> None:
    lines = [
        line_of(cast, hand_in(cast, register(cast, reference=name), persoon=name))
        for name in ("HIL-1", "HIL-2")
    ]
    assert lines[0].value_cents == lines[1].value_cents
    with (
        acting_as(cast.adviser.pk),
        pytest.raises(IntegrityError, match="unlike its receipt"),
        transaction.atomic(),
    ):
        decided(cast, lines[0], Outcome.ACCEPTED, receipt_id=lines[1].receipt_id)


def test_nobody_objects_to_what_was_accepted_whole(cast: Cast) -> None:
    decision = accepted(cast, hand_in(cast, register(cast)))
    with (
        acting_as(cast.contractor.pk),
        pytest.raises(IntegrityError, match="no decision that stands"),
        transaction.atomic(),
    ):
        Objection.objects.create(
            contribution_id=decision.contribution_id,
            contract_id=decision.contract_id,
            decision=decision,
            reason="x",
            user_id=cast.contractor.pk,
            organisation_id=cast.de_eem.pk,
        )


def test_another_party_of_the_contract_answers_no_question(cast: Cast) -> None:
    line = line_of(cast, hand_in(cast, register(cast)))
    put(cast, line.pk)
    with acting_as(cast.adviser.pk):
        question = Question.objects.get().pk
    with (
        acting_as(cast.subcontractor.pk),
        pytest.raises(IntegrityError, match="no question that is open"),
        transaction.atomic(),
    ):
        Reply.objects.create(
            question_id=question,
            contribution=line,
            contract_id=line.contract_id,
            text="x",
            corrected=False,
            user_id=cast.subcontractor.pk,
            organisation_id=cast.sub.pk,
        )


@pytest.mark.usefixtures("own_database")
def test_nobody_asks_about_a_line_of_his_own(cast: Cast, as_owner: Any) -> None:
    line = line_of(cast, hand_in(cast, register(cast)))
    works_for_both(cast, as_owner)
    with (
        acting_as(cast.contractor.pk),
        pytest.raises(IntegrityError, match="a line of his own"),
        transaction.atomic(),
    ):
        Question.objects.create(
            contribution=line,
            contract_id=line.contract_id,
            text="x",
            due=today() + DAY,
            key=uuid4(),
            user_id=cast.contractor.pk,
            organisation_id=cast.hilversum.pk,
        )
