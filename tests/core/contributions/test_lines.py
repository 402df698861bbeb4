"""A batch from cells is the batch a file would give, and two batches join to one."""

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from telmee.core.contributions.lines import contributions_from, together
from telmee.core.tables.columns import Coded
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from tests.builders import contributions_of
from tests.strategies import Case, cases


def cells(batch: Contributions) -> list[tuple[object, ...]]:
    """Every line with its cells, texts looked up; without the row, which each source numbers."""
    names = [column.field for column in CONTRIBUTION.values()]
    columns = [getattr(batch, name) for name in names]
    return [tuple(column[line] for column in columns) for line in range(len(batch))]


def typed(row: dict[str, Any]) -> dict[str, object]:
    """A row with its hours and euros in hundredths."""
    hundreds = {name for name, column in CONTRIBUTION.items() if column.kind.decimals}
    return {
        name: int(Decimal(cell) * 100) if name in hundreds and cell is not None else cell
        for name, cell in row.items()
    }


@settings(max_examples=40)
@given(cases(lines=6))
def test_rows_come_to_the_columns_that_a_file_gives(case: Case) -> None:
    made = contributions_from([typed(row) for row in case.rows])
    expected = contributions_of(case.rows)
    assert cells(made) == cells(expected)
    for column in fields(Contributions):
        one, other = getattr(made, column.name), getattr(expected, column.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, column.name
        if isinstance(one, Coded):
            assert one.codes.dtype == other.codes.dtype, column.name


@settings(max_examples=40)
@given(cases(lines=6))
def test_two_batches_join_in_their_order(case: Case) -> None:
    cut = len(case.rows) // 2
    first, then = contributions_of(case.rows[:cut]), contributions_of(case.rows[cut:], unread=[0])
    joined = together(first, then)
    assert cells(joined) == cells(contributions_of(case.rows))
    assert list(joined.problems) == [cut]
    assert joined.row.tolist() == [*first.row, *then.row]
    assert len(set(joined.block.names)) == len(joined.block.names)


def test_no_rows_are_a_batch_without_lines() -> None:
    assert len(contributions_from([])) == 0


def test_lines_are_numbered_from_one() -> None:
    assert contributions_from([{}, {"kenmerk": "A"}]).row.tolist() == [1, 2]


def test_an_unknown_column_is_a_fault_in_the_program() -> None:
    with pytest.raises(KeyError, match="bsn"):
        contributions_from([{"bouwblok": "pw", "bsn": "1"}])


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("uren", Decimal("7.5")),
        ("aantal", True),
        ("bedrag", "100"),
        ("begin", "2025-01-01"),
        ("eind", datetime(2025, 1, 1)),  # noqa: DTZ001 - no moment at all belongs here
        ("toeslagen", ["age50"]),
        ("bouwblok", date(2025, 1, 1)),
    ],
)
def test_a_cell_of_another_type_is_a_fault_in_the_program(name: str, cell: object) -> None:
    with pytest.raises(TypeError, match=name):
        contributions_from([{name: cell}])
