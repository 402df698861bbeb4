"""The register of columns: what follows from it can follow from it."""

from dataclasses import fields

import pytest

from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import (
    ALWAYS,
    ASKED,
    CONTRIBUTION,
    OF_CONTRACT,
    OF_LINE,
    OF_PLAN,
    Contributions,
)


def test_a_batch_has_a_field_for_each_column_in_the_order_of_the_register() -> None:
    of_batch = [column.name for column in fields(Contributions)]
    of_register = [column.field for column in CONTRIBUTION.values()]
    assert of_batch == ["row", *of_register, "problems"]


def test_no_two_columns_have_one_heading() -> None:
    for name, column in CONTRIBUTION.items():
        assert column.name == name
        assert CONTRIBUTION.by_heading(f" {name.replace('_', ' ').upper()} ") is column
    assert CONTRIBUTION.by_heading("opmerking") is None


@pytest.mark.parametrize("group", [ALWAYS, ASKED, OF_CONTRACT, OF_LINE, OF_PLAN])
def test_a_group_has_columns_of_the_register_once(group: tuple[str, ...]) -> None:
    assert len({*group} & CONTRIBUTION.keys()) == len(group)


def test_a_form_asks_what_is_not_the_same_for_every_line() -> None:
    assert {*ASKED} == {*OF_LINE} - {*CONTRIBUTION.required}


def test_each_kind_has_the_bound_that_belongs_to_it() -> None:
    for column in CONTRIBUTION.values():
        assert (column.maximum > 0) == column.kind.is_number, column.name
        assert bool(column.choices) == (column.kind in {Kind.KEY, Kind.KEYS}), column.name
        is_text = not column.kind.is_number and column.kind is not Kind.DATE
        assert (column.limit is not None) == (is_text and column.name in OF_LINE), column.name


def test_a_row_has_an_empty_text_and_an_amount_that_says_its_unit() -> None:
    row = CONTRIBUTION.as_row(OF_PLAN, {"bouwblok": "pw", "bedrag": 0, "toeslagen": "x"})
    assert row == {
        "block": "pw",
        "bonuses": "x",
        "certificate": "",
        "amount_cents": 0,
        **dict.fromkeys(("begin", "end", "weekly_hours", "hours", "count")),
    }
