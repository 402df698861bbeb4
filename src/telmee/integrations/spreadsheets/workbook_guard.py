"""What is looked at in an .xlsx before python-calamine gets it.

Three things were tried on calamine and found wanting; all three are settled here, on the XML:

- It lays a sheet out as a full rectangle, from the first cell to the last. Two cells in opposite
  corners ask for 512 GiB, and a request that fails ends the whole process.
- It copies a shared text for every cell that shows it: ten megabytes of workbook can ask for a
  thousand million characters.
- It gives an empty cell for a formula that went wrong (#N/A), and for one whose result the file
  does not hold. A value that is lost must not look like one that was never there.

A sheet is looked through with NumPy, in pieces that stay in the processor's cache; that takes
about a tenth of calamine's own time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from telmee.core.tables.cells import UNCALCULATED
from telmee.integrations.spreadsheets.package import CELLS_MAX, COLUMNS_MAX, ROWS_MAX, refusal

#: Bytes of shared text that all cells may show together.
SHOWN_TEXT_MAX = 256_000_000

_Text = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

#: How almost every program begins a cell; the reference ("XFD1048576" at its longest) comes next.
_CELL = b'<c r="'
_LETTERS_MAX, _DIGITS_MAX = 3, 7
_AHEAD = len(_CELL) + _LETTERS_MAX + _DIGITS_MAX + 2  # even, because pairs are looked at
_PIECE = 1 << 20

#: Pairs of characters that are looked for on the way; without them a closer look is not needed.
_OTHER_CELL, _TYPE_E, _FORMULA = b":c", (b'"e', b"'e"), (b"<f", b":f")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many cells a sheet has, and the rectangle they span; rows and columns count from 1."""

    cells: int = 0
    first_row: int = ROWS_MAX
    last_row: int = 0
    first_column: int = COLUMNS_MAX
    last_column: int = 0

    @property
    def area(self) -> int:
        """Count the cells of the rectangle, blanks included."""
        height = max(0, self.last_row - self.first_row + 1)
        return height * max(0, self.last_column - self.first_column + 1)

    def with_cells(self, row: _Places, column: _Places) -> Extent:
        """Stretch the rectangle to more cells."""
        if not row.size:
            return self
        return Extent(
            self.cells + row.size,
            min(self.first_row, int(row.min())),
            max(self.last_row, int(row.max())),
            min(self.first_column, int(column.min())),
            max(self.last_column, int(column.max())),
        )


