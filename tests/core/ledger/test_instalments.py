"""An amount divided over days: both parts add up to it, whatever the day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import done_cents, instalment_cents

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


@given(CENTS, DAYS, st.integers(0, 1000), st.lists(DAYS, max_size=6), DAYS)
def test_a_line_that_is_decided_in_parts_counts_what_it_counts_at_once(
    cents: int, begin: date, days: int, parts: list[date], last: date
) -> None:
    end, counted = begin + timedelta(days=days), 0
    for until in sorted(parts):
        done = done_cents(cents, begin, end, until)
        part, rest = instalment_cents(done, cents - done, counted, takes_all=False)
        assert part >= 0
        counted += part
        assert counted + rest == cents
    done = done_cents(cents, begin, end, last)
    part, rest = instalment_cents(done, cents - done, counted, takes_all=True)
    assert (counted + part, rest) == (cents, 0)
