"""What an .xlsx holds comes out as it is on screen; what calamine would lose does not get lost."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.tables.cells import UNCALCULATED, Cell
from telmee.integrations.spreadsheets import open_table
from tests.integrations.spreadsheets.making import (
    HEADER,
    opened,
    package,
    parts_of,
    sheet,
    workbook,
    worksheet,
)


def row_of(*cells: str, **more: str) -> list[Cell]:
    """Read one row of cells, given as XML; B and further, so that nothing is trimmed."""
    content = workbook(worksheet(f'<row r="1">{"".join(cells)}</row>'), **more)
    return list(opened(content).sheet.rows[0])


def cell(place: str, value: str, kind: str = "", style: int = 0, formula: str = "") -> str:
    attributes = f' t="{kind}"' if kind else ""
    attributes += f' s="{style}"' if style else ""
    return f'<c r="{place}1"{attributes}>{formula}<v>{value}</v></c>'


# --- values ---------------------------------------------------------------------------------------


def test_values_keep_their_kind() -> None:
    assert row_of(
        cell("A", "36"),
        cell("B", "7.1"),
        cell("C", "1", "b"),
        cell("D", "tekst", "str"),
        cell("E", "45352", style=1),
        cell("F", "45352.5", style=1),
        cell("G", "1.5", style=2),
        cell("H", "0.5", style=3),
        cell("I", "2024-03-01", "d"),
    ) == [
        36.0,
        7.1,
        True,
        "tekst",
        date(2024, 3, 1),
        datetime(2024, 3, 1, 12),  # noqa: DTZ001 - a spreadsheet knows no zones
        timedelta(hours=36),
        time(12),
        date(2024, 3, 1),
    ]


@pytest.mark.parametrize("written", ["1", "true"])
def test_dates_of_the_system_of_1904_are_the_same_dates(written: str) -> None:
    old = workbook(
        worksheet(f'<row r="1">{cell("A", "43890", style=1)}</row>'),
        settings=f'<workbookPr date1904="{written}"/>',
    )
    assert opened(old).sheet.rows[0] == [date(2024, 3, 1)]


def test_shared_texts_and_texts_in_place_are_texts() -> None:
    shared = "<si><t>een</t></si><si/><si><r><t>tw</t></r><r><t>ee &amp; drie</t></r></si>"
    assert row_of(
        cell("A", "0", "s"),
        cell("B", "1", "s"),
        cell("C", "2", "s"),
        '<c r="D1" t="inlineStr"><is><t>vier</t></is></c>',
        shared=shared,
    ) == ["een", "", "twee & drie", "vier"]


def test_a_merged_cell_is_in_its_first_place_only() -> None:
    merged = worksheet(HEADER).replace("</sheetData>", '</sheetData><mergeCells count="1">'
                                       '<mergeCell ref="A1:A3"/></mergeCells>')  # fmt: skip
    rows = opened(workbook(merged)).sheet.rows
    assert rows == [["kenmerk", "bouwblok", "uren"]]


# --- what calamine loses --------------------------------------------------------------------------

ERRORS = ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_formula_that_went_wrong_is_not_an_empty_cell(error: str, quote: str) -> None:
    for attributes in ("t={0}e{0}", "s={0}1{0} t={0}e{0}", "t = {0}e{0} s={0}1{0}"):
        written = f'<c r="A1" {attributes.format(quote)}><f>X()</f><v>{error}</v></c>'
        assert row_of(written, cell("B", "1")) == [error, 1.0]


FORMULA = "<f>SUM(1,2)</f>"


@pytest.mark.parametrize(
    "written",
    [
        f'<c r="A1">{FORMULA}</c>',
        f'<c r="A1">{FORMULA}<v></v></c>',
        f'<c r="A1">{FORMULA}<v/></c>',
        f'<c r="A1">{FORMULA}<v /></c>',
        f'<c r="A1" s="1">\n {FORMULA}\n </c>',
        f'<c r="A1" t="n">{FORMULA}<v> </v></c>',
        f'<c r="A1" t="str">{FORMULA}</c>',
        f'<c r="A1" t="b" s="1">{FORMULA}</c>',
        f'<c r="A1" t="e">{FORMULA}</c>',
        '<c r="A1"><f t="shared" si="0"/></c>',
        '<c r="A1"><f t="shared" si="0"/><v></v></c>',
    ],
)
def test_a_formula_that_was_never_calculated_is_not_an_empty_cell(written: str) -> None:
    assert row_of(written, cell("B", "1")) == [UNCALCULATED, 1.0]
    prefixed = written.replace("</", "</x:").replace("<f", "<x:f").replace("<v", "<x:v")
    assert row_of(prefixed.replace("<c", "<x:c"), cell("B", "1")) == [UNCALCULATED, 1.0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (cell("A", "3", formula=FORMULA), 3.0),
        (cell("A", "drie", "str", formula=FORMULA), "drie"),
        (cell("A", "", "str", formula=FORMULA), ""),
        (cell("A", "3", formula='<f t="shared" ref="A1:A9" si="0">B1</f>'), 3.0),
        (cell("A", "3", formula='<f t="shared" si="0"/>'), 3.0),
        ('<c r="A1" t="str"><f>""</f><v/></c>', ""),
    ],
)
def test_a_formula_with_a_result_is_its_result(written: str, value: Cell) -> None:
    assert row_of(cell("A", "x", "str").replace("A1", "B1"), written) == [value, "x"]


def test_a_cell_with_only_a_colour_is_empty() -> None:
    for blank in ('<c r="B1" s="1"/>', '<c r="B1" s="1"><v/></c>', '<c r="B1" t="s"/>'):
        assert row_of(cell("A", "1"), blank, cell("C", "3")) == [1.0, "", 3.0]


def test_lost_values_refuse_their_lines_and_no_others() -> None:
    content = sheet(
        '<row r="2"><c r="A2" t="str"><v>a</v></c><c r="B2" t="str"><v>b</v></c>'
        '<c r="C2" t="e"><v>#N/A</v></c></row>',
        '<row r="3"><c r="A3" t="str"><v>c</v></c><c r="B3" t="str"><v>b</v></c>'
        '<c r="C3"><f>1+1</f></c></row>',
        '<row r="4"><c r="A4" t="str"><v>d</v></c><c r="B4" t="str"><v>b</v></c>'
        '<c r="C4"><f>1+1</f><v>2</v></c></row>',
    )
    found = read_contributions(opened(content)).contributions
    assert {line: problems[0].code for line, problems in found.problems.items()} == {
        0: "spreadsheet_error",
        1: "formula_without_value",
    }
    assert found.hours.tolist() == [-1, -1, 200]


# --- places ---------------------------------------------------------------------------------------


@given(st.integers(1, 400), st.integers(1, 60))
def test_rows_and_columns_keep_their_place_on_screen(row: int, column: int) -> None:
    letters = "" if column <= 26 else chr(64 + (column - 1) // 26)
    letters += chr(65 + (column - 1) % 26)
    table = opened(workbook(worksheet(f'<row r="{row}"><c r="{letters}{row}"><v>1</v></c></row>')))
    assert (table.sheet.first_row, table.sheet.first_column) == (row, column)
    assert table.sheet.rows == [[1.0]]


def test_blank_rows_count() -> None:
    content = sheet(
        '<row r="4"><c r="A4" t="str"><v>a</v></c><c r="B4" t="str"><v>b</v></c></row>',
        '<row r="9"><c r="A9" t="str"><v>c</v></c><c r="B9" t="str"><v>b</v></c></row>',
    )
    assert read_contributions(opened(content)).contributions.row.tolist() == [4, 9]


def test_cells_that_name_no_place_stand_side_by_side() -> None:
    content = workbook(
        worksheet("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    )
    assert opened(content).sheet.rows == [[1.0, 2.0], [3.0, ""]]


def test_a_workbook_of_a_library_with_prefixes_is_read() -> None:
    prefixed = [
        (
            name,
            part.replace(b"<c ", b"<x:c ").replace(b"</c>", b"</x:c>")
            if "sheet1" in name
            else part,
        )
        for name, part in parts_of(sheet())
    ]
    assert opened(package(prefixed)).sheet.rows == [["kenmerk", "bouwblok", "uren"]]


def test_a_workbook_as_people_have_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "echt.xlsm"
    with xlsxwriter.Workbook(str(path)) as written:
        page = written.add_worksheet("Kwartaal 1")
        page.write_row(0, 0, ["Kenmerk", "Bouwblok", "Begin", "Uren per week", "Uren"])
        dated = written.add_format({"num_format": "d mmmm yyyy", "bg_color": "yellow"})
        page.write_string(1, 0, "a")
        page.write_string(1, 1, "ww")
        page.write_datetime(1, 2, date(2024, 3, 1), dated)
        page.write_number(1, 3, 28.5)
        page.write_formula(1, 4, "=1+1", None, 2)
        page.set_row(900_000, 30, dated)
        page.write_blank(3, 16_383, None, dated)
        chart = written.add_chart({"type": "line"})
        chart.add_series({"values": "='Kwartaal 1'!$D$2:$D$3"})
        written.add_chartsheet("Grafiek").set_chart(chart)
    found = read_contributions(open_table(path))
    assert found.contributions.problems == {}
    assert found.contributions.weekly_hours.tolist() == [28_50]
    assert found.contributions.hours.tolist() == [200]
