"""The clocks of persons: guessed all at once or walked through, they come to the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from telmee.core.periods import NO_DAY, date_of
from telmee.core.schemes.model import Unit
from telmee.core.tables.columns import Coded
from telmee.core.valuation import persons, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.order import NEVER, in_order
from tests.builders import contributions_of
from tests.strategies import Case, Thrown, a_case, block_of, scheme_of

LIMITS = (1, 3, 12, 24)


def a_case_of_clocks(months: tuple[int, ...], seed: int) -> Case:
    blocks = tuple(block_of(f"b{n}", Unit.FULL_TIME_YEAR, max_months=n) for n in months)
    return a_case(Thrown(seed), scheme_of(weekly_hours=36_00, gap_months=6, blocks=blocks), 3_000)


@pytest.mark.parametrize("months", [LIMITS, (12,)], ids=["mixed", "one limit"])
@pytest.mark.parametrize("seed", range(3))
def test_guessing_and_walking_agree(
    months: tuple[int, ...], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case_of_clocks(months, seed)
    lines = contributions_of(case.rows)
    # Two dozen persons have long stories, one for all lines an endless one.
    for many in (lines.person, few_persons(lines.person, 24), few_persons(lines.person, 1)):
        told = []
        for guesses in (0, 1, 2, 8):
            monkeypatch.setattr(persons, "GUESSES", guesses)
            told.append(value(case.scheme, replace(lines, person=many)).columns)
        for columns in told[1:]:
            assert (columns.fault == told[0].fault).all()
            assert (columns.limit_end == told[0].limit_end).all()
            assert (columns.value_cents == told[0].value_cents).all()


def few_persons(person: Coded, count: int) -> Coded:
    return Coded(person.codes % np.int32(count), tuple(f"p{n}" for n in range(count)))


def test_order_is_by_group_then_day_then_position() -> None:
    dice = np.random.default_rng(1)
    group = dice.integers(0, 50, 1_000).astype(np.int32)
    day = dice.integers(18_000, 18_020, 1_000).astype(np.int32)
    day[dice.random(1_000) < 0.1] = NO_DAY
    at = np.flatnonzero(dice.random(1_000) < 0.8)
    last = np.where(day == NO_DAY, NEVER, day)
    expected = sorted(at.tolist(), key=lambda line: (group[line], last[line], line))
    for codes in (group, group * np.int32(2**24)):  # the second does not fit in one number
        order = in_order(at, codes, day)
        assert order.at.tolist() == expected
        assert (order.group == codes[order.at]).all()
        assert (order.day == last[order.at]).all()


def test_runs_of_an_order_hold_whole_groups() -> None:
    group = np.repeat(np.arange(40_000, dtype=np.int32), 2)
    group = np.append(group, np.full(100_000, 40_000, dtype=np.int32))
    order = in_order(np.arange(group.size), group, np.zeros_like(group))
    runs = [order.part(run) for run in order.runs()]
    assert len(runs) > 2
    assert np.concatenate([run.at for run in runs]).tolist() == order.at.tolist()
    ends = [int(run.group[-1]) for run in runs[:-1]]
    assert ends < [int(run.group[0]) for run in runs[1:]]
    assert not list(in_order(np.arange(0), group, group).runs())


def test_the_end_after_a_benefit_stays_beside_the_clocks_of_others() -> None:
    """The story and the receipt tell it, also where other blocks of the scheme have a clock."""
    scheme = scheme_of(
        weekly_hours=36_00,
        blocks=(
            block_of("clock", Unit.FULL_TIME_YEAR, max_months=24),
            block_of("benefit", Unit.FULL_TIME_YEAR, max_months=36, from_last_benefit_day=True),
        ),
    )
    row = {"begin": date(2023, 1, 1), "eind": date(2023, 12, 31), "uren_per_week": 36}
    row |= {"bouwblok": "benefit", "persoon": "p", "laatste_uitkeringsdag": date(2020, 3, 31)}
    valued = value(scheme, contributions_of([row]))
    assert date_of(int(valued.columns.limit_end[0])) == date(2023, 4, 1)
    assert date(2023, 3, 31) in [s.value for s in explain(valued, 0) if s.step == "counted_to"]
