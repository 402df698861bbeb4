"""Text with separators (.csv), as Dutch spreadsheets write it and as other programs do.

The separator is decided from the header alone: the one that makes the most known columns. Data
cannot decide, because a comma is in every Dutch amount.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from telmee.core.errors import DomainError, Problem
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.core.tables.table import Row, Sheet, known_column
from telmee.integrations.spreadsheets.package import CELLS_MAX, COLUMNS_MAX, refusal

#: In the order of preference when the header does not tell.
_SEPARATORS = (";", "\t", ",")
_HEAD = 100_000

#: What is in pictures and programs, and in no text that somebody typed; or the start of a page.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1b\x7f]|\A\s*<")
#: A first line by which Excel is told the separator; it is not shown.
_SEPARATOR_LINE = re.compile(r"sep=([;,\t|])\r?\n", re.IGNORECASE)
_BLANK_START = re.compile(r"[\s;,]*[\r\n]")


def read_delimited(content: bytes) -> list[Sheet]:
    """Read a CSV file as one sheet without a name; raises a `DomainError`."""
    encoding = _encoding(content)
    head = content[:_HEAD].decode(encoding, errors="ignore")
    first_line = _SEPARATOR_LINE.match(head)
    separator = first_line[1] if first_line else _separator(head)
    # Quick and never too low: a separator or a line end within quotes makes no cell.
    if sum(map(content.count, (separator.encode(), b"\n", b"\r"))) > CELLS_MAX:
        raise refusal("sheet_too_large")
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    if first_line:
        next(lines)
    rows = list(_rows(lines, separator))
    _require_rows_apart(rows, separator)
    width = max(map(len, rows), default=0)
    if width > COLUMNS_MAX or width * len(rows) > CELLS_MAX:
        raise refusal("sheet_too_large")
    return [Sheet("", rows)]


def _encoding(content: bytes) -> str:
    """Find the encoding: UTF-8 or UTF-16 if it says so or fits, else that of old Windows."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text):
            return encoding
    raise refusal("not_a_spreadsheet")


def _separator(head: str) -> str:
    """Choose the separator by the header, the first line that is not blank."""
    blank = _BLANK_START.match(head)
    header = head[blank.end() :] if blank else head

    def columns(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader(io.StringIO(header, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0, 0
        return sum(known_column(CONTRIBUTION, cell) is not None for cell in cells), len(cells)

    return max(_SEPARATORS, key=columns)


def _require_rows_apart(rows: list[Row], separator: str) -> None:
    """Refuse a tab within a cell: a sheet has none, so rows have run into each other there.

    A sheet that is copied leaves a quote at the start of a cell as it is. Then all up to the next
    quote would be one cell, with whole lines in it.
    """
    if separator == "\t":
        for row, cells in enumerate(rows, 1):
            if any(isinstance(cell, str) and separator in cell for cell in cells):
                raise DomainError(Problem("broken_csv", row=row))


def _rows(lines: io.TextIOWrapper, separator: str) -> Iterator[Row]:
    """The rows, blank ones too, so that they have the numbers a spreadsheet shows."""
    row = 0
    try:
        for cells in csv.reader(lines, delimiter=separator, strict=True):
            row += 1
            yield cells
    except csv.Error:
        raise DomainError(Problem("broken_csv", row=row + 1)) from None
