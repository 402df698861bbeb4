"""One cell at a time: exact, or a problem; never a guess and never another error."""

import re
import tomllib
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.errors import Problem
from telmee.core.periods import FIRST_DATE, LAST_DATE, NO_DAY, date_of, day_of
from telmee.core.tables.cells import (
    UNCALCULATED,
    Cell,
    key_of,
    parse_date,
    parse_key,
    parse_keys,
    parse_number,
    parse_text,
    shown,
    text_of,
)
from telmee.core.tables.columns import NOTHING, Kind
from telmee.core.tables.contribution_columns import (
    AMOUNT_CENTS_MAX,
    CONTRIBUTION,
    COUNT_MAX,
    HOURS_MAX,
    WEEKLY_HOURS_MAX,
)
from telmee.texts import problem_text
from tests.core.numbers import bsns
from tests.tidy import project

NUMBERS = [column for column in CONTRIBUTION.values() if column.kind.is_number]
EUROS, HOURS, COUNT = (CONTRIBUTION[name] for name in ("bedrag", "uren", "aantal"))
TEXTS = tomllib.loads(project.read(project.ROOT / "src/telmee/texts/problems/reading.toml"))

MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]

cents = st.integers(1, AMOUNT_CENTS_MAX)
numbers = st.sampled_from([column.name for column in NUMBERS])
cells = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.text("0123456789.,-€ :/\u00a0T", max_size=14),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


def dutch(value: int, thousands: str = ".", decimal: str = ",") -> str:
    """Write cents as euros, with exact digits only."""
    whole, rest = divmod(value, 100)
    return f"{whole:,}".replace(",", thousands) + f"{decimal}{rest:02d}"


def code(found: object) -> str:
    """The code of a problem; anything else is no problem."""
    assert isinstance(found, Problem), found
    return found.code


# --- numbers --------------------------------------------------------------------------------------


@given(
    cents,
    st.sampled_from(["", ".", " ", "\u00a0", "\u202f"]),
    st.sampled_from(["{}", "€ {}", "€{}", " {}  ", "{} €", "EUR {}", "eur {}", "\u00a0{}"]),
)
def test_every_amount_written_the_dutch_way_reads_back(
    value: int, thousands: str, shape: str
) -> None:
    assert parse_number(shape.format(dutch(value, thousands)), EUROS) == value


@given(cents, st.sampled_from(["", ","]))
def test_every_amount_written_the_english_way_reads_back(value: int, thousands: str) -> None:
    assert parse_number(dutch(value, thousands, "."), EUROS) == value


@given(st.integers(1, AMOUNT_CENTS_MAX // 100), st.sampled_from([",-", ",--", ",–"]))  # noqa: RUF001
def test_a_dash_for_cents_says_that_the_comma_is_decimal(euros: int, dash: str) -> None:
    for thousands in ("", "."):
        assert parse_number(f"€ {euros:,}{dash}".replace(",", thousands, f"{euros:,}".count(",")),
                            EUROS) == euros * 100  # fmt: skip


@given(cents)
def test_every_number_of_a_spreadsheet_is_exact(value: int) -> None:
    # The float nearest to the decimal is what a spreadsheet stores.
    assert parse_number(float(Decimal(value).scaleb(-2)), EUROS) == value


@given(st.integers(1, HOURS_MAX))
def test_hours_are_hundredths(hundredths: int) -> None:
    assert parse_number(dutch(hundredths, ""), HOURS) == hundredths


@given(st.integers(1, COUNT_MAX))
def test_whole_numbers_stay_whole(count: int) -> None:
    for cell in (count, float(count), str(count), f"{count},0", f"{count}.00", f" {count}"):
        assert parse_number(cell, COUNT) == count


@given(st.integers(0, 10**12), st.integers(0, 999))
def test_a_comma_before_three_digits_is_ambiguous(whole: int, last: int) -> None:
    for column in NUMBERS:
        assert code(parse_number(f"{whole},{last:03d}", column)) == "ambiguous_number"


@given(st.integers(1, 999), st.integers(0, 999))
def test_a_point_before_three_digits_is_of_thousands(thousands: int, rest: int) -> None:
    text, value = f"{thousands}.{rest:03d}", thousands * 1000 + rest
    for shape in ("{}", "€ {}", "€{}", "{},-", "{},=", "EUR {},--", "{} euro", "{} excl. btw"):
        assert parse_number(shape.format(text), EUROS) == value * 100
    for shape in ("{}", "{} uur", "{} uren"):
        found = parse_number(shape.format(text), HOURS)
        if value * 100 <= HOURS_MAX:
            assert found == value * 100
        else:
            assert code(found) == "number_too_large"
    assert parse_number(text, COUNT) == value


@pytest.mark.parametrize("text", ["0.500", "1234.567", "00.123"])
def test_a_point_that_parts_no_thousands_is_ambiguous(text: str) -> None:
    assert code(parse_number(text, EUROS)) == "ambiguous_number"


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=40))
def test_the_noise_of_a_sum_is_no_decimals(parts: list[int]) -> None:
    total = sum(parts)
    assert parse_number(sum(part / 100 for part in parts), EUROS) == total


