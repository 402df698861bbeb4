"""A goal year by year: published years, then the register, and nothing added up."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from telmee.apps.reports.choices import Measure
from telmee.apps.reports.progress import Point, progress
from telmee.apps.reports.published import Series, Year, published_of
from telmee.apps.reports.results import Result
from telmee.core.explain import Text


def goal(amount: int) -> Any:
    return SimpleNamespace(amount=amount)


def series(*years: Year) -> Series:
    return Series("GM0000", "Gemeente", "Brief", "2024", Text("Rond", "Round"), years)


def test_rotterdam_goes_on_in_one_row_where_its_letter_ends() -> None:
    own = {2023: Result(verified_cents=1), 2024: Result(imposed_cents=100, verified_cents=120)}
    goals = {2025: {Measure.PERCENTAGE: goal(95_00)}}
    points = progress(Measure.PERCENTAGE, own, goals, published_of("GM0599"))
    assert [(one.year, one.value, one.goal, one.is_published) for one in points] == [
        (2018, 103_00, 90_00, True),
        (2019, 124_00, 90_00, True),
        (2020, 99_00, 90_00, True),
        (2021, 128_00, 90_00, True),
        (2022, 99_00, 95_00, True),
        # The letter ends in August 2023; nothing was imposed in the register, so it still speaks.
        (2023, 103_00, 95_00, True),
        (2024, 120_00, None, False),
        (2025, None, 95_00, False),
    ]
    assert points[5].until == date(2023, 8, 31)


def test_a_whole_year_is_told_before_a_part_of_it() -> None:
    points = progress(Measure.VERIFIED, {}, {}, published_of("GM0599"))
    last = points[-1]
    assert (last.year, last.value, last.at_least, last.until) == (2023, 35_000_000_00, True, None)


def test_the_paths_of_gooi_en_vechtstreek_are_goals_of_years_to_come() -> None:
    places = progress(Measure.PLACES, {}, {}, published_of("AM12"))
    assert places == [
        Point(2024, 31, 26, is_published=True),
        Point(2025, None, 50),
        Point(2028, None, 80),
    ]
    euros = progress(Measure.VERIFIED, {}, {}, published_of("AM12"))
    assert [(one.year, one.goal) for one in euros] == [
        (2024, None), (2027, 5_000_000_00), (2029, 10_000_000_00),
    ]  # fmt: skip


def test_a_goal_that_was_set_here_stands_before_a_published_one() -> None:
    goals = {2024: {Measure.PLACES: goal(30)}, 2025: {Measure.PLACES: goal(60)}}
    points = progress(Measure.PLACES, {2025: Result(places=40)}, goals, published_of("AM12"))
    assert [(one.year, one.value, one.goal) for one in points[:2]] == [
        (2024, 31, 30), (2025, 40, 60),
    ]  # fmt: skip


_YEARS = st.integers(2018, 2030)


@given(
    st.dictionaries(_YEARS, st.integers(1, 10**9)),
    st.dictionaries(_YEARS, st.integers(1, 10**9)),
    st.dictionaries(_YEARS, st.integers(0, 10**9)),
)
def test_each_year_is_told_once_by_one_of_the_two(
    own: dict[int, int], published: dict[int, int], goals: dict[int, int]
) -> None:
    points = progress(
        Measure.VERIFIED,
        {year: Result(verified_cents=cents) for year, cents in own.items()},
        {year: {Measure.VERIFIED: goal(cents)} for year, cents in goals.items()},
        [series(*(Year(year, cents) for year, cents in published.items()))],
    )
    assert [one.year for one in points] == sorted({*own, *published, *goals})
    for one in points:
        assert one.value == published.get(one.year, own.get(one.year))
        assert one.is_published is (one.year in published)
        assert one.goal == goals.get(one.year)
