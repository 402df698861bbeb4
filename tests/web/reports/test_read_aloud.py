"""Every kind of report, in both languages, is a paper that can be read aloud."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import translation

from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.freezing import report_for
from telmee.integrations.typesetting import render_pdf
from telmee.texts import LANGUAGES
from telmee.web.reports.paper import facts_of
from telmee.web.reports.workbook import sheets_of
from tests.buying import bought
from tests.cast import Cast
from tests.money import accepted
from tests.publishing import frozen
from tests.read_aloud import faults, headings, opened
from tests.registering import hand_in, register

_WHO = {
    ReportKind.COUNCIL: ("adviser", "hilversum"),
    ReportKind.ANNUAL: ("adviser", "hilversum"),
    ReportKind.REGIONAL: ("team", "region"),
    ReportKind.STATEMENT: ("contractor", "de_eem"),
}


@pytest.fixture(scope="module")
def worked(module_cast: Cast) -> Cast:
    """Six people worked on a contract of the region, and its client handed over what it bought."""
    bought(module_cast.adviser, module_cast.hilversum)
    contract = register(module_cast)
    for number in range(6):
        line = hand_in(module_cast, contract, kenmerk=f"K-{number}", persoon=f"P-{number}")
        accepted(module_cast, line)
    return module_cast


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ReportKind)
def test_every_report_can_be_read_aloud(worked: Cast, kind: ReportKind, language: Any) -> None:
    who, own = (getattr(worked, name) for name in _WHO[kind])
    with acting_as(who.pk) as acting:
        report = report_for(acting, frozen(who, own, kind))
        with translation.override(language):
            facts = facts_of(report, json.loads(report.document), "key")
            sheets = list(sheets_of(report, json.loads(report.document)))
    paper = render_pdf("report", facts)
    assert faults(paper, language=language, title=facts["title"]) == []
    written = [block["text"] for block in facts["blocks"] if block["is"] == "heading"]
    assert headings(opened(paper)) == written
    assert all(len(sheet.name) < 31 for sheet in sheets)  # a longer one is cut off, within a word
    tables = [block["caption"] for block in facts["blocks"] if block["is"] == "table"]
    assert len(set(tables)) == len(tables)
    said = [block.get("text", "") for block in facts["blocks"]]
    at = [block.get("caption") for block in facts["blocks"]].index(
        "Wat social return doet" if language == "nl" else "What social return does"
    )
    assert "Regiogemeenten Gooi en Vechtstreek, 2025." in said[at + 1]
    rows = [row[0] for block in facts["blocks"] if block["is"] == "table" for row in block["rows"]]
    assert ("Partners" in rows) == (
        kind == ReportKind.REGIONAL
    )  # what a region counts, and no other


def test_a_report_on_a_year_without_anything_has_no_table_without_rows(worked: Cast) -> None:
    with acting_as(worked.adviser.pk) as acting:
        report = report_for(acting, frozen(worked.adviser, worked.hilversum, year=2021))
        facts = facts_of(report, json.loads(report.document), "key")
    tables = [block for block in facts["blocks"] if block["is"] == "table"]
    assert all(table["rows"] for table in tables)
    assert tables[0]["caption"].endswith(", 2021")


def test_a_paper_says_on_how_many_lines_nothing_was_decided(worked: Cast) -> None:
    hand_in(worked, register(worked, reference="HIL-W"), kenmerk="W-1", persoon="P-W")
    with acting_as(worked.adviser.pk) as acting, translation.override("nl"):
        report = report_for(acting, frozen(worked.adviser, worked.hilversum))
        facts = facts_of(report, json.loads(report.document), "key")
    (stands,) = [block["text"] for block in facts["blocks"] if "Stand van" in block.get("text", "")]
    assert stands.endswith("Over één inspanning was nog geen besluit.")
