"""A template to begin with: a document in which the fields already stand where they belong."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph; `level` 0 is the title, 1 a heading below it, and None is text."""

    text: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """A table of what something is and the field for it, row by row."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with a row for each of a list, and a column for each of the `parts` of a row.

    Where the list is empty it is left out, with its title.
    """

    title: str
    over: str
    parts: Sequence[str]


def example_template(blocks: Iterable[Line | Pairs | Rows]) -> bytes:
    """A Word document of these blocks, in which who makes a template changes what he likes."""
    from docx import Document  # noqa: PLC0415 - heavy, and for this alone

    document = Document()
    for block in blocks:
        _write(document, block)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _write(document: Document, block: Line | Pairs | Rows) -> None:
    if isinstance(block, Line):
        if block.level is None:
            document.add_paragraph(block.text)
        else:
            document.add_heading(block.text, block.level)
    elif isinstance(block, Pairs):
        _table(document, block.rows)
    else:
        document.add_paragraph(f"{{%p if {block.over} %}}")
        document.add_heading(block.title, 1)
        heads = [part.replace("_", " ").capitalize() for part in block.parts]
        fields = [f"{{{{ rij.{part} }}}}" for part in block.parts]
        # A row that holds the word of a loop is not there any more once it was filled in.
        _table(
            document, [heads, [f"{{%tr for rij in {block.over} %}}"], fields, ["{%tr endfor %}"]]
        )
        document.add_paragraph("{%p endif %}")


def _table(document: Document, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            cell.text = text
