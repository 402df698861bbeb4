from datetime import date

from telmee.integrations.holidays_nl import public_holidays


def test_a_year_by_the_algemene_termijnenwet() -> None:
    weekdays = sorted(day for day in public_holidays([2026]) if day.weekday() < 5)
    assert weekdays == [
        date(2026, 1, 1),
        date(2026, 4, 3),  # Good Friday, on a par by article 3, second paragraph
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 5),  # every year by this law, not once in five
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 12, 25),
    ]
    assert date(2026, 12, 26) in public_holidays([2026])  # a Saturday


def test_the_fifth_of_may_counts_in_every_year() -> None:
    years = range(1990, 2060)
    assert {date(year, 5, 5) for year in years} <= public_holidays(years)


def test_kings_day_is_celebrated_on_saturday_when_it_is_a_sunday() -> None:
    days = public_holidays([2025])
    assert date(2025, 4, 26) in days
    assert date(2025, 4, 27) not in days


def test_days_that_are_no_holiday_by_law_are_left_out() -> None:
    assert not {date(2026, 5, 15), date(2026, 12, 24), date(2026, 12, 31)} & public_holidays([2026])


def test_no_years_no_days() -> None:
    assert public_holidays([]) == frozenset()
