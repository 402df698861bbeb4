"""Plain aligned columns for a terminal, a pipe or a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: set[int], *, width: int = 0
) -> str:
    """Lay rows out under headings; the columns numbered in `right` are aligned to the right.

    With a `width` the widest columns are wrapped between words until the table is no wider, as far
    as the longest word allows. A cell may hold several lines.

    >>> print(table(["a", "euro"], [["x", "1"], ["yy", "12"]], {1}))
    a   euro
    --  ----
    x      1
    yy    12
    """
    widths = _widths([headings, *rows], right, width)

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(size) if at in right else cell.ljust(size)
            for at, (cell, size) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    def lines(cells: Sequence[str]) -> list[str]:
        wrapped = [_wrapped(cell, size) for cell, size in zip(cells, widths, strict=True)]
        return [line(parts) for parts in zip_longest(*wrapped, fillvalue="")] or [""]

    sections = [lines(headings), [line(["-" * size for size in widths])], *map(lines, rows)]
    return "\n".join("\n".join(part) for part in sections)


def _widths(rows: Sequence[Sequence[str]], right: set[int], width: int) -> list[int]:
    columns = list(zip(*rows, strict=True))
    widths = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    least = [
        size if at in right else max(len(word) for cell in column for word in cell.split() or [""])
        for at, (column, size) in enumerate(zip(columns, widths, strict=True))
    ]
    while width and sum(widths) + 2 * (len(widths) - 1) > width:
        spare = [size if size > small else 0 for size, small in zip(widths, least, strict=True)]
        if not any(spare):
            break
        widths[spare.index(max(spare))] -= 1
    return widths


def _wrapped(cell: str, size: int) -> list[str]:
    if len(cell) <= size and "\n" not in cell:
        return [cell]
    return [
        part
        for line in cell.split("\n")
        for part in textwrap.wrap(line, size, break_on_hyphens=False, break_long_words=False)
        or [""]
    ]
