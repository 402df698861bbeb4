"""A person climbs the ladder step by step; the database holds who may, and what a fine needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contracts.access import contract_for
from telmee.apps.contracts.actions import close_contract
from telmee.apps.contracts.booking import penalise, take_back, waive
from telmee.apps.enforcement.actions import (
    Seen,
    changed_since,
    confirm_step,
    step_of,
    take_step,
    take_steps,
)
from telmee.apps.enforcement.choices import Ground
from telmee.apps.enforcement.enforced import enforced
from telmee.apps.enforcement.ladders import set_ladder
from telmee.apps.enforcement.leaving import leave_ladders
from telmee.apps.enforcement.leniency import (
    Wanted,
    end_leniency,
    grant_to_all,
    leniency_to_end,
)
from telmee.apps.enforcement.models import Exit, Step
from telmee.apps.enforcement.queries import prospects, steps_on
from telmee.apps.ledger.queries import entry_posted, positions
from telmee.apps.notices.models import Notice
from telmee.apps.notices.sending import as_sender
from telmee.apps.organisations.access import client_for
from telmee.apps.organisations.acting import acting_as
from telmee.apps.receipts.models import Receipt
from telmee.core.enforcement import Step as Rung
from telmee.core.enforcement import Why
from telmee.core.errors import DomainError
from telmee.core.money import CENTS_MAX
from tests.cast import Cast
from tests.enforcing import (
    USUAL,
    agreed_by,
    coming,
    laddered,
    lenient,
    seen,
    stepped,
    with_rung,
    withdrawn,
)
from tests.money import accepted
from tests.registering import hand_in, register

DAY = timedelta(days=1)
#: A contract that ended with everything open.
ENDED: dict[str, Any] = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}


def past(cast: Cast, **changes: Any) -> int:
    """A contract of last years on which nothing was done, and that owes € 100.000."""
    return register(cast, **{**ENDED, **changes})


def climbed(cast: Cast, contract: int, to: Rung) -> list[Step]:
    """The steps up to a rung, each on the day on which it was due, long ago."""
    day = date(2024, 1, 10)
    steps = []
    for rung in USUAL.steps:
        if rung.step is not to and list(Rung).index(rung.step) > list(Rung).index(to):
            break
        steps.append(stepped(cast, contract, today=day))
        day += timedelta(days=rung.days + 1)
    return steps


def told(code: str) -> list[str]:
    with as_sender():
        rows = Notice.objects.filter(code=code).order_by("pk")
        return [row.facts.get("step", "") for row in rows]


def refused(code: str) -> Any:
    return pytest.raises(DomainError, match=code)


def test_a_ladder_is_set_by_who_manages_its_client_as_the_next_version(cast: Cast) -> None:
    assert laddered(cast).number == 1
    assert laddered(cast, replace(USUAL, behind_bp=20_00)).number == 2
    with acting_as(cast.adviser.pk) as acting:
        client = client_for(acting, cast.hilversum.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            set_ladder(acting, client, USUAL, is_on=True, reason="Toch", key=uuid4())


def test_a_contract_without_a_ladder_that_is_on_has_no_proposal(cast: Cast) -> None:
    past(cast)
    with acting_as(cast.adviser.pk) as acting:
        assert prospects(acting, today=timezone.localdate()) == []
    laddered(cast, is_on=False)
    with acting_as(cast.adviser.pk) as acting:
        assert prospects(acting, today=timezone.localdate()) == []


def test_what_is_due_is_proposed_with_its_figures_the_longest_behind_first(cast: Cast) -> None:
    laddered(cast)
    newer = past(cast, reference="B", start=date(2024, 1, 1), end=date(2024, 12, 31))
    older = past(cast, reference="A")
    on_course = register(cast, reference="C", start=timezone.localdate(), end=date(2030, 1, 1))
    with acting_as(cast.adviser.pk) as acting:
        proposals = prospects(acting, today=timezone.localdate())
    assert [one.contract.pk for one in proposals] == [older, newer]
    assert on_course not in {one.contract.pk for one in proposals}
    first = proposals[0]
    assert (first.next.why, first.next.step) == (Why.DUE, Rung.REMINDER)
    assert first.behind_cents(timezone.localdate()) == 100_000_00
    assert first.names == {"client": "Gemeente Hilversum", "contractor": "Bouwbedrijf De Eem"}


def test_a_step_is_kept_with_its_figures_and_told_to_the_contractor(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    step = stepped(cast, contract, by="adviser")
    assert (step.kind, step.number, step.days, step.needs_second) == ("reminder", 1, 14, False)
    assert step.facts["behind_cents"] == step.behind_cents == 100_000_00
    assert step.facts["passed"] == step.facts["days"] == 365
    assert step.late_since == date(2023, 2, 7)  # 10% of the days, rounded up, after the first
    assert told("ladder_step") == ["reminder"] * 2  # both who work for De Eem
    after = coming(cast, contract)
    assert (after.next.why, after.next.step) == (Why.TERM, Rung.SIGNAL)
    assert after.next.due_on == timezone.localdate() + timedelta(days=15)


def test_the_same_step_sent_twice_is_taken_once(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    once = seen(cast, contract), uuid4()
    for _ in range(2):
        with acting_as(cast.adviser.pk) as acting:
            take_step(
                contract_for(acting, contract),
                once[0],
                reason="Achterstand",
                key=once[1],
                today=timezone.localdate(),
            )
    with acting_as(cast.adviser.pk):
        assert Step.objects.count() == 1


def test_a_step_that_is_not_the_one_that_was_seen_is_not_taken(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    today = timezone.localdate()
    right = seen(cast, contract)
    for wrong in (
        Seen(contract, Rung.SIGNAL, right.behind_cents),
        Seen(contract, Rung.REMINDER, right.behind_cents - 1),
    ):
        with acting_as(cast.adviser.pk) as acting, refused("ladder_changed"):
            take_step(contract_for(acting, contract), wrong, reason="x", key=uuid4(), today=today)
    stepped(cast, contract)
    with acting_as(cast.adviser.pk) as acting, refused("ladder_changed"):
        take_step(contract_for(acting, contract), right, reason="x", key=uuid4(), today=today)


@pytest.mark.parametrize("who", ["contractor", "auditor", "reader", "subcontractor"])
def test_who_does_not_decide_takes_no_step(cast: Cast, who: str) -> None:
    contract = past(cast)
    laddered(cast)
    with refused("not_allowed"):
        stepped(cast, contract, by=who)


def test_a_step_of_managers_is_refused_to_an_adviser_with_all_that_is_wrong(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.REMINDER, by_manager=True))
    with pytest.raises(DomainError) as both:
        stepped(cast, contract, by="adviser", reason=" ")
    assert {one.code for one in both.value.problems} == {
        "missing_explanation",
        "ladder_needs_manager",
    }
    assert stepped(cast, contract, by="manager").kind == "reminder"


def test_the_database_refuses_a_step_of_managers_and_one_that_is_no_rung(cast: Cast) -> None:
    contract = past(cast)
    ladder = laddered(cast, with_rung(Rung.REMINDER, by_manager=True))
    usual = {
        "contract_id": contract, "ladder_id": ladder.pk, "kind": "reminder",
        "on": timezone.localdate(), "late_since": date(2023, 1, 1), "behind_cents": 1,
        "facts": {}, "reason": "x", "organisation_id": cast.hilversum.pk,
    }  # fmt: skip
    future = timezone.localdate() + DAY
    for changes in ({}, {"kind": "signal", "on": future}, {"ladder_id": ladder.pk + 1}):
        row = {**usual, **changes, "user_id": cast.adviser.pk, "key": uuid4()}
        with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
            Step.objects.create(**row)
    with acting_as(cast.adviser.pk):
        row = {**usual, "kind": "signal", "user_id": cast.adviser.pk, "key": uuid4(), "days": 300}
        made = Step.objects.create(**row)
        made.refresh_from_db()
        assert made.days == 28  # the ladder says so, whoever sends what


def test_a_penalty_is_the_factor_of_the_scheme_with_its_receipt_and_entry(cast: Cast) -> None:
    contract = past(cast, scheme="noordoost-brabant-3.0")
    lenient(cast, contract, cents=39_999_99)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    penalty = climbed(cast, contract, Rung.PENALTY)[-1]
    with acting_as(cast.adviser.pk):
        position = positions([contract])[contract]
        open_cents = position.open_cents
        # Noordoost-Brabant: one and a half times what was not realised.
        assert penalty.amount_cents == 90_000_02  # half a cent goes up
        assert open_cents == 60_000_01
        assert position.penalty_cents == penalty.amount_cents
        receipt = Receipt.objects.get(contract_id=contract, kind="sanction")
        assert receipt.cents == penalty.amount_cents
        assert receipt.named_cents is None
        assert {step["step"] for step in receipt.steps} >= {"factor", "sanction_fine"}
    assert told("ladder_step")[-1] == "penalty"


def test_another_amount_than_the_schemes_is_kept_beside_it_and_is_more_than_nothing(
    cast: Cast,
) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    *_before, default = climbed(cast, contract, Rung.DEFAULT)
    today = default.on + 60 * DAY
    for wrong in (0, -1, CENTS_MAX + 1):
        with refused("decision_amount_out_of_range"):
            stepped(cast, contract, today=today, amount_cents=wrong)
    step = stepped(cast, contract, today=today, amount_cents=5_000_00)
    assert step.amount_cents == 5_000_00
    assert step.facts["rules_cents"] == 100_000_00 * Fraction(step.facts["factor"])
    assert step.facts["rules_cents"] != step.amount_cents


def test_where_the_scheme_says_no_amount_somebody_names_one(cast: Cast) -> None:
    contract = past(cast, scheme="amsterdam")
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    *_before, default = climbed(cast, contract, Rung.DEFAULT)
    today = default.on + 60 * DAY
    with refused("ladder_no_amount"):
        stepped(cast, contract, today=today)
    step = stepped(cast, contract, today=today, amount_cents=7_000_00)
    assert (step.amount_cents, step.facts["rules_cents"]) == (7_000_00, None)


def test_a_step_whose_fine_was_taken_off_by_hand_is_withdrawn_as_well(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    penalty = climbed(cast, contract, Rung.PENALTY)[-1]
    with acting_as(cast.adviser.pk) as acting:
        entry = entry_posted(contract, penalty.key)
        assert entry is not None
        take_back(contract_for(acting, contract), entry.pk, reason="Vergissing")
    withdrawn(cast, contract, penalty.pk)
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].penalty_cents == 0


def test_a_fine_from_the_amount_on_counts_when_another_manager_agrees(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    penalty = climbed(cast, contract, Rung.PENALTY)[-1]
    assert penalty.needs_second
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].penalty_cents == 0
    with acting_as(cast.contractor.pk):
        assert not steps_on([contract]).filter(pk=penalty.pk).exists()
    assert "penalty" not in told("ladder_step")
    assert told("ladder_second") == ["penalty"] * 3  # the client's two others and the team
    with refused("ladder_same_person"):
        agreed_by(cast, contract, penalty.pk, by="manager")
    with refused("ladder_needs_manager"):
        agreed_by(cast, contract, penalty.pk, by="adviser")
    with acting_as(cast.manager.pk), pytest.raises(DatabaseError), transaction.atomic():
        _confirmation(contract, penalty, cast.manager)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        _confirmation(contract, penalty, cast.adviser)


def _confirmation(contract: int, step: Step, user: Any) -> None:
    from telmee.apps.enforcement.models import Confirmation  # noqa: PLC0415 - one test needs it

    Confirmation.objects.create(
        step=step, contract_id=contract, agrees=True, on=timezone.localdate(),
        user_id=user.pk, organisation_id=step.organisation_id,
    )  # fmt: skip


def test_a_second_person_lets_a_step_count_or_says_why_not(cast: Cast) -> None:
    terms = with_rung(Rung.REMINDER, second_from_cents=100_000_00)
    contract, other = past(cast), past(cast, reference="B")
    laddered(cast, terms)
    step, refusing = stepped(cast, contract), stepped(cast, other)
    assert coming(cast, contract).climb.pending == step
    assert not coming(cast, contract).is_due
    agreed_by(cast, contract, step.pk, by="adviser")
    assert coming(cast, contract).climb.last == step
    with refused("ladder_nothing_waits"):
        agreed_by(cast, contract, step.pk, by="second_adviser")
    agreed_by(cast, other, refusing.pk, by="adviser", agrees=False)
    assert coming(cast, other).next.step is Rung.REMINDER
    with acting_as(cast.contractor.pk):
        assert [row.pk for row in steps_on([contract, other])] == [step.pk]


def test_a_second_person_says_why_not_and_agrees_with_nothing_that_was_caught_up(
    cast: Cast,
) -> None:
    contract = past(cast, agreed_cents=1_000_00)
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    step = stepped(cast, contract)
    with acting_as(cast.adviser.pk) as acting, refused("missing_explanation"):
        confirm_step(
            contract_for(acting, contract), step.pk, agrees=False, reason=" ",
            today=timezone.localdate(),
        )  # fmt: skip
    accepted(cast, hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30)))
    with refused("ladder_caught_up"):
        agreed_by(cast, contract, step.pk, by="adviser")
    agreed_by(cast, contract, step.pk, by="adviser", agrees=False)
    assert coming(cast, contract).climb.pending is None


def test_a_step_counts_from_the_day_on_which_the_second_person_agreed(cast: Cast) -> None:
    contract, today = past(cast), timezone.localdate()
    laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    step = stepped(cast, contract, today=date(2024, 1, 10))
    agreed_by(cast, contract, step.pk, by="adviser")
    coming_next = coming(cast, contract).next
    assert (coming_next.why, coming_next.due_on) == (Why.TERM, today + 15 * DAY)


def test_a_fine_is_of_the_day_on_which_it_counts(cast: Cast) -> None:
    contract, today = past(cast), timezone.localdate()
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=0, by_manager=False))
    penalty = climbed(cast, contract, Rung.PENALTY)[-1]
    agreed_by(cast, contract, penalty.pk, by="adviser")
    with acting_as(cast.adviser.pk) as acting:
        entry = entry_posted(contract, penalty.key)
        assert entry is not None
        assert (penalty.on < today, entry.effective_on) == (True, today)
        close_contract(contract_for(acting, contract), on=today, reason="Klaar", today=today)
    with refused("contract_closed"):
        withdrawn(cast, contract, penalty.pk)


def test_no_other_step_is_taken_while_one_waits_for_a_second_person(cast: Cast) -> None:
    contract = past(cast)
    ladder = laddered(cast, with_rung(Rung.REMINDER, second_from_cents=0))
    waiting = stepped(cast, contract)
    with refused("ladder_changed"):
        stepped(cast, contract)
    with acting_as(cast.adviser.pk), pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.create(
            contract_id=contract, ladder=ladder, kind="signal", on=timezone.localdate(),
            late_since=date(2023, 1, 1), behind_cents=1, facts={}, reason="x", key=uuid4(),
            user_id=cast.adviser.pk, organisation_id=cast.hilversum.pk,
        )  # fmt: skip
    withdrawn(cast, contract, waiting.pk)
    assert coming(cast, contract).is_due
    assert told("ladder_withdrawn") == []  # the contractor never heard of it


def test_a_withdrawn_step_stays_to_be_seen_and_its_fine_goes_back(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    steps = climbed(cast, contract, Rung.PENALTY)
    withdrawn(cast, contract, steps[-1].pk)
    with acting_as(cast.contractor.pk):
        assert positions([contract])[contract].penalty_cents == 0
        assert steps_on([contract]).get(pk=steps[-1].pk).withdrawal.reason == "Vergissing"
    assert coming(cast, contract).next.step is Rung.PENALTY
    with refused("ladder_withdrawn"):
        withdrawn(cast, contract, steps[-1].pk)


def test_a_notice_of_default_is_not_taken_back_from_under_a_fine(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    reminder, _signal, notice, fine = climbed(cast, contract, Rung.PENALTY)
    with refused("ladder_under_sanction"):
        withdrawn(cast, contract, notice.pk)
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].penalty_cents == 100_000_00
    withdrawn(cast, contract, reminder.pk)  # no fine rests on it
    withdrawn(cast, contract, fine.pk)
    withdrawn(cast, contract, notice.pk)
    assert coming(cast, contract).next.step is Rung.DEFAULT


def test_a_fine_rests_on_the_last_notice_of_default_before_it(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=None))
    first = climbed(cast, contract, Rung.DEFAULT)[-1]
    leniency = lenient(cast, contract, cents=100_000_00, today=date(2024, 3, 1))
    leave_ladders(date(2024, 3, 1))
    with acting_as(cast.adviser.pk) as acting:
        entry = entry_posted(contract, leniency.key)
        assert entry is not None
        take_back(contract_for(acting, contract), entry.pk, reason="Vergissing")
    day = date(2024, 6, 1)
    for rung in USUAL.steps:
        stepped(cast, contract, today=day)
        day += timedelta(days=rung.days + 1)
    withdrawn(cast, contract, first.pk)


def test_while_a_fine_waits_for_a_second_person_its_notice_can_still_be_taken_back(
    cast: Cast,
) -> None:
    contract = past(cast)
    laddered(cast, with_rung(Rung.PENALTY, second_from_cents=1))
    *_others, notice, fine = climbed(cast, contract, Rung.PENALTY)
    withdrawn(cast, contract, notice.pk)
    with acting_as(cast.adviser.pk) as acting:
        access = contract_for(acting, contract)
        faults = changed_since(access, step_of(access, fine.pk), today=timezone.localdate())
    assert [fault.code for fault in faults] == ["ladder_not_due"]


def test_no_fine_is_booked_past_the_ladder_that_has_a_penalty(cast: Cast) -> None:
    contract = past(cast)
    booked: dict[str, Any] = {
        "amount_cents": 1_00, "reason": "x", "key": uuid4(), "effective_on": date(2024, 1, 1),
    }  # fmt: skip
    laddered(cast)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DatabaseError), transaction.atomic():
        penalise(contract_for(acting, contract), **booked)
    laddered(cast, replace(USUAL, steps=USUAL.steps[:2]))
    with acting_as(cast.adviser.pk) as acting:
        penalise(contract_for(acting, contract), **booked)


def test_a_penalty_waits_for_every_decision(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    climbed(cast, contract, Rung.DEFAULT)
    line = hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    assert coming(cast, contract).next.why is Why.UNDECIDED
    accepted(cast, line)
    assert coming(cast, contract).is_due


def test_days_of_leniency_stop_the_ladder_and_can_be_ended(cast: Cast) -> None:
    contract, other = past(cast), past(cast, reference="B")
    laddered(cast)
    today = timezone.localdate()
    row = lenient(cast, contract, first=today, last=today + 10 * DAY)
    held = coming(cast, contract).next
    assert (held.why, held.due_on) == (Why.LENIENT, today + 11 * DAY)
    assert coming(cast, other).is_due
    assert told("ladder_leniency") == [""] * 2
    with acting_as(cast.adviser.pk) as acting:
        end_leniency(acting, leniency_to_end(acting, row.pk), reason="Open", today=today)
        with refused("leniency_is_over"):
            end_leniency(acting, leniency_to_end(acting, row.pk), reason="Open", today=today)
    assert coming(cast, contract).is_due


def test_leniency_on_all_contracts_is_granted_by_who_manages_the_client(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    today = timezone.localdate()
    corona = Wanted(Ground.CRISIS, "Corona", first=today - 5 * DAY, last=today)
    with acting_as(cast.adviser.pk) as acting, refused("not_allowed"):
        grant_to_all(acting, cast.hilversum, corona, key=uuid4())
    with acting_as(cast.manager.pk) as acting:
        with refused("not_allowed"):  # euros differ per contract
            grant_to_all(acting, cast.hilversum, replace(corona, cents=1_00), key=uuid4())
        row = grant_to_all(acting, cast.hilversum, corona, key=uuid4())
    with acting_as(cast.adviser.pk) as acting, pytest.raises(Http404):
        leniency_to_end(acting, row.pk)
    assert coming(cast, contract).next.why is Why.LENIENT


def test_euros_of_leniency_are_waived_in_the_books_once_under_their_key(cast: Cast) -> None:
    contract = past(cast)
    lenient(cast, contract, cents=40_000_00)
    with refused("waived_too_much"):
        lenient(cast, contract, cents=60_000_01)
    for wrong, code in (
        ({}, "leniency_of_nothing"),
        ({"first": date(2024, 1, 2), "last": date(2024, 1, 1)}, "leniency_days"),
        ({"first": date(2024, 1, 2)}, "leniency_days"),
        ({"first": date(2020, 1, 2), "last": date(2024, 1, 1)}, "leniency_too_long"),
    ):
        with refused(code):
            lenient(cast, contract, **wrong)
    with acting_as(cast.adviser.pk):
        assert positions([contract])[contract].waived_cents == 40_000_00


def test_a_contract_that_caught_up_leaves_the_ladder_by_itself_and_both_are_told(
    cast: Cast,
) -> None:
    contract, stays = past(cast, agreed_cents=1_000_00), past(cast, reference="B")
    laddered(cast)
    last = climbed(cast, contract, Rung.SIGNAL)[-1]
    climbed(cast, stays, Rung.REMINDER)
    line = hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30))
    leave_ladders()
    with acting_as(cast.adviser.pk):
        assert not Exit.objects.exists()  # what waits for a decision proves nothing yet
    accepted(cast, line)
    for _ in range(2):
        leave_ladders()
    with acting_as(cast.adviser.pk):
        left = Exit.objects.get()
    assert (left.step_id, left.contract_id, left.why) == (last.pk, contract, "caught_up")
    assert coming(cast, contract).climb.last is None
    assert len(told("ladder_left")) == 6  # of the client three, the team, of De Eem two


def test_who_is_let_off_the_rest_did_not_catch_up(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    climbed(cast, contract, Rung.SIGNAL)
    accepted(cast, hand_in(cast, contract, begin=date(2023, 1, 1), eind=date(2023, 6, 30)))
    with acting_as(cast.adviser.pk) as acting:
        waive(
            contract_for(acting, contract),
            amount_cents=positions([contract])[contract].open_cents,
            reason="Failliet",
            key=uuid4(),
            effective_on=date(2023, 12, 31),
        )
    leave_ladders()
    with acting_as(cast.adviser.pk):
        assert Exit.objects.get().why == "less_owed"
        assert enforced([contract], today=timezone.localdate()).effect.caught_up == 0


def test_a_contract_that_was_closed_with_something_open_leaves_the_ladder(cast: Cast) -> None:
    contract = past(cast)
    laddered(cast)
    last = climbed(cast, contract, Rung.SIGNAL)[-1]
    leave_ladders()
    with acting_as(cast.adviser.pk) as acting:
        assert not Exit.objects.exists()
        today = timezone.localdate()
        close_contract(contract_for(acting, contract), on=today, reason="Gestopt", today=today)
    leave_ladders()
    with acting_as(cast.adviser.pk):
        left = Exit.objects.get()
    assert (left.step_id, left.why) == (last.pk, "closed")


def test_leniency_of_one_day_is_granted_and_can_be_ended_on_its_last_day(cast: Cast) -> None:
    contract, today = past(cast), timezone.localdate()
    laddered(cast)
    row = lenient(cast, contract, first=today, last=today)
    assert coming(cast, contract).next.why is Why.LENIENT
    with acting_as(cast.adviser.pk) as acting:
        end_leniency(acting, leniency_to_end(acting, row.pk), reason="Open", today=today)
    assert coming(cast, contract).is_due


def test_several_steps_are_taken_each_as_it_was_seen_and_no_penalty_among_them(
    cast: Cast,
) -> None:
    first, second, third = (past(cast, reference=name) for name in "ABC")
    laddered(cast)
    wanted = [seen(cast, pk) for pk in (first, second)]
    stepped(cast, second)
    wanted.append(Seen(third, Rung.PENALTY, 100_000_00))
    with acting_as(cast.adviser.pk) as acting:
        answers = take_steps(
            acting, wanted, reason="Samen", key=uuid4(), today=timezone.localdate()
        )
    assert [one.step is not None for one in answers] == [True, False, False]
    codes = [one.refused.problems[0].code for one in answers if one.refused]
    assert codes == ["ladder_changed", "ladder_penalty_alone"]
