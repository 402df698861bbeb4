"""A template to begin with: it is harmless, and filled in as it is it makes the whole document."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from docx import Document

from telmee.apps.letters.templates import fields_for_kind, kinds_with_template
from telmee.integrations.word_templates import example_template, fill_template
from telmee.texts.letters import example_blocks
from tests.integrations.word_templates.making import words_of


@pytest.mark.parametrize("kind", kinds_with_template())
def test_an_example_of_each_kind_says_all_of_it(kind: str) -> None:
    facts = fields_for_kind(kind)
    words = words_of(fill_template(example_template(example_blocks(kind)), facts))
    assert "{" not in words
    whole = " ".join(words.split())
    for name in ("titel", "datum", "afzender"):
        assert " ".join(facts[name].split()) in whole
    for rows in (value for value in facts.values() if isinstance(value, list)):
        for row in rows:
            row.pop("soort", None)  # chooses how a line looks
            assert all(" ".join(text.split()) in whole for text in row.values()), row


def test_what_a_report_does_not_have_is_left_out_with_its_title() -> None:
    content = example_template(example_blocks("council"))
    facts = fields_for_kind("council")
    filled = fill_template(content, {**facts, "correcties": [], "doelen": []})
    titles = [one.text for one in Document(io.BytesIO(filled)).paragraphs]
    assert "De jaren van het verslag" in titles
    assert not [title for title in titles if "oud naast nieuw" in title]
    assert (
        len(Document(io.BytesIO(filled)).tables)
        == 1 + len([value for value in facts.values() if isinstance(value, list)]) - 2
    )


def test_a_heading_above_facts_alone_is_no_line_of_the_text() -> None:
    """Those stand in a table of their own, so that it would head nothing."""
    for kind in kinds_with_template():
        lines = [row["soort"] for row in fields_for_kind(kind).get("regels", ())]
        assert "kop" not in lines[-1:]
        assert ("kop", "kop") not in pairwise(lines)
    assert "kop" in {row["soort"] for row in fields_for_kind("decision")["regels"]}
