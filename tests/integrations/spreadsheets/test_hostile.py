"""Files made to fill a memory, a disk or an afternoon are refused before they can.

Several of these end the whole process when they reach calamine, so a failure here may show as a
crashed test run.
"""

import struct
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from telmee.integrations.spreadsheets import package as limits
from telmee.integrations.spreadsheets import workbook as reading
from telmee.integrations.spreadsheets.workbook_guard import Extent, SheetXml, shown_text
from tests.integrations.spreadsheets.making import (
    HEADER,
    ODS_HEADER,
    OPENDOCUMENT,
    document,
    ods_cell,
    ods_row,
    opened,
    package,
    parts_of,
    refused,
    sheet,
    workbook,
    worksheet,
)

ONE = "<v>1</v></c>"


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    """Fail when Python asks for more than so many bytes at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of a zip."""
    return package((one, change(part) if one == name else part) for one, part in parts_of(content))


def with_sheet(xml: str | bytes) -> bytes:
    """An .xlsx whose one sheet is this, to the letter."""
    content = xml.encode() if isinstance(xml, str) else xml
    return changed(sheet(), "xl/worksheets/sheet1.xml", lambda _: content)


# --- sheets that reach too far --------------------------------------------------------------------

FAR = {
    "a cell in each corner": f'<row><c r="A1">{ONE}</row><row><c r="XFD1048576">{ONE}</row>',
    "other quotes": f"<row><c r='A1'>{ONE}</row><row><c r='XFD1048576'>{ONE}</row>",
    "attributes first": f'<row><c s="0" r="A1">{ONE}</row><row><c s="0" r="XFD1048576">{ONE}</row>',
    "white space": f'<row><c\nr = "A1">{ONE}</row><row><c\tr\n=\n"XFD1048576">{ONE}</row>',
    "small letters": f'<row><c r="a1">{ONE}</row><row><c r="xfd1048576">{ONE}</row>',
    "a prefix": f'<row><c r="A1">{ONE}</row><x:row><x:c r="XFD1048576"><v>1</v></x:c></x:row>',
    "no references": f'<row><c>{ONE}</row><row r="1048576">{f"<c>{ONE}" * 17}</row>',
    "some references": f'<row><c>{ONE}</row><row><c>{ONE}<c r="XFD1048576">{ONE}</row>',
    "out of order": f'<row><c r="XFD1048576">{ONE}</row><row><c r="A1">{ONE}</row>',
}


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR.keys())
def test_a_sheet_that_reaches_too_far_is_refused(rows: str) -> None:
    assert refused(workbook(worksheet(rows))) == ["sheet_too_large"]


@pytest.mark.parametrize(
    "reference",
    ["A4294967297", "A99999999999999999999", "ZZZZZZZ1", "A0", "1", "A", "A1B", "", "A-1"],
)
def test_a_reference_that_is_none_is_refused(reference: str) -> None:
    rows = f'<row><c r="A1">{ONE}</row><row><c r="{reference}">{ONE}</row>'
    assert refused(workbook(worksheet(rows))) == ["broken_workbook"]


@pytest.mark.parametrize("reference", ["XFE1", "A1048577", "ZZZ1"])
def test_a_place_beyond_the_last_is_refused(reference: str) -> None:
    assert refused(workbook(worksheet(f'<row><c r="{reference}">{ONE}</row>'))) == [
        "broken_workbook"
    ]


def test_sheets_together_may_not_be_too_large() -> None:
    rows = f'<row><c r="A1">{ONE}</row><row><c r="I1000000">{ONE}</row>'
    one = worksheet(rows)
    assert refused(workbook(one, one)) == ["sheet_too_large"]


def test_a_cell_far_away_with_only_a_colour_does_no_harm() -> None:
    content = sheet('<row r="1048576"><c r="XFD1048576" s="1"/></row>')
    assert opened(content).sheet.rows == [["kenmerk", "bouwblok", "uren"]]


def test_data_far_down_is_only_as_large_as_it_is() -> None:
    table = opened(workbook(worksheet(f'<row><c r="XFD1048576">{ONE}</row>')))
    assert (table.sheet.rows, table.sheet.first_row, table.sheet.first_column) == (
        [[1.0]],
        1_048_576,
        16_384,
    )


def test_one_place_filled_over_and_over_is_refused() -> None:
    rows = f'<row>{f"""<c r="A1">{ONE}""" * 3}</row>'
    assert refused(workbook(worksheet(rows))) == ["broken_workbook"]


