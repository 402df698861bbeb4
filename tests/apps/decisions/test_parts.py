"""Effort that is still to come is decided in parts, which add up to the cent."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from telmee.apps.contributions.cells import cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.transitions import Step, steps_for
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.apps.decisions.models import Decision
from telmee.apps.decisions.objections import object_to
from telmee.apps.ledger.queries import check_ledger, entries_of, figures
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.actions import choose_rules
from telmee.apps.organisations.models import Organisation
from telmee.apps.receipts.queries import split_of
from telmee.apps.reports.expected import Otherwise, decided_otherwise, expected_lines
from telmee.apps.reports.portfolio import standing_of
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.conftest import Server, connected
from tests.days import today
from tests.money import decide
from tests.registering import found, hand_in, register, seen_cents

DAY = timedelta(days=1)
WHY: dict[str, Any] = {"reason": DecisionReason.HOURS, "text": "Op de loonstrook staat minder."}


def running(cast: Cast, *, begin: int = -99, days: int = 200) -> tuple[int, int]:
    """Hand in a line that began so many days from today, on a contract around it."""
    contract = register(cast, start=today() - 400 * DAY, end=today() + 800 * DAY)
    first = today() + begin * DAY
    return contract, hand_in(cast, contract, begin=first, eind=first + (days - 1) * DAY)


def take(cast: Cast, line: int, outcome: Outcome, *, by: str = "adviser", **more: Any) -> Decision:
    with acting_as(getattr(cast, by).pk) as acting:
        access, row = found(acting, line)
        if outcome is Outcome.ACCEPTED:
            more.setdefault("seen_cents", seen_cents(access, row))
        return decide(access, row, outcome=outcome, **{"key": uuid4(), **more})


def stands(cast: Cast, contract: int, line: int) -> tuple[Contribution, Any]:
    with acting_as(cast.adviser.pk):
        row = Contribution.objects.select_related("decided").get(pk=line)
        return row, figures([contract])[contract]


def test_accepting_counts_up_to_and_including_today_and_leaves_the_rest(cast: Cast) -> None:
    contract, line = running(cast)
    made = take(cast, line, Outcome.ACCEPTED)
    row, now = stands(cast, contract, line)
    assert row.decided is not None
    done, to_come = split_of(row.decided, today())
    assert (made.outcome, made.amount_cents, made.until) == (Outcome.PARTLY, done, today())
    assert (row.state, row.verified_cents, row.rest_cents) == (State.PARTLY, done, to_come)
    assert row.rest_after == today() + 100 * DAY
    assert (now.position.verified_cents, now.undecided_cents) == (done, to_come)
    assert now.delivered_cents == row.value_cents == done + to_come
    with acting_as(cast.adviser.pk):
        assert entries_of([contract])[-1].effective_on == today()


def test_what_is_expected_is_told_with_the_part_and_the_rest(cast: Cast) -> None:
    contract, line = running(cast)
    take(cast, line, Outcome.ACCEPTED)
    row, _now = stands(cast, contract, line)
    with acting_as(cast.adviser.pk) as acting:
        told = expected_lines([contract], today=today())
        whole = standing_of(found(acting, line)[0].contract, today=today())
        otherwise = decided_otherwise([contract])
    assert [one.cents for one in told] == [row.verified_cents, row.rest_cents]
    assert sum(one.cents or 0 for one in told) == whole.expected_cents == row.value_cents
    assert otherwise == Otherwise()


def test_a_page_of_tomorrow_counts_no_day_that_is_still_to_come(cast: Cast) -> None:
    contract, line = running(cast)
    made = take(cast, line, Outcome.ACCEPTED, seen_on=today() + DAY)
    row, _now = stands(cast, contract, line)
    assert row.decided is not None
    assert (made.until, made.amount_cents) == (today(), split_of(row.decided, today())[0])


def test_who_saw_another_figure_does_not_go_on_with_the_rest(cast: Cast) -> None:
    _contract, line = running(cast)
    first = take(cast, line, Outcome.ACCEPTED, seen_on=today() - DAY)
    with pytest.raises(DomainError, match="decision_value_changed"):
        take(cast, line, Outcome.ACCEPTED, seen_cents=first.amount_cents)


def test_a_line_that_is_over_is_accepted_whole(cast: Cast) -> None:
    _contract, line = running(cast, begin=-199)
    assert take(cast, line, Outcome.ACCEPTED).outcome == Outcome.ACCEPTED


def test_parts_add_up_to_the_whole_and_each_is_booked_in_entries_of_its_own(
    server: Server, own_database: str, cast: Cast
) -> None:
    contract, line = running(cast)
    days = (today() - 40 * DAY, today() - 7 * DAY, today())
    parts = [take(cast, line, Outcome.ACCEPTED, seen_on=day) for day in days]
    with acting_as(cast.adviser.pk):
        choose_ahead_for(cast, accepts=True)
    last = take(cast, line, Outcome.ACCEPTED)
    row, now = stands(cast, contract, line)
    assert [part.outcome for part in parts] == [Outcome.PARTLY] * 3
    assert all(part.amount_cents > 0 for part in parts)
    assert last.outcome == row.state == State.ACCEPTED
    amounts = [one.amount_cents for one in (*parts, last)]
    assert sum(amounts) == row.verified_cents == row.value_cents
    assert (row.rest_cents, row.rest_after, now.undecided_cents) == (None, None, 0)
    assert {one.receipt_id for one in (*parts, last)} == {row.decided_id}
    with acting_as(cast.adviser.pk):
        booked: Counter[int | None] = Counter()
        for entry in entries_of([contract]):
            if entry.kind == "realised":
                booked[entry.decision_id] += entry.amount_cents
    assert [booked[one.pk] for one in (*parts, last)] == amounts
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def choose_ahead_for(cast: Cast, *, accepts: bool) -> None:
    with acting_as(cast.manager.pk) as acting:
        choose_rules(
            acting,
            organisation_id=cast.hilversum.pk,
            accepts_ahead=accepts,
            carries_surplus=True,
        )


def test_a_client_that_chose_so_accepts_at_once(cast: Cast) -> None:
    choose_ahead_for(cast, accepts=True)
    contract, line = running(cast)
    made = take(cast, line, Outcome.ACCEPTED)
    row, _now = stands(cast, contract, line)
    assert (made.outcome, made.amount_cents) == (Outcome.ACCEPTED, row.value_cents)


@pytest.mark.parametrize("who", ["adviser", "reader", "contractor_manager", "colleague"])
def test_only_a_manager_of_the_client_chooses_that(cast: Cast, who: str) -> None:
    with acting_as(getattr(cast, who).pk) as acting, pytest.raises((DomainError, Http404)):
        choose_rules(
            acting,
            organisation_id=cast.hilversum.pk,
            accepts_ahead=True,
            carries_surplus=True,
        )


def test_the_rest_cannot_be_counted_twice_on_one_day(cast: Cast) -> None:
    _contract, line = running(cast)
    take(cast, line, Outcome.ACCEPTED)
    with pytest.raises(DomainError, match="decision_rest_waits"):
        take(cast, line, Outcome.ACCEPTED)


def test_the_same_submit_twice_counts_one_part(cast: Cast) -> None:
    _contract, line = running(cast)
    key = uuid4()
    assert take(cast, line, Outcome.ACCEPTED, key=key) == take(
        cast, line, Outcome.ACCEPTED, key=key
    )


def test_effort_that_has_not_begun_counts_nothing_and_waits_whole(cast: Cast) -> None:
    contract, line = running(cast, begin=10)
    made = take(cast, line, Outcome.ACCEPTED)
    row, now = stands(cast, contract, line)
    assert (made.amount_cents, row.state, row.verified_cents) == (0, State.PARTLY, 0)
    assert row.rest_cents == now.undecided_cents == row.value_cents


def test_other_lines_are_worth_what_they_are_when_it_is_decided_at_once(cast: Cast) -> None:
    contract, _line = running(cast, begin=10)
    before: dict[str, Any] = {"begin": today() + 10 * DAY, "eind": today() + 209 * DAY}
    after: dict[str, Any] = {"begin": today() + 400 * DAY, "eind": today() + 790 * DAY}
    worth = {}
    for way, accepts in (("parts", False), ("at once", True), ("alone", True)):
        choose_ahead_for(cast, accepts=accepts)
        first, second = (
            hand_in(cast, contract, persoon=way, kenmerk=f"{way} {number}", **days)
            for number, days in enumerate((before, after))
        )
        if way != "alone":
            take(cast, first, Outcome.ACCEPTED)
        with acting_as(cast.adviser.pk) as acting:
            worth[way] = seen_cents(*found(acting, second))
    assert worth["parts"] == worth["at once"] != worth["alone"]


def test_adjusting_counts_a_part_and_what_follows_says_the_same(cast: Cast) -> None:
    contract, line = running(cast)
    with acting_as(cast.adviser.pk) as acting:
        cells = {**cells_of_line(acting, line), "uren_per_week": 12_00}
    first = take(cast, line, Outcome.ADJUSTED, cells=cells, seen_on=today() - DAY, **WHY)
    assert (first.outcome, first.reason) == (Outcome.PARTLY, WHY["reason"])
    choose_ahead_for(cast, accepts=True)
    last = take(cast, line, Outcome.ACCEPTED)
    row, _now = stands(cast, contract, line)
    assert (last.outcome, row.state) == (Outcome.ADJUSTED, State.ADJUSTED)
    assert (last.reason, last.text) == (first.reason, first.text)
    assert first.amount_cents + last.amount_cents == row.verified_cents
    assert abs((row.verified_cents or 0) * 2 - (row.value_cents or 0)) <= 1


def cells_of_line(acting: Any, line: int) -> dict[str, Any]:
    return dict(cells_of(found(acting, line)[1]))


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.REOPENED, Outcome.ADJUSTED])
def test_any_other_decision_takes_the_place_of_all_parts(
    server: Server, own_database: str, cast: Cast, outcome: Outcome
) -> None:
    contract, line = running(cast)
    for day in (today() - 10 * DAY, today()):
        take(cast, line, Outcome.ACCEPTED, seen_on=day)
    with acting_as(cast.adviser.pk) as acting:
        cells = {**cells_of_line(acting, line), "eind": today() - 5 * DAY}
    more: dict[str, Any] = {"cells": cells} if outcome is Outcome.ADJUSTED else {}
    made = take(cast, line, outcome, **WHY, **more)
    row, now = stands(cast, contract, line)
    assert now.position.verified_cents == made.amount_cents == (row.verified_cents or 0)
    assert row.rest_cents is None
    assert made.outcome == outcome
    with acting_as(cast.adviser.pk):
        entries = entries_of([contract])
        assert len({e.decision_id for e in entries if e.reverses_id}) == 2
        assert not [e for e in entries if e.decision_id not in {None, made.pk}
                    and not e.reverses_id and not hasattr(e, "reversed_by")]  # fmt: skip
    with connected(server.owner_url, own_database):
        assert check_ledger() == []


def test_an_objection_leaves_what_was_counted_and_is_for_who_took_no_part(cast: Cast) -> None:
    contract, line = running(cast)
    take(cast, line, Outcome.ACCEPTED, seen_on=today() - DAY)
    take(cast, line, Outcome.ACCEPTED, by="second_adviser")
    with acting_as(cast.contractor.pk) as acting:
        access, row = found(acting, line)
        assert Step.OBJECT in set(steps_for(access, row))
        object_to(access, row, reason="Accepteer het geheel.")
    row, now = stands(cast, contract, line)
    assert now.position.verified_cents == row.verified_cents
    assert now.undecided_cents == row.rest_cents
    for who in ("adviser", "second_adviser"):
        with pytest.raises(DomainError, match="second_reviewer_needed"):
            take(cast, line, Outcome.REJECTED, by=who, **WHY)
    said: dict[str, Any] = {"ruling": Ruling.PARTLY, "text": "De rest komt later."}
    made = take(cast, line, Outcome.ACCEPTED, by="team", **said)
    row, now = stands(cast, contract, line)
    assert (made.outcome, made.before_cents, row.state) == (Outcome.PARTLY, 0, State.PARTLY)
    assert now.position.verified_cents == made.amount_cents


def test_an_amount_that_somebody_named_is_divided_by_the_days_as_well(cast: Cast) -> None:
    contract, line = running(cast)
    made = take(cast, line, Outcome.ADJUSTED, amount_cents=100_01, **WHY)
    row, _now = stands(cast, contract, line)
    assert (made.amount_cents, row.rest_cents) == (50_00, 50_01)
    choose_ahead_for(cast, accepts=True)
    assert take(cast, line, Outcome.ACCEPTED).amount_cents == 50_01


# The second lock -------------------------------------------------------------------------------


def test_past_all_code_nobody_counts_what_is_still_to_come(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "telmee.apps.decisions.actions.instalment_cents",
        lambda done, to_come, before, **_: (done + to_come - before, 0),
    )
    _contract, line = running(cast)
    with pytest.raises(DatabaseError, match="still to come"):
        take(cast, line, Outcome.ACCEPTED)


def test_past_all_code_a_part_is_what_the_days_say(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "telmee.apps.decisions.actions.instalment_cents",
        lambda done, to_come, before, **_: (done + 1 - before, to_come - 1),
    )
    _contract, line = running(cast)
    with pytest.raises(DatabaseError, match="unlike its receipt"):
        take(cast, line, Outcome.ACCEPTED)


@pytest.mark.parametrize("before", [1, 10_00])
def test_past_all_code_a_part_follows_on_what_stands(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    _contract, line = running(cast)
    take(cast, line, Outcome.ACCEPTED, seen_on=today() - DAY)
    monkeypatch.setattr(Decision, "counted_cents", before)
    with pytest.raises(DatabaseError, match="follows on no other"):
        take(cast, line, Outcome.ACCEPTED)


@pytest.mark.parametrize("who", ["operator", "adviser"])
def test_past_all_code_the_choice_is_for_the_managers(cast: Cast, who: str) -> None:
    own = Organisation.objects.filter(pk=cast.hilversum.pk)
    with acting_as(getattr(cast, who).pk):
        with suppress(DatabaseError), transaction.atomic():
            own.update(accepts_ahead=True)
        assert not own.get().accepts_ahead


@pytest.mark.parametrize("ahead", [1, 60, 400], ids=["tomorrow", "later", "after its end"])
def test_a_day_that_has_not_come_is_no_day_of_a_part(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    _contract, line = running(cast)
    not_yet = today() + ahead * DAY
    monkeypatch.setattr(timezone, "localdate", lambda *_: not_yet)
    with pytest.raises(DatabaseError, match="still to come"):
        take(cast, line, Outcome.ACCEPTED)
