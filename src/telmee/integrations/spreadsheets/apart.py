"""Spreadsheets of others, read apart: what is in them comes back, they themselves do not.

The functions that end in `_there` run in the process that reads; what they give is JSON.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from telmee.core.contributions.effort_file import Reading, read_contributions
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME, REFERENCE
from telmee.core.periods import date_of
from telmee.core.tables.cells import text_of
from telmee.core.tables.columns import Coded, Columns
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.tables.contribution_columns import REFERENCE as OWN_REFERENCE
from telmee.core.tables.purchase_columns import (
    CATEGORY,
    CATEGORY_WORDS,
    PURCHASE_LIST,
    SUPPLIER,
)
from telmee.core.tables.reading import TableRead, read_table
from telmee.core.tables.table import (
    Table,
    column_letters,
    header_index,
    known_column,
)
from telmee.core.tables.turnover_columns import TURNOVER_SHEET
from telmee.integrations.apart import plain_problem, problem_of, read_apart
from telmee.integrations.spreadsheets.opening import open_table


@dataclass(frozen=True, slots=True)
class ContributionFile:
    """What was read in a file, and the letters on screen of each column that was read."""

    reading: Reading
    letters: Mapping[str, str]


def read_contribution_file(path: Path, *, lines_max: int) -> ContributionFile:
    """Read a file of contributions apart. The name of the file itself is not searched for a BSN.

    Raises a `DomainError` of `open_table` or `read_contributions`, `upload_too_many_lines` or
    `file_too_heavy`.
    """
    plain = read_apart(contributions_there, path, lines_max)
    notices = tuple(map(problem_of, plain["notices"]))
    ends = {line: problem_of(problem) for line, problem in plain["unread_ends"]}
    return ContributionFile(Reading(_batch(plain["columns"]), notices, ends), plain["letters"])


def contributions_there(path: Path, lines_max: int) -> dict[str, Any]:
    """Read a file of contributions, and give its columns."""
    table = replace(open_table(path), file_name="")  # the stored name was drawn, and tells nothing
    reading = read_contributions(table)
    if len(reading.contributions) > lines_max:
        params = {"count": len(reading.contributions), "maximum": lines_max}
        raise DomainError(Problem("upload_too_many_lines", params=params))
    return {
        "columns": _plain(reading.contributions),
        "notices": list(map(plain_problem, reading.notices)),
        "unread_ends": [[n, plain_problem(one)] for n, one in reading.unread_ends.items()],
        "letters": _letters(table),
    }


def _letters(table: Table) -> dict[str, str]:
    """The letters on screen of each column that was read."""
    header = header_index(table.sheet)
    cells = table.sheet.rows[header] if header is not None else ()
    first = table.sheet.first_column
    return {
        column.name: column_letters(first + place)
        for place, cell in enumerate(cells)
        if (column := known_column(CONTRIBUTION, cell))
    }


# Rows on several contracts ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowsOfContract:
    """The rows that name a contract, as a table of their own, and the row where it is named first.

    `contract` is empty for rows that name none.
    """

    contract: str
    row: int
    text: str


def rows_by_contract(path: Path, *, lines_max: int) -> list[RowsOfContract]:
    """Divide rows with separators by the contract that they name, apart.

    Each table has as many rows as the whole, those of other contracts blank: what is wrong in one
    is then told by the row that people see. Raises as `read_contribution_file` does.
    """
    return [RowsOfContract(*one) for one in read_apart(rows_by_contract_there, path, lines_max)]


def rows_by_contract_there(path: Path, lines_max: int) -> list[list[Any]]:
    """Divide the rows of a table by the contract that they name."""
    table = replace(open_table(path), file_name="")
    lines = read_contributions(table).contributions
    if len(lines) > lines_max:
        params = {"count": len(lines), "maximum": lines_max}
        raise DomainError(Problem("upload_too_many_lines", params=params))
    contracts = {int(row): (lines.contract[n] or "").strip() for n, row in enumerate(lines.row)}
    parts: dict[str, list[int]] = {}
    for row, contract in contracts.items():
        parts.setdefault(contract.casefold(), []).append(row)
    return [[contracts[rows[0]], rows[0], _only(table, rows, contracts)] for rows in parts.values()]


def _only(table: Table, kept: Iterable[int], lines: Collection[int]) -> str:
    """A table as text with tabs, with these of its lines; what is no line stays as it is."""
    out, kept = StringIO(), frozenset(kept)
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for row, cells in enumerate(table.sheet.rows, table.sheet.first_row):
        writer.writerow(map(text_of, cells) if row in kept or row not in lines else ())
    return out.getvalue()


# A sheet of lines ------------------------------------------------------------------------------

LineT = TypeVar("LineT")


@dataclass(frozen=True, slots=True)
class SheetFile(Generic[LineT]):
    """What was read in a sheet; a line with a problem is not among the lines."""

    lines: tuple[LineT, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]


def _sheet_file(plain: Mapping[str, Any], line_of: Callable[..., LineT]) -> SheetFile[LineT]:
    """Make what was read again, each line from its cells."""
    return SheetFile(
        tuple(line_of(*cells) for cells in plain["lines"]),
        tuple(map(problem_of, plain["problems"])),
        tuple(map(problem_of, plain["notices"])),
    )


def _sheet_rows(path: Path, table: Columns, lines_max: int) -> TableRead:
    """Read the rows of a sheet. The name of the file was drawn, and tells nothing."""
    rows = read_table(replace(open_table(path, table), file_name=""), table)
    if len(rows.row) > lines_max:
        params = {"count": len(rows.row), "maximum": lines_max}
        raise DomainError(Problem("upload_too_many_lines", params=params))
    return rows


def _plain_sheet(
    rows: TableRead, lines: list[list[Any]], problems: Iterable[Iterable[Problem]]
) -> dict[str, Any]:
    return {
        "lines": lines,
        "problems": [plain_problem(one) for of_line in problems for one in of_line],
        "notices": list(map(plain_problem, rows.notices)),
    }


# Turnover --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TurnoverLine:
    """A line of a sheet with turnover: which contract, which period, and what was invoiced.

    `cents` is None on a line of which a cell was refused: what its other cells name is looked at as
    well, so that all that is wrong is said at once. A cell that was refused is empty.
    """

    row: int
    contract: str
    period: str
    cents: int | None
    note: str


def read_turnover_file(path: Path, *, lines_max: int) -> SheetFile[TurnoverLine]:
    """Read a sheet with turnover apart. Raises as `read_contribution_file` does."""
    return _sheet_file(read_apart(turnover_there, path, lines_max), TurnoverLine)


def turnover_there(path: Path, lines_max: int) -> dict[str, Any]:
    """Read a sheet with turnover, and give its lines."""
    rows = _sheet_rows(path, TURNOVER_SHEET, lines_max)
    columns = (rows.cells[name] for name in TURNOVER_SHEET)
    lines = [
        [
            int(row),
            contract or "",
            period or "",
            None if place in rows.problems else int(cents),
            note or "",
        ]
        for place, (row, contract, period, cents, note) in enumerate(
            zip(rows.row, *columns, strict=True)
        )
    ]
    return _plain_sheet(rows, lines, rows.problems.values())


# Purchases -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of a list of purchases; `kvk` and `reference` are empty where it has none."""

    row: int
    supplier: str
    kvk: str
    cents: int
    category: str
    day: date
    reference: str


