"""Cells that were merged: what the first of them holds, holds for all rows that it spans.

A file has the value in the first place only; on screen it stands beside every row. Further columns
show nothing of their own, so what was meant there is asked instead of guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from telmee.core.tables.cells import MERGED, Cell, is_blank
from telmee.core.tables.table import Row, Sheet, header_index
from telmee.integrations.spreadsheets.package import CELLS_MAX, refusal

#: First row, first column, last row, last column, as on screen.
Range = tuple[int, int, int, int]


def with_merged(sheet: Sheet, ranges: Iterable[Range]) -> Sheet:
    """A sheet with the values of merged cells in all their rows that hold something themselves."""
    header = header_index(sheet)
    if header is None:
        return sheet
    filled = _Filled(sheet, header)
    kept = [merged for merged in sorted(ranges) if filled.spread(merged)]
    return replace(sheet, rows=filled.rows, looks=replace(sheet.looks, merged=kept))


class _Filled:
    """The rows of a sheet while merged cells are filled; a row that several share is copied."""

    def __init__(self, sheet: Sheet, header: int) -> None:
        self.rows: list[Row] = list(sheet.rows)
        self._sheet, self._header = sheet, header
        self._width = max(map(len, sheet.rows))
        self._cells_left = CELLS_MAX
        self._own: dict[int, bool] = {}

    def spread(self, merged: Range) -> bool:
        """Put the first value of merged cells in the others, and tell whether it meant anything.

        Where cells are merged with the header, it is not known what the rows below it hold.
        """
        first_row, first_column, last_row, last_column = merged
        top, left = first_row - self._sheet.first_row, first_column - self._sheet.first_column
        rows = range(
            max(top, self._header + 1, 0), min(last_row - first_row + top + 1, len(self.rows))
        )
        columns = range(max(left, 0), min(last_column - first_column + left + 1, self._width))
        if last_row < first_row or last_column < first_column:
            raise refusal("broken_workbook")
        self._cells_left -= len(rows) * len(columns)
        if self._cells_left < 0:
            raise refusal("sheet_too_large")
        value = self._at(top, left) if top > self._header and left >= 0 else MERGED
        if is_blank(value):
            return False
        filled = [self._fill(row, columns, left, value, top) for row in rows]
        return any(filled)

    def _fill(self, row: int, columns: range, left: int, value: Cell, top: int) -> bool:
        if row not in self._own:
            self._own[row] = not all(map(is_blank, self.rows[row]))
        if not self._own[row]:
            return False
        cells = [*self.rows[row], *[None] * (self._width - len(self.rows[row]))]
        for column in columns:
            if (row, column) != (top, left):
                cells[column] = _covered(cells[column], value if column == left else MERGED)
        self.rows[row] = cells
        return True

    def _at(self, row: int, column: int) -> Cell:
        inside = row < len(self.rows) and column < len(self.rows[row])
        return self.rows[row][column] if inside else None


def _covered(own: Cell, value: Cell) -> Cell:
    """What a covered cell holds; another value that it kept contradicts what is shown."""
    return value if is_blank(own) or own == value else MERGED
