"""What of a file was not read, or is not what it looks like; each is a notice, and none is silent.

Whoever looks at a sheet sees no hidden rows and no struck-out ones as effort, and takes every
column with a heading for read. So what was read otherwise is said where the sum stands.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction

from telmee.core.errors import Problem
from telmee.core.tables.cells import is_blank, shown, text_of
from telmee.core.tables.columns import Columns, heading_key
from telmee.core.tables.grid import LISTED_MAX, Grid, listed
from telmee.core.tables.searching import doubts
from telmee.core.tables.table import Sheet, Table, column_letters, header_index

#: The first heading of the sheets that explain the keys of a scheme in the template.
_EXPLANATIONS = ("sleutel", "key")


@dataclass(frozen=True, slots=True)
class Unread:
    """A column that was not read: where it is, its heading, and which lines have a cell in it.

    `likely` is the column that it may be meant for, where that one was not read elsewhere.
    """

    place: str
    heading: str
    likely: str | None
    lines: frozenset[int]


def unread_columns(grid: Grid, columns: Columns) -> tuple[Unread, ...]:
    """The columns of a table that are none of ours, from left to right."""
    missing = Columns(
        column
        for name, column in columns.items()
        if name not in {one.name for one in grid.known.values()}
    )
    unread = []
    for place, cell in enumerate(grid.headings):
        lines = (
            frozenset(line for line, one in enumerate(grid.columns[place]) if not is_blank(one))
            if place not in grid.known
            else frozenset()
        )
        if place not in grid.known and (lines or not is_blank(cell)):
            heading = shown(text_of(cell))
            unread.append(Unread(grid.letters(place), heading, _likely(heading, missing), lines))
    return tuple(unread)


def notices_of(table: Table, grid: Grid, unread: Sequence[Unread]) -> Iterator[Problem]:
    """What somebody should know beside the lines: a BSN in doubt, what was not read, its looks."""
    yield from doubts(grid.sheet, grid.header, grid.known, grid.columns)
    yield from _about_columns(grid, unread)
    yield from _about_sheets(table)
    yield from _about_looks(grid)


def _about_columns(grid: Grid, unread: Sequence[Unread]) -> Iterator[Problem]:
    row = grid.first_line - 1
    for one in unread[:LISTED_MAX]:
        params = {"place": one.place, "heading": one.heading}
        if not one.heading:
            yield Problem("unnamed_column", row=row, params=params)
        elif one.likely:
            yield Problem("unknown_column_alike", row=row, params={**params, "likely": one.likely})
        else:
            yield Problem("unknown_column", row=row, params=params)
    if len(unread) > LISTED_MAX:
        yield Problem("unknown_columns_more", params={"count": len(unread) - LISTED_MAX})


def _about_sheets(table: Table) -> Iterator[Problem]:
    if table.sheet.looks.hidden:
        yield Problem("hidden_sheet_read", params={"sheet": shown(table.sheet.name)})
    others = [sheet for sheet in table.others if _may_hold_lines(sheet)]
    for code, hidden in (("ignored_sheets", False), ("ignored_hidden_sheets", True)):
        names = [shown(sheet.name) for sheet in others if sheet.looks.hidden is hidden]
        if names:
            params = {"sheet": shown(table.sheet.name), "ignored": listed(names)}
            yield Problem(code, params=params)


def _may_hold_lines(sheet: Sheet) -> bool:
    """Whether a sheet holds something, and is not one that explains the keys of a scheme."""
    header = header_index(sheet)
    if header is None:
        return False
    return heading_key(text_of(sheet.rows[header][0])) not in _EXPLANATIONS


def _about_looks(grid: Grid) -> Iterator[Problem]:
    looks = grid.sheet.looks
    lines = {grid.first_line + line for line in grid.rows}
    for code, rows in (("hidden_rows", looks.hidden_rows), ("struck_rows", looks.struck_rows)):
        if concerned := sorted(lines.intersection(rows)):
            yield Problem(code, params={"rows": _in_runs(concerned), "count": len(concerned)})
    places = {grid.sheet.first_column + place: column for place, column in grid.known.items()}
    hidden = [
        f"{places[number].name} ({column_letters(number)})"
        for number in sorted(places.keys() & set(looks.hidden_columns))
        if not all(map(is_blank, grid.columns[number - grid.sheet.first_column]))
    ]
    if hidden:
        yield Problem("hidden_columns", params={"columns": listed(hidden)})
    merged = [
        f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
        for top, left, bottom, right in looks.merged
        if any(left <= number <= right for number in places)
    ]
    if merged:
        yield Problem("merged_cells", params={"places": listed(merged)})


def _in_runs(numbers: Iterable[int]) -> str:
    """Numbers with those that follow each other as one.

    >>> _in_runs([3, 4, 5, 9])
    '3-5, 9'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return listed([str(a) if a == b else f"{a}-{b}" for a, b in runs])


def _likely(heading: str, columns: Columns) -> str | None:
    """The column that a heading was probably meant for.

    That is one of which people use other words, or else one of which four in five signs agree.
    """
    typed = heading_key(heading)
    for name, column in columns.items():
        if column.also and re.search(column.also, typed):
            return name
    matcher = SequenceMatcher(b=typed)
    alike = []
    for name in columns:
        key = heading_key(name)
        matcher.set_seq1(key)
        agree = 2 * sum(block.size for block in matcher.get_matching_blocks())
        likeness = Fraction(agree, len(key) + len(typed))
        if likeness >= Fraction(4, 5):
            alike.append((likeness, key, name))
    return max(alike)[-1] if alike else None
