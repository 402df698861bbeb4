"""Reading: a table of cells becomes columns, and what could not be read becomes problems.

A bad cell refuses its line and never the file: two hundred lines go on while three are mended.
What makes the whole file unreadable (a BSN, no header, no lines) is a `DomainError`.

The work goes column by column and looks at each distinct cell once, so that a file of a hundred
thousand lines costs less here than it takes to unpack.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.cells import (
    NUMBER_RULES,
    Cell,
    is_blank,
    parse_date,
    parse_key,
    parse_keys,
    parse_number,
    parse_text,
    shown,
    text_of,
)
from telmee.core.contributions.columns import (
    COLUMNS,
    NOTHING,
    REQUIRED_COLUMNS,
    Coded,
    Contributions,
)
from telmee.core.contributions.searching import asked_about, require_no_bsn
from telmee.core.contributions.table import (
    Row,
    Sheet,
    Table,
    column_letters,
    header_index,
    heading_key,
    known_column,
)
from telmee.core.errors import DomainError, Problem
from telmee.core.periods import NO_DAY, Days

#: A message names at most so many other rows, headings or sheets; a list of notices likewise.
_NAMED_MAX = 20

_Meaning = TypeVar("_Meaning", int, "str | None")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a table; `notices` say what was left aside."""

    contributions: Contributions
    notices: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """A sheet taken apart: its headings, and the cells below them as columns.

    `names` gives the Dutch name of each known column by its position. Positions count from the
    sheet's first column, `rows` holds the index of each line below the header.
    """

    sheet: Sheet
    header: int
    headings: Row
    names: Mapping[int, str]
    columns: Sequence[Sequence[Cell]]
    rows: Sequence[int]

    def letters(self, place: int) -> str:
        """Name a position as it is on screen."""
        return column_letters(self.sheet.first_column + place)


@dataclass(slots=True)
class _Lines:
    """The lines on their way to columns, and what was wrong with them so far."""

    count: int
    cells: Mapping[str, Sequence[Cell]]
    problems: dict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))


def read_contributions(table: Table) -> Reading:
    """Read the contributions in a table.

    Raises a `DomainError` with `bsn_found` or one of its kin, or else with all of `empty_table`,
    `missing_column`, `duplicate_column` and `no_data_rows` that apply. Everything else is a
    problem of one line.
    """
    grid = _taken_apart(table.sheet)
    require_no_bsn(table, grid.header, grid.names, grid.columns)
    _require_columns_and_lines(grid)
    grid = _without_blank_rows(grid)
    lines = _Lines(
        count=len(grid.rows),
        cells={name: grid.columns[place] for place, name in grid.names.items()},
    )
    row = np.array(grid.rows, dtype=np.int64) + (grid.sheet.first_row + grid.header + 1)
    contributions = _read_lines(lines, row)
    _refuse_extra_cells(lines, grid)
    told = {
        line: tuple(replace(problem, row=int(row[line])) for problem in problems)
        for line, problems in sorted(lines.problems.items())
    }
    return Reading(replace(contributions, problems=told), tuple(_notices(table, grid)))


# The sheet -----------------------------------------------------------------------------------


def _taken_apart(sheet: Sheet) -> _Grid:
    """Find the header and turn what is below it on its side."""
    header = header_index(sheet)
    if header is None:
        return _Grid(sheet, -1, (), {}, (), ())
    headings = list(sheet.rows[header])
    while is_blank(headings[-1]):
        headings.pop()
    names = {place: name for place, cell in enumerate(headings) if (name := known_column(cell))}
    rows = sheet.rows[header + 1 :]
    lengths = {*map(len, rows), len(headings)}
    width = max(lengths)
    if len(lengths) > 1:
        rows = [[*row, *(None for _ in range(width - len(row)))] for row in rows]
    columns = [list(map(itemgetter(place), rows)) for place in range(width)]
    return _Grid(sheet, header, headings, names, columns, range(len(rows)))


