"""Plain aligned columns for a terminal, a pipe or a mail."""

from __future__ import annotations

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> str:
    """Lay rows out under headings; the columns numbered in `right` are aligned to the right.

    >>> print(table(["a", "euro"], [["x", "1"], ["yy", "12"]], {1}))
    a   euro
    --  ----
    x      1
    yy    12
    """
    widths = [max(len(row[at]) for row in [headings, *rows]) for at in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(headings), line(["-" * width for width in widths]), *map(line, rows)])
