"""The version that holds: by the contract's own date, never by today's."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import UNDATED, in_force, newest
from telmee.texts import problem_text
from tests.core.schemes import variants

BASE = variants.load("family")


def _version(valid_from: date | None, **facts: Any) -> Scheme:
    name = valid_from.isoformat() if valid_from else UNDATED
    return replace(BASE, version=name, valid_from=valid_from, **facts)


FIRST = _version(date(2019, 1, 1))
SECOND = _version(date(2021, 7, 1))
ENDED = _version(date(2012, 5, 29), valid_to=date(2018, 6, 8), retroactive_to=date(2011, 6, 7))


def test_the_newest_is_the_latest_date_and_undated_only_when_alone() -> None:
    assert newest(["2019-01-01", "undated", "2021-07-01"]) == "2021-07-01"
    assert newest(["undated"]) == "undated"
    assert newest([]) is None


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2019, 1, 1), FIRST),
        (date(2021, 6, 30), FIRST),
        (date(2021, 7, 1), SECOND),
        (date(2199, 12, 31), SECOND),
    ],
)
def test_a_version_holds_from_its_first_day_until_the_next(on: date, expected: Scheme) -> None:
    assert in_force([SECOND, FIRST], on) is expected


def test_retroactive_effect_moves_the_first_day_back() -> None:
    rules = variants.load("retroactive")
    assert in_force([rules], date(2019, 9, 1)) is rules
    with pytest.raises(DomainError):
        in_force([rules], date(2019, 8, 31))


def test_a_version_that_ended_is_not_followed_by_an_older_one() -> None:
    assert in_force([ENDED], date(2018, 6, 8)) is ENDED
    assert in_force([ENDED], date(2011, 6, 7)) is ENDED
    with pytest.raises(DomainError) as raised:
        in_force([ENDED], date(2018, 6, 9))
    (problem,) = raised.value.problems
    assert problem.code == "no_version_in_force"
    assert "2018-06-09" in problem_text(problem, "nl")[0]


def test_an_undated_version_holds_only_where_no_dated_one_exists() -> None:
    undated = _version(None)
    assert in_force([undated], date(1999, 1, 1)) is undated
    assert in_force([undated, FIRST], date(2020, 1, 1)) is FIRST
    with pytest.raises(DomainError):
        in_force([undated, FIRST], date(2018, 1, 1))


def test_the_last_reading_of_a_version_holds() -> None:
    again = replace(SECOND, version="2021-07-01-2")
    assert newest(["2021-07-01", "2021-07-01-2", "undated-2"]) == "2021-07-01-2"
    assert in_force([again, SECOND, FIRST], date(2021, 7, 1)) is again
    assert in_force([SECOND, again, FIRST], date(2021, 7, 1)) is again
    assert in_force([again, SECOND, FIRST], date(2021, 6, 30)) is FIRST
    first, last = _version(None), replace(_version(None), version="undated-2")
    assert in_force([first, last], date(2020, 1, 1)) is last


def test_no_versions_give_no_version() -> None:
    with pytest.raises(DomainError):
        in_force([], date(2020, 1, 1))


@given(st.permutations([FIRST, SECOND, ENDED]), st.dates(date(2019, 1, 1), date(2030, 1, 1)))
def test_the_order_of_the_versions_makes_no_difference(versions: list[Scheme], on: date) -> None:
    assert in_force(versions, on) is (SECOND if on >= date(2021, 7, 1) else FIRST)
