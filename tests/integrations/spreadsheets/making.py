"""Spreadsheet files made by hand, down to the XML that no program would write."""

import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from telmee.core.errors import DomainError
from telmee.core.tables.table import Table
from telmee.integrations.spreadsheets import open_table
from telmee.texts import problem_text

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OPENDOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"
#: Style 1 is a date, 2 a duration, 3 a time of day.
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="20"/>'
    "</cellXfs></styleSheet>"
)

Part = tuple[str, bytes | str]


def package(parts: Iterable[Part], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Zip parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        for name, part in parts:
            file.writestr(name, part)
    return content.getvalue()


def parts_of(content: bytes) -> list[tuple[str, bytes]]:
    """Unzip parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return [(name, file.read(name)) for name in file.namelist()]


def worksheet(rows: str) -> str:
    """The XML of one sheet of an .xlsx, given its rows."""
    return f"<worksheet><sheetData>{rows}</sheetData></worksheet>"


def workbook(
    *sheets: str, shared: str | None = None, names: Sequence[str] = (), settings: str = ""
) -> bytes:
    """An .xlsx with the XML of its sheets, whole."""
    numbers = range(1, len(sheets) + 1)
    names = [*names, *(f"Blad{number}" for number in numbers[len(names) :])]
    relations = "".join(
        f'<Relationship Id="r{number}" Target="worksheets/sheet{number}.xml"'
        f' Type="{OFFICE_RELATIONS}/worksheet"/>'
        for number in numbers
    )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    start = (
        f'<Relationship Id="r1" Target="xl/workbook.xml" Type="{OFFICE_RELATIONS}/officeDocument"/>'
    )
    parts: list[Part] = [
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", f"<Relationships>{start}</Relationships>"),
        ("xl/workbook.xml", f"<workbook>{settings}<sheets>{listed}</sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", f"<Relationships>{relations}</Relationships>"),
        ("xl/styles.xml", STYLES),
        *((f"xl/worksheets/sheet{number}.xml", sheets[number - 1]) for number in numbers),
    ]
    if shared is not None:
        parts.append(("xl/sharedStrings.xml", f"<sst>{shared}</sst>"))
    return package(parts)


def sheet(*rows: str) -> bytes:
    """An .xlsx with one sheet of these rows, below a header of three columns."""
    return workbook(worksheet(HEADER + "".join(rows)))


HEADER = (
    '<row r="1"><c r="A1" t="str"><v>kenmerk</v></c><c r="B1" t="str"><v>bouwblok</v></c>'
    '<c r="C1" t="str"><v>uren</v></c></row>'
)


def document(*tables: str) -> bytes:
    """An .ods with the XML of what is in its sheets."""
    spaces = " ".join(
        f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text", "draw")
    )
    body = "".join(
        f'<table:table table:name="Blad{number}">{table}</table:table>'
        for number, table in enumerate(tables, start=1)
    )
    content = (
        f"<office:document-content {spaces}"
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return package([("mimetype", OPENDOCUMENT), ("content.xml", content)])


def ods_row(*cells: str, repeats: int = 1) -> str:
    """A row of an .ods."""
    attribute = f'table:number-rows-repeated="{repeats}"'
    return f"<table:table-row {attribute}>{''.join(cells)}</table:table-row>"


def ods_cell(kind: str = "", value: str = "", text: str = "", more: str = "") -> str:
    """A cell of an .ods: its kind, its stored value, and the text shown."""
    stored = {"float": "value", "percentage": "value", "currency": "value"}.get(
        kind, f"{kind}-value"
    )
    attributes = f' office:value-type="{kind}"' if kind else ""
    attributes += f' office:{stored}="{value}"' if value else ""
    shown = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell{attributes} {more}>{shown}</table:table-cell>"


ODS_HEADER = ods_row(ods_cell("string", text="kenmerk"), ods_cell("string", text="bouwblok"))


def opened(content: bytes, name: str = "bijdragen.xlsx") -> Table:
    """Open a file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return open_table(path)


def refused(content: bytes, name: str = "bijdragen.xlsx") -> list[str]:
    """Open a file that cannot be read; give the codes, each of which has words."""
    with pytest.raises(DomainError) as caught:
        opened(content, name)
    told = [problem_text(problem, "nl") for problem in caught.value.problems]
    assert all(map(all, told))
    return [problem.code for problem in caught.value.problems]
