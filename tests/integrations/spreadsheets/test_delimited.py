"""CSV as people have it: any separator, any encoding, quotes, blank lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.errors import DomainError
from telmee.core.tables.cells import Cell
from tests.integrations.spreadsheets.making import opened, refused

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


def rows_of(content: bytes) -> list[list[Cell]]:
    return [list(row) for row in opened(content, "a.csv").sheet.rows]


@given(
    st.lists(st.lists(texts | st.just('"a";b\nc,d\te\r\n'), min_size=3, max_size=3), max_size=5),
    st.sampled_from(";,\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read(
    body: list[list[str]], separator: str, end: str, encoding: str
) -> None:
    rows = [["kenmerk", "bouwblok", "uren; per, week"], *body]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, lineterminator=end).writerows(rows)
    content = written.getvalue().encode(encoding)
    if separator == "\t" and any(separator in cell for row in body for cell in row):
        assert refused(content, "a.csv") == ["broken_csv"]  # rows have run into each other there
    else:
        assert rows_of(content) == rows


def test_old_windows_encoding_is_read() -> None:
    content = "kenmerk;bouwblok\ncafé €;ï".encode("cp1252")
    assert rows_of(content) == [["kenmerk", "bouwblok"], ["café €", "ï"]]


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("kenmerk;bouwblok;a,b,c,d,e,f", ";"),
        ("kenmerk,bouwblok,a;b;c;d;e;f", ","),
        ("kenmerk\tbouwblok\ta,b;c,d;e", "\t"),
        ('"kenmerk","bouwblok","a;b"', ","),
        ('"kenmerk";"bouw\nblok";"a,b"', ";"),
        ("a,b,c;d", ","),
        ("a;b", ";"),
        ("a", ";"),
    ],
)
def test_the_header_decides_the_separator_and_not_the_data(header: str, separator: str) -> None:
    content = f"\n ;,\n{header}\n" + "1,2,3,4,5,6;7;8\t9\t10\n" * 50
    expected = next(csv.reader(io.StringIO(header, newline=""), delimiter=separator))
    assert rows_of(content.encode())[2] == expected


def test_a_line_that_tells_excel_the_separator_is_no_row() -> None:
    content = b"sep=,\r\nkenmerk,bouwblok;x\r\na,b\r\n"
    assert rows_of(content) == [["kenmerk", "bouwblok;x"], ["a", "b"]]


def test_rows_have_the_numbers_that_a_spreadsheet_shows() -> None:
    content = b'kenmerk;bouwblok;uren\r\n\r\n"a\nb";ww;1\r\n;;\r\nc;ww;2\r\n'
    found = read_contributions(opened(content)).contributions
    assert (found.row.tolist(), found.reference) == ([3, 5], ["a\nb", "c"])


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ('kenmerk;bouwblok\na;b\nc;"d\ne;f\n', 3),
        ('kenmerk;bouwblok\na;"b"c\n', 2),
        ('kenmerk;"bouwblok', 1),
        ("kenmerk;bouwblok\n\n" + "a" * 200_000 + ";b\n", 3),
    ],
)
def test_quotes_that_do_not_fit_are_refused_with_their_row(content: str, row: int) -> None:
    with pytest.raises(DomainError) as caught:
        opened(content.encode(), "a.csv")
    (problem,) = caught.value.problems
    assert (problem.code, problem.row, dict(problem.params)) == ("broken_csv", row, {})


@pytest.mark.parametrize(
    "content",
    [
        b"kenmerk;bouwblok\na\0b;c",
        b"kenmerk;bouwblok\n\x81\x8d",
        "kenmerk;bouwblok".encode("utf-16-le"),
        b"\xff\xfek",
        b"\x1b[31mkenmerk",
    ],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    assert refused(content, "a.csv") == ["not_a_spreadsheet"]


@pytest.mark.parametrize(
    "content",
    [
        b"kenmerk;bouwblok\n" + b";" * 17_000_001,
        b"kenmerk;bouwblok\n" + b"a\n" * 17_000_001,
        b"kenmerk;bouwblok" + b";x" * 16_383,
        b"kenmerk;bouwblok" + b";x" * 10_000 + b"\n" + b"a\n" * 2_000,
    ],
)
def test_more_cells_than_a_spreadsheet_shows_are_refused(content: bytes) -> None:
    assert refused(content, "a.csv") == ["sheet_too_large"]