def _require_columns_and_lines(grid: _Grid) -> None:
    """Raise what makes a table unreadable, all at once."""
    if grid.header < 0:
        raise DomainError(Problem("empty_table"))
    row = grid.sheet.first_row + grid.header
    found = ", ".join(shown(text_of(cell)) for cell in grid.headings if not is_blank(cell))
    problems = [
        Problem("missing_column", column, row, {"found": _shortened(found)})
        for column in REQUIRED_COLUMNS
        if column not in grid.names.values()
    ]
    places = defaultdict(list)
    for place, name in grid.names.items():
        places[name].append(grid.letters(place))
    problems += [
        Problem("duplicate_column", name, row, {"places": _named(letters)})
        for name, letters in places.items()
        if len(letters) > 1
    ]
    if all(map(is_blank, chain.from_iterable(grid.columns))):
        problems.append(Problem("no_data_rows", row=row))
    if problems:
        raise DomainError(problems)


def _without_blank_rows(grid: _Grid) -> _Grid:
    """Leave out the lines without any cell. Only a line without `kenmerk` can be one."""
    references = next(
        grid.columns[place] for place, name in grid.names.items() if name == "kenmerk"
    )
    blank = {
        line
        for line, cell in enumerate(references)
        # The first two questions are `is_blank`, and let nearly every line through at once.
        if (not cell or (isinstance(cell, str) and cell.isspace()))
        and all(is_blank(column[line]) for column in grid.columns)
    }
    if not blank:
        return grid
    kept = [line for line in grid.rows if line not in blank]
    columns = [[column[line] for line in kept] for column in grid.columns]
    return replace(grid, columns=columns, rows=kept)


def _refuse_extra_cells(lines: _Lines, grid: _Grid) -> None:
    """Refuse lines with a cell beyond the header: the cells before it may have moved one over."""
    places = defaultdict(list)
    for place in range(len(grid.headings), len(grid.columns)):
        for line, cell in enumerate(grid.columns[place]):
            if not is_blank(cell):
                places[line].append(grid.letters(place))
    for line, letters in places.items():
        lines.problems[line].append(Problem("extra_cells", params={"places": _named(letters)}))


# The lines -----------------------------------------------------------------------------------


def _read_lines(lines: _Lines, row: npt.NDArray[np.int64]) -> Contributions:
    """Read every column; the problems come in the order of the template."""
    references = _texts(lines, "kenmerk", parse_text)
    _refuse_repeated(lines, references, row)
    return Contributions(
        row=row,
        reference=references,
        block=Coded.of(_texts(lines, "bouwblok", parse_key)),
        begin=_days(lines, "begin"),
        end=_days(lines, "eind"),
        weekly_hours=_numbers(lines, "uren_per_week"),
        hours=_numbers(lines, "uren"),
        amount=_numbers(lines, "bedrag"),
        count=_numbers(lines, "aantal"),
        bonuses=Coded.of(_texts(lines, "toeslagen", parse_keys)),
        person=Coded.of(_texts(lines, "persoon", parse_text)),
        contract=Coded.of(_texts(lines, "contract", parse_text)),
        contract_begin=_days(lines, "contract_begin"),
        contract_end=_days(lines, "contract_eind"),
        certificate=Coded.of(_texts(lines, "certificaat", parse_key)),
        certificate_until=_days(lines, "certificaat_tot"),
        full_time_hours=_numbers(lines, "voltijd_uren_per_jaar"),
    )


def _numbers(lines: _Lines, name: str) -> npt.NDArray[np.int64]:
    """Read a number column in hundredths, cents or pieces."""
    read = partial(parse_number, rule=NUMBER_RULES[name])
    return np.array(_column(lines, name, read, NOTHING), dtype=np.int64)


def _days(lines: _Lines, name: str) -> Days:
    """Read a date column."""
    return np.array(_column(lines, name, partial(parse_date, column=name), NO_DAY), dtype=np.int32)


