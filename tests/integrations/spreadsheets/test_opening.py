"""What a file is, is decided by its content; what cannot be one is refused before it is read."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.tables.table import Table
from telmee.integrations.spreadsheets import open_table
from tests.core.numbers import bsns
from tests.integrations.spreadsheets.making import (
    HEADER,
    ODS_HEADER,
    document,
    ods_cell,
    ods_row,
    opened,
    package,
    refused,
    sheet,
    workbook,
    worksheet,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
XLSX = sheet('<row r="2"><c r="A2" t="str"><v>a</v></c></row>')
ODS = document(ODS_HEADER + ods_row(ods_cell("string", text="a")))
CSV = b"kenmerk;bouwblok;uren\na;;\n"


def why_not(path: Path) -> str:
    with pytest.raises(DomainError) as caught:
        open_table(path)
    (problem,) = caught.value.problems
    assert str(problem.params.get("file", path.name))[:30] == path.name[:30]
    return problem.code


@pytest.mark.parametrize("content", [XLSX, ODS, CSV])
@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.csv", "a", "a.txt"])
def test_the_content_decides_and_not_the_name(content: bytes, name: str) -> None:
    table = opened(content, name)
    assert table.file_name == name
    assert list(table.sheet.rows[0])[:2] == ["kenmerk", "bouwblok"]
    assert next(iter(table.sheet.rows[1])) == "a"


def test_a_path_that_leads_to_no_file_is_refused(tmp_path: Path) -> None:
    assert why_not(tmp_path / "weg.xlsx") == "file_not_found"
    assert why_not(tmp_path) == "not_a_file"
    assert why_not(tmp_path / "a.xlsx" / "b.xlsx") == "file_not_found"
    (tmp_path / "leeg.csv").touch()
    assert why_not(tmp_path / "leeg.csv") == "empty_file"
    assert why_not(tmp_path / ("a" * 300)) == "file_unreadable"


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pijp.csv")
    assert why_not(tmp_path / "pijp.csv") == "not_a_file"
    assert why_not(Path("/dev/zero")) == "not_a_file"


def test_a_file_without_rights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", denied)  # the tests may run as a user who may read anything
    assert why_not(tmp_path / "dicht.csv") == "file_unreadable"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "groot.csv"
    with path.open("wb") as file:
        file.truncate(200_000_001)
    assert why_not(path) == "file_too_large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (OLE + b"\0" * 5_000, "old_workbook"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted_workbook"),
        (package([("xl/workbook.bin", "x")]), "old_workbook"),
        (package([("word/document.xml", "<a/>")]), "not_a_spreadsheet"),
        (package([]), "not_a_spreadsheet"),
        (b"PK\x03\x04", "broken_workbook"),
        (XLSX[:-30], "broken_workbook"),
        (XLSX[: len(XLSX) // 2], "broken_workbook"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x01", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_spreadsheet"),
        (b"<html><table><tr><td>kenmerk</td></tr></table></html>", "not_a_spreadsheet"),
        (b"\n <?xml version='1.0'?><Workbook/>", "not_a_spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_what_it_is(content: bytes, code: str) -> None:
    assert refused(content) == [code]


@given(bsns)
def test_a_file_name_with_a_bsn_is_not_repeated(number: str) -> None:
    with pytest.raises(DomainError) as caught:
        open_table(Path(f"/nergens/{number}.xlsx"))
    assert number not in str(caught.value.problems)


# --- which sheet ----------------------------------------------------------------------------------


def names(table: Table) -> tuple[str, list[str]]:
    return table.sheet.name, [other.name for other in table.others]


def test_the_sheet_with_the_required_columns_is_read() -> None:
    cover = worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    lines = worksheet(HEADER)
    assert names(opened(workbook(cover, lines, lines))) == ("Blad2", ["Blad1", "Blad3"])
    table = opened(workbook(cover, lines))
    assert [table.sheet.number, *(other.number for other in table.others)] == [2, 1]


def test_without_one_the_first_sheet_that_is_not_empty_is_read() -> None:
    empty, other = worksheet(""), worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    assert names(opened(workbook(empty, other, other))) == ("Blad2", ["Blad1", "Blad3"])
    assert names(opened(workbook(empty, empty))) == ("Blad1", ["Blad2"])


def test_a_hidden_sheet_is_a_sheet() -> None:
    content = workbook(
        worksheet(""), worksheet(HEADER), names=['A" state="hidden', 'B" state="veryHidden']
    )
    assert names(opened(content)) == ("B", ["A"])


# --- whatever is in a file ------------------------------------------------------------------------

starts = st.sampled_from(
    [b"", b"PK", b"PK\x03\x04", OLE, b"\xff\xfe", b"kenmerk;bouwblok\n", b"sep=,\n"]
)


def read_or_refused(content: bytes) -> None:
    """Nothing else may happen; anything else fails the test by itself."""
    if not content:
        assert refused(content) == ["empty_file"]
        return
    try:
        table = opened(content)
    except DomainError as error:
        assert len(error.problems) == 1  # noqa: PT017 - both endings are fine
    else:
        assert isinstance(table, Table)


@given(starts, st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    read_or_refused(start + rest)


@settings(max_examples=300)
@given(
    st.sampled_from([XLSX, ODS, CSV]),
    st.lists(
        st.tuples(st.integers(0, 2**16), st.binary(max_size=6), st.integers(0, 6)), max_size=4
    ),
)
def test_any_damage_is_read_or_refused(
    content: bytes, damage: list[tuple[int, bytes, int]]
) -> None:
    for place, put, cut in damage:
        at = place % len(content)
        content = content[:at] + put + content[at + cut :]
    read_or_refused(content)
