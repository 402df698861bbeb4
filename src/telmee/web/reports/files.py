"""A report as a file that carries its signature: a workbook, or the document itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from telmee.integrations.signatures import envelope, mark_of, sealed
from telmee.integrations.spreadsheets.writing import OutputColumn, OutputSheet, write_workbook
from telmee.web.language import active
from telmee.web.reports.paper import paper_of
from telmee.web.reports.sustainability import of_statement
from telmee.web.reports.words import (
    changes_of,
    corrections_of,
    counted_of,
    divisions_of,
    series_of,
    years_of,
)

if TYPE_CHECKING:
    from telmee.apps.reports.models import Report

KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
#: The fields of somebody's own template are in Dutch, and so is what stands in them.
LANGUAGE_OF_TEMPLATES = "nl"
_OF_A_CORRECTION = ("before_cents", "now_cents", "corrected_cents", "later_cents")
_OF_A_DATAPOINT = ("figure", "covers", "missing")
_NAME_MAX = 31  # of a sheet, in Excel
_MONEY = ("imposed_cents", "promised_cents", "delivered_cents", "verified_cents", "purchase_cents")


def document_file(report: Report) -> bytes:
    """The document as it was signed, with its signature beside it."""
    return envelope(report.document, report.signature, report.public_key)


def workbook_file(report: Report, document: Mapping[str, Any]) -> bytes:
    """Every table of a report as a sheet, sealed."""
    sheets = [
        _years(document),
        *_divisions(document, report.pk),
        *_sustainability(document),
        *_told(report, document),
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_workbook(path, sheets)
        return sealed_file(report, path.read_bytes())


def paper_file(report: Report, document: Mapping[str, Any]) -> bytes:
    """The report on paper (PDF/UA-1), sealed."""
    return sealed_file(report, paper_of(report, document, mark_of(report.public_key)))


def sealed_file(report: Report, content: bytes) -> bytes:
    """A file with a seal that says which report it is of."""
    facts = {"report": report.sha256, "number": report.number, "frozen": str(report.frozen_at)}
    return sealed(content, facts, settings.SECRET_KEY)


def _years(document: Mapping[str, Any]) -> OutputSheet:
    columns = [_text(_("What was counted")), *(_text(str(year)) for year in years_of(document))]
    rows = [[row["label"], *(cell["text"] for cell in row["cells"])] for row in series_of(document)]
    return _sheet(_("Years"), columns, rows)


def _divisions(document: Mapping[str, Any], report_id: int) -> Iterator[OutputSheet]:
    labels = [document["figures"][key]["label"] for key in _MONEY]
    money = [OutputColumn(label[active() == "en"] or label[0], "cents", 18) for label in labels]
    for division in divisions_of(document, report_id):
        columns = [
            _text(str(division["title"])),
            *money,
            _text(_("People reached")),
            _text(_("Workplaces")),
        ]
        rows = [
            [row["label"], *(row[key] for key in _MONEY), row["people_text"], row["places_text"]]
            for row in division["rows"]
        ]
        yield _sheet(str(division["title"]), columns, rows)


def _sustainability(document: Mapping[str, Any]) -> Iterator[OutputSheet]:
    """What a contractor takes along to his sustainability report; nothing of another report."""
    mapped = of_statement(document)
    if mapped is None:
        return
    heads = (_("Standard"), _("Datapoint"), _("What was counted"), _("What Telmee has"))
    columns = [_text(head) for head in (*heads, _("What is not covered"))]
    rows = [
        [row["standard"], f"{row['code']} {row['name']}", *(row[key] for key in _OF_A_DATAPOINT)]
        for row in mapped["rows"]
    ]
    rows += [["", "", one["figure"], "", one["why"]] for one in mapped["outside"]]
    rows += [
        [one["title"], one["publisher"], one["dated"], one["address"], ""]
        for one in mapped["standards"]
    ]
    rows.append([_("Version"), mapped["version"], "", "", ""])
    yield _sheet("CSRD VSME", columns, rows)


def _told(report: Report, document: Mapping[str, Any]) -> Iterator[OutputSheet]:
    """What was put right, how it was counted, and what it stands on."""
    corrections = [
        [
            row["label"],
            str(row["year"]),
            *(row[key] for key in _OF_A_CORRECTION),
            row["why"],
        ]
        for row in corrections_of(document)
    ]
    changes = [
        [row["label"], str(row["year"]), row["before_cents"], row["now_cents"]]
        for row in changes_of(document)
    ]
    euros = [_("Was"), _("Is now"), _("Put right"), _("Came in later")]
    columns = [
        *(_text(head) for head in (_("What was counted"), _("Year"))),
        *(OutputColumn(head, "cents", 18) for head in euros),
        _text(_("Why")),
    ]
    yield _sheet(_("Corrections"), columns, corrections)
    yield _sheet(_("Other changes"), columns[:4], changes)
    counted = [[row["label"], row["counted"]] for row in counted_of(document)]
    yield _sheet(
        _("How it was counted"), [_text(_("What was counted")), _text(_("Counted"))], counted
    )
    stands = [
        [_("Report"), str(report.number)],
        [_("Position of"), document["as_of"]],
        [_("Complete until"), document["complete_until"]],
        ["SHA-256", report.sha256],
        [_("Signature"), report.signature],
        [_("Public key"), report.public_key],
        *([_("Rules"), " ".join(row)] for row in document["rules"]),
    ]
    yield _sheet(_("What it stands on"), [_text(_("What")), _text(_("Value"))], stands)


def _text(heading: str) -> OutputColumn:
    return OutputColumn(heading, "text", 30)


def _sheet(
    name: str, columns: Sequence[OutputColumn], rows: Sequence[Sequence[Any]]
) -> OutputSheet:
    return OutputSheet(name[:_NAME_MAX], list(columns), rows)
