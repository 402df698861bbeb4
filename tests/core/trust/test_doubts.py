"""What stands in the way of accepting a line by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.money import CENTS_MAX
from telmee.core.trust import (
    AWAY_DAYS_MAX,
    LINES_MAX,
    MONTHS_MAX,
    Doubt,
    Facts,
    Record,
    Terms,
    doubts_of,
)

USUAL: dict[str, Any] = {
    "least_lines": 20,
    "least_right_bp": 95_00,
    "months": 12,
    "most_cents": 10_000_00,
    "blocks": frozenset(("pw",)),
}


def terms(**changes: Any) -> Terms:
    return Terms(**{**USUAL, **changes})


@pytest.mark.parametrize(
    ("record", "doubts"),
    [
        (Record(20, 19), ()),
        (Record(19, 19), (Doubt.FEW_LINES,)),
        (Record(0, 0), (Doubt.FEW_LINES,)),
        (Record(20, 18), (Doubt.TOO_OFTEN_WRONG,)),
        (Record(39, 37), (Doubt.TOO_OFTEN_WRONG,)),  # 94.87%
        (Record(40, 38), ()),
    ],
)
def test_a_record_is_held_against_the_rule_without_rounding(
    record: Record, doubts: tuple[Doubt, ...]
) -> None:
    assert doubts_of(terms(), record, Facts("pw", 1)) == doubts


@pytest.mark.parametrize(
    ("line", "doubts"),
    [
        (Facts("pw", 10_000_00), ()),
        (Facts("pw", 10_000_01), (Doubt.AMOUNT,)),
        (Facts("ww", 0), (Doubt.BLOCK,)),
        (Facts("pw", None), (Doubt.NO_VALUE,)),
        (
            Facts("ww", None, frozenset((Doubt.DOUBLE, Doubt.AWAY))),
            (Doubt.AWAY, Doubt.BLOCK, Doubt.NO_VALUE, Doubt.DOUBLE),
        ),
    ],
)
def test_all_that_is_in_the_way_is_said_at_once_in_one_order(
    line: Facts, doubts: tuple[Doubt, ...]
) -> None:
    assert doubts_of(terms(), Record(20, 20), line) == doubts


def test_nobody_has_a_record_before_a_line_was_looked_at() -> None:
    assert Record().doubts(terms(least_lines=1)) == [Doubt.FEW_LINES]
    assert Record(lines=1).doubts(terms(least_lines=1)) == [Doubt.TOO_OFTEN_WRONG]


def test_two_doubts_can_be_let_pass_and_no_other() -> None:
    everything = Facts("pw", 1, frozenset(Doubt))
    lenient = terms(with_assumed=True, without_proof=True)
    left = set(doubts_of(lenient, Record(20, 20), everything))
    assert set(Doubt) - left == {Doubt.ASSUMED, Doubt.PROOF}


@pytest.mark.parametrize("doubt", [Doubt.ASSUMED, Doubt.PROOF])
def test_nothing_is_let_pass_unless_the_client_says_so(doubt: Doubt) -> None:
    line = Facts("pw", 1, frozenset((doubt,)))
    assert doubts_of(terms(), Record(20, 20), line) == (doubt,)


@given(lines=st.integers(0, 60), right=st.integers(0, 60), more=st.integers(0, 20))
def test_a_better_record_never_costs_trust(lines: int, right: int, more: int) -> None:
    right = min(lines, right)
    if Record(lines, right).is_enough(terms()):
        assert Record(lines + more, right + more).is_enough(terms())


@pytest.mark.parametrize(
    ("changes", "days", "column"),
    [
        ({"least_lines": 0}, 1, "least_lines"),
        ({"least_right_bp": 100_01}, 1, "least_right_bp"),
        ({"months": 37}, 1, "months"),
        ({"most_cents": CENTS_MAX + 1}, 1, "most_cents"),
        ({"blocks": frozenset()}, 1, "blocks"),
        ({}, AWAY_DAYS_MAX + 1, "away_days"),
    ],
)
def test_a_rule_stays_within_its_limits(changes: dict[str, Any], days: int, column: str) -> None:
    (problem,) = terms(**changes).problems(days)
    assert problem.column == column


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("least_lines", LINES_MAX),
        ("least_right_bp", 100_00),
        ("months", MONTHS_MAX),
        ("most_cents", CENTS_MAX),
    ],
)
def test_a_limit_itself_can_be_asked(name: str, most: int) -> None:
    faults = [len(list(terms(**{name: number}).problems(1))) for number in (0, 1, most, most + 1)]
    assert faults == [1, 0, 0, 1]


def test_the_most_days_without_trust_can_be_asked() -> None:
    faults = [len(list(terms().problems(days))) for days in (0, 1, AWAY_DAYS_MAX)]
    assert faults == [1, 0, 0]