def test_the_quick_and_the_slow_way_measure_the_same() -> None:
    cells = [f'<c r="{column}{row}" s="1">{ONE}' for row in (3, 9) for column in ("B", "AZ")]
    quick = worksheet(f"<row>{''.join(cells)}</row><cols/>")
    # Enough to fill several pieces, with a cell on every boundary between two.
    filler = "".join(f'<c r="C{row}">{ONE}' for row in range(4, 120_000))
    for xml in (quick, worksheet(f"<row>{''.join(cells)}{filler}</row>")):
        slow = SheetXml(xml.replace("<c r", "<c  r").encode()).extent()
        assert SheetXml(xml.encode()).extent() == slow
    assert SheetXml(quick.encode()).extent() == Extent(4, 3, 9, 2, 52)


# --- zips that are not what they say --------------------------------------------------------------


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_MAX", 30_000_000)
    bomb = with_sheet(b" " * 30_000_001)
    with little_memory(5_000_000):
        assert refused(bomb) == ["file_too_large"]


def test_a_part_that_lies_about_its_size_is_not_unpacked_further() -> None:
    content = bytearray(with_sheet(b" " * 30_000_000))
    name = b"xl/worksheets/sheet1.xml"
    place = content.rfind(name) - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    content[place + 24 : place + 28] = struct.pack("<I", 1000)
    with little_memory(10_000_000):
        assert refused(bytes(content)) == ["broken_workbook"]


def test_a_directory_of_a_million_parts_is_not_read() -> None:
    content = package((f"{number}.xml", "") for number in range(5_000))
    assert refused(content) == ["broken_workbook"]
    claimed = bytearray(sheet())
    claimed[-10:-6] = struct.pack("<I", 2**32 - 1)
    assert refused(bytes(claimed)) == ["broken_workbook"]


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = package([*parts_of(sheet()), ("xl/workbook.xml", "<workbook/>")])
    assert refused(twice) == ["broken_workbook"]
    capitals = package([*parts_of(sheet()), ("XL/Workbook.xml", "<workbook/>")])
    assert refused(capitals) == ["broken_workbook"]


def test_an_encrypted_part_is_told() -> None:
    content = bytearray(sheet())
    place = content.rfind(b"PK\x01\x02")
    content[place + 8] |= 1
    assert refused(bytes(content)) == ["encrypted_workbook"]


def test_one_sheet_named_many_times_is_refused() -> None:
    two = workbook(worksheet(HEADER), worksheet(""))
    for old, new in (
        (b"sheet2.xml", b"sheet1.xml"),
        (b"worksheets/sheet2.xml", b"/xl/Worksheets/sheet1.xml"),
        (b'r:id="r2"', b'r:id="r1"'),
        (b'name="Blad2"', b'name="Blad1"'),
    ):
        parts = [(name, part.replace(old, new)) for name, part in parts_of(two)]
        assert refused(package(parts)) == ["broken_workbook"]
    assert refused(workbook(*[worksheet("")] * 256)) == ["broken_workbook"]


def test_sheets_are_read_within_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(reading, "monotonic", lambda: next(clock))
    assert len(opened(workbook(worksheet(HEADER))).others) == 0
    assert refused(workbook(worksheet(HEADER), worksheet(""))) == ["file_too_large"]


# --- text that grows ------------------------------------------------------------------------------

SHARED_CELLS = "".join(f'<row><c r="A{row}" t="s"><v>1</v></c></row>' for row in range(2, 4_000))


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        ('t="s"', "t='s'"),
        ("<v>1</v>", "<v> 1</v>"),
        ("<v>1</v>", "<v>1<!-- --></v>"),
    ],
)  # fmt: skip
def test_a_shared_text_that_is_shown_too_often_is_refused(change: tuple[str, str]) -> None:
    rows = SHARED_CELLS.replace(*change)
    shared = f"<si><t>x</t></si><si><t>{'x' * 100_000}</t></si>"
    assert refused(workbook(worksheet(HEADER + rows), shared=shared)) == ["too_much_text"]


def test_a_long_text_that_is_shown_once_does_no_harm() -> None:
    shared = f"<si><t>{'x' * 100_000}</t></si><si><t>kort</t></si>"
    one = '<row><c r="B5000" t="s"><v>0</v></c></row>'
    table = opened(workbook(worksheet(HEADER + SHARED_CELLS + one), shared=shared))
    assert {row[0] for row in table.sheet.rows[1:3_000]} == {"kort"}
    assert table.sheet.rows[-1][1] == "x" * 100_000


def test_a_comment_cannot_hide_a_shared_text() -> None:
    long = "x" * 100_000
    shared = f"<si><t>a</t></si><!-- <si> --><si><t>{long}</t></si>"
    assert refused(workbook(worksheet(HEADER + SHARED_CELLS), shared=shared)) == ["too_much_text"]
    two = [*parts_of(workbook(worksheet(HEADER), shared="")), ("xl/decoy.xml", b"<sst/>")]
    assert refused(package(two)) == ["broken_workbook"]


