"""A template to begin with: a document in which the fields already stand where they belong."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row

#: A page, in millimetres, and its margin where it lies on its side.
_A4 = (210, 297)
_MARGIN = 10
#: More columns than these do not fit a page that stands up; letters are smaller then, in points.
_COLUMNS_UPRIGHT = 6
_SMALL = 7.5


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
    """A Word document of these blocks, in which who makes a template changes what he likes.

    A4, on its side where a table has many columns.
    """
    from docx import Document  # noqa: PLC0415 - heavy, and for this alone
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Mm, Pt  # noqa: PLC0415

    known = list(blocks)
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = map(Mm, _A4)
    if any(isinstance(block, Rows) and len(block.parts) > _COLUMNS_UPRIGHT for block in known):
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = page.page_height, page.page_width
        page.left_margin = page.right_margin = Mm(_MARGIN)
        document.styles["Normal"].font.size = Pt(_SMALL)
    for block in known:
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
        _add_table(document, block.rows)
    else:
        document.add_paragraph(f"{{%p if {block.over} %}}")
        document.add_heading(block.title, 1)
        heads = [part.replace("_", " ").capitalize() for part in block.parts]
        fields = [f"{{{{ rij.{part} }}}}" for part in block.parts]
        # A row that holds the word of a loop is not there any more once it was filled in.
        table = _add_table(
            document, [heads, [f"{{%tr for rij in {block.over} %}}"], fields, ["{%tr endfor %}"]]
        )
        _make_head(table.rows[0])
        document.add_paragraph("{%p endif %}")


def _add_table(document: Document, rows: Sequence[Sequence[str]]) -> Table:
    table: Table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text
    document.add_paragraph()
    return table


def _make_head(row: _Row) -> None:
    """Let a row be read as the head of its columns, and stand again on a next page."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - as above

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - it has no other way
    for cell in row.cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
