"""OpenDocument spreadsheets (.ods), read with the standard library's XML parser.

Not with python-calamine, for three reasons that were tried: an empty cell comes out of a formula
that went wrong (#N/A), so a lost value would look like none; rows and cells that are "repeated"
a million times are written out before anybody can object; and to guard against that the XML has
to be parsed first, which is nearly all the work there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from xml.parsers import expat

from telmee.core.tables.cells import UNCALCULATED, Cell, is_formula_error
from telmee.core.tables.signs import marked, telling_sign
from telmee.core.tables.table import Looks, Row, Sheet
from telmee.integrations.spreadsheets.merged import Range, with_merged
from telmee.integrations.spreadsheets.opendocument_styles import (
    OpenDocumentStyles,
    read_opendocument_styles,
)
from telmee.integrations.spreadsheets.package import (
    CELLS_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    Package,
    refusal,
)

#: The prefixes that every program writes. Looking each name up by its address instead would
#: double the time that the parser takes.
_PREFIXES = {
    f"xmlns:{prefix}": f"urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"
    for prefix in ("office", "table", "text")
}

_SHEET, _ROW = "table:table", "table:table-row"
_CELLS = frozenset(("table:table-cell", "table:covered-table-cell"))
_COLUMNS_REPEATED, _ROWS_REPEATED = "table:number-columns-repeated", "table:number-rows-repeated"
_ROWS_SPANNED, _COLUMNS_SPANNED = "table:number-rows-spanned", "table:number-columns-spanned"
_STYLE, _CELLS_STYLE = "table:style-name", "table:default-cell-style-name"
_COLUMN, _VISIBILITY = "table:table-column", "table:visibility"
_FORMULA, _VALUE_TYPE = "table:formula", "office:value-type"
_PARAGRAPH, _BLANKS = "text:p", "text:s"
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
#: What stands around sheets, rows and columns. Anything else there (shapes, forms, recorded
#: changes) is passed over.
_AROUND_SHEETS = frozenset(("office:body", "office:spreadsheet"))
_AROUND_ROWS = frozenset(
    (
        *("table:table-header-rows", "table:table-row-group", "table:table-rows"),
        *("table:table-header-columns", "table:table-column-group", "table:table-columns"),
        _COLUMN,
    )
)

#: Elements within elements, and blanks that "text:s" may stand for in one file.
_DEPTH_MAX = 200
_BLANKS_MAX = 1_000_000
#: Bytes in one tag, its attributes included; a cell holds at most 32,767 characters.
_TAG_MAX = 4_000_000

_DURATION = re.compile(r"PT([0-9]{1,6})H([0-9]{1,6})M([0-9]{1,6})(?:[.,][0-9]+)?S")


def read_opendocument(package: Package) -> list[Sheet]:
    """Read every sheet of an .ods file; raises a `DomainError` or an `ExpatError`."""
    manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in package else b""
    if b"encryption-data" in manifest or "encrypted-package" in package:
        raise refusal("encrypted_workbook")
    reader = _Reader(read_opendocument_styles(package))
    for chunk in package.chunks("content.xml"):
        reader.parse(chunk)
    return reader.finished()


class _Rows:
    """The rows of one sheet. Blanks are written out only once something stands behind them.

    LibreOffice ends every sheet with a million repeated blank rows of sixteen thousand cells.
    """

    def __init__(self, cells_max: int) -> None:
        self.rows: list[Row] = []
        self.width = 0
        self.hidden: list[int] = []
        self.struck: list[int] = []
        self.merged: list[Range] = []
        self._is_struck = False
        self._cells_max = cells_max
        self._row: list[Cell] = []
        self._blank_rows = 0
        self._blank_cells = 0

    def add_cells(self, value: Cell, repeats: int) -> None:
        """Put a value in the next cells of the row."""
        if value is None:
            self._blank_cells += repeats
            return
        if len(self._row) + self._blank_cells + repeats > COLUMNS_MAX:
            raise refusal("sheet_too_large")
        self._row += [None] * self._blank_cells + [value] * repeats
        self._blank_cells = 0

    @property
    def column(self) -> int:
        """The number of the next cell, counted from 1."""
        return len(self._row) + self._blank_cells + 1

    @property
    def number(self) -> int:
        """The number of this row, counted from 1."""
        return len(self.rows) + self._blank_rows + 1

    def strike(self) -> None:
        """Remember that something in this row is struck out."""
        self._is_struck = True

    def end_row(self, repeats: int, *, hidden: bool) -> None:
        """Close the row; its repetitions are one and the same list."""
        self._blank_cells = 0
        struck, self._is_struck = self._is_struck, False
        if not self._row:
            self._blank_rows += repeats
            return
        self.width = max(self.width, len(self._row))
        height = len(self.rows) + self._blank_rows + repeats
        if height > ROWS_MAX or height * self.width > self._cells_max:
            raise refusal("sheet_too_large")
        self.rows += [()] * self._blank_rows + [self._row] * repeats
        if hidden:
            self.hidden += range(height - repeats + 1, height + 1)
        if struck:
            self.struck += range(height - repeats + 1, height + 1)
        self._row, self._blank_rows = [], 0


class _Reader:
    """Follows the XML from sheet to row to cell; its methods are called by the parser."""

    def __init__(self, styles: OpenDocumentStyles) -> None:
        self._styles = styles
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._sheets: list[Sheet] = []
        self._cells_left = CELLS_MAX
        self._blanks_left = _BLANKS_MAX
        self._fed = 0
        self._depth = 0
        #: The depth of the element that is being passed over with all that is in it; 0 is none.
        self._passing_over = 0
        self._name = self._look = ""
        #: For each run of columns: its last one, the style of its cells, and whether it is shown.
        self._columns: list[tuple[int, str, bool]] = []
        self._rows: _Rows | None = None
        self._row: Mapping[str, str] | None = None
        self._cell: Mapping[str, str] | None = None
        self._text: list[str] = []
        self._paragraphs = 0

    def parse(self, chunk: bytes) -> None:
        """Go on with the next piece of the file.

        A tag that does not end is read anew with every piece; so it may not be long.
        """
        self._parser.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _TAG_MAX:
            raise refusal("broken_workbook")

    def finished(self) -> list[Sheet]:
        """The sheets, after all was fed; a file that stops halfway raises an `ExpatError`."""
        self._parser.Parse(b"", True)
        return self._sheets

    def _doctype(self, *_: object) -> None:
        """Refuse a document type: no spreadsheet has one, and bombs are made of its entities."""
        raise refusal("broken_workbook")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Enter an element, if it is one that leads to a value."""
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise refusal("broken_workbook")
        if self._passing_over:
            return
        if self._cell is not None:
            entered = self._start_in_cell(name, attributes)
        elif self._row is not None:
            entered = name in _CELLS and self._start_cell(attributes)
        elif self._rows is not None:
            entered = name == _ROW or name in _AROUND_ROWS
            if name == _ROW:
                self._row = attributes
            elif name == _COLUMN:
                self._add_columns(attributes)
        else:
            entered = self._start_sheet(name, attributes)
        if not entered:
            self._passing_over = self._depth

    def _start_sheet(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Enter a sheet, or what stands around it."""
        if self._depth == 1:
            if not _PREFIXES.items() <= attributes.items():
                raise refusal("broken_workbook")
            return True
        if name == _SHEET:
            self._name = attributes.get("table:name", "")
            self._look, self._columns = attributes.get(_STYLE, ""), []
            self._rows = _Rows(self._cells_left)
        return name == _SHEET or name in _AROUND_SHEETS

    def _add_columns(self, attributes: Mapping[str, str]) -> None:
        """Take what columns say of the cells in them."""
        last = self._columns[-1][0] if self._columns else 0
        is_shown = attributes.get(_VISIBILITY, "visible") == "visible"
        style = attributes.get(_CELLS_STYLE, "")
        last += _repeats(attributes, _COLUMNS_REPEATED)
        self._columns.append((min(last, COLUMNS_MAX), style, is_shown))

    def _start_cell(self, attributes: Mapping[str, str]) -> bool:
        """Take the value of a cell, or enter it where its text has to be known first."""
        self._note_merged(attributes)
        stored = _STORED.get(attributes.get(_VALUE_TYPE, ""))
        if stored and _FORMULA not in attributes and self._rows:
            where, converted = stored
            self._add(converted(attributes[where]), attributes)
            return False
        self._cell, self._text, self._paragraphs = attributes, [], 0
        return True

    def _note_merged(self, attributes: Mapping[str, str]) -> None:
        """Remember a cell that spans more than one."""
        rows, columns = attributes.get(_ROWS_SPANNED), attributes.get(_COLUMNS_SPANNED)
        if self._rows and (rows or columns) and not (rows or "1") == (columns or "1") == "1":
            top, left = self._rows.number, self._rows.column
            bottom = top + _repeats(attributes, _ROWS_SPANNED) - 1
            right = left + _repeats(attributes, _COLUMNS_SPANNED) - 1
            self._rows.merged.append((top, left, bottom, right))

    def _add(self, value: Cell, attributes: Mapping[str, str]) -> None:
        """Put a cell in its row, with what its style makes of it."""
        if not self._rows:
            return
        if value is not None:
            style = self._style_of(attributes, self._rows.column)
            if self._styles.is_struck(style):
                self._rows.strike()
            if isinstance(value, float) and (sign := self._sign(attributes, style)):
                value = marked(value, sign)
        self._rows.add_cells(value, _repeats(attributes, _COLUMNS_REPEATED))

    def _style_of(self, attributes: Mapping[str, str], column: int) -> str:
        """The style of a cell: its own, that of its row, or that of its column."""
        own = attributes.get(_STYLE) or (self._row or {}).get(_CELLS_STYLE)
        return own or next((style for last, style, _ in self._columns if column <= last), "")

    def _sign(self, attributes: Mapping[str, str], style: str) -> str:
        """What is shown with a number, by the kind of its cell or else by its style."""
        kind = attributes.get(_VALUE_TYPE)
        if kind == "percentage":
            return "%"
        if kind == "currency" and (currency := attributes.get("office:currency")):
            return telling_sign(currency)
        return self._styles.sign(style)

    def _start_in_cell(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Collect text; a note or a drawing in a cell is not its value."""
        if name == _PARAGRAPH:
            if self._paragraphs:
                self._text.append("\n")
            self._paragraphs += 1
            self._parser.CharacterDataHandler = self._characters
        elif name == _BLANKS:
            count = _repeats(attributes, "text:c")
            self._blanks_left -= count
            if self._blanks_left < 0:
                raise refusal("broken_workbook")
            self._text.append(" " * count)
        elif name in _SIGNS:
            self._text.append(_SIGNS[name])
        elif self._rows and self._styles.is_struck(attributes.get("text:style-name", "")):
            self._rows.strike()
        return name.startswith("text:")

    def _characters(self, text: str) -> None:
        """Take the text of a paragraph."""
        if not self._passing_over:
            self._text.append(text)

    def _end(self, name: str) -> None:
        """Leave an element, and put away what it held."""
        self._depth -= 1
        if self._passing_over:
            if self._depth < self._passing_over:
                self._passing_over = 0
        elif name == _PARAGRAPH:
            self._parser.CharacterDataHandler = None
        elif self._cell is not None and name in _CELLS and self._rows:
            self._add(_value(self._cell, "".join(self._text)), self._cell)
            self._cell = None
        elif self._row is not None and name == _ROW and self._rows:
            hidden = self._row.get(_VISIBILITY, "visible") != "visible"
            self._rows.end_row(_repeats(self._row, _ROWS_REPEATED), hidden=hidden)
            self._row = None
        elif self._rows is not None and name == _SHEET:
            self._cells_left -= len(self._rows.rows) * self._rows.width
            self._sheets.append(self._sheet(self._rows))
            self._rows = None

    def _sheet(self, rows: _Rows) -> Sheet:
        """The sheet that was just read, with how it looks."""
        hidden: list[int] = []
        first = 1
        for last, _, is_shown in self._columns:
            hidden += () if is_shown else range(first, min(last, rows.width) + 1)
            first = last + 1
        looks = Looks(
            hidden=self._styles.is_hidden(self._look),
            hidden_rows=rows.hidden,
            hidden_columns=hidden,
            struck_rows=rows.struck,
        )
        number = len(self._sheets) + 1
        return with_merged(Sheet(self._name, rows.rows, number=number, looks=looks), rows.merged)


def _repeats(attributes: Mapping[str, str], name: str) -> int:
    """Read how many times something stands there; raises a ValueError on nonsense."""
    if name not in attributes:
        return 1
    count = int(attributes[name])
    if count < 1:
        raise refusal("broken_workbook")
    return count


def _value(attributes: Mapping[str, str], text: str) -> Cell:
    """What a cell holds: the stored value, not the way it is shown."""
    kind = attributes.get(_VALUE_TYPE)
    failed = attributes.get("calcext:value-type") == "error"
    if failed or _FORMULA in attributes:
        # The stored value of a formula that went wrong is an empty text or a zero.
        if is_formula_error(text.strip()):
            return text.strip()
        if failed:
            return "#VALUE!"
        if kind is None and not text:
            return UNCALCULATED
    if stored := _STORED.get(kind or ""):
        where, converted = stored
        return converted(attributes[where])
    return attributes.get("office:string-value", text) or None


def _date_of(value: str) -> Cell:
    """Read a stored date; what Python has no date for stays text, to be refused by its cell."""
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value


def _duration_of(value: str) -> Cell:
    """Read a stored time of day or duration."""
    match = _DURATION.fullmatch(value)
    if not match:
        return value
    hours, minutes, seconds = map(int, match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


#: Kinds of cells whose value stands in an attribute: which, and how it is read. The text in them
#: is only the way it is shown.
_STORED: Mapping[str, tuple[str, Callable[[str], Cell]]] = {
    "float": ("office:value", float),
    "percentage": ("office:value", float),
    "currency": ("office:value", float),
    "date": ("office:date-value", _date_of),
    "time": ("office:time-value", _duration_of),
    "boolean": ("office:boolean-value", "true".__eq__),
}
