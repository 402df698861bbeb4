"""A table as a spreadsheet shows it: the shape between file formats and reading.

An integration makes a `Table` of any file; nothing here knows which format it was. Rows and
columns keep the numbers that people see on their screen, because every message names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telmee.core.tables.cells import Cell, is_blank, text_of
from telmee.core.tables.columns import Column, Columns

Row = Sequence[Cell]
#: So many rows with what a sheet is called stand above its headings at most.
_TITLES_MAX = 20


@dataclass(frozen=True, slots=True)
class Looks:
    """How a sheet shows what is in it, where whoever looks at it may think something else.

    Rows and columns are numbered as on screen. Of `merged` cells the first row, first column, last
    row and last column; what they hold was put in each of their rows.
    """

    hidden: bool = False
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    struck_rows: Sequence[int] = ()
    merged: Sequence[tuple[int, int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows from the first that holds anything.

    `first_row` and `first_column` are where that is on screen (1 is the first row, and column A);
    `number` is the sheet's place in the workbook. Rows may differ in length.
    """

    name: str
    rows: Sequence[Row]
    first_row: int = 1
    first_column: int = 1
    number: int = 1
    looks: Looks = Looks()


@dataclass(frozen=True, slots=True)
class Table:
    """A file: the sheet with the lines, and the sheets that are not read as data.

    The other sheets are here because a BSN may not be anywhere in a file. Whoever makes a table
    bounds the number of rows times the longest row: reading squares it off.
    """

    file_name: str
    sheet: Sheet
    others: tuple[Sheet, ...] = ()


def column_letters(number: int) -> str:
    """The name of a column as spreadsheets write it.

    >>> column_letters(1), column_letters(26), column_letters(27), column_letters(16384)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def known_column(columns: Columns, heading: Cell) -> Column | None:
    """The column that a heading cell stands for; None where it is not one of these."""
    return columns.by_heading(text_of(heading))


def header_index(sheet: Sheet) -> int | None:
    """The index of the header: the first row that holds anything. None on an empty sheet."""
    for index, row in enumerate(sheet.rows):
        if not all(map(is_blank, row)):
            return index
    return None


def has_required_columns(columns: Columns, sheet: Sheet) -> bool:
    """Whether a sheet's header names every column that such a table cannot do without."""
    index = header_index(sheet)
    return index is not None and _heads(columns, sheet.rows[index])


def header_below(columns: Columns, sheet: Sheet, header: int) -> int | None:
    """The index of a row below the header that is one, of a sheet whose first row is a title."""
    rows = enumerate(sheet.rows[header + 1 : header + 1 + _TITLES_MAX], start=header + 1)
    return next((index for index, row in rows if _heads(columns, row)), None)


def _heads(columns: Columns, row: Row) -> bool:
    """Whether a row names every column that such a table cannot do without."""
    known = {column.name for cell in row if (column := known_column(columns, cell))}
    return known.issuperset(columns.required)
