"""The sheets of a workbook that goes out.

Text is written as text, whatever it begins with: a cell from somebody's file must never become a
formula in somebody else's spreadsheet. Euros and hours are numbers and dates are dates, so that
people can add up and filter what they get.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from telmee.core.errors import DomainError, Problem
from telmee.integrations.files import whole_file

#: What a column holds: text, a day, euros as whole cents, hours as hundredths, or whole numbers.
OutputKind = Literal["text", "date", "cents", "hundredths", "whole"]
Value = str | int | date | None

#: How spreadsheets show each kind; they put the separators of their own language in.
_NUMBER_FORMATS: dict[OutputKind, str] = {
    "text": "@",
    "date": "dd-mm-yyyy",
    "cents": '"€" #,##0.00',
    "hundredths": "#,##0.00",
    "whole": "0",
}
#: What would make a formula of a cell as soon as somebody edits it.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

_ROWS_MAX = 1_048_576
_TEXT_MAX = 32_767


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a sheet: what stands above it, what it holds, and its width in characters."""

    heading: str
    kind: OutputKind = "text"
    width: int = 14


@dataclass(frozen=True, slots=True)
class OutputSheet:
    """A sheet to write; `rows` is gone through once, so it can be a generator of a million."""

    name: str
    columns: Sequence[OutputColumn]
    rows: Iterable[Sequence[Value]]


class Formats:
    """The cell formats of one workbook."""

    def __init__(self, workbook: Workbook) -> None:
        self.heading: Format = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEEEEE"}
        )
        self.quoted: Format = workbook.add_format({"num_format": "@", "quote_prefix": True})
        self.of_kind: dict[OutputKind, Format] = {
            kind: workbook.add_format({"num_format": shape})
            for kind, shape in _NUMBER_FORMATS.items()
        }


@contextmanager
def new_workbook(path: Path, *, constant_memory: bool = False) -> Iterator[Workbook]:
    """A workbook that appears at `path` once it is finished, and not if something fails.

    Raises a `DomainError` with `file_not_written`. With `constant_memory` rows wait on disk, in a
    folder of their own that is gone afterwards, whatever happens.
    """
    with whole_file(path) as draft, TemporaryDirectory() as folder:
        options = {
            "constant_memory": constant_memory,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        try:
            with Workbook(str(draft), options) as workbook:
                yield workbook
        except XlsxWriterException as error:
            # The library's own name for a disk that is full or a folder that went away.
            raise OSError(*error.args) from error


def add_sheet(workbook: Workbook, formats: Formats, sheet: OutputSheet) -> Worksheet:
    """Write one sheet: headings that stay in sight, then the rows, with a filter on each column."""
    worksheet: Worksheet = workbook.add_worksheet(sheet.name)
    for place, column in enumerate(sheet.columns):
        worksheet.set_column(place, place, column.width)
        worksheet.write_string(0, place, column.heading, formats.heading)
    worksheet.freeze_panes(1, 0)
    last = 0
    for last, values in enumerate(sheet.rows, start=1):
        if last >= _ROWS_MAX:
            raise DomainError(Problem("too_many_rows", params={"maximum": _ROWS_MAX - 1}))
        for place, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            _write(worksheet, formats, (last, place), column.kind, value)
    worksheet.autofilter(0, 0, last, len(sheet.columns) - 1)
    return worksheet


def _write(
    worksheet: Worksheet, formats: Formats, at: tuple[int, int], kind: OutputKind, value: Value
) -> None:
    """Write one value by the kind of its column."""
    if value is None:
        return
    if isinstance(value, str):
        text = value if len(value) <= _TEXT_MAX else value[: _TEXT_MAX - 1] + "…"
        risky = value.startswith(_FORMULA_SIGNS)
        worksheet.write_string(*at, text, formats.quoted if risky else formats.of_kind["text"])
    elif isinstance(value, date):
        worksheet.write_datetime(*at, value, formats.of_kind[kind])
    else:
        shift = 0 if kind == "whole" else -2
        worksheet.write_number(*at, Decimal(value).scaleb(shift), formats.of_kind[kind])
