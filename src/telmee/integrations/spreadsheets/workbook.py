"""Excel workbooks (.xlsx, .xlsm), read by python-calamine once they were looked at.

What calamine gets is a fresh zip, in memory, of the parts that were looked at: so it cannot see
something else than we did. The parts are stored as they are, which saves unpacking them twice.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from telmee.core.tables.table import Sheet
from telmee.integrations.spreadsheets.package import CELLS_MAX, Package, refusal
from telmee.integrations.spreadsheets.workbook_guard import (
    SHOWN_TEXT_MAX,
    SheetXml,
    longest_shared_text,
    shown_text,
)
from telmee.integrations.spreadsheets.workbook_looks import (
    SheetLooks,
    Styles,
    as_shown,
    looks_of,
    parts_of_sheets,
    read_styles,
)

_SHEETS_MAX = 255
#: Seconds after which no further sheet is begun. The largest file allowed takes a fifth of it.
_SECONDS_MAX = 120

#: What makes a part a sheet, or the list of shared texts, whatever it is called.
_SHEET_MARK = b"sheetData"
_SHARED_MARK = re.compile(rb"<(?:[\w.-]+:)?sst[\s/>]")
_SHEET_TARGET = re.compile(rb"""\sTarget\s*=\s*["']/?(?:xl/)?(worksheets/[^"']*)""", re.IGNORECASE)
_SHEET_RELATION = re.compile(rb"""<(?:[\w.-]+:)?sheet\s[^<>]*?:id\s*=\s*["']([^"']*)""")


def read_workbook(package: Package) -> list[Sheet]:
    """Read every sheet of an .xlsx file; raises a `DomainError` or a library's error."""
    styles = read_styles(package)
    parts = parts_of_sheets(package)
    checked, looks = _checked(package, styles)
    with _refused_by_calamine():
        workbook = CalamineWorkbook.from_filelike(checked)
        checked.close()
        names = workbook.sheet_names
        if len(set(names)) < len(names) or len(names) > _SHEETS_MAX:
            raise refusal("broken_workbook")  # calamine finds a sheet by its name
        return [
            as_shown(sheet, looks[parts[sheet.name]], styles, hidden=hidden)
            for sheet, hidden in _sheets(workbook)
        ]


def _sheets(workbook: CalamineWorkbook) -> Iterator[tuple[Sheet, bool]]:
    """Read the sheets one by one, within a time and a number of cells that are more than enough.

    With each comes whether it is hidden.

    Both were seen to already; this holds if somebody finds a way to name one part twice.
    """
    end, cells_left = monotonic() + _SECONDS_MAX, CELLS_MAX
    for index, about in enumerate(workbook.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        if monotonic() > end:
            raise refusal("file_too_large")
        sheet = workbook.get_sheet_by_index(index)
        cells_left -= sheet.height * sheet.width
        if cells_left < 0:
            raise refusal("sheet_too_large")
        row, column = sheet.start or (0, 0)
        whole = Sheet(sheet.name, sheet.to_python(), row + 1, column + 1, index + 1)
        yield whole, about.visible != SheetVisibleEnum.Visible


def _checked(package: Package, styles: Styles) -> tuple[io.BytesIO, dict[str, SheetLooks]]:
    """Copy the parts that calamine may need, each looked at; refuse what would be too much.

    With them comes how each sheet looks, by the name of its part.
    """
    looks: dict[str, SheetLooks] = {}
    copy = io.BytesIO()
    cells = area = 0
    sheets: list[str] = []
    shared: list[str] = []
    longest = 0
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as copied:
        for name in package.names():
            if not name.casefold().endswith((".xml", ".rels")):
                continue  # pictures, printer settings, macros
            xml = package.xml(name)
            _require_each_once(name, xml)
            if b"sst" in xml and _SHARED_MARK.search(xml):
                shared.append(name)
                longest = max(longest, longest_shared_text(xml))
            if _SHEET_MARK in xml:
                sheet = SheetXml(xml)
                extent = sheet.extent()
                cells, area = cells + extent.cells, area + extent.area
                looks[name.casefold()] = looks_of(xml, styles, usual=sheet.is_usual)
                xml = sheet.with_lost_values()
                sheets.append(name)
            copied.writestr(name, xml)
    if area > CELLS_MAX:
        raise refusal("sheet_too_large")
    if len(shared) > 1:
        raise refusal("broken_workbook")
    if longest * cells > SHOWN_TEXT_MAX:
        shown = shown_text(package.read(shared[0]), map(package.read, sheets))
        if shown > SHOWN_TEXT_MAX:
            raise refusal("too_much_text")
    copy.seek(0)
    return copy, looks


def _require_each_once(name: str, xml: bytes) -> None:
    """Refuse a workbook that names one sheet over and over: each time it would be read anew."""
    if name.casefold().endswith("workbook.xml.rels"):
        targets = [target.lower() for target in _SHEET_TARGET.findall(xml)]
    elif name.casefold().endswith("workbook.xml"):
        targets = _SHEET_RELATION.findall(xml)
    else:
        return
    if len(set(targets)) < len(targets):
        raise refusal("broken_workbook")


@contextmanager
def _refused_by_calamine() -> Iterator[None]:
    """Turn what calamine raises into a refusal; its text may hold what is in a cell."""
    try:
        yield
    except PasswordError:
        raise refusal("encrypted_workbook") from None
    except (CalamineError, OSError):
        raise refusal("broken_workbook") from None
    except BaseException as error:
        # A panic in Rust arrives as a BaseException that no module exports.
        if type(error).__name__ == "PanicException":
            raise refusal("broken_workbook") from None
        raise
