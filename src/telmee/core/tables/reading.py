"""Reading any table: its cells become columns, and what could not be read becomes problems.

A bad cell refuses its line and never the file: two hundred lines go on while three are mended.
What makes the whole file unreadable (a BSN, no header, no lines) is a `DomainError`.

The work goes column by column and looks at each distinct cell once, so that a file of a hundred
thousand lines costs less here than it takes to unpack.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from telmee.core.errors import DomainError, Problem
from telmee.core.periods import NO_DAY
from telmee.core.tables.cells import (
    Cell,
    is_blank,
    parse_date,
    parse_end,
    parse_enterprise,
    parse_key,
    parse_keys,
    parse_number,
    parse_text,
    shown,
    text_of,
)
from telmee.core.tables.columns import NOTHING, Column, Columns, Kind
from telmee.core.tables.grid import LISTED_MAX, Grid, listed, taken_apart
from telmee.core.tables.left_aside import Unread, notices_of, unread_columns
from telmee.core.tables.searching import require_no_bsn
from telmee.core.tables.table import Table, header_below

#: What a cell means: a day, a number, a text or nothing.
_Meaning = int | str | None


@dataclass(frozen=True, slots=True)
class TableRead:
    """What was read of a table; `notices` say what was left aside or is not as it looks.

    `cells` has what each cell of a column means, by the name of the column. `row` has the rows on
    screen, and `problems` what was wrong, by the index of a line. `unread` has the columns that
    were not recognised.
    """

    row: npt.NDArray[np.int64]
    cells: Mapping[str, Sequence[Any]]
    problems: Mapping[int, tuple[Problem, ...]]
    notices: tuple[Problem, ...]
    unread: tuple[Unread, ...]


@dataclass(slots=True)
class _Lines:
    """The lines on their way to columns, and what was wrong with them so far."""

    row: npt.NDArray[np.int64]
    cells: Mapping[str, Sequence[Cell]]
    problems: dict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))


def read_table(table: Table, columns: Columns) -> TableRead:
    """Read the lines of a table by its columns.

    Raises a `DomainError` with `bsn_found` or one of its kin, or else with all of `empty_table`,
    `missing_column`, `duplicate_column` and `no_data_rows` that apply, or `header_below` where the
    headings stand below a title. Everything else is a problem of one line.
    """
    grid = taken_apart(table.sheet, columns)
    require_no_bsn(table, grid.header, grid.known, grid.columns)
    _require_columns_and_lines(grid, columns)
    grid = _without_blank_rows(grid, columns)
    lines = _Lines(
        row=np.array(grid.rows, dtype=np.int64) + (grid.first_line),
        cells={column.name: grid.columns[place] for place, column in grid.known.items()},
    )
    cells = {name: _read_column(lines, column) for name, column in columns.items()}
    _refuse_extra_cells(lines, grid)
    problems = {
        line: tuple(replace(problem, row=int(lines.row[line])) for problem in of_line)
        for line, of_line in sorted(lines.problems.items())
    }
    unread = unread_columns(grid, columns)
    notices = tuple(notices_of(table, grid, unread))
    return TableRead(lines.row, cells, problems, notices, unread)


# The sheet -----------------------------------------------------------------------------------


def _require_columns_and_lines(grid: Grid, columns: Columns) -> None:
    """Raise what makes a table unreadable, all at once."""
    if grid.header < 0:
        raise DomainError(Problem("empty_table"))
    row = grid.sheet.first_row + grid.header
    headings = ", ".join(shown(text_of(cell)) for cell in grid.headings if not is_blank(cell))
    places = defaultdict(list)
    for place, column in grid.known.items():
        places[column.name].append(grid.letters(place))
    missing = [name for name in columns.required if name not in places]
    below = header_below(columns, grid.sheet, grid.header) if missing else None
    if below is not None:
        where = {"title": row, "headings": grid.sheet.first_row + below}
        raise DomainError(Problem("header_below", row=where["headings"], params=where))
    problems = [
        Problem("missing_column", name, row, {"found": _shortened(headings)}) for name in missing
    ]
    problems += [
        Problem("duplicate_column", name, row, {"places": listed(letters)})
        for name, letters in places.items()
        if len(letters) > 1
    ]
    if all(map(is_blank, chain.from_iterable(grid.columns))):
        problems.append(Problem("no_data_rows", row=row))
    if problems:
        raise DomainError(problems)


def _without_blank_rows(grid: Grid, columns: Columns) -> Grid:
    """Leave out the lines without any cell. Only one without the first required cell can be one."""
    first = next(
        grid.columns[place]
        for place, column in grid.known.items()
        if column.name == columns.required[0]
    )
    blank = {
        line
        for line, cell in enumerate(first)
        # The first two questions are `is_blank`, and let nearly every line through at once.
        if (not cell or (isinstance(cell, str) and cell.isspace()))
        and all(is_blank(column[line]) for column in grid.columns)
    }
    if not blank:
        return grid
    kept = [line for line in grid.rows if line not in blank]
    cells = [[column[line] for line in kept] for column in grid.columns]
    return replace(grid, columns=cells, rows=kept)


def _refuse_extra_cells(lines: _Lines, grid: Grid) -> None:
    """Refuse lines with a cell beyond the header: the cells before it may have moved one over."""
    places = defaultdict(list)
    for place in range(len(grid.headings), len(grid.columns)):
        for line, cell in enumerate(grid.columns[place]):
            if not is_blank(cell):
                places[line].append(grid.letters(place))
    for line, letters in places.items():
        lines.problems[line].append(Problem("extra_cells", params={"places": listed(letters)}))


# The lines -----------------------------------------------------------------------------------


def _read_column(lines: _Lines, column: Column) -> Sequence[_Meaning]:
    """What the cells of a column mean, with problems for cells that are missing or copies."""
    parse, empty = _parser(column)
    meanings = _meanings(lines, column.name, parse, empty)
    if column.required and empty in meanings:
        _refuse_missing(lines, column.name, meanings, empty)
    if column.unique:
        _refuse_repeated(lines, column.name, meanings)
    return meanings


def _parser(column: Column) -> tuple[Callable[[Cell], _Meaning | Problem], _Meaning]:
    """How a cell of this column is read, and what an empty one means."""
    if column.kind is Kind.DATE:
        return partial(parse_end if column.open else parse_date, column=column.name), NO_DAY
    if column.kind.is_number:
        return partial(parse_number, column=column), NOTHING
    of_kind = {
        Kind.KEY: parse_key,
        Kind.KEYS: parse_keys,
        Kind.ENTERPRISE: parse_enterprise,
    }
    return partial(of_kind.get(column.kind, parse_text), column=column.name), None


def _meanings(
    lines: _Lines,
    name: str,
    parse: Callable[[Cell], _Meaning | Problem],
    empty: _Meaning,
) -> Sequence[_Meaning]:
    """Read a column, each distinct cell once; a problem leaves `empty` and goes to its lines."""
    cells = lines.cells.get(name)
    if cells is None:
        return [empty] * len(lines.row)
    distinct = set(cells)
    if {0, 1} & distinct and bool in set(map(type, cells)):
        parsed = list(map(parse, cells))  # True equals 1, so a dictionary would take it for one
    else:
        meaning = {cell: parse(cell) for cell in distinct}
        parsed = list(map(meaning.__getitem__, cells))
        if Problem not in set(map(type, meaning.values())):
            return parsed  # type: ignore[return-value]  # the line above has just made sure
    for line, one in enumerate(parsed):
        if isinstance(one, Problem):
            lines.problems[line].append(one)
    return [empty if isinstance(one, Problem) else one for one in parsed]


def _refuse_missing(
    lines: _Lines, name: str, meanings: Sequence[_Meaning], empty: _Meaning
) -> None:
    """Refuse the lines that lack what they cannot do without; an unread cell was refused before."""
    for line, meaning in enumerate(meanings):
        if meaning == empty and not any(p.column == name for p in lines.problems[line]):
            lines.problems[line].append(Problem("missing_value", name))


def _refuse_repeated(lines: _Lines, name: str, meanings: Sequence[_Meaning]) -> None:
    """Refuse every copy of a reference: which of them is the right one, only people know."""
    if len(set(meanings)) == len(meanings):
        return
    copies: dict[_Meaning, list[int]] = defaultdict(list)
    for line, meaning in enumerate(meanings):
        if meaning is not None:
            copies[meaning].append(line)
    for alike in copies.values():
        # A file of nothing but copies must not cost its square.
        some = alike[: LISTED_MAX + 2]
        for line in alike if len(alike) > 1 else ():
            others = [str(lines.row[other]) for other in some if other != line]
            params = {"rows": listed(others)}
            lines.problems[line].append(Problem("repeated_reference", name, params=params))


def _shortened(text: str) -> str:
    """A long enumeration within a few lines of a screen."""
    return text if len(text) <= 300 else text[:299] + "…"