@given(st.integers(1, 999), st.lists(st.integers(0, 999), min_size=2, max_size=2))
def test_several_equal_separators_are_thousands(first: int, groups: list[int]) -> None:
    rest = [f"{group:03d}" for group in groups]
    for separator in ".,":
        text = separator.join([str(first), *rest])
        assert parse_number(text, EUROS) == int(f"{first}{''.join(rest)}") * 100


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (7.1, 710),
        (36.0, 3600),
        (36, 3600),
        ("36", 3600),
        ("0,5", 50),
        ("0.5", 50),
        ("007", 700),
        ("1.234,5", 123450),
        ("1,234.5", 123450),
        ("1 234,5", 123450),
        ("€ 253.500", 25_350_000),
        ("30.000,-", 3_000_000),
        ("€ 1.250,50 (excl. btw)", 125_050),
        ("1250 exclusief btw", 125_000),
        ("1.250 euro", 125_000),
        (7035.5999999999995, 703_560),
        (0.1 + 0.2, 30),
        (1e-7, 0),
        ("1.234.567", 123456700),
        (99_999.99, 9_999_999),
        ("", NOTHING),
        ("  \u00a0", NOTHING),
        (None, NOTHING),
    ],
)
def test_it_reads(cell: Cell, expected: int) -> None:
    assert parse_number(cell, EUROS) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.234,567", "too_many_decimals"),
        ("12,3456", "too_many_decimals"),
        (0.125, "too_many_decimals"),
        (1.234, "too_many_decimals"),
        (12.345_01, "too_many_decimals"),
        ("1.23.456", "bad_number"),
        ("1.234,567,890", "bad_number"),
        ("1.234 567", "bad_number"),
        ("0.123,45", "bad_number"),
        ("1234.567,89", "bad_number"),
        (",5", "bad_number"),
        ("5,", "bad_number"),
        ("1e3", "bad_number"),
        ("36 uur", "bad_number"),
        ("$ 5", "other_currency"),
        ("100 USD", "other_currency"),
        ("£1.000", "other_currency"),
        ("€ 121 incl. btw", "amount_with_vat"),
        ("121,- inclusief btw", "amount_with_vat"),
        ("excl. btw", "bad_number"),
        ("١٢", "bad_number"),
        ("€", "bad_number"),
        ("-", "bad_number"),
        ("--5", "bad_number"),
        ("12-", "bad_number"),
        (True, "bad_number"),
        (False, "bad_number"),
        (float("nan"), "bad_number"),
        (float("inf"), "bad_number"),
        ("-5", "negative_number"),
        ("−5", "negative_number"),  # noqa: RUF001 - a minus sign
        ("€ -5,00", "negative_number"),
        ("-€ 5,00", "negative_number"),
        (-0.01, "negative_number"),
        (-(10**40), "negative_number"),
        ("1.000.000.000,01", "amount_too_large"),
        (1e22, "amount_too_large"),
        (10**400, "amount_too_large"),
        ("9" * 5000, "amount_too_large"),
        ("7:30", "time_as_number"),
        ("7:30:00", "time_as_number"),
        (time(7, 30), "time_as_number"),
        (timedelta(hours=30), "time_as_number"),
        (date(2024, 5, 1), "date_as_number"),
        ("#N/A", "spreadsheet_error"),
        ("#WAARDE!", "spreadsheet_error"),
        ("Err:502", "spreadsheet_error"),
        (UNCALCULATED, "formula_without_value"),
    ],
)
def test_it_refuses(cell: Cell, expected: str) -> None:
    assert code(parse_number(cell, EUROS)) == expected


@pytest.mark.parametrize("cell", [0, 0.0, "0", "0,00"])
def test_no_hours_and_no_pieces_are_refused_and_no_euros_are_read(cell: Cell) -> None:
    assert code(parse_number(cell, HOURS)) == "zero_number"
    assert code(parse_number(cell, COUNT)) == "zero_number"
    assert parse_number(cell, EUROS) == 0