def test_the_shown_text_is_counted_to_the_byte() -> None:
    shared = b"<sst><si><t>ab</t></si><si/><x:si><t>c</t></x:si></sst>"
    uses = b'<c r="A1" t="s"><v>0</v></c><c r="A2" t="s"><v>0</v></c><c r="A3" t="s"><v>1</v></c>'
    assert shown_text(shared, [uses]) == 2 * len(b"<si><t>ab</t></si>") + len(b"<si/>")


# --- XML that is not data -------------------------------------------------------------------------

ENTITIES = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'


def test_entities_are_not_expanded() -> None:
    text = '<row><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row>'
    for rows in (text, text.replace("<c r", "<c  r")):
        assert refused(with_sheet(ENTITIES + worksheet(rows))) == ["broken_workbook"]
    document_type = changed(
        document(ODS_HEADER), "content.xml", lambda xml: ENTITIES.encode() + xml
    )
    assert refused(document_type) == ["broken_workbook"]


def test_elements_within_elements_end_somewhere() -> None:
    deep = "<a>" * 100_000
    assert refused(with_sheet(worksheet(f'<row><c  r="A1">{ONE}</row>{deep}'))) == [
        "broken_workbook"
    ]
    assert refused(document("<table:table-row-group>" * 100_000)) == ["broken_workbook"]
    assert refused(document(ods_row(deep))) == ["broken_workbook"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_xml_in_which_no_word_can_be_found_is_refused(encoding: str) -> None:
    rows = FAR["a cell in each corner"]
    assert refused(with_sheet(worksheet(rows).encode(encoding))) == ["broken_workbook"]


# --- repeated cells of an .ods --------------------------------------------------------------------

REPEATED = "table:number-columns-repeated"


@pytest.mark.parametrize(
    "rows",
    [
        ods_row(ods_cell("float", "1"), repeats=2_000_000_000),
        ods_row(ods_cell("float", "1", more=f'{REPEATED}="2000000000"')),
        ods_row(ods_cell(more=f'{REPEATED}="2000000000"'), ods_cell("float", "1")),
        ods_row(ods_cell("float", "1"))
        + ods_row(ods_cell(), repeats=1_048_570)
        + ods_row(ods_cell(more=f'{REPEATED}="16383"'), ods_cell("float", "1")),
        ods_row(ods_cell("float", "1", more=f'{REPEATED}="10000"'), repeats=100_000),
    ],
)
def test_repeated_cells_are_counted_before_they_are_written_out(rows: str) -> None:
    with little_memory(5_000_000):
        assert refused(document(rows)) == ["sheet_too_large"]


def test_sheets_of_an_ods_together_may_not_be_too_large() -> None:
    rows = ods_row(ods_cell("float", "1", more=f'{REPEATED}="16"'), repeats=1_000_000)
    assert len(opened(document(rows)).sheet.rows) == 1_000_000
    assert refused(document(rows, rows)) == ["sheet_too_large"]


@pytest.mark.parametrize("count", ["0", "-1", "x", "", "9" * 5000])
def test_a_repetition_that_is_no_number_is_refused(count: str) -> None:
    row = ods_row(ods_cell("float", "1"))
    for rows in (
        row.replace('repeated="1"', f'repeated="{count}"'),
        ods_row(ods_cell("float", "1", more=f'{REPEATED}="{count}"')),
    ):
        assert refused(document(rows)) == ["broken_workbook"]


def test_a_repeated_text_is_one_text() -> None:
    text = "x" * 10_000
    rows = ods_row(ods_cell("string", text=text, more=f'{REPEATED}="16"'), repeats=100_000)
    with little_memory(20_000_000):
        table = opened(document(rows))
    assert table.sheet.rows[99_999][15] is table.sheet.rows[0][0]


def test_blanks_that_stand_for_many_are_counted() -> None:
    blanks = '<text:s text:c="999999"/>' * 2
    with little_memory(10_000_000):
        assert refused(document(ods_row(ods_cell("string", text=blanks)))) == ["broken_workbook"]


def test_a_tag_without_end_is_refused() -> None:
    long = document(ods_row(ods_cell("string", "x" * 30_000_000)))
    with little_memory(20_000_000):
        assert refused(long) == ["broken_workbook"]


@pytest.mark.parametrize(
    "content",
    [
        package([("mimetype", OPENDOCUMENT)]),
        package([("mimetype", OPENDOCUMENT), ("content.xml", "")]),
        package([("mimetype", OPENDOCUMENT), ("content.xml", "<a/>")]),
        document(ods_row('<table:table-cell office:value-type="float"/>')),
        document(ods_row(ods_cell("float", "x"))),
        document(),
    ],
)
def test_an_ods_that_is_not_one_is_refused(content: bytes) -> None:
    assert refused(content) == ["broken_workbook"]
