"""A letter on paper is PDF/UA-1: its tag tree says what is a heading, and which cell is under it.

What is looked at here is what pikepdf can see: the tree, the language, the title, the headings of
tables, words for pictures, the order of reading and fonts that go along. It cannot see whether
words for a picture are the right ones, nor contrast, nor every clause of the standard as veraPDF
(Java) does; Typst itself refuses what breaks a clause that it knows.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
import pytest

from telmee.core.free_text import can_be_read
from telmee.integrations.typesetting import pages_of, render_pdf
from telmee.texts import LANGUAGES
from telmee.texts.letters import letter_of
from tests.integrations.typesetting.logos import PICTURE
from tests.texts.letters.test_letters import EXAMPLES, sheet

_HEADINGS = ("/H1", "/H2", "/H3")


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


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_letter_can_be_read_aloud(kind: str, language: Any) -> None:
    letter = letter_of(kind, EXAMPLES[kind][0], sheet(language, logo=PICTURE))
    pdf = render_pdf("letter", letter)
    document = pikepdf.open(io.BytesIO(pdf))
    assert document.Root.Lang == language
    assert bool(document.Root.MarkInfo.Marked)
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    assert document.docinfo["/Title"] == letter["title"]
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == letter["title"]
    assert all("/Tabs" in page and page.Tabs == "/S" for page in document.pages)
    _fonts_go_along(document)
    tree = tags(document)
    kinds = [str(tag.S) for tag in tree]
    assert kinds.count("/Title") == 1
    assert all(str(tag.get("/Alt", "")) for tag in tree if tag.S == "/Figure")
    for table in (tag for tag in tree if tag.S == "/Table"):
        _is_headed(table)


@pytest.mark.parametrize("figure", ["€ 1.234.567,89", "-€ 5,00", "12-03-2026", "12 March 2026"])
def test_an_amount_and_a_date_stay_on_one_line_wherever_it_ends(figure: str) -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet("nl"))
    sentences = [f"{'n' * (60 + length)} {figure} {figure}." for length in range(40)]
    letter["blocks"] = [{"is": "text", "text": sentence} for sentence in sentences]
    letter["blocks"].append({"is": "list", "sentences": sentences})
    said = words(render_pdf("letter", letter))
    assert said.count(figure) == 160


def _fonts_go_along(document: Any) -> None:
    for page in document.pages:
        for font in page.Resources.Font.values():
            (inner,) = font.DescendantFonts
            assert {"/FontFile2", "/FontFile3"} & set(inner.FontDescriptor.keys())
            assert "/ToUnicode" in font


def _is_headed(table: Any) -> None:
    """Each heading says of what it is the heading, and each cell by which it is headed."""
    cells = list(elements(table.K))
    headings = [cell for cell in cells if cell.S == "/TH"]
    assert headings
    for cell in cells:
        if cell.S == "/TH":
            assert any(str(one.get("/Scope", "")) == "/Column" for one in cell.A)
        if cell.S == "/TD":
            assert any("/Headers" in one and len(one.Headers) for one in cell.A)


def test_it_is_read_in_the_order_in_which_it_is_written() -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet(objection_days=42))
    pdf = render_pdf("letter", letter)
    document = pikepdf.open(io.BytesIO(pdf))
    seen = [str(tag.S) for tag in tags(document) if tag.S in ("/Title", "/Table", *_HEADINGS)]
    assert seen == ["/Title", "/H1", "/H1", "/H1", "/Table", "/H1"]
    text = " ".join(words(pdf).split())
    places = [text.find(part) for part in (
        "Postbus 1", "De Eem B.V.", "Ons kenmerk", letter["title"], "Geachte", "€ 6.861,49",
        "Zo komt het bedrag", "Onderdeel", "tot en met 10-01-2027", "Anna Adviseur",
    )]  # fmt: skip
    assert places == sorted(places)
    assert -1 not in places


def test_what_people_wrote_is_shown_and_never_obeyed() -> None:
    hostile = '#panic("x") $y$ *vet* `r` #read("/etc/passwd") \\ @ref <label> // weg'
    facts = {**EXAMPLES["question"][0], "text": hostile}
    text = words(render_pdf("letter", letter_of("question", facts, sheet(sender="#eval(1)"))))
    assert hostile in " ".join(text.split())
    assert "#eval(1)" in text


def test_whatever_sign_people_write_a_letter_is_made() -> None:
    """PDF/UA-1 allows no sign without a drawing, and a free text takes every script."""
    every = [chr(point) for point in (*range(0x10000), *range(0x10000, sys.maxunicode, 97))]
    kept = [sign for sign in every if can_be_read(sign, lines=True)]
    facts = {**EXAMPLES["question"][0], "text": " ".join(kept)}
    assert render_pdf("letter", letter_of("question", facts, sheet(sender="Fa. \U0001f600 华为")))


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Fa. \U0001f600 B.V.", "Fa. � B.V."),
        ("\uff21\uff22 \uff11\uff12", "AB 12"),
        ("Łódź, Ωμέγα, Nguyễn, één € ½", "Łódź, Ωμέγα, Nguyễn, één € ½"),
        ("a\u1680b", "a b"),
        ("10\u2775 \u2488", "10� �"),  # never 1010 or 1.: a figure would read otherwise
    ],
)
def test_a_sign_that_the_typeface_lacks_is_shown_plainer_or_as_missing(
    written: str, seen: str
) -> None:
    letter = letter_of("question", {**EXAMPLES["question"][0], "text": written}, sheet())
    assert seen in " ".join(words(render_pdf("letter", letter)).split())


def test_the_same_facts_come_to_the_same_bytes() -> None:
    letter = letter_of("question", EXAMPLES["question"][0], sheet())
    assert render_pdf("letter", letter) == render_pdf("letter", letter)


def test_an_example_shows_its_pages_and_bears_a_stamp() -> None:
    letter = letter_of("question", EXAMPLES["question"][0], sheet(mark=""))
    assert "VOORBEELD" in words(render_pdf("letter", letter))
    assert [page[:4] for page in pages_of("letter", letter)] == [b"\x89PNG"]


def test_a_template_without_words_for_a_picture_is_refused() -> None:
    letter = letter_of("question", EXAMPLES["question"][0], sheet(logo=PICTURE))
    with pytest.raises(RuntimeError, match="failed"):
        render_pdf("letter", {**letter, "logo_words": None})
