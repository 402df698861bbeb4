"""Deciding: once, in one transaction with the books, whoever clicks how often."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from telmee.apps.contributions.actions import submit, take_back
from telmee.apps.contributions.cells import cells_of
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.judgement import Seen
from telmee.apps.decisions.objections import object_to
from telmee.apps.decisions.several import accept_lines, take_back_lines
from telmee.apps.ledger.queries import check_ledger, entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import User
from telmee.core.errors import DomainError
from tests.at_once import at_once, meeting
from tests.cast import Cast
from tests.conftest import connected
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents


def books(cast: Cast, contract_id: int) -> Any:
    with acting_as(cast.adviser.pk):
        return positions([contract_id])[contract_id]


UPHELD: dict[str, Any] = {"ruling": Ruling.UPHELD, "text": "Het bewijs is er."}


def accepted(
    cast: Cast, line: int, *, by: str = "adviser", key: UUID | None = None, **more: Any
) -> Any:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        return decide(
            access,
            row,
            outcome=Outcome.ACCEPTED,
            key=key or uuid4(),
            seen_cents=seen_cents(access, row),
            **more,
        )


def seen_of(acting: Any, line: int) -> Seen:
    _access, row = found(acting, line)
    return Seen(row.version, row.value_cents)


def test_an_accepted_line_counts_in_the_books_for_its_value(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        made = decide(
            access,
            row,
            outcome=Outcome.ACCEPTED,
            key=uuid4(),
            version=row.version,
            seen_cents=seen_cents(access, row),
        )
        assert made.amount_cents == row.value_cents
        assert made.amount_cents > 0
    assert books(cast, contract).verified_cents == made.amount_cents
    assert books(cast, contract).open_cents == 100_000_00 - made.amount_cents


@pytest.mark.parametrize("cents", [0, -1])
def test_an_amount_is_named_from_nothing_up(cast: Cast, cents: int) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    why: dict[str, Any] = {"reason": DecisionReason.HOURS, "text": "Er is niets gedaan."}
    named = {"amount_cents": cents, **why}
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        if cents < 0:
            with pytest.raises(DomainError, match="decision_amount_out_of_range"):
                decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), **named)
        else:
            made = decide(access, row, outcome=Outcome.ADJUSTED, key=uuid4(), **named)
            assert (made.amount_cents, made.outcome) == (0, Outcome.ADJUSTED)
    assert books(cast, contract).verified_cents == 0


def test_the_same_submit_twice_decides_and_books_once(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    key = uuid4()
    made = [accepted(cast, line, key=key) for _ in range(2)]
    assert made[0] == made[1]
    assert books(cast, contract).verified_cents == made[0].amount_cents
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 2


@pytest.mark.parametrize("outcome", [Outcome.ADJUSTED, Outcome.REJECTED])
def test_what_is_not_accepted_needs_a_reason_and_words(cast: Cast, outcome: Outcome) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        with pytest.raises(DomainError) as refused:
            decide(access, row, outcome=outcome, key=uuid4())
    assert [p.code for p in refused.value.problems] == ["missing_reason", "missing_explanation"]


def test_an_adjusted_line_counts_for_the_cells_as_decided(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        made = decide(
            access,
            row,
            outcome=Outcome.ADJUSTED,
            key=uuid4(),
            reason=DecisionReason.HOURS,
            text="Op de loonstrook staat 12 uur.",
            cells={**cells_of(row), "uren_per_week": 12_00},
        )
        assert made.amount_cents * 2 == row.value_cents
    assert books(cast, contract).verified_cents == made.amount_cents


def test_reopening_takes_the_amount_back_and_keeps_the_history(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=seen_cents(access, row)
        )
        access, row = found(acting, line)
        decide(
            access,
            row,
            outcome=Outcome.REOPENED,
            key=uuid4(),
            reason=DecisionReason.MISTAKE,
            text="Verkeerde regel.",
        )
        access, row = found(acting, line)
        assert row.state == "submitted"
        assert [e.amount_cents > 0 for e in entries_of([contract])] == [True, True, False]
    assert books(cast, contract).verified_cents == 0


def test_a_decision_keeps_when_its_line_was_handed_in_as_it_was_decided_on(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        decide(
            *found(acting, line),
            outcome=Outcome.REOPENED,
            key=uuid4(),
            reason=DecisionReason.MISTAKE,
            text="Bewijs over het hoofd gezien.",
        )
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, line))
        submit(*found(acting, line))
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        _access, row = found(acting, line)
        first, reopened, last = row.decisions.order_by("number")
    assert (first.number, reopened.number, last.number) == (1, 2, 3)
    assert first.submitted_at == reopened.submitted_at < last.submitted_at == row.submitted_at


def test_the_clock_of_a_person_counts_what_was_decided_before(cast: Cast) -> None:
    contract = register(cast, end=date(2030, 12, 31))
    first = hand_in(cast, contract, kenmerk="A", begin=date(2025, 1, 1), eind=date(2025, 12, 31))
    second = hand_in(cast, contract, kenmerk="B", begin=date(2027, 1, 1), eind=date(2027, 12, 31))
    made = accepted(cast, first)
    assert made.amount_cents > 0
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, second)
        with pytest.raises(DomainError) as refused:
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                seen_cents=seen_cents(access, row),
            )
    assert [p.code for p in refused.value.problems] == ["limit_reached"]
    assert books(cast, contract).verified_cents == made.amount_cents


@pytest.mark.usefixtures("own_database")
def test_who_lost_his_role_since_he_looked_decides_nothing(cast: Cast, as_owner: Any) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        seen = {row.pk: Seen(row.version, row.value_cents)}
        as_owner(
            "UPDATE organisations_membership SET role = 'reader' WHERE user_id = %s",
            cast.adviser.pk,
        )
        with pytest.raises(DomainError) as error:
            decide(access, row, outcome=Outcome.ACCEPTED, key=uuid4(), seen_cents=row.value_cents)
        assert [problem.code for problem in error.value.problems] == ["not_allowed"]
        (answer,) = accept_lines(acting, seen, key=uuid4())
        assert [problem.code for problem in answer.problems] == ["not_allowed"]


def test_nobody_accepts_another_amount_than_he_saw(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        with pytest.raises(DomainError) as refused:
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                seen_cents=(row.value_cents or 0) + 1,
            )
    assert refused.value.problems[0].code == "decision_value_changed"
    assert books(cast, contract).verified_cents == 0


def test_the_key_of_another_line_is_another_key(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    lines = [hand_in(cast, contract, kenmerk=name, persoon=name) for name in ("A", "B")]
    accepted(cast, lines[0], key=key)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, lines[1])
        with pytest.raises(DomainError) as refused:
            decide(
                access, row, outcome=Outcome.ACCEPTED, key=key, seen_cents=seen_cents(access, row)
            )
    assert refused.value.problems[0].code == "changed_meanwhile"


def test_an_objection_is_decided_by_somebody_else(cast: Cast) -> None:
    line = hand_in(cast, register(cast))
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(
            access,
            row,
            outcome=Outcome.REJECTED,
            key=uuid4(),
            reason=DecisionReason.EVIDENCE,
            text="Er is geen bewijs.",
        )
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        object_to(access, row, reason="Het bewijs is getoond.")
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        with pytest.raises(DomainError) as refused:
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                seen_cents=seen_cents(access, row),
                **UPHELD,
            )
    assert refused.value.problems[0].code == "second_reviewer_needed"
    assert accepted(cast, line, by="second_adviser", **UPHELD).amount_cents > 0


def test_lines_are_accepted_one_by_one_and_what_refuses_one_leaves_the_others(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    lines = [hand_in(cast, contract, kenmerk=name, persoon=name) for name in "ABC"]
    with acting_as(cast.adviser.pk) as acting:
        seen = {pk: seen_of(acting, pk) for pk in lines}
    accepted(cast, lines[1])
    with acting_as(cast.contractor.pk) as acting:
        take_back(*found(acting, lines[2]))
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            answers = accept_lines(acting, seen, key=key)
        codes = [[p.code for p in answer.problems] for answer in answers]
        assert codes == [["decision_line_gone"], [], ["changed_meanwhile"]]
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 3


def test_what_was_accepted_by_mistake_is_taken_back_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    line = hand_in(cast, contract)
    accepted(cast, line)
    with acting_as(cast.adviser.pk) as acting:
        seen = {line: seen_of(acting, line)}
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            answers = take_back_lines(acting, seen, key=key, text="Verkeerde regel.")
        assert [answer.problems for answer in answers] == [()]
    assert books(cast, contract).verified_cents == 0
    with acting_as(cast.adviser.pk):
        assert len(entries_of([contract])) == 3


def test_two_that_decide_at_once_book_once(own_database: str, cast: Cast, server: Any) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    both_read = meeting(2)

    def decide_as(user: User) -> None:
        with acting_as(user.pk) as acting:
            access, row = found(acting, line)
            both_read.wait()
            decide(
                access,
                row,
                outcome=Outcome.ACCEPTED,
                key=uuid4(),
                version=row.version,
                seen_cents=seen_cents(access, row),
            )

    people = (cast.adviser, cast.second_adviser)
    outcomes = at_once(*(partial(decide_as, user) for user in people))
    assert sorted(outcomes) == ["changed_meanwhile", "done"]
    with connected(server.owner_url, own_database):
        assert check_ledger() == []
