"""What is asked for a block is what the engine tests, in every published scheme."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.schemes.model import Block, Cap, Scheme, Unit
from telmee.core.valuation import value
from telmee.core.valuation.asks import SEEN_NOT_KEPT, Ask, asks_of
from telmee.integrations.scheme_files import load_scheme
from telmee.integrations.spreadsheets.template import columns_needed
from tests.builders import contributions_of
from tests.strategies import Drawn, a_scheme, block_of, bonus_of, scheme_of
from tests.tidy import project

SCHEMES = [load_scheme(path.parent.name) for path in project.ROOT.glob("schemes/*/*.toml")]
BLOCKS = [(scheme, block) for scheme in SCHEMES for block in scheme.blocks]
BONUSES = [
    (scheme, block, bonus.key)
    for scheme, block in BLOCKS
    for bonus in scheme.bonuses
    if block.key in bonus.blocks
]
FILLED: dict[str, Any] = {
    "begin": date(2025, 1, 1),
    "eind": date(2025, 12, 31),
    "uren_per_week": 36,
    "uren": 100,
    "bedrag": 1000,
    "aantal": 2,
    "voltijd_uren_per_jaar": 1600,
    "persoon": "p1",
    "certificaat_tot": date(2026, 12, 31),
}


def row_of(ask: Ask, *columns: str) -> dict[str, Any]:
    """A line of the block with these columns filled, and no others."""
    cells = {"bouwblok": ask.block.key}
    choices = {"certificaat": [c.key for c in ask.certificates]}
    for column in columns:
        cells[column] = choices[column][0] if column in choices else FILLED[column]
    return cells


def lacking(scheme: Scheme, row: dict[str, Any]) -> set[str]:
    """The columns that the engine says are missing; `uren|bedrag` where either would do."""
    found = value(scheme, contributions_of([row])).problems(0)
    return {
        "uren|bedrag" if problem.code == "hours_or_amount" else str(problem.column)
        for problem in found
        if problem.code.startswith("missing_") or problem.code == "hours_or_amount"
    }


def assert_asks_what_is_tested(scheme: Scheme, ask: Ask, *, bonus: str | None = None) -> None:
    claimed = {} if bonus is None else {"toeslagen": bonus}
    required = ask.required_with(claimed.values())
    whole = (*required, *ask.either[:1])
    assert lacking(scheme, row_of(ask, *whole) | claimed) == set()
    for left_out in required:
        rest = [column for column in whole if column != left_out]
        assert lacking(scheme, row_of(ask, *rest) | claimed) >= {left_out}
    if ask.either:
        assert lacking(scheme, row_of(ask, *required) | claimed) == {"uren|bedrag"}


@pytest.mark.parametrize(
    ("scheme", "block"), BLOCKS, ids=[f"{s.id}/{s.version}/{b.key}" for s, b in BLOCKS]
)
def test_a_published_block_asks_what_is_tested(scheme: Scheme, block: Block) -> None:
    assert_asks_what_is_tested(scheme, asks_of(scheme, block.key))


def test_a_published_bonus_asks_what_is_tested() -> None:
    for scheme, block, bonus in BONUSES:
        assert_asks_what_is_tested(scheme, asks_of(scheme, block.key), bonus=bonus)
    assert any(asks_of(scheme, block.key).with_bonus for scheme, block in BLOCKS)


@settings(max_examples=60)
@given(st.data())
def test_any_block_asks_what_is_tested(data: st.DataObject) -> None:
    scheme = data.draw(st.composite(lambda draw: a_scheme(Drawn(draw)))())
    for block in scheme.blocks:
        ask = asks_of(scheme, block.key)
        assert_asks_what_is_tested(scheme, ask)
        for bonus in ask.bonuses:
            assert_asks_what_is_tested(scheme, ask, bonus=bonus.key)


def test_the_template_asks_nothing_that_a_form_does_not() -> None:
    for scheme, block in BLOCKS:
        ask, told = asks_of(scheme, block.key), {*columns_needed(asks_of(scheme, block.key))}
        assert told <= {*ask.required, *ask.either, *ask.optional}, (scheme.id, block.key)
        assert {*ask.required} <= told, (scheme.id, block.key)


def test_each_column_is_asked_once() -> None:
    for scheme, block in BLOCKS:
        ask = asks_of(scheme, block.key)
        asked = [*ask.required, *ask.either, *ask.optional]
        assert len(asked) == len({*asked})


def test_a_letter_with_a_bsn_on_it_is_seen_and_not_uploaded() -> None:
    told = {block.category: asks_of(scheme, block.key).upload for scheme, block in BLOCKS}
    assert told == {
        "placement": False,
        "education": False,
        "work_experience": False,
        "training": True,
        "social_procurement": True,
        "activity": True,
    }
    assert {category for category, upload in told.items() if not upload} == SEEN_NOT_KEPT


def test_somebody_is_asked_for_where_it_matters() -> None:
    hours = block_of("hours", Unit.HOUR, category="activity")
    plain = asks_of(scheme_of(blocks=(hours,)), "hours")
    cap = Cap("most", "person", 1, None, frozenset({"hours"}))
    capped = asks_of(scheme_of(blocks=(hours,), caps=(cap,)), "hours")
    once = bonus_of("start", ["hours"], once=True)
    given_once = asks_of(scheme_of(blocks=(hours,), bonuses=(once,)), "hours")
    assert [("persoon" in ask.optional) for ask in (plain, capped, given_once)] == [
        False,
        True,
        True,
    ]
    assert plain.optional == ("begin", "eind", "aantal")


def test_hours_a_week_are_asked_for_where_there_is_a_minimum() -> None:
    block = block_of("months", Unit.MONTH, min_weekly_hours=12_00)
    ask = asks_of(scheme_of(blocks=(block,)), "months")
    assert (ask.required, ask.optional) == (("begin", "eind"), ("uren_per_week", "persoon"))


def test_what_the_source_says_about_a_block_comes_along() -> None:
    scheme = load_scheme("harlingen")
    ask = asks_of(scheme, "pw_lt2")
    assert ask.required == ("begin", "eind", "uren_per_week")
    assert ask.max_months == ask.block.max_months == 24
    assert (ask.evidence, ask.conditions) == (ask.block.evidence, ask.block.conditions)
    assert {bonus.key for bonus in ask.bonuses} >= {"age50", "age55"}


def test_an_unknown_block_is_told_with_what_there_is() -> None:
    with pytest.raises(DomainError) as told:
        asks_of(load_scheme("harlingen"), "nonsense")
    (problem,) = told.value.problems
    assert problem.code == "unknown_block"
    assert "pw_lt2" in str(problem.params["known"])


def test_what_was_bought_names_its_supplier_and_nothing_else_does() -> None:
    for scheme, block in BLOCKS:
        bought = block.category == "social_procurement" or block.needs_certificate
        asks_supplier = "leverancier" in asks_of(scheme, block.key).optional
        assert asks_supplier == bought, (scheme.id, block.key)
