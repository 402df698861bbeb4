"""What may be double, against a second way that compares all pairs day by day."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.overlap import Doubles, Efforts, Kind, doubles_in
from telmee.core.overlap.doubles import NAMED_MAX
from telmee.core.periods import NO_DAY

CODES = ("k-20", "k-020", "k-7", "k8")
Row = dict[str, Any]


def efforts(rows: list[Row]) -> Efforts:
    def column(name: str, nothing: int, kind: type[np.generic] = np.int64) -> Any:
        return np.array([row.get(name, nothing) for row in rows], dtype=kind)

    return Efforts(
        person=column("person", -1, np.int32),
        codes=CODES,
        block=column("block", 0, np.int32),
        group=column("group", 0),
        begin=column("begin", NO_DAY, np.int32),
        end=column("end", NO_DAY, np.int32),
        worked=column("worked", 0, np.bool_),
        weekly_hours=column("hours", 0),
        full_time=column("full_time", 36),
        invoice=column("invoice", 0),
        supplier=column("supplier", -1, np.int32),
    )


def days(row: Row) -> set[int]:
    return set(range(row["begin"], row["end"])) if row.get("worked") else set()


def is_near(one: int, other: int) -> bool:
    return {one, other} == {0, 1}  # K-20 and K-020, and no other two of CODES


def fits(kind: Kind, one: Row, other: Row, rows: list[Row]) -> bool:
    """Whether two lines are double in this way, by the words of the document."""
    person, another = one.get("person", -1), other.get("person", -1)
    if kind is Kind.SAME_INVOICE:
        key = ("person", "begin", "invoice")
        is_invoice = one.get("invoice", 0) > 0 and "begin" in one
        suppliers = {row.get("supplier", -1) for row in (one, other)} - {-1}
        return is_invoice and len(suppliers) < 2 and all(one.get(k) == other.get(k) for k in key)
    if -1 in (person, another):
        return False
    if kind is Kind.NEAR_CODE:
        return is_near(person, another)
    if person != another:
        return False
    if kind is Kind.SAME_PERIOD:
        key = ("block", "begin", "end")
        return "begin" in one and all(one.get(k) == other.get(k) for k in key)
    if kind is Kind.TWO_GROUPS:
        groups = one.get("group", 0), other.get("group", 0)
        return all(groups) and not groups[0] & groups[1]
    shared = days(one) & days(other)
    if kind is Kind.OVERLAP:
        return bool(shared)
    return bool(shared) and is_over(one, rows) and is_over(other, rows)


def is_over(line: Row, rows: list[Row]) -> bool:
    """Whether on one of its days two or more lines of the person come above full time."""
    own = [row for row in rows if row.get("person", -1) == line["person"] and row.get("worked")]
    own = [row for row in own if row.get("hours", 0) > 0]
    if line.get("hours", 0) <= 0:
        return False
    overlapping = [row for row in own if any(days(row) & days(o) for o in own if o is not row)]
    full_time = max((row.get("full_time", 36) for row in overlapping), default=0)
    for day in days(line):
        running = [row for row in overlapping if day in days(row)]
        if full_time and len(running) > 1 and sum(row["hours"] for row in running) > full_time:
            return True
    return False


def slowly(rows: list[Row]) -> dict[tuple[Kind, int], set[int]]:
    """The other lines of each line, by kind; what has none is left out."""
    found: dict[tuple[Kind, int], set[int]] = {}
    for kind, (n, one), (m, other) in product(Kind, enumerate(rows), enumerate(rows)):
        if n != m and fits(kind, one, other, rows):
            found.setdefault((kind, n), set()).add(m)
    return found


@st.composite
def lines(draw: st.DrawFn) -> Row:
    row: Row = {
        "person": draw(st.integers(-1, len(CODES) - 1)),
        "block": draw(st.integers(0, 1)),
        "group": draw(st.sampled_from([0, 1, 2, 3, 4])),
        "invoice": draw(st.sampled_from([0, 0, 500])),
        "supplier": draw(st.sampled_from([-1, 0, 1])),
        "full_time": draw(st.sampled_from([0, 36, 40])),
    }
    if draw(st.booleans()):
        row["begin"] = draw(st.integers(-3, 6))
        row["end"] = row["begin"] + draw(st.integers(1, 5))
        row["worked"] = draw(st.booleans())
        row["hours"] = draw(st.sampled_from([0, 12, 24, 36, 60]))
    return row


@settings(max_examples=400)
@given(st.lists(lines(), max_size=7))
def test_it_agrees_with_comparing_all_pairs(rows: list[Row]) -> None:
    expected, doubles = slowly(rows), doubles_in(efforts(rows))
    marked = {(kind, int(n)) for kind in Kind for n in np.flatnonzero(doubles.flags[kind])}
    assert marked == expected.keys()
    assert doubles.lines.tolist() == sorted({n for _kind, n in marked})
    for n in range(len(rows)):
        told = {double.kind: set(double.others) for double in doubles.of(n)}
        said = told.get(Kind.SAME_PERIOD, set()) | told.get(Kind.OVER_FULL_TIME, set())
        overlap = expected.get((Kind.OVERLAP, n), set())
        assert told == {
            kind: others
            for (kind, line), others in expected.items()
            if line == n and (kind is not Kind.OVERLAP or not overlap <= said)
        }


@settings(max_examples=100)
@given(st.lists(lines(), max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_lines_matters_nothing(rows: list[Row], dice: Any) -> None:
    at = list(range(len(rows)))
    dice.shuffle(at)
    there, here = doubles_in(efforts([rows[n] for n in at])), doubles_in(efforts(rows))
    for kind in Kind:
        assert there.flags[kind].tolist() == [bool(here.flags[kind][n]) for n in at]


def work(begin: int, end: int, hours: int = 36, **more: Any) -> Row:
    return {"person": 2, "begin": begin, "end": end, "worked": True, "hours": hours, **more}


def of(rows: list[Row], line: int) -> dict[Kind, tuple[int, ...]]:
    return {double.kind: double.others for double in doubles_in(efforts(rows)).of(line)}


def test_periods_that_touch_do_not_overlap() -> None:
    assert of([work(0, 10), work(10, 20)], 0) == {}
    assert of([work(0, 11, 12), work(10, 20, 12)], 0) == {Kind.OVERLAP: (1,)}


def test_three_part_time_places_are_together_more_than_full_time() -> None:
    rows = [work(0, 30, 12), work(0, 10, 24), work(5, 30, 1), work(20, 30, 12)]
    assert of(rows, 0) == {Kind.OVER_FULL_TIME: (1, 2), Kind.OVERLAP: (1, 2, 3)}
    assert of(rows, 3) == {Kind.OVERLAP: (0, 2)}


def test_two_come_above_full_time_also_after_another_ended() -> None:
    rows = [work(0, 30, 20), work(0, 10, 1), work(20, 30, 20)]
    assert of(rows, 0) == {Kind.OVER_FULL_TIME: (2,), Kind.OVERLAP: (1, 2)}
    assert of(rows, 1) == {Kind.OVERLAP: (0,)}


def test_one_line_of_more_than_full_time_is_not_double() -> None:
    assert of([work(0, 10, 60)], 0) == {}
    assert of([work(0, 10, 60), work(5, 15, 0)], 0) == {Kind.OVERLAP: (1,)}


@pytest.mark.parametrize("count", [NAMED_MAX + 1, NAMED_MAX + 2, 3_000])
def test_it_names_the_first_others_and_says_that_there_are_more(count: int) -> None:
    doubles: Doubles = doubles_in(efforts([work(0, 10, block=1) for _ in range(count)]))
    (double, *_rest) = doubles.of(count // 2)
    assert len(double.others) == NAMED_MAX
    assert double.more is (count > NAMED_MAX + 1)
