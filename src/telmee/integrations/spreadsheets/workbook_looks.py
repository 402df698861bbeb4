"""How an .xlsx shows its cells: formats that change what a number says, hidden and struck out.

Python-calamine gives values only. What is needed beside them is looked for in the XML, and only
where the styles of the workbook have something that matters: most workbooks have nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from telmee.core.tables.cells import is_blank
from telmee.core.tables.signs import marked
from telmee.core.tables.table import Looks, Row, Sheet
from telmee.integrations.spreadsheets.merged import Range, with_merged
from telmee.integrations.spreadsheets.number_formats import BUILT_IN_PERCENT, sign_of_format
from telmee.integrations.spreadsheets.package import COLUMNS_MAX, Package, refusal
from telmee.integrations.spreadsheets.workbook_guard import (
    CellReader,
    column_number,
    parse_guarded,
)

_ON = ("1", "true", "on")
_ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=\s)([^<>]*)>")
_OUT_OF_SIGHT = re.compile(
    rb"""\s(?:hidden\s*=\s*["'](?:1|true|on)["']|ht\s*=\s*["']0(?:\.0*)?["'])"""
)
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["']([0-9]{1,7})["']""")
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?col(?=\s)([^<>]*)>")
_NO_WIDTH = re.compile(
    rb"""\s(?:hidden\s*=\s*["'](?:1|true|on)["']|width\s*=\s*["']0(?:\.0*)?["'])"""
)
_FROM, _TO = (
    re.compile(rb"""\s%s\s*=\s*["']([0-9]{1,5})["']""" % name) for name in (b"min", b"max")
)
_MERGED = re.compile(
    rb"""<(?:[\w.-]+:)?mergeCell\s[^<>]*?ref\s*=\s*["']"""
    rb"""([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']"""
)


@dataclass(slots=True)
class Styles:
    """By the number of a cell style: what it puts around a number, and whether it strikes out.

    `struck_texts` has the numbers of shared texts of which a part is struck out.
    """

    signs: dict[int, str] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    struck_texts: set[int] = field(default_factory=set)

    @property
    def telling(self) -> set[int]:
        """The styles that matter."""
        return {*self.signs, *self.struck}


@dataclass(frozen=True, slots=True)
class SheetLooks:
    """How the XML of one sheet shows its cells: places (row, column) with the number of a style."""

    looks: Looks
    styled: Sequence[tuple[int, int, int]]
    struck: Sequence[tuple[int, int]]
    merged: Sequence[Range]


def looks_of(xml: bytes, styles: Styles, *, usual: bool) -> SheetLooks:
    """How a sheet shows its cells; `usual` where each cell begins in the usual way."""
    rows = _hidden_rows(xml) if usual else None
    if rows is None:
        reader = _LooksReader(styles)
        parse_guarded(xml, reader.start, reader.end)
        rows, styled, struck = reader.hidden_rows, reader.styled, reader.struck
    else:
        styled = list(_styled(xml, styles.telling))
        struck = list(_struck_texts(xml, styles.struck_texts))
    looks = Looks(hidden_rows=rows, hidden_columns=list(_hidden_columns(xml)))
    return SheetLooks(looks, styled, struck, list(_merged(xml)))


def as_shown(sheet: Sheet, looks: SheetLooks, styles: Styles, *, hidden: bool) -> Sheet:
    """A sheet with the signs of its formats beside its numbers, and merged cells in all rows."""
    rows: list[Row] = list(sheet.rows)
    struck = {row for row, column in looks.struck}
    for at_row, at_column, style in looks.styled:
        row, column = at_row - sheet.first_row, at_column - sheet.first_column
        if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            continue
        cell = rows[row][column]
        if style in styles.struck and not is_blank(cell):
            struck.add(at_row)
        if style in styles.signs and isinstance(cell, float):
            rows[row] = [
                *rows[row][:column],
                marked(cell, styles.signs[style]),
                *rows[row][column + 1 :],
            ]
    shown = replace(looks.looks, hidden=hidden, struck_rows=sorted(struck))
    return with_merged(replace(sheet, rows=rows, looks=shown), looks.merged)


# A sheet -------------------------------------------------------------------------------------


def _hidden_rows(xml: bytes) -> list[int] | None:
    """The rows that are not in sight; `None` where one does not say which it is."""
    rows = []
    for row in _ROW.finditer(xml) if _OUT_OF_SIGHT.search(xml) else ():
        if _OUT_OF_SIGHT.search(row[1]):
            number = _ROW_NUMBER.search(row[1])
            if number is None:
                return None
            rows.append(int(number[1]))
    return rows


def _hidden_columns(xml: bytes) -> Iterable[int]:
    for column in _COLUMN.finditer(xml[: xml.find(b"sheetData")]):
        first, last = _FROM.search(column[1]), _TO.search(column[1])
        if first and last and _NO_WIDTH.search(column[1]):
            yield from range(int(first[1]), min(int(last[1]), COLUMNS_MAX) + 1)


def _styled(xml: bytes, telling: Iterable[int]) -> Iterable[tuple[int, int, int]]:
    numbers = b"|".join(b"%d" % number for number in sorted(telling))
    if not numbers:
        return
    pattern = rb"""<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*?\ss\s*=\s*["'](%s)["']""" % numbers
    for letters, digits, style in re.findall(pattern, xml):
        yield int(digits), column_number(letters.decode()), int(style)


def _struck_texts(xml: bytes, texts: set[int]) -> Iterable[tuple[int, int]]:
    if not texts:
        return
    pattern = rb"""<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*?\st="s"[^<>]*><v>([0-9]{1,9})<"""
    for letters, digits, text in re.findall(pattern, xml):
        if int(text) in texts:
            yield int(digits), column_number(letters.decode())


def _merged(xml: bytes) -> Iterable[Range]:
    for left, top, right, bottom in _MERGED.findall(xml):
        yield int(top), column_number(left.decode()), int(bottom), column_number(right.decode())


class _LooksReader(CellReader):
    """Follows rows and cells one by one, for a sheet whose cells need not name their place."""

    def __init__(self, styles: Styles) -> None:
        super().__init__()
        self._telling = styles.telling
        self.styled: list[tuple[int, int, int]] = []
        self.struck: list[tuple[int, int]] = []
        self.hidden_rows: list[int] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Enter a row or a cell, and keep what it looks like."""
        super().start(name, attributes)
        kind = name.rpartition(":")[2]
        if kind == "c" and self.at and attributes.get("s", "").isdecimal():
            style = int(attributes["s"])
            if style in self._telling:
                self.styled.append((*self.at, style))
        elif kind == "row" and (attributes.get("hidden") in _ON or _is_flat(attributes)):
            self.hidden_rows.append(self.row)


def _is_flat(row: Mapping[str, str]) -> bool:
    """Whether a row has a height, and it is nothing."""
    return "ht" in row and not row["ht"].strip("0.")


# The workbook --------------------------------------------------------------------------------


def read_styles(package: Package) -> Styles:
    """The styles of a workbook that change what a cell says."""
    reader = _StylesReader()
    for name in package.names():
        last = name.casefold().rpartition("/")[2]
        if last == "styles.xml":
            parse_guarded(package.xml(name), reader.start, reader.end)
        elif last == "sharedstrings.xml":
            shared = package.xml(name)
            if b"strike" in shared:
                parse_guarded(shared, reader.start, reader.end)
    return reader.styles()


class _StylesReader:
    """Follows formats, fonts and cell styles in their order, and shared texts in theirs."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._struck_fonts: list[bool] = []
        self._cells: list[tuple[str, str]] = []
        self._texts = -1
        self._struck_texts: set[int] = set()
        self._inside: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Enter an element."""
        kind = name.rpartition(":")[2]
        self._inside.append(kind)
        around = self._inside[-2] if len(self._inside) > 1 else ""
        if kind == "numFmt" and around == "numFmts":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif kind == "font" and around == "fonts":
            self._struck_fonts.append(False)
        elif kind == "strike" and attributes.get("val", "1") in _ON:
            if around == "font" and "fonts" in self._inside:
                self._struck_fonts[-1] = True
            elif "si" in self._inside:
                self._struck_texts.add(self._texts)
        elif kind == "xf" and around == "cellXfs":
            self._cells.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "0")))
        elif kind == "si":
            self._texts += 1

    def end(self, _name: str) -> None:
        """Leave an element."""
        self._inside.pop()

    def styles(self) -> Styles:
        """What was seen, by the number of a cell style."""
        styles = Styles(struck_texts=self._struck_texts)
        struck = {str(number) for number, is_struck in enumerate(self._struck_fonts) if is_struck}
        for number, (code, font) in enumerate(self._cells):
            built_in = "0%" if code in map(str, BUILT_IN_PERCENT) else ""
            if sign := sign_of_format(self._codes.get(code, built_in)):
                styles.signs[number] = sign
            if font in struck:
                styles.struck.add(number)
        return styles


def parts_of_sheets(package: Package) -> dict[str, str]:
    """The part of each sheet by its name; names of parts are without capitals."""
    names = {name.casefold(): name for name in package.names()}
    workbook = next(name for name in names if name.rpartition("/")[2] == "workbook.xml")
    folder = posixpath.dirname(workbook)
    relations = names.get(posixpath.join(folder, "_rels", "workbook.xml.rels"))
    if relations is None:
        raise refusal("broken_workbook")
    listed, targets = _Listed(), _Listed()
    parse_guarded(package.xml(names[workbook]), listed.start, listed.end)
    parse_guarded(package.xml(relations), targets.start, targets.end)
    return {
        sheet: posixpath.normpath(posixpath.join("/", folder, targets.items.get(relation, "")))
        .lstrip("/")
        .casefold()
        for sheet, relation in listed.items.items()
    }


class _Listed:
    """The sheets of a workbook with their relations, or the relations with their targets."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Keep a sheet or a relation."""
        kind = name.rpartition(":")[2]
        if kind == "sheet":
            relation = (value for key, value in attributes.items() if key.endswith(":id"))
            self.items[attributes.get("name", "")] = next(relation, "")
        elif kind == "Relationship":
            self.items[attributes.get("Id", "")] = attributes.get("Target", "")

    def end(self, name: str) -> None:
        """Leave an element."""
