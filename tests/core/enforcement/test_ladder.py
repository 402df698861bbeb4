"""Which step is due, since when, and when a contract leaves the ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.enforcement import (
    CENTS_LEAST,
    DAYS_MAX,
    WEEKS_MAX,
    Leaving,
    Next,
    Pace,
    Signalled,
    Span,
    Step,
    StepTerms,
    Taken,
    Terms,
    Why,
    effect_of,
    leaving_of,
    next_step,
    term_end,
)
from telmee.core.ledger import due_cents
from telmee.core.money import CENTS_MAX

USUAL = Terms(
    steps=(
        StepTerms(Step.REMINDER, 14),
        StepTerms(Step.SIGNAL, 28),
        StepTerms(Step.DEFAULT, 14, by_manager=True),
        StepTerms(Step.PENALTY, 30, by_manager=True, second_from_cents=5_000_00),
    ),
    behind_bp=10_00,
    least_cents=500_00,
    after_end_days=0,
    effect_weeks=8,
)
START, END = date(2021, 1, 1), date(2021, 12, 31)
DAY = timedelta(days=1)


def pace(done: int = 0, **changes: Any) -> Pace:
    """A year that owes € 36.500: € 100 a day."""
    usual = Pace(36_500_00, done, done, 36_500_00 - done, START, END)
    return replace(usual, **changes)


def due(today: date, *taken: Taken, lenient: tuple[Span, ...] = (), **changes: Any) -> Next:
    return next_step(USUAL, pace(**changes), taken, lenient, today=today)


def test_a_contract_is_behind_from_the_day_on_which_enough_lacks() -> None:
    # 10% of € 36.500 is € 3.650: 36,5 days of € 100, so the 37th day makes it.
    assert pace().late_since(USUAL, START + 36 * DAY) is None
    assert pace().late_since(USUAL, START + 37 * DAY) == START + 37 * DAY
    assert due(START + 60 * DAY) == Next(Why.DUE, Step.REMINDER, START + 37 * DAY, START + 37 * DAY)


def test_a_day_on_which_exactly_enough_lacks_is_the_first() -> None:
    assert pace(50_00).late_since(USUAL, END) == START + 37 * DAY
    assert pace(50_01).late_since(USUAL, END) == START + 38 * DAY


def test_what_falls_due_is_rounded_up_from_half_a_cent_and_so_is_the_first_day() -> None:
    # € 200,01 over two days: half of it is € 100,005, which is due as € 100,01 after the first.
    terms = replace(USUAL, behind_bp=1, least_cents=100_01)
    two_days = pace(owed_cents=200_01, open_cents=200_01, end=START + DAY)
    assert two_days.due_cents(START + DAY) == 100_01
    assert two_days.late_since(terms, START + DAY) == START + DAY


def test_after_the_end_anything_from_the_least_amount_is_behind() -> None:
    done = 36_500_00 - 500_00
    assert pace(done).late_since(USUAL, END) is None
    assert pace(done).late_since(USUAL, END + DAY) == END + DAY
    assert pace(done + 1).late_since(USUAL, END + 900 * DAY) is None
    later = replace(USUAL, after_end_days=30)
    assert pace(done).late_since(later, END + 30 * DAY) is None
    assert pace(done).late_since(later, END + 31 * DAY) == END + 31 * DAY


def test_nothing_open_or_owed_is_never_behind() -> None:
    assert pace(open_cents=0).late_since(USUAL, END) is None
    assert pace(owed_cents=0).late_since(USUAL, END) is None
    assert pace(open_cents=1).late_since(USUAL, END) == START + 37 * DAY


def test_each_step_waits_for_the_term_of_the_one_before() -> None:
    reminded = Taken(Step.REMINDER, date(2021, 6, 1), 14)
    assert due(date(2021, 6, 15), reminded).why is Why.TERM
    assert due(date(2021, 6, 15), reminded).due_on == date(2021, 6, 16)
    assert due(date(2021, 6, 16), reminded).step is Step.SIGNAL
    assert due(date(2021, 6, 16), reminded).is_due


def test_days_of_leniency_within_others_shorten_nothing() -> None:
    whole, within = (
        Span(date(2021, 3, 1), date(2021, 3, 31)),
        Span(date(2021, 3, 5), date(2021, 3, 6)),
    )
    for spans in ((whole, within), (within, whole)):
        assert term_end(date(2021, 2, 20), 14, spans) == date(2021, 4, 6)


def test_a_contract_that_was_closed_leaves_as_closed_whatever_it_came_to() -> None:
    for each in (pace(), pace(open_cents=0), pace(owed_cents=0)):
        assert leaving_of(each, each, is_closed=True, today=END) is Leaving.CLOSED


def test_a_ladder_without_a_rung_goes_to_the_next_one() -> None:
    terms = replace(USUAL, steps=USUAL.steps[1:])
    assert next_step(terms, pace(), (), (), today=END).step is Step.SIGNAL
    last = Taken(Step.PENALTY, END, 30)
    assert next_step(terms, pace(), (last,), (), today=END + 400 * DAY).why is Why.COMPLETE


def test_a_penalty_waits_for_the_end_of_the_contract() -> None:
    default = Taken(Step.DEFAULT, date(2021, 6, 1), 14)
    assert due(END, default) == Next(Why.END, Step.PENALTY, END + DAY, START + 37 * DAY)
    assert due(END + DAY, default).is_due
    waits = due(END + DAY, default, done=1_00, verified_cents=0)
    assert (waits.why, waits.due_on) == (Why.UNDECIDED, None)
    by_a_cent = due(END + DAY, default, done=1, verified_cents=0)
    assert by_a_cent.why is Why.UNDECIDED
    late = Taken(Step.DEFAULT, END, 14)
    assert due(END + DAY, late).why is Why.TERM
    # A term that goes on after the end is what it waits for, also while something is undecided.
    assert due(END, late) == Next(Why.TERM, Step.PENALTY, END + 15 * DAY, START + 37 * DAY)
    assert due(END + DAY, late, done=1_00, verified_cents=0).why is Why.TERM


def test_days_of_leniency_bring_no_step_and_no_term() -> None:
    corona = Span(date(2021, 2, 1), date(2021, 8, 31))
    held = due(date(2021, 3, 1), lenient=(corona,))
    assert (held.why, held.due_on) == (Why.LENIENT, date(2021, 9, 1))
    assert due(date(2021, 9, 1), lenient=(corona,)).is_due
    for day in (date(2021, 3, 1), date(2021, 4, 1), date(2021, 4, 30)):
        spring = Span(date(2021, 3, 1), date(2021, 4, 30))
        held = due(day, lenient=(spring,))
        # It was due before those days, and is after the last of them.
        assert (held.why, held.due_on) == (Why.LENIENT, date(2021, 5, 1))
    default = Taken(Step.DEFAULT, date(2021, 1, 20), 14)
    assert due(date(2021, 3, 1), default, lenient=(corona,)) == Next(
        Why.LENIENT, Step.PENALTY, END + DAY, START + 37 * DAY
    )
    reminded = Taken(Step.REMINDER, date(2021, 1, 25), 14)
    # Six of its fourteen days had passed before, so eight follow.
    assert due(date(2021, 9, 6), reminded, lenient=(corona,)).due_on == date(2021, 9, 9)
    coming = Span(date(2021, 9, 9), date(2021, 9, 20))
    assert due(date(2021, 9, 6), reminded, lenient=(corona, coming)).due_on == date(2021, 9, 21)


def test_a_contract_leaves_when_what_was_verified_keeps_pace() -> None:
    today = START + 100 * DAY

    def why(now: Pace, *, is_closed: bool = False, today: date = today) -> Leaving | None:
        return leaving_of(now, now, is_closed=is_closed, today=today)

    assert why(pace(10_000_00)) is Leaving.CAUGHT_UP
    assert why(pace(9_999_99)) is None
    waits = pace(10_000_00, verified_cents=0)
    assert waits.late_since(USUAL, today) is None
    assert why(waits) is None
    assert why(pace(0), is_closed=True) is Leaving.CLOSED
    assert why(pace(owed_cents=0)) is Leaving.NOTHING_OWED
    assert why(pace(open_cents=1)) is None
    assert why(pace(owed_cents=1), today=END + DAY) is None
    assert why(pace(10_000_00, open_cents=0)) is Leaving.CAUGHT_UP


def test_what_was_waived_or_put_off_since_the_last_step_is_not_caught_up() -> None:
    today = START + 100 * DAY
    then = pace(0)
    half = pace(5_000_00, owed_cents=then.owed_cents // 2)
    assert half.verified_cents >= half.due_cents(today)
    longer = replace(pace(5_000_00), end=END + 366 * DAY)
    assert longer.verified_cents >= longer.due_cents(today)
    let_go = pace(5_000_00, open_cents=0)
    for now in (half, longer, let_go):
        assert leaving_of(now, then, is_closed=False, today=today) is Leaving.LESS_OWED
    for now in (half, longer):
        assert leaving_of(now, now, is_closed=False, today=today) is Leaving.CAUGHT_UP
    done = pace(10_000_00, owed_cents=then.owed_cents // 2)
    assert leaving_of(done, then, is_closed=False, today=today) is Leaving.CAUGHT_UP


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"behind_bp": 0}, ["ladder_limit"]),
        ({"least_cents": 99, "effect_weeks": 53}, ["ladder_limit"] * 2),
        ({"steps": ()}, ["ladder_no_steps"]),
        ({"steps": (StepTerms(Step.PENALTY, 30),)}, ["ladder_penalty_without_default"]),
        ({"steps": (StepTerms(Step.SIGNAL, 0, second_from_cents=-1),)}, ["ladder_limit"] * 2),
    ],
)
def test_what_cannot_be_chosen_is_said_at_once(changes: Any, codes: list[str]) -> None:
    assert [problem.code for problem in replace(USUAL, **changes).problems()] == codes


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("behind_bp", 1, 100_00),
        ("least_cents", CENTS_LEAST, CENTS_MAX),
        ("after_end_days", 0, DAYS_MAX),
        ("effect_weeks", 1, WEEKS_MAX),
    ],
)
def test_a_limit_itself_can_be_chosen(name: str, least: int, most: int) -> None:
    def faults(number: int) -> list[str | None]:
        changed: dict[str, Any] = {name: number}
        return [problem.column for problem in replace(USUAL, **changed).problems()]

    assert [faults(number) for number in (least - 1, most + 1)] == [[name], [name]]
    assert [faults(number) for number in (least, most)] == [[], []]


@pytest.mark.parametrize(
    ("name", "least", "most"), [("days", 1, DAYS_MAX), ("second_from_cents", 0, CENTS_MAX)]
)
def test_a_limit_of_a_rung_itself_can_be_chosen(name: str, least: int, most: int) -> None:
    def faults(number: int) -> int:
        changed: dict[str, Any] = {name: number}
        rung = replace(USUAL.steps[0], **changed)
        return len(list(replace(USUAL, steps=(rung,)).problems()))

    assert [faults(number) for number in (least - 1, least, most, most + 1)] == [1, 0, 0, 1]


def test_a_second_person_is_asked_from_the_amount_on() -> None:
    penalty = USUAL.of(Step.PENALTY)
    assert penalty is not None
    assert penalty.asks_second(5_000_00)
    assert not penalty.asks_second(4_999_99)
    assert not USUAL.steps[0].asks_second(10**9)


def test_half_of_the_signals_and_nine_of_ten_were_given_within_so_many_days() -> None:
    def within(*days: int) -> tuple[int | None, int | None]:
        signals = [Signalled(START, START + number * DAY, None, 8) for number in days]
        effect = effect_of(signals, today=END)
        return effect.median_days, effect.most_days

    assert within() == (None, None)
    assert within(7) == (7, 7)
    assert within(40, 10, 30, 20) == (20, 40)
    assert within(*range(1, 11)) == (5, 9)


# Properties ------------------------------------------------------------------------------------

_PACES = st.builds(
    lambda owed, done, days: Pace(
        owed, done, done, max(0, owed - done), START, START + (days - 1) * DAY
    ),
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(1, 900),
)
_TERMS = st.builds(
    lambda bp, least, after: replace(USUAL, behind_bp=bp, least_cents=least, after_end_days=after),
    st.integers(1, 100_00),
    st.integers(100, 10**8),
    st.integers(0, 60),
)
_SPANS = st.lists(
    st.builds(
        lambda first, days: Span(START + first * DAY, START + (first + days) * DAY),
        st.integers(0, 300),
        st.integers(0, 60),
    ),
    max_size=4,
)


@given(_PACES, _TERMS, st.integers(0, 1000))
def test_the_first_late_day_is_the_one_that_counting_days_gives(
    one: Pace, terms: Terms, after: int
) -> None:
    today = START + after * DAY
    lacking = max(terms.least_cents, (one.owed_cents * terms.behind_bp + 5000) // 100_00)
    over = one.end + (1 + terms.after_end_days) * DAY

    def is_late(day: date) -> bool:
        if one.open_cents <= 0:
            return False
        rest = one.owed_cents - one.done_cents >= terms.least_cents
        return one.behind_cents(day) >= lacking or (day >= over and rest)

    days = (START + number * DAY for number in range(after + 1))
    assert one.late_since(terms, today) == next((day for day in days if is_late(day)), None)


@given(st.integers(0, 300), st.integers(1, 90), _SPANS)
def test_a_term_has_all_its_days_outside_leniency(begin: int, days: int, spans: list[Span]) -> None:
    on = START + begin * DAY
    end = term_end(on, days, spans)
    counted = 0
    day = on
    while day < end:
        day += DAY
        counted += not any(span.first <= day <= span.last for span in spans)
    assert counted == days
    assert not any(span.first <= end <= span.last for span in spans)


@given(_PACES, st.integers(0, 1000), _SPANS, st.integers(0, 4))
def test_a_step_is_never_due_early_twice_or_in_leniency(
    one: Pace, after: int, spans: list[Span], climbed: int
) -> None:
    today = START + after * DAY
    taken = [
        Taken(rung.step, START + place * 20 * DAY, rung.days)
        for place, rung in enumerate(USUAL.steps[:climbed])
    ]
    coming = next_step(USUAL, one, taken, spans, today=today)
    if coming.is_due:
        assert coming.due_on is not None
        assert coming.due_on <= today
        assert coming.step not in {step.step for step in taken}
        assert not any(span.first <= today <= span.last for span in spans)
        assert coming.step is not Step.PENALTY or today > one.end
    elif coming.due_on is not None:
        assert coming.due_on > today


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), st.none() | st.integers(0, 200)))
)
def test_every_signal_is_judged_or_waits(rows: list[tuple[int, int, int | None]]) -> None:
    signals = [
        Signalled(
            START - late * DAY,
            START + on * DAY,
            None if caught is None else START + (on + caught) * DAY,
            8,
        )
        for late, on, caught in rows
    ]
    effect = effect_of(signals, today=START + 150 * DAY)
    assert effect.signals + effect.waiting == len(rows)
    assert effect.caught_up <= effect.signals
    assert effect.caught_up == sum(caught is not None and caught <= 56 for *_, caught in rows)


def test_who_catches_up_on_the_last_day_of_the_weeks_is_in_time() -> None:
    signal, last = date(2023, 5, 1), date(2023, 6, 26)  # eight weeks
    for on, in_time in ((last, 1), (last + DAY, 0)):
        effect = effect_of([Signalled(signal, signal, on, 8)], today=date(2023, 12, 1))
        assert (effect.signals, effect.caught_up) == (1, in_time)
    waits = Signalled(signal, signal, None, 8)
    assert effect_of([waits], today=last).waiting == 1
    assert effect_of([waits], today=last + DAY).waiting == 0


@given(st.integers(0, 10**9), st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_what_is_due_is_what_the_forecast_calls_due(owed: int, today: date) -> None:
    start, end = date(2025, 1, 1), date(2026, 5, 13)
    pace = Pace(owed, 0, 0, owed, start, end)
    assert pace.due_cents(today) == due_cents(owed, start, end, today)
