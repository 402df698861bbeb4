"""Settling a contract: proposed, answered, frozen, and put right only by a correction."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError

from telmee.apps.agreements.choices import State
from telmee.apps.contracts.actions import reopen_contract
from telmee.apps.contracts.booking import take_back, waive
from telmee.apps.contracts.choices import Form, Ground
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import is_settled
from telmee.apps.decisions.choices import DecisionReason, Outcome
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.queries import entries_of, positions
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import choose_rules
from telmee.apps.organisations.choices import ANSWER_DAYS
from telmee.apps.settlements.actions import withdraw_settlement
from telmee.apps.settlements.deeds import decided_again, penalised, waived
from telmee.apps.settlements.queries import (
    books_now,
    corrections_of,
    lines_to_decide,
    proposals_of,
    settled_by,
)
from tests.apps.contracts.test_amending import amended as change
from tests.apps.contracts.test_amending import wanted
from tests.apps.contracts.test_takeover import amended, refused, takeover
from tests.cast import Cast
from tests.mailing import mailed
from tests.money import accepted, booked, decide
from tests.registering import found, hand_in, register
from tests.settling import (
    REASON,
    TODAY,
    answered,
    code_of,
    corrected,
    forgiving,
    proposed,
    settled,
)


def states(cast: Cast, contract: int) -> list[State]:
    with acting_as(cast.auditor.pk):
        return [one.state for one in proposals_of(contract)]


def closed(cast: Cast, contract: int) -> date | None:
    with acting_as(cast.auditor.pk):
        return Contract.objects.get(pk=contract).closed_on


def test_what_is_agreed_closes_the_contract_with_the_sums_of_its_books(cast: Cast) -> None:
    contract = register(cast)
    accepted(cast, hand_in(cast, contract))
    assert code_of(waive, cast, contract, "adviser", **booked(5_000_00)) == "done"
    assert proposed(cast, contract) == "done"
    assert (states(cast, contract), closed(cast, contract)) == ([State.PROPOSED], None)
    assert answered(cast, contract) == "done"
    assert (states(cast, contract), closed(cast, contract)) == (
        [State.IN_FORCE],
        date(2026, 12, 31),
    )
    with acting_as(cast.contractor.pk):
        agreed = settled_by(proposals_of(contract))
        assert agreed is not None
        assert agreed.statement.position == positions([contract])[contract]
        assert agreed.statement.waived_cents == 5_000_00
        assert agreed.statement.entries == len(entries_of([contract]))
        assert agreed.statement.due_on == TODAY + timedelta(days=ANSWER_DAYS)
        assert is_settled(contract)


def test_what_waits_is_decided_first(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk):
        assert [waits.pk for waits in lines_to_decide(contract)] == [line]
    assert proposed(cast, contract) == "settlement_lines_wait"
    accepted(cast, line)
    assert proposed(cast, contract) == "done"
    hand_in(cast, contract, kenmerk="K-2", persoon="P-2")
    assert answered(cast, contract) == "settlement_lines_wait"
    assert closed(cast, contract) is None


def test_an_objection_holds_a_settlement_up(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    with acting_as(cast.adviser.pk) as acting:
        access, row = found(acting, line)
        decide(access, row, outcome=Outcome.REJECTED, key=uuid4(), text="Te laat.",
               reason=DecisionReason.OTHER)  # fmt: skip
    assert proposed(cast, contract) == "done"
    with acting_as(cast.contractor.pk) as acting:
        object_to(*found(acting, line), reason="Op tijd ingediend.")
    assert answered(cast, contract) == "settlement_lines_wait"


def test_who_agrees_agrees_with_the_books_of_the_proposal(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract, seen="0" * 64) == "settlement_books_changed"
    assert proposed(cast, contract) == "done"
    assert code_of(waive, cast, contract, "adviser", **booked(1)) == "done"
    assert answered(cast, contract) == "settlement_books_changed"
    assert proposed(cast, contract) == "done"
    assert states(cast, contract) == [State.PROPOSED, State.SUPERSEDED]
    assert answered(cast, contract) == "done"


def test_who_agrees_agrees_with_the_contract_of_the_proposal(cast: Cast) -> None:
    contract = register(cast, end=date(2025, 12, 31))
    assert proposed(cast, contract) == "done"
    runs_on = {"end": date(2026, 3, 31)}
    change(cast, contract, wanted(Ground.OVERRUN, date(2026, 1, 1), **runs_on))
    assert answered(cast, contract) == "settlement_contract_changed"
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract) == "done"
    assert closed(cast, contract) == date(2026, 3, 31)


@pytest.mark.parametrize("deed", [waived, penalised])
def test_what_is_put_right_before_the_end_is_booked_on_the_day_of_the_settlement(
    cast: Cast, deed: Any
) -> None:
    contract = register(cast, end=date(2027, 12, 31))
    settled(cast, contract)
    assert corrected(cast, contract, deed(5_00, reason=REASON, key=uuid4())) == "done"
    with acting_as(cast.auditor.pk):
        booked_on = entries_of([contract])[-1].effective_on
    assert closed(cast, contract) == booked_on == TODAY


def test_of_two_versions_one_is_agreed(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    with acting_as(cast.auditor.pk):
        first = proposals_of(contract)[0].version.pk
    assert proposed(cast, contract, by="second_adviser") == "done"
    assert answered(cast, contract, version_id=first) == "agreement_changed"
    assert answered(cast, contract) == "done"
    assert answered(cast, contract) == "contract_closed"


def test_the_same_form_twice_proposes_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    assert proposed(cast, contract, key=key) == "done"
    assert proposed(cast, contract, key=key) == "done"
    assert states(cast, contract) == [State.PROPOSED]


def test_a_dispute_says_why_and_settles_nothing(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract, agrees=False) == "missing_explanation"
    assert answered(cast, contract, agrees=False, reason="Regel 12 ontbreekt.") == "done"
    assert (states(cast, contract), closed(cast, contract)) == ([State.DISPUTED], None)
    with acting_as(cast.adviser.pk):
        answer = proposals_of(contract)[0].answer
    assert answer is not None
    assert answer.reason == "Regel 12 ontbreekt."
    assert proposed(cast, contract) == "done"
    assert states(cast, contract) == [State.PROPOSED, State.DISPUTED]


def test_each_side_does_its_own_part(cast: Cast) -> None:
    contract = register(cast)
    for who in ("contractor", "auditor", "reader"):
        assert proposed(cast, contract, by=who) == "not_allowed", who
    assert proposed(cast, contract) == "done"
    for who in ("adviser", "team", "auditor", "subcontractor"):
        assert answered(cast, contract, by=who) == "not_allowed", who
    with acting_as(cast.auditor.pk):
        version = proposals_of(contract)[0].version.pk
    take = partial(code_of, withdraw_settlement, cast, contract, version_id=version)
    assert take(who="contractor") == "not_allowed"
    assert take(who="adviser") == "done"
    assert states(cast, contract) == [State.WITHDRAWN]


def test_a_regional_team_settles_for_its_client(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract, by="team") == "done"
    assert proposed(cast, contract) == "done"
    assert states(cast, contract) == [State.PROPOSED, State.SUPERSEDED]
    assert answered(cast, contract) == "done"


def test_silence_settles_nothing(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    last = TODAY + timedelta(days=ANSWER_DAYS)
    with acting_as(cast.adviser.pk):
        (proposal,) = proposals_of(contract)
        silent = [proposal.is_silent(last), proposal.is_silent(last + timedelta(days=1))]
        assert (silent, is_settled(contract)) == ([False, True], False)
    assert answered(cast, contract) == "done"
    with acting_as(cast.adviser.pk):
        assert not proposals_of(contract)[0].is_silent(date.max)


def test_there_is_something_to_settle_and_somebody_to_settle_with(cast: Cast) -> None:
    framework = register(cast, form=Form.FRAMEWORK, agreed_cents=None, reference="R-1")
    assert proposed(cast, framework) == "framework_owes_nothing"
    contract = register(cast)
    assert proposed(cast, contract, today=date(2024, 12, 31)) == "settlement_before_start"
    assert proposed(cast, contract, today=date(2025, 1, 1)) == "done"


def test_the_term_for_an_answer_is_the_one_that_the_client_chose(cast: Cast) -> None:
    usual, chosen = register(cast), register(cast, reference="HIL-2")
    assert proposed(cast, usual) == "done"
    with acting_as(cast.manager.pk) as acting:
        choose_rules(acting, organisation_id=cast.hilversum.pk, accepts_ahead=False,
                     carries_surplus=True, answer_days=14)  # fmt: skip
    assert proposed(cast, chosen) == "done"
    with acting_as(cast.adviser.pk):
        due = [proposals_of(pk)[0].statement.due_on for pk in (usual, chosen)]
    assert due == [TODAY + timedelta(days=28), TODAY + timedelta(days=14)]


def test_a_settled_contract_is_not_opened_again(cast: Cast) -> None:
    contract = register(cast)
    settled(cast, contract)
    assert code_of(reopen_contract, cast, contract, "adviser", reason="Toch.") == "contract_settled"
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError, match="contract_settled"):
        Contract.objects.filter(pk=contract).update(closed_on=None)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError, match="contract_settled"):
        Contract.objects.filter(pk=contract).update(closed_on=date(2026, 1, 1))
    assert code_of(waive, cast, contract, "adviser", **booked(1)) == "contract_closed"


def test_a_correction_keeps_the_old_beside_the_new(cast: Cast) -> None:
    contract = register(cast)
    settled(cast, contract)
    assert corrected(cast, contract, forgiving(7_00)) == "done"
    assert corrected(cast, contract, forgiving(2_00)) == "done"
    assert closed(cast, contract) == date(2026, 12, 31)
    with acting_as(cast.contractor.pk):
        waived = [one.waived_cents for one in corrections_of(contract)]
        agreed = settled_by(proposals_of(contract))
        assert agreed is not None
        assert (waived, agreed.statement.waived_cents) == ([9_00, 7_00], 0)
        assert [one.correction.reason for one in corrections_of(contract) if one.correction] == [
            REASON, REASON,
        ]  # fmt: skip


def test_a_decided_line_is_corrected_as_well(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    settled(cast, contract)

    again = decided_again(line, 10_00, reason=REASON, key=uuid4())
    assert corrected(cast, contract, again) == "done"
    with acting_as(cast.contractor.pk):
        assert corrections_of(contract)[0].realised_cents == 10_00


@pytest.mark.parametrize(
    ("by", "facts", "code"),
    [
        ("contractor", {}, "not_allowed"),
        ("auditor", {}, "not_allowed"),
        ("adviser", {"reason": " "}, "missing_explanation"),
        ("adviser", {"seen": "0" * 64}, "settlement_books_changed"),
        ("adviser", {"deed": forgiving(999_999_00)}, "waived_too_much"),
        ("adviser", {"deed": partial(take_back, entry_id=0, reason="x")}, "not_reversible"),
    ],
)
def test_a_correction_that_is_refused_changes_nothing(
    cast: Cast, by: str, facts: dict[str, Any], code: str
) -> None:
    contract = register(cast)
    settled(cast, contract)
    with acting_as(cast.auditor.pk):
        before = books_now(contract)
    assert corrected(cast, contract, by=by, **facts) == code
    with acting_as(cast.auditor.pk):
        assert (books_now(contract), corrections_of(contract)) == (before, [])
    assert closed(cast, contract) == date(2026, 12, 31)


def test_a_correction_leaves_nothing_that_waits(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    accepted(cast, line)
    settled(cast, contract)

    def reopen(access: Any) -> None:
        _, row = found(access.acting, line)
        decide(access, row, outcome=Outcome.REOPENED, key=uuid4(), reason=DecisionReason.MISTAKE,
               text=REASON)  # fmt: skip

    assert corrected(cast, contract, reopen) == "settlement_lines_wait"


def test_the_same_correction_twice_corrects_once(cast: Cast) -> None:
    contract, key = register(cast), uuid4()
    settled(cast, contract)
    assert corrected(cast, contract, forgiving(1_00), key=key) == "done"
    assert corrected(cast, contract, forgiving(1_00), key=key) == "done"
    with acting_as(cast.adviser.pk):
        assert [one.waived_cents for one in corrections_of(contract)] == [1_00]


def test_what_is_not_settled_is_not_corrected(cast: Cast) -> None:
    assert corrected(cast, register(cast)) == "settlement_missing"


def test_each_side_is_told(cast: Cast) -> None:
    contract = register(cast)
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract, agrees=False, reason="Regel 12 ontbreekt.") == "done"
    settled(cast, contract)
    assert corrected(cast, contract) == "done"
    by_reader: dict[str, list[str]] = {}
    for mail in mailed():
        by_reader.setdefault(mail.to[0], []).append(f"{mail.subject} {mail.body}")
    assert [len(by_reader[f"{who}@example.org"]) for who in ("contractor", "adviser")] == [3, 2]
    disputed = by_reader["adviser@example.org"][0]
    assert "Regel 12 ontbreekt." in disputed
    assert (
        "12-2-2027" in by_reader["contractor@example.org"][0]
        or "12-02-2027" in (by_reader["contractor@example.org"][0])
    )
    assert REASON in by_reader["contractor@example.org"][-1]


def test_a_contract_is_taken_over_once_no_settlement_waits_any_more(cast: Cast) -> None:
    """What another proposal took the place of waits for nobody."""
    contract = register(cast, start=date(2025, 1, 1))
    assert proposed(cast, contract) == "done"
    assert refused(cast, contract, takeover(cast.rival)) == ["takeover_settlement_waits"]
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract, agrees=False, reason="Er ontbreekt een inspanning.") == "done"
    amended(cast, contract, takeover(cast.rival))
    assert proposed(cast, contract) == "done"
    assert answered(cast, contract, by="competitor") == "done"
