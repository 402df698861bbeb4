"""A letter on paper is PDF/UA-1: who has it read aloud gets all of it, in its order."""

from __future__ import annotations

import io
import sys
from typing import Any

import pikepdf
import pypdfium2
import pytest

from telmee.core.free_text import can_be_read
from telmee.integrations.typesetting import pages_of, render_pdf
from telmee.texts import LANGUAGES
from telmee.texts.letters import letter_of
from telmee.texts.letters.blocks import heading, table, text
from tests.integrations.typesetting.logos import PICTURE
from tests.read_aloud import HEADINGS, faults, opened, tags
from tests.texts.letters.test_letters import EXAMPLES, sheet


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_letter_can_be_read_aloud(kind: str, language: Any) -> None:
    letter = letter_of(kind, EXAMPLES[kind][0], sheet(language, logo=PICTURE))
    pdf = render_pdf("letter", letter)
    assert faults(pdf, language=language, title=letter["title"]) == []


@pytest.mark.parametrize("rows", range(20, 35))
def test_a_heading_and_what_a_table_is_about_stay_with_its_first_row(rows: int) -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet("nl"))
    lines = [text(f"regel {number}") for number in range(rows)]
    of_the_table = table(
        "BIJSCHRIFT", ["Wat", "Waarde"], [[f"rij {at}", "€ 1,00"] for at in (1, 2)]
    )
    letter["blocks"] = [*lines, heading("KOPJE"), of_the_table]
    pages = pypdfium2.PdfDocument(render_pdf("letter", letter))
    said = [page.get_textpage().get_text_range() for page in pages]
    parts = ("KOPJE", "BIJSCHRIFT", "rij 1")
    assert len({at for at, page in enumerate(said) for part in parts if part in page}) == 1


@pytest.mark.parametrize("rows", range(20, 30))
def test_a_row_stays_on_one_page_and_only_a_long_text_goes_on(rows: int) -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet("nl"))
    lines = [text(f"regel {number}") for number in range(rows)]
    cells = [["wat " * 40 + "EINDE", "begin"], ["woord " * 3000 + "SLOT", "lang"]]
    letter["blocks"] = [*lines, table("B", ["Wat", "Waarom"], cells, amounts=0)]
    pages = pypdfium2.PdfDocument(render_pdf("letter", letter))
    said = [page.get_textpage().get_text_range() for page in pages]
    (first,) = [page for page in said if "EINDE" in page]
    assert first.count("wat") == 40
    assert len(said) > 4  # where it does not fit it goes on, and nothing runs off a page
    assert "SLOT" in said[-1] + said[-2]


def _without_words_for_a_picture(document: Any) -> None:
    next(tag for tag in tags(document) if tag.S == "/Figure").Alt = ""


def _without_bookmarks(document: Any) -> None:
    del document.Root.Outlines.First


def _with_a_cell_of_no_heading(document: Any) -> None:
    next(tag for tag in tags(document) if tag.S == "/TD").A = pikepdf.Array()


def _with_a_row_of_one_cell(document: Any) -> None:
    row = next(tag for tag in tags(document) if tag.S == "/TR")
    row.K = pikepdf.Array([row.K[0]])


def _with_words_out_of_the_tree(document: Any) -> None:
    body = document.Root.StructTreeRoot.K[0]
    body.K = pikepdf.Array(list(body.K)[:-1])


def _with_words_that_are_not_tagged(document: Any) -> None:
    page = document.pages[0]
    page.contents_add(b"0 0 m 9 9 l S")


def _in_another_order(document: Any) -> None:
    body = document.Root.StructTreeRoot.K[0]
    body.K = pikepdf.Array(list(body.K)[::-1])


def _in_no_language(document: Any) -> None:
    del document.Root.Lang


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (_without_words_for_a_picture, "a picture has no words"),
        (_without_bookmarks, "bookmarks of its headings"),
        (_with_a_cell_of_no_heading, "a cell of a table has no heading"),
        (_with_a_row_of_one_cell, "a table has rows of"),
        (_with_words_out_of_the_tree, "is written and never read"),
        (_with_words_that_are_not_tagged, "neither tagged nor decoration"),
        (_in_another_order, "another order"),
        (_in_no_language, "its language"),
    ],
)
def test_what_keeps_a_paper_from_being_read_aloud_is_seen(harm: Any, fault: str) -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet(objection_days=42, logo=PICTURE))
    document = opened(render_pdf("letter", letter))
    harm(document)
    harmed = io.BytesIO()
    document.save(harmed)
    found = faults(harmed.getvalue(), language="nl", title=letter["title"])
    assert [one for one in found if fault in one]


@pytest.mark.parametrize("figure", ["€ 1.234.567,89", "-€ 5,00", "12-03-2026", "12 March 2026"])
def test_an_amount_and_a_date_stay_on_one_line_wherever_it_ends(figure: str) -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet("nl"))
    sentences = [f"{'n' * (60 + length)} {figure} {figure}." for length in range(40)]
    letter["blocks"] = [{"is": "text", "text": sentence} for sentence in sentences]
    letter["blocks"].append({"is": "list", "sentences": sentences})
    said = words(render_pdf("letter", letter))
    assert said.count(figure) == 160


def test_it_is_read_in_the_order_in_which_it_is_written() -> None:
    letter = letter_of("decision", EXAMPLES["decision"][0], sheet(objection_days=42))
    pdf = render_pdf("letter", letter)
    document = opened(pdf)
    seen = [str(tag.S) for tag in tags(document) if tag.S in ("/Title", "/Table", *HEADINGS)]
    assert seen == ["/Title", "/H1", "/H1", "/H1", "/Table", "/H1"]
    said = " ".join(words(pdf).split())
    places = [said.find(part) for part in (
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
