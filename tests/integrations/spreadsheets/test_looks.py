"""A sheet is read as it is shown: what its formats, merges and hidden parts say is not lost."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from telmee.core.contributions.effort_file import Reading, read_contributions
from tests.integrations.spreadsheets.making import (
    document,
    ods_cell,
    ods_row,
    opened,
    package,
    parts_of,
    workbook,
    worksheet,
)

HEADINGS = ("kenmerk", "bouwblok", "uren_per_week", "uren", "bedrag", "aantal", "persoon")
WEEKLY, HOURS, AMOUNT, COUNT, PERSON = 2, 3, 4, 5, 6


def written(
    cells: Mapping[tuple[int, int], tuple[Any, str]],
    more: Callable[[Any, Any], None] | None = None,
    rows: int = 3,
) -> bytes:
    """An .xlsx of lines with a kenmerk and a block; `cells` by row and column, with a format."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, (f"R{row}", "pw"))
        for (row, column), (value, shape) in cells.items():
            sheet.write(row, column, value, book.add_format({"num_format": shape}))
        if more:
            more(book, sheet)
    return content.getvalue()


def read(content: bytes) -> Reading:
    return read_contributions(opened(content))


def codes(reading: Reading, line: int = 0) -> list[tuple[str, str | None, Any]]:
    problems = reading.contributions.problems.get(line, ())
    return [(one.code, one.column, one.params.get("typed")) for one in problems]


def told(reading: Reading) -> dict[str, Mapping[str, Any]]:
    return {notice.code: notice.params for notice in reading.notices}


# --- signs of a format ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "shape", "code", "typed"),
    [
        (WEEKLY, 0.9, "0%", "percentage_as_number", "90%"),
        (WEEKLY, 0.475, "0.00%", "percentage_as_number", "47.5%"),
        (HOURS, 36, '0"%"', "percentage_as_number", "36 procent"),
        (AMOUNT, 0.5, "0%", "percentage_as_number", "50%"),
        (COUNT, 2, "0%", "percentage_as_number", "200%"),
        (AMOUNT, 950.25, "[$$-409]#,##0.00", "other_currency", "950.25 $"),
        (AMOUNT, 950, '"USD" 0.00', "other_currency", "950 USD"),
        (AMOUNT, 950, "[$CHF-807] #,##0", "other_currency", "950 CHF"),
        (AMOUNT, 950, "$#,##0;[Red]-$#,##0", "other_currency", "950 $"),
        (AMOUNT, 950, '#,##0 "zł"', "other_currency", "950 zł"),
        (AMOUNT, 950, "£#,##0", "other_currency", "950 £"),
        (HOURS, 5, '0 "dagen"', "bad_number", "5 dagen"),
        (WEEKLY, 150, '0 "uur per maand"', "bad_number", "150 uur per maand"),
        (WEEKLY, 0.75, '0.00 "fte"', "part_of_full_time", "0.75 fte"),
    ],
)
def test_a_number_is_what_its_format_says_it_is(
    column: int, value: float, shape: str, code: str, typed: str
) -> None:
    assert codes(read(written({(1, column): (value, shape)}))) == [(code, HEADINGS[column], typed)]


@pytest.mark.parametrize(
    ("column", "value", "shape", "meaning"),
    [
        (AMOUNT, 950.25, '_ "€ "* #,##0.00_ ;_ "€ "* -#,##0.00_ ;_ "€ "* "-"??_ ;_ @_ ', 950_25),
        (AMOUNT, 950.25, "[$€-413] #,##0.00", 950_25),
        (AMOUNT, 950.25, "[$EUR] #,##0.00", 950_25),
        (AMOUNT, 950.25, "#,##0.00 [$€-1];[Red]-#,##0.00 [$€-1]", 950_25),
        (WEEKLY, 36, '0 "uur"', 36_00),
        (WEEKLY, 36, '0.0 "uur per week"', 36_00),
        (HOURS, 36, "[>=100]0;[<100]0.0", 36_00),
        (HOURS, 36.5, "0.00E+00", 36_50),
    ],
)
def test_a_format_of_euros_or_hours_changes_nothing(
    column: int, value: float, shape: str, meaning: int
) -> None:
    reading = read(written({(1, column): (value, shape)}))
    field = {WEEKLY: "weekly_hours", HOURS: "hours", AMOUNT: "amount"}[column]
    assert not reading.contributions.problems
    assert getattr(reading.contributions, field)[0] == meaning


