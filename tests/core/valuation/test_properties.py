"""What must hold for every scheme and every batch, whatever the amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from telmee.core.money import LINE_CENTS_MAX
from telmee.core.periods import FIRST_DATE, LAST_DATE, day_of
from telmee.core.schemes.model import Cap, DayCount, Scheme, Unit
from telmee.core.valuation import Status, Valuation, value
from telmee.core.valuation.explanation import explain
from tests import oracle
from tests.builders import contributions_of
from tests.oracle import person_of
from tests.strategies import (
    Case,
    Drawn,
    a_block,
    a_bonus,
    a_cap,
    an_end,
    block_of,
    bonus_of,
    cases,
    scheme_of,
    the_measures,
)

ONE = timedelta(days=1)
#: Each property is cheap to break and dear to draw.
FEW = settings(max_examples=60)


def valuation_of(case: Case, **parts: Any) -> Valuation:
    """Value a case, with some parts of it replaced."""
    case = replace(case, **parts)
    return value(
        case.scheme,
        contributions_of(case.rows, case.unread),
        until=None if case.until is None else day_of(case.until),
        obligations=case.obligations,
    )


def value_of(scheme: Scheme, **row: Any) -> int | None:
    """Value one line."""
    return value(scheme, contributions_of([row])).value_cents(0)


def outcome(valuation: Valuation) -> dict[str | None, tuple[int | None, int]]:
    """Per `kenmerk`: the value and the faults."""
    lines = valuation.lines
    return {
        lines.reference[line]: (valuation.value_cents(line), int(valuation.columns.fault[line]))
        for line in range(len(lines))
    }


def values(valuation: Valuation) -> list[int | None]:
    return [valuation.value_cents(line) for line in range(len(valuation))]


def without_problems(case: Case) -> Case:
    return replace(case, unread=())


@FEW
@given(cases())
def test_the_same_input_gives_the_same_result(case: Case) -> None:
    assert outcome(valuation_of(case)) == outcome(valuation_of(case))


@FEW
@given(cases().map(without_problems), st.randoms(use_true_random=False))
def test_the_order_of_lines_matters_only_on_the_same_day(case: Case, dice: Any) -> None:
    """Lines of one day are taken by row; so among themselves they keep their order here."""
    valuation = valuation_of(case)
    of_day: dict[int, list[int]] = defaultdict(list)
    for line, day in enumerate(valuation.columns.counted_from.tolist()):
        of_day[day].append(line)
    slots = [day for day, lines in of_day.items() for _ in lines]
    dice.shuffle(slots)
    queues = {day: iter(lines) for day, lines in of_day.items()}
    shuffled = [case.rows[next(queues[day])] for day in slots]
    assert outcome(valuation_of(case, rows=shuffled)) == outcome(valuation)


@FEW
@given(cases().map(without_problems))
def test_persons_do_not_change_each_other(case: Case) -> None:
    """Caps per day and contract go over persons, so without those."""
    caps = tuple(cap for cap in case.scheme.caps if cap.per == "person")
    case = replace(case, scheme=replace(case.scheme, caps=caps))
    of_person: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in case.rows:
        of_person[person_of(row) or id(row)].append(row)
    apart = [outcome(valuation_of(case, rows=rows)) for rows in of_person.values()]
    together = outcome(valuation_of(case))
    assert together == {key: told for part in apart for key, told in part.items()}


@FEW
@given(cases().map(without_problems), st.integers(1, 400), st.integers(0, 7))
def test_a_later_line_changes_no_earlier_one(case: Case, after: int, like: int) -> None:
    before = outcome(valuation_of(case))
    days = [
        row[column] for row in case.rows for column in ("begin", "contract_begin") if column in row
    ]
    begin = max(days, default=date(2024, 1, 1)) + timedelta(days=after)
    later = {
        **case.rows[like % len(case.rows)],
        "kenmerk": "later",
        "begin": begin,
        "eind": begin + timedelta(days=after),
        "contract_eind": begin + timedelta(days=200),
    }
    told = outcome(valuation_of(case, rows=[*case.rows, later]))
    del told["later"]
    assert told == before


@FEW
@given(cases())
def test_bonuses_never_lower_a_value(case: Case) -> None:
    """Without caps: with them, what one line takes another cannot have."""
    bare = replace(case.scheme, caps=())
    plain = [{**row, "toeslagen": None} for row in case.rows]
    with_bonuses = values(valuation_of(case, scheme=bare))
    without = values(valuation_of(case, scheme=bare, rows=plain))
    for more, less in zip(with_bonuses, without, strict=True):
        assert more is None or less is None or more >= less


@FEW
@given(cases())
def test_caps_never_raise_a_value(case: Case) -> None:
    capped, free = valuation_of(case), valuation_of(case, scheme=replace(case.scheme, caps=()))
    assert (capped.columns.fault == free.columns.fault).all()
    assert (capped.columns.value_cents <= free.columns.value_cents).all()
    taken = sum(capped.columns.cap_cents.values())
    assert (capped.columns.value_cents + taken == free.columns.value_cents).all()


@FEW
@given(cases())
def test_no_line_is_worth_less_than_nothing_or_counts_without_a_value(case: Case) -> None:
    valuation = valuation_of(case)
    for line, cents in enumerate(values(valuation)):
        assert (cents is not None) == (valuation.status(line) is Status.VALUED)
        assert cents is None or 0 <= cents <= LINE_CENTS_MAX
    assert valuation.total_cents() == sum(cents or 0 for cents in values(valuation))


@st.composite
def periods_of_one(draw: st.DrawFn) -> tuple[Scheme, dict[str, Any]]:
    """A scheme of one block that counts time, and one sound line of it."""
    dice = Drawn(draw)
    block = a_block(dice, 0, ())
    assume(block.unit.counts_time)
    bonuses = tuple(a_bonus(dice, n, [block]) for n in range(dice.between(0, 3)))
    caps = tuple(a_cap(dice, n, [block]) for n in range(dice.between(0, 1)))
    scheme = scheme_of(weekly_hours=36_00, blocks=(block,), bonuses=bonuses, caps=caps)
    begin = draw(st.dates(date(2023, 1, 1), date(2024, 12, 31)))
    row = {
        "bouwblok": block.key,
        "begin": begin,
        "eind": an_end(dice, block, begin) or begin,
        "contract_begin": dice.among((None, date(2023, 6, 30))),
        "contract_eind": dice.among((None, date(2025, 2, 28))),
        "toeslagen": ",".join(bonus.key for bonus in bonuses if block.key in bonus.blocks),
        **the_measures(dice, scheme, block),
    }
    return scheme, row


@FEW
@given(periods_of_one(), st.integers(1, 5000))
def test_more_hours_a_week_are_never_worth_less(
    line: tuple[Scheme, dict[str, Any]], more: int
) -> None:
    scheme, row = line
    hours = row["uren_per_week"] + Decimal(more).scaleb(-2)
    assert_no_less(value_of(scheme, **row), value_of(scheme, **{**row, "uren_per_week": hours}))


@FEW
@given(periods_of_one(), st.integers(1, 800))
def test_a_later_end_is_never_worth_less(line: tuple[Scheme, dict[str, Any]], more: int) -> None:
    scheme, row = line
    end = row["eind"] + timedelta(days=more)
    assert_no_less(value_of(scheme, **row), value_of(scheme, **{**row, "eind": end}))


def assert_no_less(before: int | None, after: int | None) -> None:
    if before is not None:
        assert after is not None
        assert after >= before


@pytest.mark.parametrize("day_count", [DayCount.ANNIVERSARY, DayCount.MONTHS])
@pytest.mark.parametrize("years", [1, 2, 4])
def test_a_full_year_at_full_hours_is_the_amount_exactly(day_count: DayCount, years: int) -> None:
    block = block_of("place", Unit.FULL_TIME_YEAR, amount_cents=3_333_333, day_count=day_count)
    begins = [date(1999, 1, 1) + timedelta(days=n) for n in range(6 * 366)]
    rows = [
        {
            "bouwblok": "place",
            "begin": begin,
            "eind": oracle.add_months(begin, 12 * years) - ONE,
            "uren_per_week": 36,
        }
        for begin in [*begins, date(1900, 3, 1), date(2096, 2, 29), date(2099, 12, 31)]
    ]
    valuation = value(scheme_of(weekly_hours=36_00, blocks=(block,)), contributions_of(rows))
    assert set(values(valuation)) == {years * 3_333_333}


def assert_agrees(scheme: Scheme, rows: Sequence[dict[str, Any]], **asked: Any) -> list[int | None]:
    valuation = value(scheme, contributions_of(rows), **asked)
    verdicts = oracle.valued(rows, scheme, **asked)
    assert values(valuation) == [verdict.value_cents for verdict in verdicts]
    statuses = [str(valuation.status(line)) for line in range(len(rows))]
    assert statuses == [verdict.status for verdict in verdicts]
    return values(valuation)


#: The most that a scheme and a file may hold.
MOST = 10**9
LARGEST = {
    "begin": FIRST_DATE,
    "eind": LAST_DATE,
    "uren_per_week": 168,
    "uren": 100_000,
    "aantal": 1_000_000,
    "bedrag": Decimal(10**9),
    "voltijd_uren_per_jaar": Decimal("0.01"),
    "certificaat": "gold",
}


@pytest.mark.parametrize(
    ("unit", "day_count"),
    [
        *((unit, DayCount.ANNIVERSARY) for unit in Unit),
        *((Unit.FULL_TIME_YEAR, day_count) for day_count in DayCount),
        *((Unit.DAY_MAXIMUM, day_count) for day_count in DayCount),
        (Unit.PERSON_YEAR, DayCount.MONTHS),
    ],
)
def test_the_largest_figures_do_not_overflow(unit: Unit, day_count: DayCount) -> None:
    """Each figure alone at its largest, all but one, and all: NumPy would wrap silently."""
    percentage = 1000_00 if unit is Unit.ACTUAL_COST else 100_00
    months = 1200 if unit.counts_time else None
    block = block_of("b", unit, day_count=day_count, percentage_bp=percentage, max_months=None)
    if block.amount_cents is not None:
        block = replace(block, amount_cents=MOST)
    limited = replace(block, key="l", max_months=months)
    bonuses = [bonus_of(f"plus{n}", ("b", "l"), amount_cents=MOST) for n in range(60)]
    scheme = scheme_of(
        weekly_hours=168_00, blocks=(block, limited), bonuses=tuple(bonuses), gap_months=1200
    )
    small: dict[str, Any] = {**LARGEST, "aantal": 1, "uren": 1, "bedrag": 1}
    small |= {"eind": FIRST_DATE, "uren_per_week": 1, "voltijd_uren_per_jaar": 100_000}
    rows = [{**small, column: cell} for column, cell in LARGEST.items()]
    rows += [{**LARGEST, column: cell} for column, cell in small.items()]
    rows += [{**small, "begin": LAST_DATE, "eind": LAST_DATE}, LARGEST]
    rows += [{**row, "toeslagen": ",".join(b.key for b in bonuses)} for row in rows]
    rows += [{**row, "bouwblok": "l", "persoon": "p"} for row in rows]
    rows = [{"bouwblok": "b", **row} for row in rows]
    assert_agrees(scheme, rows)


def test_a_line_may_be_worth_a_thousand_million_and_no_more() -> None:
    block = block_of("b", Unit.PERSON_YEAR, amount_cents=MOST)
    row = {"bouwblok": "b", "begin": date(2000, 1, 1), "eind": date(2099, 12, 31)}
    rows = [row, {**row, "eind": date(2100, 1, 1)}]
    assert assert_agrees(scheme_of(blocks=(block,)), rows) == [LINE_CENTS_MAX, None]


def test_a_share_of_the_largest_obligation_does_not_overflow() -> None:
    block = block_of("b", Unit.ACTUAL_COST)
    cap = Cap("most", "contract", None, 99_99, frozenset({"b"}))
    rows = [{"bouwblok": "b", "bedrag": Decimal(10**9), "contract": "c"}] * 2
    found = assert_agrees(
        scheme_of(blocks=(block,), caps=(cap,)), rows, obligations={"c": LINE_CENTS_MAX}
    )
    assert found == [LINE_CENTS_MAX * 9999 // 10_000, 0]


@FEW
@given(cases(lines=3))
def test_a_batch_of_nothing_is_worth_nothing(case: Case) -> None:
    valuation = valuation_of(case, rows=[], unread=())
    assert valuation.total_cents() == 0
    assert valuation.all_valued()


def test_a_month_is_told_in_months_whatever_the_day_count() -> None:
    """The scheme's day count is about years; a story of worked hours would not be this line's."""
    block = block_of("wep", Unit.MONTH, day_count=DayCount.WORKED_HOURS)
    scheme = scheme_of(blocks=(block,))
    row = {"bouwblok": "wep", "begin": date(2024, 1, 1), "eind": date(2024, 3, 31)}
    told = {step.step: step for step in explain(value(scheme, contributions_of([row])), 0)}
    assert told["months"].value == 3
    assert told["base_cents"].params["how"] == "month"