def test_the_bounds_of_each_column_belong_to_it() -> None:
    for column in NUMBERS:
        shift = -column.kind.decimals
        most, more = (Decimal(column.maximum + extra).scaleb(shift) for extra in (0, 1))
        for written in (str, float):
            assert parse_number(written(most), column) == column.maximum
            of_euros = column.kind is Kind.CENTS
            too_large = "amount_too_large" if of_euros else "number_too_large"
            assert code(parse_number(written(more), column)) == too_large
    assert CONTRIBUTION["uren_per_week"].maximum == WEEKLY_HOURS_MAX == 168_00


@pytest.mark.parametrize(
    ("name", "maximum"), [("uren_per_week", 168), ("aantal", CONTRIBUTION["aantal"].maximum)]
)
def test_what_is_too_large_says_the_most_in_hours_or_pieces(name: str, maximum: int) -> None:
    refused = parse_number(str(maximum + 1), CONTRIBUTION[name])
    assert isinstance(refused, Problem)
    assert (refused.code, refused.params["maximum"]) == ("number_too_large", maximum)


def test_an_amount_that_is_too_large_says_the_most_as_an_amount() -> None:
    refused = parse_number("12.000.000.000", EUROS)
    assert isinstance(refused, Problem)
    said, _remedy = problem_text(refused, "nl")
    assert "€ 1.000.000.000,00" in said


def test_a_part_of_a_piece_is_refused() -> None:
    for cell in ("2,5", 2.5, "2.50", 0.1):
        assert code(parse_number(cell, COUNT)) == "not_whole"


def test_a_euro_sign_belongs_to_euros() -> None:
    assert parse_number("24,5 uur", HOURS) == 24_50
    assert parse_number("24 uren", CONTRIBUTION["uren_per_week"]) == 24_00
    for typed in ("24 uur per week", "24 uur per maand", "0,6 fte", "uur", "24 uur uur"):
        assert code(parse_number(typed, HOURS)) == "bad_number"
    assert code(parse_number("€ 5", HOURS)) == "bad_number"
    assert code(parse_number("5,-", HOURS)) == "bad_number"


# --- dates ----------------------------------------------------------------------------------------


@given(st.dates(FIRST_DATE, LAST_DATE))
def test_every_date_reads_back_however_it_is_written(day: date) -> None:
    written: list[Cell] = [
        day,
        datetime.combine(day, time()),
        datetime.combine(day, time(9, 30)),
        f"{day:%d-%m-%Y}",
        f"{day.day}-{day.month}-{day.year}",
        f" {day.isoformat()} ",
        f"{day.isoformat()}T00:00:00",
        f"{day.isoformat()} 00:00:00",
        f"{day:%d-%m-%Y} 0:00",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d.%m.%Y}",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        f"{day.day} {MONTHS[day.month - 1][:3].upper()}. {day.year}",
        f"{day:%d %B %Y}",
    ]
    assert {parse_date(cell, "begin") for cell in written} == {day_of(day)}


@given(st.dates())
def test_dates_outside_the_tables_are_refused(day: date) -> None:
    found = parse_date(day, "eind")
    if FIRST_DATE <= day <= LAST_DATE:
        assert found == day_of(day)
    else:
        assert code(found) == "date_out_of_range"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1-3-24", "two_digit_year"),
        ("01-03-24", "two_digit_year"),
        ("1/3/24", "two_digit_year"),
        ("1 mrt '24", "two_digit_year"),
        ("1-3/2024", "bad_date"),
        ("2024/03/01", "bad_date"),
        ("1 maar 2024", "bad_date"),
        ("maart 2024", "bad_date"),
        ("31 juni 2024", "impossible_date"),
        ("20240301", "bad_date"),
        ("2024-03-01 09:00", "bad_date"),
        ("०१-०३-२०२४", "bad_date"),
        (True, "bad_date"),
        (time(1), "bad_date"),
        (timedelta(1), "bad_date"),
        ("31-02-2024", "impossible_date"),
        ("29-02-2023", "impossible_date"),
        ("2024-13-01", "impossible_date"),
        ("00-01-2024", "impossible_date"),
        ("0000-01-01", "impossible_date"),
        ("31-12-1899", "date_out_of_range"),
        ("01-01-2200", "date_out_of_range"),
        (45_000.0, "number_as_date"),
        (45_000, "number_as_date"),
        (float("nan"), "number_as_date"),
        ("#REF!", "spreadsheet_error"),
        (UNCALCULATED, "formula_without_value"),
    ],
)
def test_it_refuses_a_date(cell: Cell, expected: str) -> None:
    assert code(parse_date(cell, "begin")) == expected


