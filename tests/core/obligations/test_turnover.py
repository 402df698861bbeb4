"""The periods of turnover: of the calendar, without a gap, and read as they are written."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.obligations.turnover import PeriodKind, periods_of, read_period

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(
    start=days,
    length=st.integers(0, 2000),
    kind=st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.MONTH]),
)
def test_periods_follow_on_each_other_and_are_read_back(
    start: date, length: int, kind: PeriodKind
) -> None:
    end = min(start + timedelta(days=length), date(2199, 12, 31))
    periods = periods_of(kind, start, end)
    assert periods[0].first <= start <= periods[0].last
    assert periods[-1].first <= end <= periods[-1].last
    for one, following in pairwise(periods):
        assert following.first == one.last + timedelta(days=1)
    assert [read_period(str(one), kind) for one in periods] == periods


@pytest.mark.parametrize(
    ("written", "kind", "first"),
    [
        ("2026", PeriodKind.YEAR, date(2026, 1, 1)),
        (" 2026 ", PeriodKind.YEAR, date(2026, 1, 1)),
        ("2026-H2", PeriodKind.HALF_YEAR, date(2026, 7, 1)),
        ("2026 q4", PeriodKind.QUARTER, date(2026, 10, 1)),
        ("K2 2026", PeriodKind.QUARTER, date(2026, 4, 1)),
        ("2026-03", PeriodKind.MONTH, date(2026, 3, 1)),
        ("2026/12", PeriodKind.MONTH, date(2026, 12, 1)),
    ],
)
def test_a_period_is_read_as_people_write_it(written: str, kind: PeriodKind, first: date) -> None:
    assert read_period(written, kind).first == first


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2026", PeriodKind.QUARTER),
        ("2026-K1", PeriodKind.YEAR),
        ("2026-K1", PeriodKind.HALF_YEAR),
        ("2026-3", PeriodKind.QUARTER),
        ("2026-K5", PeriodKind.QUARTER),
        ("2026-13", PeriodKind.MONTH),
        ("26", PeriodKind.YEAR),
        ("0026", PeriodKind.YEAR),
        ("2026.0", PeriodKind.YEAR),
        ("", PeriodKind.YEAR),
    ],
)
def test_what_may_be_another_period_is_refused(written: str, kind: PeriodKind) -> None:
    with pytest.raises(DomainError) as refused:
        read_period(written, kind)
    assert refused.value.problems[0].code == "period_unreadable"