def test_a_sheet_whose_cells_name_no_place_is_looked_at_as_well() -> None:
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs></styleSheet>'
    cell = '<c t="str"><v>{}</v></c>'
    header = "".join(map(cell.format, ("kenmerk", "bouwblok", "uren")))
    line = f'{cell.format("R")}{cell.format("pw")}<c s="1"><v>0.25</v></c>'
    flat = f'<row hidden="1">{line}</row><row ht="0">{line.replace("R<", "S<")}</row>'
    content = workbook(worksheet(f"<row>{header}</row>{flat}"))
    parts = [
        (name, styles if name == "xl/styles.xml" else part) for name, part in parts_of(content)
    ]
    reading = read(package(parts))
    assert codes(reading) == codes(reading, 1) == [("percentage_as_number", "uren", "25%")]
    assert told(reading)["hidden_rows"] == {"rows": "2-3", "count": 2}


# --- the same in an .ods --------------------------------------------------------------------------

ODS_HEADINGS = ods_row(*(ods_cell("string", text=name) for name in HEADINGS))
STYLES = (
    '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0">'
    '<number:number-style style:name="N1"><number:number/><number:text> fte</number:text>'
    '</number:number-style><number:currency-style style:name="N2"><number:currency-symbol>£'
    "</number:currency-symbol><number:number/></number:currency-style>"
    '<number:currency-style style:name="N3"><number:currency-symbol>€</number:currency-symbol>'
    "<number:number/></number:currency-style>"
    '<style:style style:name="fte" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="pond" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="euro" style:family="table-cell" style:data-style-name="N3"/>'
    '<style:style style:name="kind" style:family="table-cell" style:parent-style-name="pond"/>'
    '<style:style style:name="weg" style:family="table-cell">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="nietweg" style:parent-style-name="weg" style:family="table-cell">'
    '<style:text-properties style:text-line-through-style="none"/></style:style>'
    '<style:style style:name="dicht" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def ods(*tables: str) -> bytes:
    """An .ods with styles of its own."""
    return package(
        (name, part.replace(b"<office:body>", STYLES.encode() + b"<office:body>"))
        for name, part in parts_of(document(*tables))
    )


def ods_line(number: int, **cells: str) -> str:
    """A line with a kenmerk and a block, and the XML of other cells."""
    own = {
        "kenmerk": ods_cell("string", text=f"R{number}"),
        "bouwblok": ods_cell("string", text="pw"),
    }
    return ods_row(*({**own, **cells}.get(name, ods_cell()) for name in HEADINGS))


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("uren_per_week", ods_cell("percentage", "0.9", "90%"), ("percentage_as_number", "90%")),
        ("bedrag", ods_cell("currency", "81.5", more='office:currency="USD"'),
         ("other_currency", "81.5 USD")),
        ("bedrag", ods_cell("currency", "81.5", more='table:style-name="pond"'),
         ("other_currency", "81.5 £")),
        ("bedrag", ods_cell("float", "81.5", more='table:style-name="kind"'),
         ("other_currency", "81.5 £")),
        ("uren_per_week", ods_cell("float", "0.75", more='table:style-name="fte"'),
         ("part_of_full_time", "0.75 fte")),
        ("bedrag", ods_cell("currency", "81.5", more='office:currency="EUR"'), None),
        ("bedrag", ods_cell("currency", "81.5", more='table:style-name="euro"'), None),
        ("bedrag", ods_cell("currency", "81.5", more='table:style-name="weg"'), None),
    ],
)  # fmt: skip
def test_an_ods_says_the_same(column: str, cell: str, expected: tuple[str, str] | None) -> None:
    reading = read(ods(ODS_HEADINGS + ods_line(1, **{column: cell})))
    assert codes(reading) == ([(expected[0], column, expected[1])] if expected else [])
    if not expected:
        assert reading.contributions.amount[0] == 81_50


