"""Contributions: what a contractor says was done, as a batch of lines that the engine values.

`effort_file` makes one from a table of cells, `lines` from cells that were read before. Which
columns a line has is in `telmee.core.tables.contribution_columns`.
"""
