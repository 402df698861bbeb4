"""What keeps a line from having a value: every code described, and the cases that went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from telmee.core.schemes.model import DayCount, Scheme, Unit
from telmee.core.valuation import Status, value
from telmee.core.valuation.faults import FAULTS
from tests.builders import contributions_of
from tests.strategies import block_of, bonus_of, scheme_of
from tests.tidy import project

DOCUMENT = project.ROOT / "docs/algorithms/valuation.md"
YEAR = {"begin": date(2023, 1, 1), "eind": date(2023, 12, 31)}


def told(
    scheme: Scheme, *rows: dict[str, Any], unread: Sequence[int] = ()
) -> list[int | list[str] | None]:
    """The cents of each line, or the codes of its problems."""
    valuation = value(scheme, contributions_of(rows, unread))
    codes = ([problem.code for problem in valuation.problems(n)] for n in range(len(rows)))
    return [found or valuation.value_cents(line) for line, found in enumerate(codes)]


def test_every_fault_is_in_the_document() -> None:
    text = project.read(DOCUMENT)
    assert [fault.code for fault in FAULTS if f"`{fault.code}`" not in text] == []


def test_a_fault_has_one_code_and_one_bit() -> None:
    assert len({fault.code for fault in FAULTS}) == len({fault.bit for fault in FAULTS})
    assert len(FAULTS) == len({fault.code for fault in FAULTS})


def test_a_line_to_be_judged_that_is_also_wrong_is_refused() -> None:
    scheme = scheme_of(blocks=(block_of("talk", Unit.AGREEMENT),))
    rows = [{"bouwblok": "talk"}, {"bouwblok": "talk", "toeslagen": "x"}]
    valuation = value(scheme, contributions_of(rows))
    assert valuation.status(0) is Status.NEEDS_JUDGEMENT
    assert valuation.status(1) is Status.REFUSED
    assert told(scheme, *rows) == [["by_agreement"], ["unknown_bonus", "by_agreement"]]


def test_a_line_without_block_has_no_value() -> None:
    scheme = scheme_of(weekly_hours=36_00, blocks=(block_of("place", Unit.FULL_TIME_YEAR),))
    assert told(scheme, {**YEAR, "uren_per_week": 36}) == [["unknown_block"]]


def test_a_cell_that_could_not_be_read_is_not_called_missing_as_well() -> None:
    scheme = scheme_of(blocks=(block_of("year", Unit.PERSON_YEAR),))
    assert told(scheme, {"bouwblok": "year"}, unread=[0]) == [["bad_date", "missing_end"]]


def test_a_bonus_for_once_asks_an_invoice_for_no_dates() -> None:
    bonus = bonus_of("start", ["invoice"], once=True)
    scheme = scheme_of(blocks=(block_of("invoice", Unit.ACTUAL_COST),), bonuses=(bonus,))
    assert told(scheme, {"bouwblok": "invoice", "bedrag": 10, "toeslagen": "start"}) == [501_000]


def test_a_bonus_on_an_invoice_can_go_by_worked_hours() -> None:
    block = block_of("invoice", Unit.ACTUAL_COST, day_count=DayCount.WORKED_HOURS)
    scheme = scheme_of(blocks=(block,), bonuses=(bonus_of("plus", ["invoice"]),))
    row = {"bouwblok": "invoice", "bedrag": 10, "toeslagen": "plus", **YEAR}
    worked = {**row, "uren": 400, "voltijd_uren_per_jaar": 1600}
    assert told(scheme, row, worked) == [["missing_hours", "missing_full_time_hours"], 126_000]


def test_a_bonus_that_is_not_for_the_block_asks_for_no_columns() -> None:
    scheme = scheme_of(
        blocks=(block_of("invoice", Unit.ACTUAL_COST),), bonuses=(bonus_of("plus", []),)
    )
    row = {"bouwblok": "invoice", "bedrag": 10, "toeslagen": "plus"}
    assert told(scheme, row) == [["bonus_outside_blocks"]]


def test_an_invoice_needs_no_amount_per_hour() -> None:
    block = block_of("hours", Unit.HOUR, amount_cents=None, or_actual_cost=True)
    rows = [{"bouwblok": "hours", "bedrag": 10}, {"bouwblok": "hours", "uren": 1}]
    assert told(scheme_of(blocks=(block,)), *rows) == [1_000, ["no_amount"]]


def test_a_refused_line_takes_no_bonus_for_once() -> None:
    block = block_of("hours", Unit.HOUR, amount_cents=1)
    scheme = scheme_of(blocks=(block,), bonuses=(bonus_of("start", ["hours"], once=True),))
    row = {"bouwblok": "hours", "uren": 100_000, "persoon": "p", "toeslagen": "start"}
    assert told(scheme, {**row, "aantal": 101}, row) == [["too_many_hours"], 600_000]


def test_too_many_hours_are_told_with_everything_else() -> None:
    scheme = scheme_of(blocks=(block_of("hours", Unit.HOUR),))
    row = {"bouwblok": "hours", "uren": 100_000, "aantal": 101, "toeslagen": "x"}
    assert told(scheme, row) == [["unknown_bonus", "too_many_hours"]]


def test_an_unknown_block_is_only_called_outside_its_contract_when_it_is() -> None:
    """It may be a period that `--until` would end; its begin alone says nothing."""
    scheme = scheme_of(blocks=(block_of("place", Unit.PERSON_YEAR),))
    row = {"bouwblok": "plaec", "begin": date(2023, 1, 1), "contract_begin": date(2024, 1, 1)}
    outside = ["unknown_block", "outside_contract"]
    assert told(scheme, row, {**row, **YEAR}) == [["unknown_block"], outside]


def test_limits_go_by_the_block_even_when_the_scheme_has_a_default() -> None:
    """`build_scheme` has put the default in; the engine looks at the block alone."""
    block = block_of("place", Unit.PERSON_YEAR, max_months=12)
    scheme = scheme_of(blocks=(block,), default_max_months=1)
    assert told(scheme, {"bouwblok": "place", **YEAR}) == [3_000_000]