def test_the_style_of_a_column_holds_for_its_cells() -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="4"/>'
        '<table:table-column table:default-cell-style-name="pond"/>'
    )
    reading = read(ods(columns + ODS_HEADINGS + ods_line(1, bedrag=ods_cell("float", "7"))))
    assert codes(reading) == [("other_currency", "bedrag", "7 £")]


# --- merged cells ---------------------------------------------------------------------------------


def merge(*places: Sequence[int], value: Any = "K-9") -> Callable[[Any, Any], None]:
    def merged(_book: Any, sheet: Any) -> None:
        for place in places:
            sheet.merge_range(*place, value)

    return merged


def test_a_merged_cell_holds_for_all_its_rows() -> None:
    reading = read(written({}, merge((1, PERSON, 3, PERSON))))
    persons = reading.contributions.person
    assert [persons[line] for line in range(3)] == ["K-9"] * 3
    assert told(reading)["merged_cells"] == {"places": "G2:G4"}


def test_the_later_columns_of_a_merged_cell_are_refused() -> None:
    reading = read(written({}, merge((2, WEEKLY, 3, HOURS), value=12)))
    assert reading.contributions.weekly_hours.tolist() == [-1, 12_00, 12_00]
    assert codes(reading, 1) == codes(reading, 2) == [("merged_cell", "uren", None)]


def test_a_covered_cell_that_kept_another_value_is_refused_and_a_blank_row_stays_blank() -> None:
    def merged(_book: Any, sheet: Any) -> None:
        sheet.merge_range(1, 0, 2, 0, "R")  # leaves the R2 that is below
        sheet.merge_range(3, PERSON, 8, PERSON, "K-9")

    reading = read(written({}, merged))
    assert codes(reading, 1) == [("merged_cell", "kenmerk", None)]
    assert reading.contributions.row.tolist() == [2, 3, 4]


def test_a_merged_reference_is_a_repeated_one() -> None:
    cells = ((1, "kenmerk", "bouwblok"), (2, "R", "pw"), (3, "", "pw"))
    row = '<row r="{0}"><c r="A{0}" t="str"><v>{1}</v></c><c r="B{0}" t="str"><v>{2}</v></c></row>'
    rows = worksheet("".join(row.format(*of_row) for of_row in cells))
    merged = rows.replace("</sheetData>", '</sheetData><mergeCell ref="A2:A3"/>')
    assert codes(read(workbook(merged)), 1) == [("repeated_reference", "kenmerk", None)]


def test_a_heading_over_two_columns_or_rows_is_no_value() -> None:
    reading = read(written({}, merge((0, WEEKLY, 0, HOURS), value="inzet")))
    assert reading.contributions.hours.tolist() == [-1] * 3
    below = read(written({}, merge((0, PERSON, 1, PERSON), value="persoon")))
    assert codes(below) == [("merged_cell", "persoon", None)]