def test_no_date_is_no_problem() -> None:
    assert {parse_date(cell, "begin") for cell in (None, "", "  ")} == {NO_DAY}


# --- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (" a ", "a"),
        ("", None),
        (None, None),
        (1.0, "1"),
        (1.5, "1.5"),
        (12345678.0, "12345678"),
        (7, "7"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1), "2024-03-01"),  # noqa: DTZ001 - a spreadsheet knows no zones
        (datetime(2024, 3, 1, 9), "2024-03-01 09:00:00"),  # noqa: DTZ001 - as above
    ],
)
def test_it_reads_text(cell: Cell, expected: str | None) -> None:
    assert parse_text(cell, "kenmerk") == expected


@pytest.mark.parametrize("cell", [True, False, time(1), timedelta(1), float("nan"), float("inf")])
def test_what_a_spreadsheet_made_itself_is_no_text(cell: Cell) -> None:
    assert code(parse_text(cell, "persoon")) == "not_text"


@given(st.text(max_size=20))
def test_a_key_is_its_own_key(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)


@pytest.mark.parametrize(
    "typed", ["PW LT2", "pw_lt2", " Pw-Lt2 ", "pw  lt2", "pw\u00a0lt2", "PW–LT2"]  # noqa: RUF001
)  # fmt: skip
def test_a_key_may_be_typed_in_many_ways(typed: str) -> None:
    assert parse_key(typed, "bouwblok") == "pw_lt2"


def test_several_keys_are_split_and_empty_ones_left_out() -> None:
    assert parse_keys(" Age 50 ;, jong,", "toeslagen") == "age_50,jong"
    assert parse_keys(" , ;", "toeslagen") is None
    assert code(parse_keys("#N/A", "toeslagen")) == "spreadsheet_error"


# --- whatever is in a cell ------------------------------------------------------------------------


@given(cells, numbers)
def test_any_cell_is_a_number_or_a_problem(cell: Cell, name: str) -> None:
    column = CONTRIBUTION[name]
    found = parse_number(cell, column)
    if isinstance(found, Problem):
        assert_told(found, name)
    else:
        assert found == NOTHING or (not column.zero) <= found <= column.maximum


@given(cells, st.sampled_from(CONTRIBUTION.of_kind(Kind.DATE)))
def test_any_cell_is_a_date_or_a_problem(cell: Cell, column: str) -> None:
    found = parse_date(cell, column)
    if isinstance(found, Problem):
        assert_told(found, column)
    else:
        assert found == NO_DAY or FIRST_DATE <= date_of(found) <= LAST_DATE


@given(cells)
def test_any_cell_is_a_text_or_a_problem(cell: Cell) -> None:
    for parse in (parse_text, parse_key, parse_keys):
        found = parse(cell, "persoon")
        if isinstance(found, Problem):
            assert_told(found, "persoon")
            assert set(found.params) <= {"typed"}
            assert found.code == "spreadsheet_error" or not found.params
        else:
            assert found is None or found.strip() == found != ""


def assert_told(problem: Problem, column: str) -> None:
    """A problem names its column, has words for all it says, and repeats little."""
    assert problem.column == column
    words = TEXTS[problem.code]
    places = set(re.findall(r"{(\w+)}", " ".join(words.values())))
    euros = {f"{name.removesuffix('_cents')}_euros" for name in problem.params}
    assert places <= {*problem.params, *euros, "column", "row"}
    typed = str(problem.params.get("typed", ""))
    assert len(typed) <= 40
    assert typed.isprintable()


@given(bsns, st.sampled_from(["{}", "{},50", "€ {}", "{}-01-2024", "{}.0"]))
def test_a_bsn_in_the_wrong_column_is_not_repeated(number: str, shape: str) -> None:
    text = shape.format(number)
    for found in (*(parse_number(text, column) for column in NUMBERS),
                  parse_number(float(number), HOURS), parse_date(text, "begin")):  # fmt: skip
        if isinstance(found, Problem):
            assert number not in str(found.params)


def test_what_is_shown_is_short_and_cannot_steer_a_terminal() -> None:
    assert shown("a" * 41) == "a" * 39 + "…"
    assert shown("a\x1b[31mb\r\n c\u202e") == "a [31mb c"
    assert shown("x" * 100_000) == "x" * 39 + "…"


@given(cells)
def test_every_cell_has_a_text(cell: Cell) -> None:
    assert isinstance(text_of(cell), str)