class SheetXml:
    """The XML of one sheet, looked through once."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._pairs: set[bytes] = set()
        self._quick = self._looked_through()

    def extent(self) -> Extent:
        """Measure the sheet; raises a `DomainError` where it is too large.

        What was read at once holds, unless cells begin in an unusual way or there seem to be too
        many: then blank cells that only have a colour are told from the others, one by one.
        """
        match = self._quick
        if match is None or max(match.area, match.cells) > CELLS_MAX:
            match = _extent_by_cell(self._xml)
        if max(match.area, match.cells) > CELLS_MAX:
            raise refusal("sheet_too_large")
        outside = match.last_row > ROWS_MAX or match.last_column > COLUMNS_MAX
        if outside or match.cells > match.area:  # more cells than places: one filled twice
            raise refusal("broken_workbook")
        return match

    @property
    def is_usual(self) -> bool:
        """Whether every cell begins in the usual way."""
        return self._quick is not None

    def with_lost_values(self) -> bytes:
        """The XML with formulas that went wrong, or were never calculated, as text."""
        xml = self._xml
        if not self._pairs.isdisjoint(_TYPE_E) and (b'"e"' in xml or b"'e'" in xml):
            xml = _ERROR_CELL.sub(rb'\1"str"', xml)
        may_lack = not self._pairs.isdisjoint(_FORMULA)
        if may_lack and any(pattern.search(xml) for pattern in _MAY_LACK_VALUE):
            xml = _FORMULA_CELL.sub(_with_value, xml)
        return xml

    def _looked_through(self) -> Extent | None:
        """Read every reference; `None` where a cell begins in another way than the usual one."""
        extent: Extent | None = Extent()
        for first in range(0, len(self._xml), _PIECE):
            piece = _Piece(self._xml[first : first + _PIECE + _AHEAD])
            self._pairs |= piece.pairs((_OTHER_CELL, *_TYPE_E, *_FORMULA))
            references = piece.references() if extent else None
            extent = extent.with_cells(*references) if extent and references else None
        prefixed = _OTHER_CELL in self._pairs and _PREFIXED_CELL.search(self._xml)
        return None if prefixed else extent


# Many at a time ------------------------------------------------------------------------------


class _Piece:
    """A piece of XML as numbers: each character, and each pair of neighbours."""

    def __init__(self, xml: bytes) -> None:
        self._text = np.frombuffer(xml + b" " * (_AHEAD + len(xml) % 2), dtype=np.uint8)
        self._even = self._text.view("<u2")
        self._odd = self._text[1:-1].view("<u2")

    def pairs(self, wanted: Iterable[bytes]) -> set[bytes]:
        """Which pairs are somewhere."""
        return {
            pair
            for pair in wanted
            if (self._even == _word(pair)).any() or (self._odd == _word(pair)).any()
        }

    def references(self) -> tuple[_Places, _Places] | None:
        """Row and column of each cell that begins here; None if one begins differently.

        The piece reaches a little into the next one, so that a reference is always whole.
        """
        text = self._text
        place = np.concatenate(
            [
                np.flatnonzero(self._even == _word(_CELL[:2])) * 2,
                np.flatnonzero(self._odd == _word(_CELL[:2])) * 2 + 1,
            ]
        )
        place = place[place < _PIECE]
        place = place[~_IN_NAMES[text[place + 2]]]  # "<cols" begins with "<c" too
        for ahead in range(2, len(_CELL)):
            if not (text[place + ahead] == _CELL[ahead]).all():
                return None
        place = place + len(_CELL)
        column, place = _number_at(text, place, _LETTERS_MAX, first=ord("A") - 1, base=26)
        row, place = _number_at(text, place, _DIGITS_MAX, first=ord("0"), base=10)
        whole = (text[place] == ord('"')).all() and row.all() and column.all()
        return (row, column) if whole else None


def _number_at(
    text: npt.NDArray[np.uint8], place: _Places, length: int, *, first: int, base: int
) -> tuple[_Places, _Places]:
    """Read numbers of at most `length` signs; gives them with the places behind them.

    `first` is the sign that stands for zero: "0", or what comes before "A".
    """
    number = np.zeros(place.size, dtype=np.int64)
    for _ in range(length):
        sign = text[place].astype(np.int64) - first
        # "A" is one and "Z" twenty-six, but "0" is zero and "9" nine.
        counts = (sign >= (base == 26)) & (sign < base + (base == 26))
        if not counts.any():
            break
        number = np.where(counts, number * base + sign, number)
        place = place + counts
    return number, place


def _word(pair: bytes) -> np.uint16:
    """Two characters as the number that a pair of neighbours makes."""
    return np.uint16(int.from_bytes(pair, "little"))


#: Whether a character can go on in an XML name.
_IN_NAMES = np.array([chr(code).isalnum() or chr(code) in "_.-:" for code in range(256)])
_PREFIXED_CELL = re.compile(rb":c[\s/>]")


# One at a time -------------------------------------------------------------------------------

#: Elements within elements.
_DEPTH_MAX = 200
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ROW_REFERENCE = re.compile(r"[A-Za-z]{0,3}([0-9]{1,7})")


def _extent_by_cell(xml: bytes) -> Extent:
    """Measure a sheet whose cells need not name their place, or stand under a prefix.

    A cell without a reference stands next to the one before it. Raises an `ExpatError` where
    the XML is damaged.
    """
    reader = CellReader()
    parse_guarded(xml, reader.start, reader.end)
    return reader.extent()


def parse_guarded(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
) -> None:
    """Go through a part element by element; a document type is refused, as in every format."""

    def doctype(*_: object) -> None:
        raise refusal("broken_workbook")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(xml, True)


class CellReader:
    """Follows rows and cells as calamine does; a cell with nothing in it does not count."""

    def __init__(self) -> None:
        self.row = self._column = 1
        self._rows: list[int] = []
        self._columns: list[int] = []
        self.at: tuple[int, int] | None = None
        self._depth = 0

    def extent(self) -> Extent:
        """How far the cells of the sheet reach, as counted while it was read."""
        return Extent().with_cells(np.array(self._rows), np.array(self._columns))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Enter a row, a cell, or something in a cell."""
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise refusal("broken_workbook")
        kind = name.rpartition(":")[2]
        if kind == "c":
            row = self.row
            if "r" in attributes:
                letters, digits = _matched(_REFERENCE, attributes["r"]).groups()
                row, self._column = int(digits), column_number(letters)
            self.at = row, self._column
            self._column += 1
        elif self.at:
            self._rows.append(self.at[0])
            self._columns.append(self.at[1])
            self.at = None
            if len(self._rows) > CELLS_MAX:
                raise refusal("sheet_too_large")
        elif kind == "row" and "r" in attributes:
            self.row = int(_matched(_ROW_REFERENCE, attributes["r"])[1])

    def end(self, name: str) -> None:
        """Leave a row or a cell."""
        self._depth -= 1
        kind = name.rpartition(":")[2]
        if kind == "c":
            self.at = None
        elif kind == "row":
            self.row, self._column = self.row + 1, 1


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Match a reference; what is none makes the sheet unreadable."""
    match = pattern.fullmatch(text)
    if match is None:
        raise refusal("broken_workbook")
    return match


def column_number(letters: str) -> int:
    """Number a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


