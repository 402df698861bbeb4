"""What an .ods holds comes out as it is stored, and a lost value never as an empty cell."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.tables.cells import MERGED, UNCALCULATED, Cell
from telmee.core.tables.signs import marked
from tests.integrations.spreadsheets.making import (
    ODS_HEADER,
    OPENDOCUMENT,
    document,
    ods_cell,
    ods_row,
    opened,
    package,
    parts_of,
    refused,
)


def row_of(*cells: str) -> list[Cell]:
    return list(opened(document(ods_row(*cells))).sheet.rows[0])


def test_values_keep_their_kind() -> None:
    assert row_of(
        ods_cell("float", "7.1", "7,10"),
        ods_cell("percentage", "0.5", "50%"),
        ods_cell("currency", "1234.5", "€ 1.234,50", 'office:currency="EUR"'),
        ods_cell("date", "2024-03-01", "1 mrt. 24"),
        ods_cell("date", "2024-03-01T12:30:00", "1 mrt. 24"),
        ods_cell("date", "20000-01-01", "1 jan. 20000"),
        ods_cell("boolean", "true", "WAAR"),
        ods_cell("boolean", "false", "ONWAAR"),
        ods_cell("time", "PT36H30M00S", "36:30"),
        ods_cell("time", "P1Y", "een jaar"),
        ods_cell("string", "opgeslagen", "getoond"),
        ods_cell("string", text="getoond"),
        ods_cell(text="zonder soort"),
    ) == [
        7.1,
        marked(0.5, "%"),
        1234.5,
        date(2024, 3, 1),
        datetime(2024, 3, 1, 12, 30),  # noqa: DTZ001 - a spreadsheet knows no zones
        "20000-01-01",
        True,
        False,
        timedelta(hours=36, minutes=30),
        "P1Y",
        "opgeslagen",
        "getoond",
        "zonder soort",
    ]


def test_text_is_put_together_and_notes_and_drawings_are_not_text() -> None:
    note = "<office:annotation><text:p>notitie</text:p></office:annotation>"
    drawing = "<draw:frame><draw:text-box><text:p>tekening</text:p></draw:text-box></draw:frame>"
    text = (
        "een<text:s/>twee<text:s text:c='3'/>drie<text:tab/>vier<text:line-break/>"
        f"<text:span>v<text:a>ij</text:a>f</text:span>{drawing}"
    )
    cell = ods_cell("string", text=text).replace("<text:p>", f"{note}<text:p>", 1)
    cell = cell.replace("</table:", "<text:p>zes</text:p></table:")
    only_note = f"<table:table-cell>{note}</table:table-cell>"
    assert row_of(cell, only_note, ods_cell("float", "1")) == [
        "een twee   drie\tvier\nvijf\nzes",
        None,
        1.0,
    ]


FORMULA, EMPTY = 'table:formula="of:=NA()"', 'office:string-value=""'
ERROR = 'calcext:value-type="error"'


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (ods_cell("string", "", "#N/A", f"{FORMULA} {EMPTY} {ERROR}"), "#N/A"),
        (ods_cell("string", "", "#N/A", f"{FORMULA} {ERROR}"), "#N/A"),
        (ods_cell("string", "", "", f"{FORMULA} {ERROR}"), "#VALUE!"),
        (ods_cell("float", "0", "Err:502", FORMULA), "Err:502"),
        (ods_cell("float", "0", "#DIV/0!", FORMULA), "#DIV/0!"),
        (ods_cell("", "", "", FORMULA), UNCALCULATED),
        (ods_cell("float", "3", "3", FORMULA), 3.0),
        (ods_cell("string", "drie", "drie", FORMULA), "drie"),
        (ods_cell("", "", "drie", FORMULA), "drie"),
        (ods_cell("date", "2024-03-01", "x", FORMULA), date(2024, 3, 1)),
        (ods_cell("string", "", "", f"{FORMULA} {EMPTY}"), None),
    ],
)  # fmt: skip
def test_a_formula_gives_its_result_or_says_what_went_wrong(cell: str, value: Cell) -> None:
    assert row_of(cell, ods_cell("float", "1")) == [value, 1.0]


def test_merged_cells_grouped_rows_and_recorded_changes() -> None:
    merged = ods_row(
        ods_cell("string", text="a", more='table:number-columns-spanned="2"'),
        "<table:covered-table-cell/>",
        ods_cell("float", "1"),
    )
    grouped = (
        "<table:title>t</table:title><table:shapes><draw:frame><text:p>x</text:p></draw:frame>"
        f"</table:shapes><table:table-column/><table:table-header-rows>{merged}"
        f"</table:table-header-rows><table:table-row-group><table:table-row-group>{merged}"
        "</table:table-row-group></table:table-row-group>"
    )
    content = document(grouped)
    changes = (
        "<table:tracked-changes><table:deletion><table:table table:name='oud'>"
        f"{ods_row(ods_cell('string', text='weg'))}</table:table></table:deletion>"
        "</table:tracked-changes><table:table "
    )
    parts = [
        (name, part.replace(b"<table:table ", changes.encode(), 1))
        for name, part in parts_of(content)
    ]
    table = opened(package(parts))
    assert table.sheet.rows == [["a", None, 1.0], ["a", MERGED, 1.0]]
    assert (table.sheet.name, table.others) == ("Blad1", ())


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5)), min_size=1, max_size=8))
def test_repeated_rows_keep_their_numbers(runs: list[tuple[bool, int]]) -> None:
    names = iter(range(100))
    rows = "".join(
        ods_row(*(ods_cell("string", text=f"{word}{next(names)}") for word in "ab") if filled else
                [ods_cell(more='table:number-columns-repeated="1024"')], repeats=count)
        for filled, count in runs
    )  # fmt: skip
    last = ods_row(ods_cell("string", text="z"), ods_cell("string", text="b"))
    found = read_contributions(opened(document(ODS_HEADER + rows + last))).contributions
    expected: list[int] = []
    row = 2
    for filled, count in runs:
        expected += range(row, row + count) if filled else []
        row += count
    assert found.row.tolist() == [*expected, row]


def test_repeated_cells_are_so_many_cells() -> None:
    three, blank = (
        ods_cell("float", "5", more='table:number-columns-repeated="3"'),
        ods_cell(more='table:number-columns-repeated="2"'),
    )
    assert row_of(blank, three, blank, ods_cell("float", "6"), blank) == [
        *[None] * 2, *[5.0] * 3, *[None] * 2, 6.0,
    ]  # fmt: skip


def test_the_blank_end_of_every_sheet_costs_nothing() -> None:
    end = ods_row(ods_cell(more='table:number-columns-repeated="16384"'), repeats=1_048_575)
    assert len(opened(document(ODS_HEADER + end, end)).sheet.rows) == 1


@pytest.mark.parametrize(
    "parts",
    [
        [("META-INF/manifest.xml", "<manifest:encryption-data/>"), ("content.xml", "\x12\x13")],
        [("encrypted-package", "\x12\x13")],
    ],
)
def test_a_password_is_told(parts: list[tuple[str, str]]) -> None:
    assert refused(package([("mimetype", OPENDOCUMENT), *parts])) == ["encrypted_workbook"]
