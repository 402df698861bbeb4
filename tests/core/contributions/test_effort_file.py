"""A table becomes contributions; a bad cell costs its line, a BSN the whole file."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telmee.core.contributions.effort_file import Reading, read_contributions
from telmee.core.errors import DomainError, Problem
from telmee.core.periods import NO_DAY, day_of
from telmee.core.tables.cells import Cell
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.tables.table import (
    Looks,
    Sheet,
    Table,
    column_letters,
    has_required_columns,
    known_column,
)
from tests.core.numbers import bsns, no_bsns, short_bsns
from tests.core.tables.test_cells import TEXTS, cells

NAMES = tuple(CONTRIBUTION)
LINE: dict[str, Cell] = {
    "kenmerk": " R-1 ",
    "bouwblok": "PW LT2",
    "begin": "1-3-2024",
    "eind": date(2024, 8, 31),
    "uren_per_week": 24.0,
    "uren": "7,5",
    "bedrag": "€ 1.234,50",
    "aantal": 2.0,
    "toeslagen": "Jong; age 50",
    "persoon": " p-17 ",
    "contract": 2024001.0,
    "contract_begin": "2024-01-01",
    "contract_eind": "31-12-2024",
    "leverancier": 1234567.0,
    "certificaat": "PSO 1",
    "certificaat_tot": date(2025, 1, 1),
    "voltijd_uren_per_jaar": "1872",
    "laatste_uitkeringsdag": "31-12-2023",
}


def read(
    rows: Sequence[Sequence[Cell]], *, file: str = "a.xlsx", others: Any = (), **place: Any
) -> Reading:
    return read_contributions(Table(file, Sheet("Blad1", rows, **place), tuple(others)))


def lines(*values: dict[str, Cell], **more: Any) -> Reading:
    """Read lines given by column name; a line says what differs from `LINE`."""
    names = list(dict.fromkeys([*NAMES, *(name for value in values for name in value)]))
    numbered = [
        {**LINE, "kenmerk": f"R-{number}", **value} for number, value in enumerate(values, start=1)
    ]
    return read([names, *([line.get(name) for name in names] for line in numbered)], **more)


def assert_words(problems: Iterable[Problem]) -> None:
    """Every problem says all that its words want to know."""
    for problem in problems:
        places = set(re.findall(r"{(\w+)}", " ".join(TEXTS[problem.code].values())))
        assert places <= {*problem.params, "column", "row"}


def refused(*given_rows: Any, **more: Any) -> list[Problem]:
    """The problems of a table that is not read at all."""
    with pytest.raises(DomainError) as caught:
        read(*given_rows, **more)
    assert_words(caught.value.problems)
    return list(caught.value.problems)


def either(rows: Sequence[Sequence[Cell]]) -> tuple[Reading | None, Sequence[Problem]]:
    """What was read, or the problems that made it unreadable."""
    try:
        return read(rows), ()
    except DomainError as error:
        return None, error.problems


def told(problems: Sequence[Problem]) -> list[tuple[str, str | None, int | None]]:
    return [(problem.code, problem.column, problem.row) for problem in problems]


def the_same(one: Contributions, other: Contributions) -> bool:
    return all(
        [one.reference == other.reference, one.problems == other.problems]
        + [
            (getattr(one, name) == getattr(other, name)).all()
            for name in ("row", "begin", "end", "weekly_hours", "hours", "amount", "count")
        ]
        + [
            [getattr(one, name)[line] for line in range(len(one))]
            == [getattr(other, name)[line] for line in range(len(other))]
            for name in ("block", "bonuses", "person", "contract", "supplier", "certificate")
        ]
    )


# --- what comes out -------------------------------------------------------------------------------


def test_it_reads_every_column() -> None:
    found = read([NAMES, [LINE[name] for name in NAMES]])
    contribution = found.contributions
    assert found.notices == ()
    assert contribution.problems == {}
    assert contribution.row.tolist() == [2]
    assert contribution.reference == ["R-1"]
    assert contribution.block[0] == "pw_lt2"
    assert contribution.begin[0] == day_of(date(2024, 3, 1))
    assert contribution.end[0] == day_of(date(2024, 8, 31))
    assert contribution.weekly_hours[0] == 24_00
    assert contribution.supplier[0] == "01234567"
    assert contribution.hours[0] == 7_50
    assert contribution.amount[0] == 1_234_50
    assert contribution.count[0] == 2
    assert contribution.bonuses[0] == "jong,age_50"
    assert contribution.person[0] == "p-17"
    assert contribution.contract[0] == "2024001"
    assert contribution.contract_begin[0] == day_of(date(2024, 1, 1))
    assert contribution.contract_end[0] == day_of(date(2024, 12, 31))
    assert contribution.certificate[0] == "pso_1"
    assert contribution.certificate_until[0] == day_of(date(2025, 1, 1))
    assert contribution.full_time_hours[0] == 1_872_00
    assert contribution.last_benefit_day[0] == day_of(date(2023, 12, 31))


def test_columns_that_are_not_there_are_empty() -> None:
    contribution = read([["kenmerk", "bouwblok"], ["a", "b"], ["c", "d"]]).contributions
    assert len(contribution) == 2
    for name in ("weekly_hours", "hours", "amount", "count", "full_time_hours"):
        assert getattr(contribution, name).tolist() == [NOTHING] * 2
        assert getattr(contribution, name).dtype == np.int64
    for name in (
        "begin",
        "end",
        "contract_begin",
        "contract_end",
        "certificate_until",
        "last_benefit_day",
    ):
        assert getattr(contribution, name).tolist() == [NO_DAY] * 2
        assert getattr(contribution, name).dtype == np.int32
    for name in ("bonuses", "person", "contract", "certificate"):
        assert [getattr(contribution, name)[line] for line in range(2)] == [None, None]


def test_an_empty_end_stays_empty() -> None:
    assert lines({"eind": ""}).contributions.end.tolist() == [NO_DAY]


@given(st.permutations(NAMES))
def test_the_order_of_the_columns_is_free(order: list[str]) -> None:
    one = read([NAMES, [LINE[name] for name in NAMES]]).contributions
    assert the_same(one, read([order, [LINE[name] for name in order]]).contributions)


@given(st.data())
def test_headings_are_forgiven_their_spelling(data: st.DataObject) -> None:
    def respelled(name: str) -> str:
        between = data.draw(st.sampled_from(["_", " ", "-", "", "  ", "\u00a0"]))
        accents = {"e": "é", "i": "ï"} if data.draw(st.booleans()) else {}
        spelled = "".join(accents.get(sign, sign) for sign in name.replace("_", between))
        return data.draw(st.sampled_from([str.upper, str.title, str.lower]))(f" {spelled} ")

    headings = [respelled(name) for name in NAMES]
    one = read([NAMES, [LINE[name] for name in NAMES]]).contributions
    assert the_same(one, read([headings, [LINE[name] for name in NAMES]]).contributions)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_line_is_read_as_if_it_were_alone(bodies: list[list[Cell]]) -> None:
    headings = ["kenmerk", "bouwblok", "aantal", "uren", "begin"]
    rows = [[f"R-{number}", "b", *body] for number, body in enumerate(bodies)]
    together = read([headings, *rows]).contributions
    for line, row in enumerate(rows):
        alone = read([headings, row], first_row=line + 1).contributions
        assert together.count[line] == alone.count[0]
        assert together.hours[line] == alone.hours[0]
        assert together.begin[line] == alone.begin[0]
        assert together.problems.get(line) == alone.problems.get(0)


def test_true_is_not_one() -> None:
    found = lines({"aantal": True}, {"aantal": 1.0}, {"uren": False}, {"uren": 0.0}).contributions
    codes = {line: [p.code for p in problems] for line, problems in found.problems.items()}
    assert codes == {0: ["bad_number"], 2: ["bad_number"], 3: ["zero_number"]}
    assert found.count.tolist() == [NOTHING, 1, 2, 2]


# --- rows -----------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 3), st.integers(1, 50))
def test_rows_keep_the_numbers_of_the_screen(filled: list[bool], before: int, first: int) -> None:
    blank: list[Cell] = ["", None, " "]
    rows = [["R", "b", "x"] if one else blank for one in filled]
    for number, row in enumerate(rows):
        if row is not blank:
            row[0] = f"R{number}"
    table = [*[blank] * before, ["kenmerk", "bouwblok", "persoon"], *rows, ["last", "b", "x"]]
    found = read(table, first_row=first).contributions
    expected = [number for number, one in enumerate([*filled, True], first + before + 1) if one]
    assert found.row.tolist() == expected


def test_a_line_may_stop_short() -> None:
    found = read([["kenmerk", "bouwblok", "uren", "persoon"], ["a", "b"], ["c", "d", 5.0, "p"]])
    assert found.contributions.problems == {}
    assert found.contributions.hours.tolist() == [NOTHING, 500]


def test_a_line_that_runs_on_is_refused() -> None:
    rows: list[list[Cell]] = [["kenmerk", "bouwblok", "", None], ["a", "b"]]
    rows += [["c", "d", "", " ", None], [*"efghi"]]
    found = read(rows, first_column=3).contributions
    assert {line: told(problems) for line, problems in found.problems.items()} == {
        2: [("extra_cells", None, 4)]
    }
    assert found.problems[2][0].params == {"places": "E, F, G"}


# --- problems of a line ---------------------------------------------------------------------------


def test_all_problems_of_a_line_are_told_at_once_in_the_order_of_the_columns() -> None:
    found = lines(
        {},
        {"kenmerk": "", "begin": "1-3/2024", "uren": "1,234", "eind": "31-02-2024", "aantal": -1.0},
    ).contributions
    assert told(found.problems[1]) == [
        ("missing_value", "kenmerk", 3),
        ("bad_date", "begin", 3),
        ("impossible_date", "eind", 3),
        ("ambiguous_number", "uren", 3),
        ("negative_number", "aantal", 3),
    ]
    assert list(found.problems) == [1]


def test_a_repeated_reference_refuses_every_copy() -> None:
    rows = [[name, "x"] for name in ("a", "b", " a", "A", "a ")]
    found = read([["kenmerk", "bouwblok"], *rows]).contributions
    problems = {line: dict(problem[0].params) for line, problem in found.problems.items()}
    assert problems == {0: {"rows": "4, 6"}, 2: {"rows": "2, 6"}, 4: {"rows": "2, 4"}}
    assert {p.code for problem in found.problems.values() for p in problem} == {
        "repeated_reference"
    }


def test_a_file_of_copies_names_a_few_rows_only() -> None:
    found = read([["kenmerk", "bouwblok"], *(["a", "b"] for _ in range(3_000))]).contributions
    assert len(found.problems) == 3_000
    assert all(len(str(one[0].params["rows"])) < 120 for one in found.problems.values())


def test_missing_values_are_told_once() -> None:
    found = lines({"bouwblok": None}, {"kenmerk": True}, {"bouwblok": "#N/A"}).contributions
    assert [told(found.problems[line]) for line in range(3)] == [
        [("missing_value", "bouwblok", 2)],
        [("not_text", "kenmerk", 3)],
        [("spreadsheet_error", "bouwblok", 4)],
    ]


# --- what makes a table unreadable ----------------------------------------------------------------


def test_missing_columns_are_all_named_with_what_was_found() -> None:
    problems = refused([["referentie", "", "Begin"], ["a", "b", "c"]])
    assert told(problems) == [("missing_column", "kenmerk", 1), ("missing_column", "bouwblok", 1)]
    assert problems[0].params == {"found": "referentie, Begin"}


def test_headings_below_a_title_are_pointed_at() -> None:
    head = ["Kenmerk", "bouwblok", "uren"]
    line = ["a", "b", "3"]
    for above in ([["Inzet 2025"]], [["Inzet 2025"], [None], ["export"], []]):
        (problem,) = refused([*above, head, line])
        row = len(above) + 1
        assert (problem.code, problem.row) == ("header_below", row)
        assert problem.params == {"title": 1, "headings": row}
    far = [["Inzet 2025"], *[["x"]] * 20, head, line]
    assert {problem.code for problem in refused(far)} == {"missing_column"}
    near = [["Inzet 2025"], *[["x"]] * 19, head, line]
    assert {problem.code for problem in refused(near)} == {"header_below"}


def test_a_column_may_be_there_once() -> None:
    rows = [["kenmerk", "Kenmerk ", "bouwblok", "uren", "UREN", "uren"], [*"abcdef"]]
    problems = refused(rows)
    assert told(problems) == [("duplicate_column", "kenmerk", 1), ("duplicate_column", "uren", 1)]
    assert [problem.params for problem in problems] == [{"places": "A, B"}, {"places": "D, E, F"}]


@pytest.mark.parametrize("rows", [[], [[]], [["", None], ["  "]]])
def test_an_empty_table_is_refused(rows: list[list[Cell]]) -> None:
    assert told(refused(rows)) == [("empty_table", None, None)]


@pytest.mark.parametrize("rows", [[], [["", None]], [["  "], []]])
def test_a_header_alone_is_refused(rows: list[list[Cell]]) -> None:
    assert told(refused([["kenmerk", "bouwblok"], *rows])) == [("no_data_rows", None, 1)]


def test_everything_wrong_with_a_table_is_told_at_once() -> None:
    assert told(refused([["bouwblok", "uren", "uren"], [None, ""]])) == [
        ("missing_column", "kenmerk", 1),
        ("duplicate_column", "uren", 1),
        ("no_data_rows", None, 1),
    ]


# --- notices --------------------------------------------------------------------------------------


def test_what_was_not_read_is_said() -> None:
    found = read(
        [["kenmerk", "bouwblok", "Opmerking", "", "einde"], ["a", "b", "x", 5.0, "1-1-2024"]],
        others=[
            Sheet("Maart", [["kenmerk", "bedrag"]], number=2),
            Sheet("Uitleg", [["sleutel"]], number=3),
            Sheet("Leeg", [[""]], number=4),
            Sheet("Eigen", [["Wie", "Wat"]], number=5),
            Sheet("Oud", [["Wie", "Wat"]], number=6, looks=Looks(hidden=True)),
        ],
    )
    assert found.contributions.problems == {}
    assert [(notice.code, dict(notice.params)) for notice in found.notices] == [
        ("unknown_column", {"place": "C", "heading": "Opmerking"}),
        ("unnamed_column", {"place": "D", "heading": ""}),
        ("unknown_column_alike", {"place": "E", "heading": "einde", "likely": "eind"}),
        ("ignored_sheets", {"sheet": "Blad1", "ignored": "Maart, Eigen"}),
        ("ignored_hidden_sheets", {"sheet": "Blad1", "ignored": "Oud"}),
    ]


def test_a_thousand_unknown_columns_are_counted() -> None:
    unknown = [f"x{number}" for number in range(1_000)]
    found = read([["kenmerk", "bouwblok", *unknown], ["a", "b"]])
    assert len(found.notices) == 21
    assert found.notices[-1].params == {"count": 980}


# --- a BSN stops everything -----------------------------------------------------------------------

STRICT = ("bouwblok", "toeslagen", "certificaat", "persoon", "opmerking")


@given(bsns, st.sampled_from(STRICT), st.booleans())
def test_a_bsn_in_a_text_column_stops_the_run(number: str, column: str, as_number: bool) -> None:
    assume(not as_number or number[0] != "0")
    cell: Cell = float(number) if as_number else f"x {number}"
    names = [*NAMES, "opmerking"]
    first = [LINE.get(name) for name in names]
    second = [cell if name == column else LINE.get(name) for name in names]
    place = column_letters(names.index(column) + 2)
    problems = refused([names, first, second], first_row=4, first_column=2)
    assert told(problems) == [("bsn_found", place, 6)]
    assert problems[0].params == {}


@given(bsns)
def test_a_bsn_in_any_other_place_stops_the_run(number: str) -> None:
    rows: list[list[Cell]] = [["kenmerk", "bouwblok"], ["a", "b"]]
    other = Sheet("Lijst", [["", "x"], ["", number]], first_row=3, first_column=2, number=4)
    assert told(refused([["kenmerk", "bouwblok", f"n {number}"], ["a", "b"]])) == [
        ("bsn_found", "C", 1)
    ]
    assert told(refused(rows, file=f"{number}.csv")) == [("bsn_found_file_name", None, None)]
    named = refused(rows, others=[Sheet(f"Blad {number}", [], number=3)])
    assert [(problem.code, dict(problem.params)) for problem in named] == [
        ("bsn_found_sheet_name", {"sheet": 3})
    ]
    elsewhere = refused(rows, others=[other])
    assert told(elsewhere) == [("bsn_found_other_sheet", "C", 4)]
    assert elsewhere[0].params == {"sheet": 4}


@given(short_bsns)
def test_only_persoon_reads_eight_digits(number: str) -> None:
    eight = number[1:]
    for cell in (eight, float(eight)):
        names = ["kenmerk", "bouwblok", "opmerking"]
        assert read([names, ["a", "b", cell]]).contributions.problems == {}
        assert told(refused([["kenmerk", "bouwblok", "persoon"], ["a", "b", cell]])) == [
            ("bsn_found", "C", 2)
        ]


@given(
    st.lists(bsns, min_size=1, max_size=6, unique=True), st.sampled_from(["kenmerk", "contract"])
)
def test_references_stop_the_run_when_two_different_numbers_pass(
    numbers: list[str], column: str
) -> None:
    rows = [
        [number if column == "kenmerk" else f"R{line}", "b", number if column == "contract" else ""]
        for line, number in enumerate(numbers)
    ]
    table = [["kenmerk", "bouwblok", "contract"], *rows, ["other", "b", "C-1"]]
    letter = "A" if column == "kenmerk" else "C"
    if len(numbers) == 1:
        reading = read(table)
        assert len(reading.contributions) == 2
        assert told(reading.notices) == [("bsn_in_doubt", letter, 2)]
        assert numbers[0] not in str(reading.notices)
    else:
        assert told(refused(table)) == [
            ("bsn_found", letter, line + 2) for line in range(len(numbers))
        ]


@given(bsns, st.lists(no_bsns, max_size=4))
def test_one_number_on_many_rows_is_asked_about_once(number: str, others: list[str]) -> None:
    rows = [[f"R{line}", "b", held] for line, held in enumerate([number, *others, number])]
    reading = read([["kenmerk", "bouwblok", "contract"], *rows])
    assert told(reading.notices) == [("bsn_in_doubt", "C", 2)]


@given(st.lists(bsns, min_size=2, max_size=5, unique=True), no_bsns)
def test_a_reference_that_fails_the_check_does_not_cover_the_others(
    numbers: list[str], other: str
) -> None:
    rows = [[number, "b"] for number in [*numbers, other]]
    assert [row for _, _, row in told(refused([["kenmerk", "bouwblok"], *rows]))] == [
        line + 2 for line in range(len(numbers))
    ]


@given(bsns)
def test_date_and_number_columns_are_not_searched_and_do_not_repeat_it(number: str) -> None:
    columns = ("begin", "uren_per_week", "uren", "aantal", "bedrag", "certificaat_tot")
    found = lines(dict.fromkeys(columns, number)).contributions
    assert number not in str(found.problems)


@given(bsns, st.text(min_size=1, max_size=8).filter(str.strip))
def test_the_bsn_is_found_before_anything_else_is_said(number: str, heading: str) -> None:
    assume(known_column(CONTRIBUTION, heading) is None)
    rows: list[list[Cell]] = [["uren", "uren", heading], ["x", "y", number]]
    assert ("bsn_found", "C", 2) in told(refused(rows))
    assert {code for code, *_ in told(refused(rows))} == {"bsn_found"}


def test_twenty_places_are_named_and_the_rest_counted() -> None:
    rows: list[list[Cell]] = [[f"R{line}", "b", "123456782"] for line in range(50)]
    problems = refused([["kenmerk", "bouwblok", "persoon"], *rows])
    assert told(problems[:20]) == [("bsn_found", "C", row) for row in range(2, 22)]
    assert [(p.code, dict(p.params)) for p in problems[20:]] == [("bsn_found_more", {"count": 30})]


# --- whatever is in a table -----------------------------------------------------------------------

headings = st.sampled_from(NAMES) | st.text(max_size=12)


@given(
    st.lists(st.lists(headings, max_size=8), max_size=1),
    st.lists(st.lists(cells, max_size=10), max_size=6),
)
def test_any_table_is_read_or_refused(top: list[list[str]], body: list[list[Cell]]) -> None:
    found, problems = either([*top, *body])
    assert bool(found) != bool(problems)
    assert_words(problems)
    if found:
        contribution = found.contributions
        assert len(contribution) > 0
        assert_words(found.notices)
        for line, problems_of_line in contribution.problems.items():
            assert {problem.row for problem in problems_of_line} == {contribution.row[line]}
            assert_words(problems_of_line)


@given(st.text(min_size=3, max_size=30), st.text(max_size=8))
def test_no_problem_repeats_what_stands_under_persoon(person: str, other: str) -> None:
    secret = f"¤{person}¤"
    names = ["kenmerk", "bouwblok", "persoon", "begin", "uren"]
    found, problems = either([names, ["", "b", secret, other, other], ["a", "b", secret, 1.0, "?"]])
    assert found or problems
    assert secret not in str(problems)
    assert not found or secret not in str(found.contributions.problems)


def test_a_sheet_is_recognised_by_its_required_columns() -> None:
    assert has_required_columns(CONTRIBUTION, Sheet("", [["", None], ["Bouwblok", "x", "KENMERK"]]))
    assert not has_required_columns(
        CONTRIBUTION, Sheet("", [["bouwblok", "x"], ["kenmerk", "bouwblok"]])
    )
    assert not has_required_columns(CONTRIBUTION, Sheet("", []))


# --- a column that was not read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "likely"),
    [
        ("Datum einde", "eind"),
        ("t/m", "eind"),
        ("datum uit dienst", "eind"),
        ("einddatum arbeidscontract", "eind"),
        ("Startdatum", "begin"),
        ("ingangsdatum opdracht", "contract_begin"),
        ("Contract loopt tot en met (einddatum)", "contract_eind"),
        ("certificaat geldig tot", "certificaat_tot"),
        ("kandidaatnummer", "persoon"),
        ("uren_per_weeek", "uren_per_week"),
        ("opmerking", None),
    ],
)
def test_a_heading_of_ones_own_is_told_with_the_column_that_it_is_like(
    heading: str, likely: str | None
) -> None:
    (notice,) = read([["kenmerk", "bouwblok", heading], ["a", "b", "x"]]).notices
    assert notice.params.get("likely") == likely
    assert_words([notice])


def test_a_column_that_is_there_is_not_named_for_another_one() -> None:
    found = read([["kenmerk", "bouwblok", "eind", "einddatum"], ["a", "b", "1-1-2024", "x"]])
    assert told(found.notices) == [("unknown_column", None, 1)]
    assert found.unread_ends == {}


def test_a_last_day_that_was_not_read_is_known_by_its_line() -> None:
    rows = [["kenmerk", "bouwblok", "einddatum"], ["a", "b", "1-1-2024"], ["c", "b", ""]]
    found = read(rows)
    assert found.unread_ends == {
        0: Problem("end_not_read", "eind", 2, {"heading": "einddatum", "place": "C"})
    }
    assert_words(found.unread_ends.values())


@pytest.mark.parametrize(
    "typed", ["heden", "Lopend", "onbepaald", "onbepaalde tijd", "-", "n.v.t."]
)
def test_an_end_that_is_not_known_yet_is_no_end(typed: str) -> None:
    found = lines({"eind": typed}).contributions
    assert found.problems == {}
    assert found.end[0] == NO_DAY
    (problem,) = lines({"begin": typed}).contributions.problems[0]
    assert problem.code == "bad_date"
