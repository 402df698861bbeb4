"""Workbooks out: what is text stays text, what is money stays exact, and all or nothing."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.tables.contribution_columns import AMOUNT_CENTS_MAX
from telmee.integrations.spreadsheets import open_table
from telmee.integrations.spreadsheets import sheets as writing
from telmee.integrations.spreadsheets.sheets import Value
from telmee.integrations.spreadsheets.writing import OutputColumn, OutputSheet, write_workbook
from tests.integrations.spreadsheets.making import parts_of

COLUMNS = [
    OutputColumn("tekst", "text", 20),
    OutputColumn("datum", "date"),
    OutputColumn("bedrag", "cents"),
    OutputColumn("uren", "hundredths"),
    OutputColumn("aantal", "whole"),
]
#: Text that comes back as it went in; spreadsheets trim blanks and know fewer characters.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12
).filter(lambda text: text == text.strip() and "_x" not in text)
RISKY = ["=1+1", "+1", "-1", "@a", "=cmd|'/c calc'!A0", "https://voorbeeld.nl", "1", "1-1"]
values = st.tuples(
    st.none() | texts | st.sampled_from(RISKY),
    st.none() | st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.none() | st.integers(-AMOUNT_CENTS_MAX, AMOUNT_CENTS_MAX),
    st.none() | st.integers(0, 10**9),
    st.none() | st.integers(-(10**9), 10**9),
)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uit") / "uit.xlsx"


def sheet_xml(path: Path, number: int = 1) -> str:
    return dict(parts_of(path.read_bytes()))[f"xl/worksheets/sheet{number}.xml"].decode()


@settings(max_examples=30)
@given(st.lists(values, min_size=1, max_size=4))
def test_every_value_comes_back(path: Path, rows: list[tuple[Value, ...]]) -> None:
    # A first row without gaps, so that the sheet begins in its first column.
    first: tuple[Value, ...] = ("a", date(2024, 1, 1), 1, 1, 1)
    write_workbook(path, [OutputSheet("Blad", COLUMNS, iter([first, *rows]))])
    header, *found = open_table(path).sheet.rows
    assert list(header) == [column.heading for column in COLUMNS]
    for row, cells in zip([first, *rows], [*found, *[[""] * 5] * 9], strict=False):
        text, day, cents, hundredths, whole = (None if cell == "" else cell for cell in cells)
        assert text == (row[0] or None)
        assert day == row[1]
        numbers = ((cents, row[2], 100), (hundredths, row[3], 100), (whole, row[4], 1))
        for cell, value, unit in numbers:
            assert cell == (value / unit if isinstance(value, int) else None)


@settings(max_examples=30)
@given(st.sampled_from("=+-@\t\r"), texts)
def test_no_text_becomes_a_formula(path: Path, sign: str, rest: str) -> None:
    write_workbook(path, [OutputSheet("Blad", COLUMNS[:1], [[sign + rest]])])
    xml = sheet_xml(path)
    assert "<f>" not in xml
    assert re.search(r'<c r="A2" s="\d+" t="inlineStr">', xml)
    (quoted,) = re.findall(r'<c r="A2" s="(\d+)"', xml)
    styles = dict(parts_of(path.read_bytes()))["xl/styles.xml"].decode()
    cell_styles = re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1])
    assert 'quotePrefix="1"' in cell_styles[int(quoted)]


def test_no_text_becomes_a_link(path: Path) -> None:
    write_workbook(
        path, [OutputSheet("Blad", COLUMNS[:1], [["https://voorbeeld.nl"], ["mailto:a@b"]])]
    )
    assert "hyperlink" not in sheet_xml(path)
    assert not any("rels" in name and "sheet1" in name for name, _ in parts_of(path.read_bytes()))


def test_a_sheet_can_be_read_at_once(path: Path) -> None:
    rows: list[list[Value]] = [["a", date(2024, 3, 1), 123_456, 750, 2]]
    write_workbook(path, [OutputSheet("Eén", COLUMNS, rows), OutputSheet("Twee", COLUMNS[:1], [])])
    one, two = sheet_xml(path, 1), sheet_xml(path, 2)
    for xml, last in ((one, "A1:E2"), (two, "A1:A1")):
        assert 'state="frozen"' in xml
        assert f'<autoFilter ref="{last.removesuffix(":A1")}' in xml
    assert '<col min="1" max="1" width="20.7' in one
    assert "<v>1234.56</v>" in one
    assert [open_table(path).sheet.name, open_table(path).others[0].name] == ["Eén", "Twee"]


def test_a_text_longer_than_a_cell_is_cut_with_a_sign(path: Path) -> None:
    write_workbook(path, [OutputSheet("Blad", COLUMNS[:1], [["x" * 40_000]])])
    assert open_table(path).sheet.rows[1] == ["x" * 32_766 + "…"]


def folder_of(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


def test_what_fails_halfway_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "uit.xlsx"
    path.write_bytes(b"oud")

    def rows() -> list[list[Value]]:
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        write_workbook(path, (OutputSheet("Blad", COLUMNS, rows()) for _ in range(1)))
    assert (folder_of(path), path.read_bytes()) == (["uit.xlsx"], b"oud")


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "map.xlsx").mkdir()
    for path in (tmp_path / "weg" / "uit.xlsx", tmp_path / "map.xlsx"):
        with pytest.raises(DomainError) as caught:
            write_workbook(path, [OutputSheet("Blad", COLUMNS[:1], [["a"]])])
        (problem,) = caught.value.problems
        assert (problem.code, dict(problem.params)) == ("file_not_written", {"file": path.name})
    assert folder_of(tmp_path / "x") == ["map.xlsx"]


def test_more_rows_than_a_sheet_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_ROWS_MAX", 5)
    path = tmp_path / "uit.xlsx"
    write_workbook(path, [OutputSheet("Blad", COLUMNS[:1], [["a"]] * 4)])
    assert len(open_table(path).sheet.rows) == 5
    with pytest.raises(DomainError) as caught:
        write_workbook(path, [OutputSheet("Blad", COLUMNS[:1], [["a"]] * 5)])
    assert caught.value.problems[0].params == {"maximum": 4}
