"""Make the columns that the engine values from rows that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from telmee.core.errors import Problem
from telmee.core.periods import NO_DAY, Days, day_of
from telmee.core.tables.columns import NOTHING, Coded, Column, Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions

Row = Mapping[str, Any]


def contributions_of(rows: Sequence[Row], unread: Iterable[int] = ()) -> Contributions:
    """Make a batch of rows with Dutch columns and Python values; a column left out is empty.

    Dates are `date`, hours and euros `Decimal` or `int`. `row` is the spreadsheet's row, by default
    the place of the line under a header. Lines whose index is in `unread` have a bad cell.
    """

    return Contributions(
        row=np.array([row.get("row", place + 2) for place, row in enumerate(rows)], dtype=np.int64),
        problems={line: (Problem("bad_date", "begin", line + 2),) for line in unread},
        **{column.field: _cells(rows, column) for column in CONTRIBUTION.values()},
    )


def _cells(rows: Sequence[Row], column: Column) -> Any:
    if column.kind is Kind.DATE:
        return _days(rows, column.name)
    if column.kind.is_number:
        return _numbers(rows, column.name, 10**column.kind.decimals)
    texts = [row.get(column.name) for row in rows]
    return texts if column.unique else Coded.of(texts)


def _days(rows: Sequence[Row], column: str) -> Days:
    cells: list[date | None] = [row.get(column) for row in rows]
    days = [NO_DAY if cell is None else day_of(cell) for cell in cells]
    return np.array(days, dtype=np.int32)


def _numbers(rows: Sequence[Row], column: str, parts: int) -> npt.NDArray[np.int64]:
    cells = [row.get(column) for row in rows]
    whole = [NOTHING if cell is None else int(cell * parts) for cell in cells]
    return np.array(whole, dtype=np.int64)
