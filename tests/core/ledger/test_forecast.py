"""What is expected at the end, and when somebody should look."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import (
    Ahead,
    Outlook,
    Position,
    Reason,
    Risk,
    ahead_cents,
    due_cents,
    met_on,
    outlook_of,
    position_of,
    together,
)
from telmee.core.money import half_up

START, END = date(2025, 1, 1), date(2025, 4, 10)  # a hundred days
CENTS = st.integers(0, 10**11)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
SEVERITY = list(Risk)
EXPECTED, DONE = Reason.EXPECTED, Reason.DONE


def owing(cents: int = 1000, **sums: int) -> Position:
    return position_of({"obligation": cents, **sums})


def outlook(
    today: date,
    position: Position,
    undecided: int = 0,
    planned: int = 0,
    *,
    to_come: int = 0,
    is_closed: bool = False,
) -> Outlook:
    """As a contract of a hundred days fares; `to_come` is of what waits."""
    return outlook_of(
        position,
        undecided_cents=undecided,
        planned_cents=planned,
        undecided_to_come_cents=to_come,
        start=START,
        end=END,
        today=today,
        is_closed=is_closed,
    )


def after(day: int, done: int, planned: int) -> Outlook:
    """The outlook after so many days have passed, when 1000 is owed."""
    return outlook(START + timedelta(days=day), owing(realised=done), planned=planned)


@pytest.mark.parametrize(
    ("day", "done", "planned", "risk", "reasons"),
    [
        (-30, 0, 1000, Risk.ON_COURSE, ()),
        (-30, 0, 999, Risk.BEHIND, (EXPECTED,)),
        (0, 0, 1000, Risk.ON_COURSE, ()),
        (1, 9, 991, Risk.BEHIND, (DONE,)),
        (1, 10, 990, Risk.ON_COURSE, ()),
        (1, 9, 990, Risk.BEHIND, (EXPECTED, DONE)),
        # Half of the obligation at half of the time: the time asks no more, the obligation does.
        (50, 500, 0, Risk.BEHIND, (EXPECTED,)),
        (51, 510, 289, Risk.AT_RISK, (EXPECTED,)),
        (51, 510, 290, Risk.BEHIND, (EXPECTED,)),
        (51, 509, 491, Risk.BEHIND, (DONE,)),
        (51, 0, 799, Risk.AT_RISK, (EXPECTED,)),
        (99, 990, 10, Risk.ON_COURSE, ()),
        (100, 999, 5000, Risk.OVERDUE, ()),
    ],
)
def test_the_rules_at_their_edges(
    day: int, done: int, planned: int, risk: Risk, reasons: tuple[Reason, ...]
) -> None:
    stands = after(day, done, planned)
    assert (stands.risk, stands.reasons) == (risk, reasons)


def test_nothing_open_is_met_also_after_the_end() -> None:
    late = END + timedelta(days=50)
    assert outlook(late, owing(1000, realised=600, carried_in=400)).risk is Risk.MET
    assert outlook(late, owing(1000, realised=999)).risk is Risk.OVERDUE
    assert outlook(late, owing(1000, waived=1000)).risk is Risk.NOTHING
    assert outlook(late, owing(1000, waived=999)).risk is Risk.OVERDUE


def test_what_is_for_later_days_is_expected_and_not_done_yet() -> None:
    today, position = START + timedelta(days=50), owing(realised=700)
    behind = outlook(today, position, 300, to_come=501)
    assert (behind.done_cents, behind.expected_cents) == (499, 1000)
    assert (behind.risk, behind.reasons) == (Risk.BEHIND, (DONE,))
    assert outlook(today, position, 300, to_come=500).risk is Risk.ON_COURSE


def test_nobody_has_to_look_at_a_closed_contract() -> None:
    for today in (START, END, END + timedelta(days=1)):
        closed = outlook(today, owing(realised=400), is_closed=True)
        assert (closed.risk, closed.reasons) == (Risk.CLOSED, ())


@given(st.tuples(CENTS, CENTS, CENTS, CENTS), CENTS, DAYS)
def test_more_is_never_worse(cents: tuple[int, int, int, int], more: int, today: date) -> None:
    owed, verified, undecided, planned = cents
    before = outlook(today, owing(owed, realised=verified), undecided, planned)
    for better in (
        outlook(today, owing(owed, realised=verified + more), undecided, planned),
        outlook(today, owing(owed, realised=verified), undecided + more, planned),
        outlook(today, owing(owed, realised=verified), undecided, planned + more),
        # What was delivered and is decided on as it stands.
        outlook(today, owing(owed, realised=verified + undecided), 0, planned),
    ):
        assert SEVERITY.index(better.risk) <= SEVERITY.index(before.risk)
        assert set(better.lacking) <= set(before.lacking)


@given(CENTS, CENTS, CENTS, CENTS, DAYS)
def test_on_course_is_enough_expected_and_enough_done(
    owed: int, verified: int, undecided: int, planned: int, today: date
) -> None:
    stands = outlook(today, owing(owed, realised=verified), undecided, planned)
    if verified >= owed:
        assert stands.risk is (Risk.MET if owed else Risk.NOTHING)
    if stands.risk is Risk.ON_COURSE:
        assert verified + undecided + planned >= owed
        passed = (today - START).days
        assert verified + undecided >= half_up(owed * max(0, passed), 100)
    if stands.risk in {Risk.BEHIND, Risk.AT_RISK}:
        assert stands.reasons
        assert set(stands.reasons) <= set(stands.lacking)


@given(CENTS, DAYS, st.integers(0, 1000), DAYS)
def test_what_lies_ahead_is_a_part_that_only_shrinks(
    promised: int, begin: date, days: int, today: date
) -> None:
    end = begin + timedelta(days=days)
    ahead = ahead_cents(promised, begin, end, today)
    assert 0 <= ahead_cents(promised, begin, end, today + timedelta(days=1)) <= ahead <= promised
    assert ahead_cents(promised, begin, end, begin) == promised
    assert ahead_cents(promised, begin, end, end + timedelta(days=1)) == 0


def test_what_is_expected_counts_each_figure_once() -> None:
    position = owing(1000, realised=100, carried_in=20, carried_out=5)
    stands = outlook(START, position, undecided=300, planned=7)
    assert (stands.done_cents, stands.expected_cents) == (415, 422)
    assert position.open_cents == 885


def test_a_period_that_ends_before_it_begins_is_no_period() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        ahead_cents(1, END, START, START)


# How it ends ------------------------------------------------------------------------------------


def ahead(cents: int, first: int = 0, last: int = 99, *, agreed: bool = False) -> Ahead:
    day = timedelta(days=1)
    return Ahead(cents, START + first * day, START + last * day, is_agreed=agreed)


@pytest.mark.parametrize(
    ("passed", "planned", "missing", "month"),
    [
        (0, 1000, 0, 0),
        (0, 0, 1000, 304),  # a hundred days are 3.2877 twelfths of a year
        (0, 1500, 0, 0),
        (50, 400, 600, 365),
        (70, 400, 600, 600),  # less than a month is left
        (99, 400, 600, 600),
    ],
)
def test_what_will_be_missing_is_told_for_each_month_that_is_left(
    passed: int, planned: int, missing: int, month: int
) -> None:
    outcome = after(passed, 0, planned)
    assert (outcome.missing_cents, outcome.missing_per_month_cents) == (missing, month)
    assert outcome.will_miss == (missing > 0)


def test_what_is_over_or_closed_will_not_miss_any_more() -> None:
    assert not after(100, 0, 0).will_miss
    assert not outlook(START, owing(), is_closed=True).will_miss
    assert outlook(START - timedelta(days=100), owing()).will_miss


def test_the_part_that_is_not_agreed_is_known() -> None:
    one = outlook_of(
        owing(),
        undecided_cents=0,
        planned_cents=900,
        agreed_cents=300,
        start=START,
        end=END,
        today=START,
    )
    assert one.not_agreed_cents == 600


def met(passed: int, done: int, *promises: Ahead) -> date | None:
    today = START + timedelta(days=passed)
    planned = sum(promise.left(today) for promise in promises)
    return met_on(after(passed, done, planned), promises, today=today, end=END)


def test_it_is_met_on_the_first_day_on_which_enough_is_expected() -> None:
    day = timedelta(days=1)
    assert met(0, 0, ahead(1000)) == END
    assert met(0, 0, ahead(2000)) == START + 49 * day
    assert met(0, 500, ahead(600, 10, 15)) == START + 14 * day
    assert met(0, 0, ahead(500, 0, 9), ahead(500, 20, 29)) == START + 29 * day
    assert met(0, 0, ahead(999)) is None
    assert met(20, 1000) == START + 20 * day  # enough is done, or waits
    assert met(100, 0, ahead(1000)) is None  # the end has passed


@given(passed=st.integers(0, 99), done=CENTS, cents=st.lists(CENTS, max_size=4), owed=CENTS)
def test_a_contract_is_met_on_some_day_or_something_is_missing(
    passed: int, done: int, cents: list[int], owed: int
) -> None:
    today = START + timedelta(days=passed)
    promises = [ahead(each, place * 20, place * 20 + 30) for place, each in enumerate(cents)]
    planned = sum(promise.left(today) for promise in promises)
    outcome = outlook(today, owing(owed, realised=done), planned=planned)
    on = met_on(outcome, promises, today=today, end=today + timedelta(days=400))
    assert (on is None) == (outcome.missing_cents > 0)
    if on is not None and on > today:
        before = on - timedelta(days=1)
        assert done + sum(promise.until(before, today) for promise in promises) < owed


def test_what_one_call_off_has_too_much_of_makes_up_for_nothing_on_another() -> None:
    """One owes 100 and has 700, the other owes 900 and has 100: of 1000 only 200 counts."""
    position = together([owing(100, realised=700), owing(900, realised=100)])

    def on(*, is_closed: bool) -> Outlook:
        return outlook_of(
            position,
            undecided_cents=0,
            planned_cents=0,
            beyond_expected_cents=600,
            beyond_done_cents=600,
            start=START,
            end=END,
            today=START + timedelta(days=60),
            is_closed=is_closed,
        )

    stands, closed = on(is_closed=False), on(is_closed=True)
    assert (stands.expected_cents, stands.missing_cents) == (800, 800)
    assert (stands.risk, stands.lacking) == (Risk.AT_RISK, (EXPECTED, DONE))
    assert closed.missing_cents == closed.position.open_cents == 800


def test_a_call_off_that_begins_late_is_due_by_its_own_days() -> None:
    """Of two that owe 1000 one is over on day 50, and the other begins on day 90 of a hundred."""
    position = together([owing(realised=1000), owing()])

    def on(day: int) -> Outlook:
        today = START + timedelta(days=day)
        early = due_cents(1000, START, START + timedelta(days=49), today)
        late = due_cents(1000, START + timedelta(days=90), END, today)
        return outlook_of(
            position,
            undecided_cents=0,
            planned_cents=1000,
            due=early + late,
            start=START,
            end=END,
            today=today,
        )

    assert [on(day).due_cents for day in (0, 50, 90, 95, 100)] == [0, 1000, 1000, 1500, 2000]
    assert on(90).risk is Risk.ON_COURSE
    assert (on(91).risk, on(91).reasons) == (Risk.BEHIND, (DONE,))
    assert on(100).risk is Risk.OVERDUE


@given(CENTS, DAYS)
def test_due_grows_from_nothing_to_all_that_is_owed(owed: int, today: date) -> None:
    due = due_cents(owed, START, END, today)
    assert 0 <= due <= due_cents(owed, START, END, today + timedelta(days=1)) <= owed
    assert due_cents(owed, START, END, START) == 0
    assert due_cents(owed, START, END, END + timedelta(days=1)) == owed
