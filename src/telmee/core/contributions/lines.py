"""Batches that are made from cells that were read before, and not from a file.

A form and a database hand over whole cells; a batch of them is the same columns that a file gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core.periods import NO_DAY, day_of
from telmee.core.tables.columns import NOTHING, Coded, Column, Kind, column_of_batch
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions

_Cell = TypeVar("_Cell")
_Rows = Sequence[Mapping[str, object]]


def contributions_from(rows: _Rows) -> Contributions:
    """A batch of rows by their Dutch column names; a column that is left out is empty.

    Dates are `date`; hours are hundredths, euros cents and `aantal` pieces, all `int`; the rest is
    text, `toeslagen` keys with commas between. What fills a row knows the columns, so an unknown
    one raises `KeyError` and a value of another type `TypeError`: both are faults in the program.
    """
    unknown = {name for row in rows for name in row} - CONTRIBUTION.keys()
    if unknown:
        raise KeyError(*sorted(unknown))
    columns = {
        column.field: column_of_batch(column, _meanings(rows, column))
        for column in CONTRIBUTION.values()
    }
    return Contributions(row=np.arange(1, len(rows) + 1, dtype=np.int64), **columns)


def _meanings(rows: _Rows, column: Column) -> Sequence[int | str | None]:
    """What the cells of a column mean, as reading a file would have it."""
    if column.kind is Kind.DATE:
        days = _cells(rows, column.name, date)
        return [NO_DAY if day is None else day_of(day) for day in days]
    if column.kind.is_number:
        return [NOTHING if n is None else n for n in _cells(rows, column.name, int)]
    return _cells(rows, column.name, str)


def _cells(rows: _Rows, name: str, kind: type[_Cell]) -> list[_Cell | None]:
    """The cells of a column; a subclass will not do, as a truth value is an `int` to Python."""
    cells: list[_Cell | None] = []
    for row in rows:
        cell = row.get(name)
        if cell is not None and type(cell) is not kind:
            raise TypeError(f"{name} takes {kind.__name__}, not {type(cell).__name__}")
        cells.append(cell)
    return cells


def together(first: Contributions, then: Contributions) -> Contributions:
    """One batch behind another, with the lines in that order."""
    columns: dict[str, Any] = {
        column.name: _JOINED[type(getattr(first, column.name))](
            getattr(first, column.name), getattr(then, column.name)
        )
        for column in fields(Contributions)
        if column.name not in {"reference", "problems"}
    }
    moved = {len(first) + line: problems for line, problems in then.problems.items()}
    return Contributions(
        reference=[*first.reference, *then.reference],
        problems={**first.problems, **moved},
        **columns,
    )


def _texts(first: Coded, then: Coded) -> Coded:
    """The texts of both, numbered anew; texts are looked up once each, not once per line."""
    names = tuple(dict.fromkeys((*first.names, *then.names)))
    number = {name: place for place, name in enumerate(names)}
    of_then = np.array([*(number[name] for name in then.names), NOTHING], dtype=np.int32)
    return Coded(np.concatenate((first.codes, of_then[then.codes])), names)


def _numbers(first: npt.NDArray[Any], then: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate((first, then))


_JOINED: Mapping[type, Callable[[Any, Any], Any]] = {Coded: _texts, np.ndarray: _numbers}
