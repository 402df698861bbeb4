"""A report as a file that carries its signature: a workbook, or the document itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.conf import settings

from telmee.integrations.signatures import envelope, mark_of, sealed
from telmee.integrations.spreadsheets.writing import write_workbook
from telmee.web.reports.paper import paper_of
from telmee.web.reports.workbook import sheets_of

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


def document_file(report: Report) -> bytes:
    """The document as it was signed, with its signature beside it."""
    return envelope(report.document, report.signature, report.public_key)


def workbook_file(report: Report, document: Mapping[str, object]) -> bytes:
    """Every table of a report as a sheet, sealed; the same report comes to the same bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_workbook(path, sheets_of(report, document), of=report.frozen_at)
        return sealed_file(report, path.read_bytes())


def paper_file(report: Report, document: Mapping[str, object]) -> bytes:
    """The report on paper (PDF/UA-1), sealed."""
    return sealed_file(report, paper_of(report, document, mark_of(report.public_key)))


def sealed_file(report: Report, content: bytes) -> bytes:
    """A file with a seal that says which report it is of."""
    facts = {"report": report.sha256, "number": report.number, "frozen": str(report.frozen_at)}
    return sealed(content, facts, settings.SECRET_KEY)
