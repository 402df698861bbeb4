"""Tables as files: a workbook, or text with semicolons as Dutch spreadsheets open it.

Text stays text in both: what somebody else typed must never run as a formula in the spreadsheet
of the reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from telmee.integrations.spreadsheets.sheets import OutputKind
from telmee.integrations.spreadsheets.writing import OutputColumn, OutputSheet, write_workbook
from telmee.web.charts import Chart

#: Each kind of file and its media type.
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_SHEET_KINDS: Mapping[str, OutputKind] = {
    "money": "cents",
    "hours": "hundredths",
    "count": "whole",
    "date": "date",
}
_CHART_KINDS: Mapping[str, str] = {"cents": "money", "hundredths": "hours", "count": "count"}
_WIDTHS = {"text": 30, "money": 16}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_NAME_MAX = 31  # of a sheet, in Excel


def answer(
    kind: str, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A table as a file to download; each column is a heading and a kind."""
    make = _workbook if kind == "xlsx" else _text
    content = make(name, columns, ([_plain(value) for value in row] for row in rows))
    response = HttpResponse(content, content_type=KINDS[kind])
    stem = slugify(name) or "telmee"
    response["Content-Disposition"] = f'attachment; filename="{stem}-{timezone.localdate()}.{kind}"'
    return response


def of_chart(kind: str, chart: Chart) -> HttpResponse:
    """What a chart shows, as a file: the table that stands below it."""
    figures = _CHART_KINDS[chart.unit]
    columns = [(chart.first_heading, "text"), *((one.name, figures) for one in chart.series)]
    rows = zip(chart.labels, *(one.values for one in chart.series), strict=True)
    return answer(kind, chart.title, columns, rows)


def _plain(value: object) -> str | int | date | None:
    """A value as a cell can hold it; a moment becomes the date it had in the Netherlands."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return timezone.localdate(value)
    return value if isinstance(value, date) else str(value)


def _workbook(
    name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> bytes:
    heads = [
        OutputColumn(heading, _SHEET_KINDS.get(kind, "text"), _WIDTHS.get(kind, 18))
        for heading, kind in columns
    ]
    title = "".join(sign for sign in name if sign not in r"[]:*?/\'")[:_NAME_MAX]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        write_workbook(path, [OutputSheet(title or "Telmee", heads, rows)])
        return path.read_bytes()


def _text(name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> bytes:  # noqa: ARG001 - the shape of a maker
    written = io.StringIO(newline="")
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    table.writerow([_guarded(heading) for heading, _ in columns])
    kinds = [kind for _, kind in columns]
    table.writerows(
        [_written(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows
    )
    return written.getvalue().encode("utf-8-sig")


def _written(value: str | int | date | None, kind: str) -> str:
    """Write a value as the reader of contribution files reads it back."""
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, int):
        return _decimal(value) if kind in {"money", "hours"} else str(value)
    return _guarded(value)


def _decimal(hundredths: int) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole},{rest:02d}"


def _guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
