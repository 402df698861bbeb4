"""A table of amounts: `{% include "components/amounts.html" with table=… %}`.

What it says is put together in Python, so that a template names no column twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount in words; `url` is where it opens to, and `note` stands below it."""

    text: str
    url: str = ""
    note: str = ""

    @property
    def on_paper(self) -> str:
        """The amount with its note, where nothing stands below another thing."""
        return f"{self.text} ({self.note})" if self.note else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is about, its amounts, and the words in its last column where there is one."""

    label: str
    cells: Sequence[Cell]
    url: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Its title, the headings of its columns and its rows.

    `first` stands above what each row is about, `columns` above the amounts, and `last` above a
    column of words.
    """

    title: str
    first: str
    columns: Sequence[str]
    rows: Sequence[Row]
    last: str = ""

    @property
    def labelled(self) -> list[tuple[Row, list[tuple[str, Cell]]]]:
        """Each row with its amounts, each beside its heading: on a phone they stand together."""
        return [(row, list(zip(self.columns, row.cells, strict=True))) for row in self.rows]
