"""Whether a PDF can be read aloud: what of it is not as PDF/UA-1 asks, as far as Python can see.

It looks at what a program that reads aloud goes by: the language and the title, the tag tree with
its order, that each word on a page stands in that tree or is decoration, headings and bookmarks,
tables with the headings of each cell, words for pictures and for links, and fonts that go along. It
cannot see whether words for a picture are the right ones, nor contrast, nor every clause of the
standard as veraPDF (Java) does; Typst itself refuses what breaks a clause that it knows.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf

HEADINGS = ("/H1", "/H2", "/H3")
_WRITES = ("Tj", "TJ", "'", '"', "Do", "f", "f*", "B", "B*", "S")
_Place = tuple[tuple[int, int], int]


def opened(pdf: bytes) -> Any:
    return pikepdf.open(io.BytesIO(pdf))


def elements(node: Any) -> Iterator[Any]:
    """Each element of the tag tree in the order in which it is read."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from elements(node.K)


def tags(document: Any) -> list[Any]:
    return list(elements(document.Root.StructTreeRoot.K))


def bookmarks(document: Any) -> list[str]:
    with document.open_outline() as outline:
        return [str(one.title) for one in outline.root]


def headings(document: Any) -> list[str]:
    return [str(tag.get("/T", "")) for tag in tags(document) if tag.S in HEADINGS]


def faults(pdf: bytes, *, language: str, title: str) -> list[str]:
    """Everything that keeps a paper from being read aloud; nothing where it can be."""
    document = opened(pdf)
    return [
        *_of_the_document(document, language, title),
        *_of_its_words(document),
        *(fault for tag in tags(document) for fault in _of_a_tag(tag)),
        *(fault for page in document.pages for fault in _of_a_page(page)),
    ]


def _of_the_document(document: Any, language: str, title: str) -> Iterator[str]:
    root = document.Root
    with document.open_metadata() as metadata:
        said = {
            "its language": str(root.get("/Lang")) == language,
            "that it is tagged": bool(root.MarkInfo.Marked),
            "that its title is shown": bool(root.ViewerPreferences.DisplayDocTitle),
            "its title": document.docinfo["/Title"] == metadata["dc:title"] == title,
            "which standard it follows": metadata["pdfuaid:part"] == "1",
            "one title": [tag.S for tag in tags(document)].count("/Title") == 1,
            "bookmarks of its headings": bookmarks(document) == headings(document),
        }
    levels = [HEADINGS.index(str(tag.S)) + 1 for tag in tags(document) if tag.S in HEADINGS]
    said["no level of headings left out"] = all(
        level <= before + 1 for before, level in zip([0, *levels], levels, strict=False)
    )
    yield from (f"the document does not have: {what}" for what, is_so in said.items() if not is_so)


def _of_its_words(document: Any) -> Iterator[str]:
    """What is written outside the tree, and what stands in the tree twice or not at all."""
    order = list(_told(document.Root.StructTreeRoot.K, None))
    told = Counter(order)
    written: set[_Place] = set()
    for number, page in enumerate(document.pages, 1):
        for marked in _written(page):
            if marked is None:
                yield f"page {number} has something that is neither tagged nor decoration"
            elif marked >= 0:
                written.add((page.objgen, marked))
    pages = [page.objgen for page in document.pages]
    if order != sorted(order, key=lambda place: (pages.index(place[0]), place[1])):
        yield "it is read in another order than it is written"
    yield from (f"{place} is read {count} times" for place, count in told.items() if count > 1)
    yield from (f"{place} is written and never read" for place in written - set(told))


def _told(node: Any, page: Any) -> Iterator[_Place]:
    """Each piece of a page that the tree has, in the order in which it is read."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _told(child, page)
    elif not isinstance(node, pikepdf.Dictionary):
        yield page.objgen, int(node)
    elif "/MCID" in node:
        yield node.get("/Pg", page).objgen, int(node.MCID)
    elif "/K" in node:
        yield from _told(node.K, node.get("/Pg", page))


def _written(page: Any) -> Iterator[int | None]:
    """Of each thing on a page its number in the tree, -1 for decoration, None for neither."""
    open_: list[int | None] = []
    steps: Any = pikepdf.parse_content_stream(page)
    for operands, operator in steps:
        if str(operator) in ("BDC", "BMC"):
            facts = operands[1] if len(operands) > 1 else {}
            if isinstance(facts, pikepdf.Name):
                facts = page.Resources.Properties[facts]
            decoration = -1 if operands[0] == "/Artifact" else None
            open_.append(int(facts["/MCID"]) if "/MCID" in facts else decoration)
        elif str(operator) == "EMC":
            open_.pop()
        elif str(operator) in _WRITES:
            yield next((one for one in reversed(open_) if one is not None), None)


def _of_a_tag(tag: Any) -> Iterator[str]:
    if tag.S in ("/Figure", "/Formula") and not str(tag.get("/Alt", "")).strip():
        yield "a picture has no words"
    if tag.S == "/Table":
        yield from _of_a_table(tag)


def _of_a_table(table: Any) -> Iterator[str]:
    """Each heading says of what it is the heading, and each cell by which it is headed."""
    rows = [[*elements(row.K)] for row in elements(table.K) if row.S == "/TR"]
    widths = {sum(cell.S in ("/TH", "/TD") for cell in row) for row in rows}
    if len(widths) != 1:
        yield f"a table has rows of {sorted(widths)} cells"
    cells = [cell for cell in elements(table.K) if cell.S in ("/TH", "/TD")]
    names = {str(cell.ID) for cell in cells if cell.S == "/TH" and "/ID" in cell}
    for cell in cells:
        said = list(cell.get("/A", []))
        if cell.S == "/TH" and not any(str(one.get("/Scope", "")) == "/Column" for one in said):
            yield "a heading of a table does not say of what"
        headed = {str(name) for one in said for name in one.get("/Headers", [])}
        if cell.S == "/TD" and not (headed and headed <= names):
            yield "a cell of a table has no heading"


def _of_a_page(page: Any) -> Iterator[str]:
    if str(page.get("/Tabs", "")) != "/S":
        yield "a page is not gone through in the order of its tags"
    for note in page.get("/Annots", []):
        if not str(note.get("/Contents", "")) or "/StructParent" not in note:
            yield "a link is not read aloud as words"
    for font in page.Resources.Font.values():
        (inner,) = font.DescendantFonts
        if not {"/FontFile2", "/FontFile3"} & set(inner.FontDescriptor.keys()):
            yield "a font does not go along"
        if "/ToUnicode" not in font:
            yield "a font does not say which signs it draws"
