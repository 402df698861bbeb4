from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.obligations import assess, holiday_years
from telmee.core.obligations.deadlines import add_working_days
from telmee.integrations.holidays_nl import public_holidays
from tests.core.obligations.published import NOORD_HOLLAND, SCHIEDAM, contract_of, scheme_of

SEVEN_DAYS = """
[deadlines.report]
what = "report to the desk"
moment = "award"
days = 7
"""


def due(rules: str, **facts: Any) -> tuple[date | None, str | None]:
    found = assess(scheme_of(rules), contract_of(100, **facts)).deadlines[0]
    return found.due, found.reason


def test_calendar_days_are_added_and_not_moved() -> None:
    """Within seven days of the award (Amsterdam); a Sunday stays a Sunday."""
    assert due(SEVEN_DAYS, award=date(2026, 5, 10)) == (date(2026, 5, 17), None)


@pytest.mark.parametrize(
    ("final_award", "expected"),
    [
        (date(2026, 3, 2), date(2026, 3, 11)),  # Monday: seven working days on
        (date(2026, 3, 6), date(2026, 3, 17)),  # Friday, over two weekends
        (date(2026, 3, 7), date(2026, 3, 17)),  # Saturday counts as Friday
        (date(2026, 3, 30), date(2026, 4, 10)),  # Good Friday and Easter Monday
        (date(2026, 4, 24), date(2026, 5, 7)),  # King's Day and 5 May, no fifth year
        (date(2026, 5, 13), date(2026, 5, 26)),  # Ascension Day and Whit Monday
        (date(2026, 12, 22), date(2027, 1, 4)),  # Christmas and New Year, into the next year
    ],
)
def test_working_days_skip_weekends_and_holidays(final_award: date, expected: date) -> None:
    contract = contract_of(300_000, final_award=final_award)
    holidays = public_holidays(holiday_years(NOORD_HOLLAND, contract))
    (found,) = assess(NOORD_HOLLAND, contract, holidays=holidays).deadlines
    assert (found.due, found.working, found.days) == (expected, True, 7)


def test_without_the_date_of_the_moment_there_is_no_due_date() -> None:
    assert due(SEVEN_DAYS) == (None, "date_unknown")


def test_an_award_is_not_a_final_award() -> None:
    rules = SEVEN_DAYS.replace('"award"', '"final_award"')
    assert due(rules, award=date(2026, 5, 10)) == (None, "date_unknown")
    assert due(rules, final_award=date(2026, 5, 10)) == (date(2026, 5, 17), None)


def test_without_a_number_of_days_there_is_no_due_date() -> None:
    assert due(SEVEN_DAYS.replace("days = 7", ""), award=date(2026, 5, 10)) == (
        None,
        "days_unstated",
    )


def test_what_comes_with_the_bid_is_due_on_its_day() -> None:
    found = assess(SCHIEDAM, contract_of(1_000_000, bid=date(2025, 10, 1)))
    (consent,) = found.deadlines
    assert (consent.due, consent.days) == (date(2025, 10, 1), None)
    assert [step.step for step in consent.explanation] == ["with_the_bid", "due"]


def test_what_comes_with_a_bid_of_an_unknown_day_is_said_once() -> None:
    (consent,) = assess(SCHIEDAM, contract_of(1_000_000)).deadlines
    assert (consent.due, consent.reason) == (None, "date_unknown")
    assert [step.step for step in consent.explanation] == ["with_the_bid_unknown"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("start", date(2026, 1, 8)),
        ("end", date(2027, 1, 7)),
        ("completion", date(2026, 12, 8)),
    ],
)
def test_moments_of_the_contract_itself(moment: str, expected: date) -> None:
    rules = SEVEN_DAYS.replace('"award"', f'"{moment}"')
    assert due(rules, completion=date(2026, 12, 1)) == (expected, None)


def test_days_left_are_counted_from_the_day_of_the_position() -> None:
    contract = contract_of(100, award=date(2026, 5, 1), as_of=date(2026, 5, 6))
    assert assess(scheme_of(SEVEN_DAYS), contract).deadlines[0].days_left == 2
    assert assess(scheme_of(SEVEN_DAYS), contract_of(100)).deadlines[0].days_left is None


def test_where_nothing_is_owed_nothing_is_due() -> None:
    rules = SEVEN_DAYS + "[obligation.thresholds.all]\namount = 101"
    contract = contract_of(100, award=date(2026, 5, 1))
    assert assess(scheme_of(rules), contract).deadlines == ()


def test_where_a_person_must_judge_deadlines_run() -> None:
    found = assess(scheme_of(SEVEN_DAYS), contract_of(100, award=date(2026, 5, 1)))
    assert (found.owed_cents, found.deadlines[0].due) == (None, date(2026, 5, 8))


def test_only_working_days_need_holidays() -> None:
    contract = contract_of(100, award=date(2026, 5, 1), final_award=date(2026, 12, 1))
    assert holiday_years(scheme_of(SEVEN_DAYS), contract) == frozenset()
    assert holiday_years(NOORD_HOLLAND, contract) == {2026, 2027}
    assert holiday_years(NOORD_HOLLAND, contract_of(100)) == frozenset()


@given(
    moment=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    days=st.integers(1, 400),
    off=st.sets(st.integers(1, 600), max_size=60),
)
def test_exactly_so_many_working_days_lie_behind(moment: date, days: int, off: set[int]) -> None:
    holidays = {moment + timedelta(days=offset) for offset in off}
    last = add_working_days(moment, days, holidays)
    between = [moment + timedelta(days=n) for n in range(1, (last - moment).days + 1)]
    working = [day for day in between if day.weekday() < 5 and day not in holidays]
    assert len(working) == days
    assert working[-1] == last


@settings(max_examples=30)  # each builds the holidays of up to twenty years
@given(
    moment=st.dates(date(1970, 1, 1), date(2199, 12, 31)),
    days=st.integers(1, 3660),
)
def test_the_years_asked_for_are_enough(moment: date, days: int) -> None:
    rules = SEVEN_DAYS.replace("days = 7", f"days = {days}\nworking = true")
    scheme, contract = scheme_of(rules), contract_of(100, award=moment)
    years = holiday_years(scheme, contract)
    (found,) = assess(scheme, contract, holidays=public_holidays(years)).deadlines
    assert found.due is not None
    assert {moment.year, found.due.year} <= years
