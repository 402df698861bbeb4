"""Spreadsheets in and out: .xlsx, .ods and .csv become a table, and results become a workbook."""

from telmee.integrations.spreadsheets.opening import open_table

__all__ = ["open_table"]
