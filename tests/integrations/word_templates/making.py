"""Word templates, honest and hostile."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable

from docx import Document


@functools.cache
def template(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = (), title: str = "") -> bytes:
    """A document with these paragraphs, and a table of these rows; many tests begin at the same."""
    document = Document()
    document.core_properties.title = title
    for words in paragraphs:
        document.add_paragraph(words)
    if rows:
        table = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=False):
                cell.text = words
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A package of which one part is otherwise, or is there."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            data = old.read(one)
            new.writestr(one, change(data) if one == name else data)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return kept.getvalue()


def related(kind: str, target: str, *, outside: bool = True) -> bytes:
    """A document with a relationship of some kind."""
    where = ' TargetMode="External"' if outside else ""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rIdX" Type="{base}/{kind}" Target="{target}"{where}/>'
    return changed(
        template("Beste lezer"),
        "word/_rels/document.xml.rels",
        lambda xml: xml.replace(b"</Relationships>", f"{relation}</Relationships>".encode()),
    )


def words_of(content: bytes) -> str:
    """All words of a document: of its paragraphs and its tables."""
    document = Document(io.BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
