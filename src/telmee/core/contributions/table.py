"""A table as a spreadsheet shows it: the shape between file formats and reading.

An integration makes a `Table` of any file; nothing here knows which format it was. Rows and
columns keep the numbers that people see on their screen, because every message names them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from telmee.core.contributions.cells import Cell, is_blank, text_of
from telmee.core.contributions.columns import COLUMNS, REQUIRED_COLUMNS

Row = Sequence[Cell]


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


@dataclass(frozen=True, slots=True)
class Table:
    """A file: the sheet with the contributions, and the sheets that are not read as data.

    The other sheets are here because a BSN may not be anywhere in a file. Whoever makes a table
    bounds the number of rows times the longest row: reading squares it off.
    """

    file_name: str
    sheet: Sheet
    others: tuple[Sheet, ...] = ()


def column_letters(number: int) -> str:
    """Name a column as spreadsheets do.

    >>> column_letters(1), column_letters(26), column_letters(27), column_letters(16384)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def heading_key(heading: str) -> str:
    """Reduce a heading to its letters and digits: case, blanks, accents and signs are forgiven.

    >>> heading_key("Uren per week"), heading_key("uren_per_week "), heading_key("Één-twee")
    ('urenperweek', 'urenperweek', 'eentwee')
    """
    parted = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(sign for sign in parted if sign.isalnum())


_COLUMN_OF_KEY = {heading_key(column): column for column in COLUMNS}


def known_column(heading: Cell) -> str | None:
    """Give the Dutch name of the column that a heading stands for, `None` if it is not ours."""
    return _COLUMN_OF_KEY.get(heading_key(text_of(heading)))


def header_index(sheet: Sheet) -> int | None:
    """Find the header: the first row that holds anything. `None` on an empty sheet."""
    for index, row in enumerate(sheet.rows):
        if not all(map(is_blank, row)):
            return index
    return None


def has_required_columns(sheet: Sheet) -> bool:
    """Tell whether a sheet's header names every column that contributions cannot do without."""
    index = header_index(sheet)
    return index is not None and set(REQUIRED_COLUMNS) <= set(map(known_column, sheet.rows[index]))
