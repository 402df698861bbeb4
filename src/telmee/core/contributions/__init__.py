"""Contributions: what a contractor says was done, as columns.

`columns` is the shape that the engine values; `cells` and `reading` make it from a table of
spreadsheet cells. Reading knows no scheme: block, bonus and certificate keys stay text here.
"""