# Lost values ---------------------------------------------------------------------------------

_ERROR_CELL = re.compile(rb"""(<(?:[\w.-]+:)?c(?=\s)[^<>]*?\st\s*=\s*)(?:"e"|'e')""")
_TYPE = re.compile(rb"""\st\s*=\s*(?:"([^"]*)"|'([^']*)')""")
#: One of these is in a sheet that has a formula without a result, each quick to look for.
_MAY_LACK_VALUE = tuple(
    map(re.compile, (rb"f>\s*</", rb"<v>\s*</", rb"v\s*/>", rb"/>\s*</c>", rb":c>"))
)
_FORMULA_CELL = re.compile(
    rb"<(?P<prefix>(?:[\w.-]+:)?)c(?P<attributes>\s[^<>]*)?>\s*"
    rb"(?P<formula><(?P=prefix)f(?:\s[^<>]*)?(?:/>|>[^<]*</(?P=prefix)f>))\s*"
    rb"(?P<value><(?P=prefix)v\s*/>|<(?P=prefix)v>\s*</(?P=prefix)v>)?\s*</(?P=prefix)c>"
)


def _with_value(cell: re.Match[bytes]) -> bytes:
    """A formula without a result gets the text that says so; an empty text is a result."""
    attributes = cell["attributes"] or b""
    kind = _TYPE.search(attributes)
    if cell["value"] and kind and b"str" in kind.groups():
        return cell[0]
    prefix = cell["prefix"]
    parts = {
        b"open": b'<%sc%s t="str">' % (prefix, _TYPE.sub(b"", attributes)),
        b"formula": cell["formula"],
        b"value": b"<%sv>%s</%sv>" % (prefix, UNCALCULATED.encode(), prefix),
        b"close": b"</%sc>" % prefix,
    }
    return b"".join(parts.values())


# Shared texts --------------------------------------------------------------------------------

_SHARED_START = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_SHARED_USE = re.compile(rb't="s"[^<>]*><(?:[\w.-]+:)?v>([0-9]{1,9})<')


def longest_shared_text(shared: bytes) -> int:
    """A bound on the longest shared text, in bytes: never too low."""
    return max(map(len, shared.split(b"si>")), default=0)


def shown_text(shared: bytes, sheets: Iterable[bytes]) -> int:
    """Add up the shared texts that all cells show, in bytes; never too little.

    Only for workbooks where the longest text times the number of cells is too much: it looks at
    every cell. A use that is not recognised counts for the longest text.
    """
    longest = longest_shared_text(shared)
    starts = [match.start() for match in _SHARED_START.finditer(shared)]
    lengths = np.diff(np.array([*starts, len(shared)], dtype=np.int64))
    recognised = b"<!" not in shared  # a comment could hold what looks like a text
    total = 0
    for xml in sheets:
        uses = np.array(_SHARED_USE.findall(xml) if recognised else [], dtype="S9")
        index = uses.astype(np.int64)
        total += int(lengths[index[index < lengths.size]].sum())
        total += longest * (xml.count(b'"s"') + xml.count(b"'s'") - index.size)
    return total
