"""Workbooks out: results as .xlsx, and the empty sheet that people fill in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from telmee.integrations.spreadsheets.sheets import (
    Formats,
    OutputColumn,
    OutputSheet,
    add_sheet,
    new_workbook,
)
from telmee.integrations.spreadsheets.template import write_template

__all__ = ["OutputColumn", "OutputSheet", "write_template", "write_workbook"]


def write_workbook(
    path: Path, sheets: Iterable[OutputSheet], *, of: datetime | None = None
) -> None:
    """Write sheets to a .xlsx file, whole or not at all; memory does not grow with the rows.

    A workbook says when it was made: where that is the moment `of` what it says, the same sheets
    come to the same bytes. Raises a `DomainError`: `file_not_written`, or `too_many_rows` for more
    than a sheet holds.
    """
    with new_workbook(path, constant_memory=True) as workbook:
        if of is not None:
            workbook.set_properties({"created": of.astimezone(UTC)})
        formats = Formats(workbook)
        for sheet in sheets:
            add_sheet(workbook, formats, sheet)