def test_merged_cells_of_an_ods_hold_for_all_their_rows() -> None:
    first = ods_cell("string", text="K-9", more='table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell/>"
    other = '<table:covered-table-cell office:value-type="string"><text:p>X</text:p>'
    reading = read(
        ods(
            ODS_HEADINGS
            + ods_line(1, persoon=first)
            + ods_line(2, persoon=covered)
            + ods_line(3, persoon=first)
            + ods_line(4, persoon=f"{other}</table:covered-table-cell>")
        )
    )
    persons = reading.contributions.person
    assert [persons[line] for line in range(4)] == ["K-9", "K-9", "K-9", None]
    assert codes(reading, 3) == [("merged_cell", "persoon", None)]
    assert told(reading)["merged_cells"] == {"places": "G2:G3, G4:G5"}


# --- hidden and struck out ------------------------------------------------------------------------


def test_hidden_and_struck_out_rows_count_and_are_told() -> None:
    def looks(book: Any, sheet: Any) -> None:
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(3, 0)
        sheet.write(4, WEEKLY, 20, book.add_format({"font_strikeout": True}))
        sheet.write_rich_string(
            5, 0, book.add_format({"font_strikeout": True}), "oud", " R5", book.add_format()
        )
        sheet.set_column(COUNT, COUNT, None, None, {"hidden": True})
        sheet.write(1, COUNT, 3)
        sheet.set_column(HOURS, HOURS, None, None, {"hidden": True})

    reading = read(written({}, looks, rows=6))
    assert len(reading.contributions) == 6
    assert not reading.contributions.problems
    assert told(reading) == {
        "hidden_rows": {"rows": "3-4", "count": 2},
        "struck_rows": {"rows": "5-6", "count": 2},
        "hidden_columns": {"columns": "aantal (F)"},
    }


def test_hidden_and_struck_out_rows_of_an_ods_are_told() -> None:
    struck = ods_cell("string", text="R3", more='table:style-name="weg"')
    kept = ods_cell("string", text="R4", more='table:style-name="nietweg"')
    hidden = ods_line(1).replace("<table:table-row ", '<table:table-row table:visibility="filter" ')
    columns = (
        '<table:table-column table:number-columns-repeated="6"/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="9"/>'
    )
    person = ods_line(2, persoon=ods_cell("string", text="K"))
    lines = hidden + person + ods_line(3, kenmerk=struck) + ods_line(4, kenmerk=kept)
    assert told(read(ods(columns + ODS_HEADINGS + lines))) == {
        "hidden_rows": {"rows": "2", "count": 1},
        "struck_rows": {"rows": "4", "count": 1},
        "hidden_columns": {"columns": "persoon (G)"},
    }


def two_sheets(*, hide: int) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for number in range(2):
            sheet = book.add_worksheet(f"blad {number}")
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, (f"R{number}", "pw"))
            if number != hide:
                sheet.activate()
        book.worksheets()[hide].hide()
    return content.getvalue()


@pytest.mark.parametrize("hide", [0, 1])
def test_a_hidden_sheet_is_never_taken_before_a_visible_one(hide: int) -> None:
    reading = read(two_sheets(hide=hide))
    assert reading.contributions.reference == [f"R{1 - hide}"]
    params = {"sheet": f"blad {1 - hide}", "ignored": f"blad {hide}"}
    assert told(reading) == {"ignored_hidden_sheets": params}


def test_a_hidden_sheet_of_an_ods_comes_last_too() -> None:
    tables = ODS_HEADINGS + ods_line(1), ODS_HEADINGS + ods_line(2)
    parts = [
        (name, part.replace(b'"Blad1"', b'"Blad1" table:style-name="dicht"'))
        for name, part in parts_of(ods(*tables))
    ]
    reading = read(package(parts))
    assert reading.contributions.reference == ["R2"]
    assert told(reading) == {"ignored_hidden_sheets": {"sheet": "Blad2", "ignored": "Blad1"}}


def test_a_hidden_sheet_is_read_where_no_other_holds_anything_and_that_is_told() -> None:
    parts = [
        (name, part.replace(b'"Blad1"', b'"Blad1" table:style-name="dicht"'))
        for name, part in parts_of(ods(ODS_HEADINGS + ods_line(1), ods_row()))
    ]
    assert told(read(package(parts))) == {"hidden_sheet_read": {"sheet": "Blad1"}}
