"""A sheet taken apart: its header recognised, and what is below it turned on its side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from telmee.core.tables.cells import Cell, is_blank
from telmee.core.tables.columns import Column, Columns
from telmee.core.tables.table import Row, Sheet, column_letters, header_index, known_column

#: A message lists at most so many other rows, headings or sheets; so do the notices.
LISTED_MAX = 20


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet taken apart: its headings, and the cells below them as columns.

    `known` has the columns that were recognised by their positions, which count from the sheet's
    first column; `rows` holds the index of each line below the header.
    """

    sheet: Sheet
    header: int
    headings: Row
    known: Mapping[int, Column]
    columns: Sequence[Sequence[Cell]]
    rows: Sequence[int]

    @property
    def first_line(self) -> int:
        """The number on screen of the row below the header."""
        return self.sheet.first_row + self.header + 1

    def letters(self, place: int) -> str:
        """The name of a position as it is on screen."""
        return column_letters(self.sheet.first_column + place)


def taken_apart(sheet: Sheet, columns: Columns) -> Grid:
    """A sheet with its header recognised and what is below it turned on its side."""
    header = header_index(sheet)
    if header is None:
        return Grid(sheet, -1, (), {}, (), ())
    headings = list(sheet.rows[header])
    while is_blank(headings[-1]):
        headings.pop()
    known = {
        place: column
        for place, cell in enumerate(headings)
        if (column := known_column(columns, cell))
    }
    rows = sheet.rows[header + 1 :]
    lengths = {*map(len, rows), len(headings)}
    width = max(lengths)
    if len(lengths) > 1:
        rows = [[*row, *(None for _ in range(width - len(row)))] for row in rows]
    cells = [list(map(itemgetter(place), rows)) for place in range(width)]
    return Grid(sheet, header, headings, known, cells, range(len(rows)))


def listed(names: Sequence[str]) -> str:
    """Names with commas between, up to a number that fits in a sentence."""
    return ", ".join(names[:LISTED_MAX]) + (", …" if len(names) > LISTED_MAX else "")
