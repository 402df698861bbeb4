"""An amount divided over days: both parts add up to it, whatever the day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import done_cents

CENTS = st.integers(0, 10**11)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(CENTS, DAYS, st.integers(0, 1000), DAYS)
def test_what_was_done_only_grows_from_nothing_to_the_whole(
    cents: int, begin: date, days: int, until: date
) -> None:
    end, day = begin + timedelta(days=days), timedelta(days=1)
    done = done_cents(cents, begin, end, until)
    assert 0 <= done <= done_cents(cents, begin, end, until + day) <= cents
    assert done_cents(cents, begin, end, begin - day) == 0
    assert done_cents(cents, begin, end, end) == cents


def test_today_was_done() -> None:
    begin, end = date(2025, 6, 1), date(2025, 6, 2)
    assert done_cents(101, begin, end, until=begin) == 50