def read_purchase_file(path: Path, *, lines_max: int) -> SheetFile[PurchaseLine]:
    """Read a list of purchases apart. Raises as `read_contribution_file` does."""
    return _sheet_file(read_apart(purchases_there, path, lines_max), _purchase_line)


def _purchase_line(*cells: Any) -> PurchaseLine:
    row, supplier, kvk, cents, category, day, reference = cells
    return PurchaseLine(row, supplier, kvk, cents, category, date_of(day), reference)


def purchases_there(path: Path, lines_max: int) -> dict[str, Any]:
    """Read a list of purchases, and give its lines."""
    rows = _sheet_rows(path, PURCHASE_LIST, lines_max)
    problems = {line: list(of_line) for line, of_line in rows.problems.items()}
    lines: list[list[Any]] = []
    columns = (rows.cells[name] for name in PURCHASE_LIST)
    for place, (row, supplier, kvk, cents, category, day, reference) in enumerate(
        zip(rows.row, *columns, strict=True)
    ):
        meant = CATEGORY_WORDS.get(category or "")
        faults = problems.setdefault(place, [])
        if category and meant is None:
            params = {"value": category[:60]}
            faults.append(Problem("unknown_category", CATEGORY, int(row), params))
        faults += NAME.problems(SUPPLIER, supplier or "", int(row))
        faults += REFERENCE.problems(OWN_REFERENCE, reference or "", int(row))
        if not faults:
            known = [kvk or "", int(cents), meant, int(day), reference or ""]
            lines.append([int(row), supplier, *known])
    return _plain_sheet(rows, lines, problems.values())


# A batch as texts and numbers ------------------------------------------------------------------


def _plain(batch: Contributions) -> dict[str, Any]:
    columns = {column.name: _plain_column(getattr(batch, column.name)) for column in fields(batch)}
    problems = batch.problems.items()
    return {**columns, "problems": [[line, list(map(plain_problem, of))] for line, of in problems]}


def _plain_column(column: Any) -> Any:
    if isinstance(column, Coded):
        return [column.codes.tolist(), column.names]
    return column.tolist() if isinstance(column, np.ndarray) else column


def _batch(plain: Mapping[str, Any]) -> Contributions:
    """Make the columns again, each of the kind that it is in a batch without lines."""
    empty = contributions_from(())
    columns = {name: _column(getattr(empty, name), column) for name, column in plain.items()}
    problems = {line: tuple(map(problem_of, of)) for line, of in plain["problems"]}
    return Contributions(**{**columns, "problems": problems})


def _column(kind: Any, plain: Any) -> Any:
    if isinstance(kind, Coded):
        codes, names = plain
        return Coded(np.array(codes, dtype=np.int32), tuple(names))
    return np.array(plain, dtype=kind.dtype) if isinstance(kind, np.ndarray) else plain
