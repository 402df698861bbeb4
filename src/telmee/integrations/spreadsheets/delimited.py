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

from telmee.core.contributions.table import Row, Sheet, known_column
from telmee.core.errors import DomainError, Problem
from telmee.integrations.spreadsheets.package import CELLS_MAX, COLUMNS_MAX, refusal

#: In the order of preference when the header does not tell.
_SEPARATORS = (";", "\t", ",")

#: What is in pictures and programs, and in no text that somebody typed.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1b\x7f]")
#: A first line by which Excel is told the separator; it is not shown.
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_delimited(content: bytes) -> list[Sheet]:
    """Read a CSV file as one sheet without a name; raises a `DomainError`."""
    text = _decoded(content)
    told = _SEPARATOR_LINE.match(text)
    if told:
        text = text[told.end() :]
    separator = told[1] if told else _separator(text)
    rows = list(_rows(text, separator))
    width = max(map(len, rows), default=0)
    if width > COLUMNS_MAX or width * len(rows) > CELLS_MAX:
        raise refusal("sheet_too_large")
    return [Sheet("", rows)]


def _decoded(content: bytes) -> str:
    """Give the text: UTF-8 or UTF-16 if it says so or fits, else the encoding of old Windows."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text) and not text.lstrip().startswith("<"):
            return text
    raise refusal("not_a_spreadsheet")


def _separator(text: str) -> str:
    """Choose the separator by the header, the first line that is not blank."""
    start = len(text) - len(text.lstrip("\r\n;,\t "))
    header = text[start : start + 100_000]

    def known(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader(io.StringIO(header, newline=""), delimiter=separator), [])
        except csv.Error:
            return 0, 0
        return sum(known_column(cell) is not None for cell in cells), len(cells)

    return max(_SEPARATORS, key=known)


def _rows(text: str, separator: str) -> Iterator[Row]:
    """Give the rows, blank ones too, so that they keep the numbers a spreadsheet shows."""
    # Quick and never too low: a separator or line end within quotes makes no cell.
    if text.count(separator) + text.count("\n") + text.count("\r") > CELLS_MAX:
        raise refusal("sheet_too_large")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):  # noqa: B007 - named in the refusal below
            yield cells
    except csv.Error:
        raise DomainError(Problem("broken_csv", row=row + 1)) from None
