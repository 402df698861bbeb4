"""Spreadsheets in and out: .xlsx, .ods and .csv become a table, and results become a workbook."""

from telmee.integrations.spreadsheets.opening import open_table
from telmee.integrations.spreadsheets.writing import (
    Column,
    OutputSheet,
    write_template,
    write_workbook,
)

__all__ = ["Column", "OutputSheet", "open_table", "write_template", "write_workbook"]