def _texts(
    lines: _Lines, name: str, parse: Callable[..., str | Problem | None]
) -> list[str | None]:
    """Read a text column, and refuse the lines that lack a text they cannot do without."""
    texts = _column(lines, name, partial(parse, column=name), None)
    if name in REQUIRED_COLUMNS and None in texts:
        for line, text in enumerate(texts):
            if text is None and not any(p.column == name for p in lines.problems[line]):
                lines.problems[line].append(Problem("missing_value", name))
    return texts


def _column(
    lines: _Lines,
    name: str,
    parse: Callable[[Cell], _Meaning | Problem],
    empty: _Meaning,
) -> list[_Meaning]:
    """Read a column, each distinct cell once; a problem leaves `empty` and goes to its lines."""
    cells = lines.cells.get(name)
    if cells is None:
        return [empty] * lines.count
    distinct = set(cells)
    if {0, 1} & distinct and bool in set(map(type, cells)):
        found = list(map(parse, cells))  # True equals 1, so a dictionary would take it for one
    else:
        meaning = {cell: parse(cell) for cell in distinct}
        found = list(map(meaning.__getitem__, cells))
        if Problem not in set(map(type, meaning.values())):
            return found  # type: ignore[return-value]  # the line above has just made sure
    for line, one in enumerate(found):
        if isinstance(one, Problem):
            lines.problems[line].append(one)
    return [empty if isinstance(one, Problem) else one for one in found]


def _refuse_repeated(
    lines: _Lines, references: Sequence[str | None], row: npt.NDArray[np.int64]
) -> None:
    """Refuse every copy of a `kenmerk`: which of them is the right one, only people know."""
    if len(set(references)) == len(references):
        return
    copies: dict[str, list[int]] = defaultdict(list)
    for line, reference in enumerate(references):
        if reference is not None:
            copies[reference].append(line)
    for found in copies.values():
        # A file of nothing but copies must not cost its square.
        some = found[: _NAMED_MAX + 2]
        for line in found if len(found) > 1 else ():
            others = [str(row[other]) for other in some if other != line]
            params = {"rows": _named(others)}
            lines.problems[line].append(Problem("repeated_reference", "kenmerk", params=params))


# What was left aside -------------------------------------------------------------------------


def _notices(table: Table, grid: _Grid) -> Iterator[Problem]:
    """Say what could be a BSN, and which columns and sheets were not read."""
    yield from asked_about(grid.sheet, grid.header, grid.names, grid.columns)
    row = grid.sheet.first_row + grid.header
    unread = [
        (place, shown(text_of(cell)))
        for place, cell in enumerate(grid.headings)
        if place not in grid.names
        and not (is_blank(cell) and all(map(is_blank, grid.columns[place])))
    ]
    for place, heading in unread[:_NAMED_MAX]:
        params = {"place": grid.letters(place), "heading": heading}
        likely = get_close_matches(heading_key(heading), map(heading_key, COLUMNS), n=1, cutoff=0.8)
        if not heading:
            yield Problem("unnamed_column", row=row, params=params)
        elif likely:
            name = str(known_column(likely[0]))
            yield Problem("unknown_column_alike", row=row, params={**params, "likely": name})
        else:
            yield Problem("unknown_column", row=row, params=params)
    if len(unread) > _NAMED_MAX:
        yield Problem("unknown_columns_more", params={"count": len(unread) - _NAMED_MAX})
    ignored = [shown(sheet.name) for sheet in table.others if _looks_like_contributions(sheet)]
    if ignored:
        params = {"sheet": shown(table.sheet.name), "ignored": _named(ignored)}
        yield Problem("ignored_sheets", params=params)


def _looks_like_contributions(sheet: Sheet) -> bool:
    """Tell whether a sheet that was not read has a heading of ours; an explanation has none."""
    header = header_index(sheet)
    return header is not None and any(map(known_column, sheet.rows[header]))


def _named(names: Sequence[str]) -> str:
    """List names with commas, up to a number that fits in a sentence."""
    return ", ".join(names[:_NAMED_MAX]) + (", …" if len(names) > _NAMED_MAX else "")


def _shortened(text: str) -> str:
    """Keep a long enumeration within a few lines of a screen."""
    return text if len(text) <= 300 else text[:299] + "…"
