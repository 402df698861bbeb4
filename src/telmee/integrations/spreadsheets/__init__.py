"""Spreadsheets in and out: .xlsx, .ods and .csv become a table, and results become a workbook.

What goes out is in `writing`, apart from this: a command that only reads need not load it.
"""

from telmee.integrations.spreadsheets.opening import open_table

__all__ = ["open_table"]
