"""An amount divided over days and years: the parts add up to it, whatever the day."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import cents_per_year, done_cents, instalment_cents

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


@given(CENTS, DAYS, st.integers(0, 3000), st.lists(DAYS, max_size=4))
def test_in_however_many_parts_a_line_is_decided_each_year_counts_what_it_counts_at_once(
    cents: int, begin: date, days: int, parts: list[date]
) -> None:
    end = begin + timedelta(days=days)
    whole = cents_per_year(cents, begin, end)
    assert sum(share.cents for share in whole) == cents
    assert [share.day.year for share in whole] == sorted({share.day.year for share in whole})
    assert all(begin <= share.day <= end and share.cents > 0 for share in whole)
    counted: Counter[int] = Counter()
    until: list[date | None] = [*sorted(parts), None]
    for after, to in zip([None, *until], until, strict=False):
        for share in cents_per_year(cents, begin, end, after=after, until=to):
            counted[share.day.year] += share.cents
    assert counted == {share.day.year: share.cents for share in whole}


def test_a_year_has_what_its_days_are_of_the_whole() -> None:
    shares = cents_per_year(367_01, date(2023, 12, 31), date(2024, 12, 31))
    assert shares == [(date(2023, 12, 31), 1_00), (date(2024, 12, 31), 366_01)]
    assert cents_per_year(1_00, date(2025, 1, 1), date(2025, 1, 2), after=date(2025, 1, 2)) == []
