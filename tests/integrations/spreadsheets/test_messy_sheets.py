"""Some hundreds of sheets as people have them: each is read as it says, or says that it is not.

Each mess stands in one cell of a sheet, in every format that can hold it, with what somebody who
sees the sheet would take it for. That is written down here by hand and valued as clean cells; the
file may come to another value only if it says something of that line or of the file.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from telmee.core.contributions.effort_file import read_contributions
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.checks import is_general
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.under_scheme import under_scheme
from telmee.integrations.scheme_files import load_scheme
from tests.integrations.spreadsheets.making import document, ods_cell, ods_row, opened

#: What a sheet says before anything in it is a mess, and the column of what is no part of it.
CLEAN: Mapping[str, Any] = {
    "kenmerk": "R-2",
    "bouwblok": "pw",
    "begin": date(2025, 2, 3),
    "eind": date(2025, 9, 14),
    "uren_per_week": 24_00,
    "persoon": "K-4",
    "contract_begin": date(2025, 1, 1),
    "contract_eind": date(2025, 12, 31),
}
BOUGHT: Mapping[str, Any] = {
    "kenmerk": "R-2",
    "bouwblok": "social_purchase",
    "begin": date(2025, 2, 3),
    "bedrag": 1250_50,
}
TOLD = object()


@dataclass(frozen=True)
class Typed:
    """A cell that is no text: its value, its number format, and what an .ods has instead."""

    value: Any
    shape: str = ""
    ods: str = ""


@dataclass(frozen=True)
class Mess:
    """A cell of one column; `means` is what it says to a reader, `TOLD` where nobody knows."""

    column: str
    cell: str | Typed
    means: Any

    @property
    def clean(self) -> Mapping[str, Any]:
        """The line that it stands in, as it would be without it."""
        return BOUGHT if self.column == "bedrag" else CLEAN


def messes() -> Iterator[Mess]:
    """Every mess of a cell."""
    for column, cells in TEXTS.items():
        for cell, means in cells.items():
            yield Mess(column, cell, means)
    for column in ("uren_per_week", "bedrag"):
        yield from (Mess(column, cell, TOLD) for cell in NO_NUMBERS)
        yield from (Mess(column, cell, TOLD) for cell in NO_TYPED_NUMBERS)
        for noise in (-2e-13, 3e-12, 9e-7, -9e-7):
            yield Mess(column, Typed(32.4 + noise), 32_40)
        yield Mess(column, Typed(32.4051), TOLD)
        yield Mess(column, Typed(-32.4), TOLD)
    for column in ("begin", "eind", "contract_begin", "contract_eind"):
        yield from (Mess(column, cell, date(2025, 3, 4)) for cell in DATES)
        yield from (Mess(column, cell, TOLD) for cell in NO_DATES)
    yield from (Mess("bedrag", Typed(36.5, shape), TOLD) for shape in CURRENCIES)
    yield from (Mess("bedrag", Typed(36.5, shape), 36_50) for shape in EUROS)


TEXTS: Mapping[str, Mapping[str, Any]] = {
    "bedrag": {
        **dict.fromkeys(
            (
                *("1250,50", "1.250,50", "1,250.50", "1250.5", " 1250,50 ", "1 250,50"),
                *("1\u00a0250,50", "1\u202f250,50", "€1250,50", "€ 1.250,50", "1250,50 €"),
                *("EUR 1250,50", "1.250,50 euro", "1250,50 excl. btw", "€\u00a01.250,50"),
            ),
            1250_50,
        ),
        **dict.fromkeys(("1.250", "1.250,-", "1250,=", "1250", "€ 1.250,--"), 1250_00),
        **dict.fromkeys(
            (
                *("1,250", "1250,505", "1250,50 incl. btw", "$ 1250,50", "USD 1250", "1250 dollar"),
                *("£1250", "1250 CHF", "¥ 9", "950 kr", "NLG 950", "ƒ 950", "1250,50 p/m", "5%"),
                *("-1250,50", "1250,50-", "(1250,50)", "1.250.50", "1250/2", "1200+50", "1250 uur"),
            ),
            TOLD,
        ),
    },
    "uren_per_week": {
        **dict.fromkeys(
            (
                *("32,4", "32.4", "32,40", " 32,4 uur", "32,4u", "32,4 uren", "32,4 uur per week"),
                *("32,4 uur p/w", "32.4 hours", "0,9 fte"),
            ),
            32_40,
        ),
        **dict.fromkeys(
            (
                *(
                    "0,9",
                    "104",
                    "130,5",
                    "3,75",
                    "36 uur per maand",
                    "4 dagen",
                    "90%",
                    "90 procent",
                ),
                *("36:00", "24-32", "24/36", "36 p.m.", "€ 36", "169", "1.000", "36,125", "0"),
                *("-36", "10 fte", "0,875 fte", "deeltijd", "parttime 20", "20 + 12"),
            ),
            TOLD,
        ),
    },
    "persoon": {"k-4": "K-4", " K-4 ": "K-4", "K-4\u00a0": "K-4", "#VERW!": TOLD, "#N/B": TOLD},
    "bouwblok": {
        **dict.fromkeys(("PW", " pw ", "Participatiewet", "PARTICIPATIEWET"), "pw"),
        **dict.fromkeys(("participatie", "p.w.", "pw/ww", "#REF!", "?"), TOLD),
    },
    "eind": dict.fromkeys(("", "heden", "lopend", "onbepaalde tijd", "n.v.t."), TOLD),
    "kenmerk": {"": TOLD, "#N/A": TOLD},
}
NO_NUMBERS = (
    *("n.v.t.", "ca. 32", "32?", "32*", "> 32", "één", "#N/A", "#DEEL/0!", "#VALUE!", "Err:502"),
    *(
        "WAAR",
        "TRUE",
        "1:30",
        "01-02-2025",
        "3E1",
        "\N{FULLWIDTH DIGIT THREE}\N{FULLWIDTH DIGIT TWO}",
        "32,4,5",
        "'32",
        '="32"',
        "32\u200b",
    ),
    *("32 34", "3 2", "½", "32 ½", "drie", "-", "x", "zie bijlage", "o.b.v. CAO", "nvt"),
)
NO_TYPED_NUMBERS = (
    Typed(True),
    Typed(date(2025, 2, 1), "dd-mm-yyyy"),
    Typed(datetime(2025, 2, 1, 9), "dd-mm-yyyy hh:mm"),  # noqa: DTZ001 - a spreadsheet has no zones
    Typed(time(9, 30), "hh:mm"),
    Typed(timedelta(hours=36), "[h]:mm"),
    Typed(0.9, "0%"),
    Typed(0.9, "0.0%"),
    Typed(36, '0"%"'),
    Typed(36, '0 "dagen"'),
    Typed(36, '0 "per maand"'),
)
DATES = (
    *("4-3-2025", "04-03-2025", "4/3/2025", "4.3.2025", "2025-03-04", "4 maart 2025"),
    *("4 mrt 2025", "04 Mrt. 2025", " 4-3-2025 ", "4-3-2025\u00a0", "2025-03-04 00:00:00"),
    Typed(date(2025, 3, 4), "dd-mm-yyyy"),
    Typed(date(2025, 3, 4), "d mmmm yyyy"),
    Typed(datetime(2025, 3, 4, 17, 30), "dd-mm-yy hh:mm"),  # noqa: DTZ001
)
NO_DATES = (
    *("4-3-25", "4/3/'25", "4 maart", "maart 2025", "2025", "Q1 2025", "week 10", "31-2-2025"),
    *("4-3-2025?", "vanaf 4-3-2025", "3/14/2025", "4-3-2025 t/m 5-3-2025", "4-3-0025", "20250304"),
    *("#N/A", "#NAAM?", "WAAR", "45720", "eind maart", "4-3-2205", "4-13-2025", "04--03-2025"),
    Typed(45720),
    Typed(45720.5, "0.00"),
    Typed(20250304),
    Typed(True),
    Typed(time(9, 30), "hh:mm"),
)
CURRENCIES = (
    *("[$$-409]#,##0.00", '"$"0.00', "$0.00", "[$£-809]0", "[$CHF] 0.00", '0 "SEK"', "[$USD] 0"),
    *("[$¥-411]0", '0.00 "zł"', "[$kr-414] 0", "£0.00", '0.00" TRY"', "[$₺-41F]0.00"),
)
EUROS = (
    *(
        "[$€-413] 0.00",
        '"€" 0.00',
        "€0.00",
        "[$EUR] 0.00",
        '0.00 "euro"',
        "#,##0.00",
        "0",
        "General",
    ),
    *(
        '_ "€ "* #,##0.00_ ;_ "€ "* -#,##0.00_ ;_ "€ "* "-"??_ ;_ @_ ',
        "[Red][<0]0.00;0.00",
        "0.0E+0",
    ),
)


# Files ---------------------------------------------------------------------------------------


def plain(name: str, cell: Any) -> str:
    """A clean cell as people type it."""
    if isinstance(cell, date):
        return f"{cell:%d-%m-%Y}"
    if name in ("uren_per_week", "bedrag"):
        return f"{cell / 100:.2f}".replace(".", ",")
    return str(cell)


def as_csv(rows: Sequence[Sequence[str | Typed]]) -> bytes | None:
    if any(isinstance(cell, Typed) for row in rows for cell in row):
        return None
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";").writerows(rows)
    return written.getvalue().encode()


def as_xlsx(rows: Sequence[Sequence[str | Typed]]) -> bytes | None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, Typed):
                    shape = book.add_format({"num_format": cell.shape} if cell.shape else {})
                    sheet.write(at, place, cell.value, shape)
                elif cell:
                    sheet.write_string(at, place, cell)
    return content.getvalue()


def as_ods(rows: Sequence[Sequence[str | Typed]]) -> bytes | None:
    return document("".join(ods_row(*map(ods_of, row)) for row in rows))


def ods_of(cell: str | Typed) -> str:
    if not isinstance(cell, Typed):
        return ods_cell("string", text=escape(cell)) if cell else ods_cell()
    one = cell.value
    if isinstance(one, bool):
        return ods_cell("boolean", str(one).lower())
    if isinstance(one, date):
        return ods_cell("date", one.isoformat())
    if isinstance(one, time | timedelta):
        return ods_cell("time", "PT9H30M00S")
    if cell.shape.endswith("%"):
        return ods_cell("percentage", repr(one))
    if cell.shape in CURRENCIES:
        return ods_cell("currency", repr(one), more='office:currency="USD"')
    if cell.shape in EUROS:
        return ods_cell("currency", repr(one), more='office:currency="EUR"')
    return ods_cell("float", repr(one))


WRITERS = {"csv": as_csv, "xlsx": as_xlsx, "ods": as_ods}


# Reading -------------------------------------------------------------------------------------


def valued(scheme: Scheme, content: bytes) -> tuple[Valuation | None, list[str]]:
    """What a file comes to, and the codes of all that is said of its line and of itself."""
    try:
        reading = under_scheme(read_contributions(opened(content)), scheme)
    except DomainError as error:
        return None, [problem.code for problem in error.problems]
    valuation = value(scheme, reading.contributions)
    said = [notice.code for notice in reading.notices]
    said += [problem.code for problem in valuation.problems(0)]
    said += [
        str(step.value)
        for step in explain(valuation, 0)
        if step.step == "to_check" and not is_general(step) and step.value != "bonus"
    ]
    return valuation, said


def misread(scheme: Scheme, mess: Mess, form: str) -> str | None:
    """What is wrong with how a mess was read; None where it is as it should be."""
    names = list(mess.clean)
    cells = [mess.cell if n == mess.column else plain(n, mess.clean[n]) for n in names]
    if form == "ods" and isinstance(mess.cell, Typed) and '"' in mess.cell.shape:
        return None  # the words of a format of an .ods stand in its styles: see test_looks
    content = WRITERS[form]([names, cells])
    if content is None:
        return None
    valuation, said = valued(scheme, content)
    clean = value(scheme, contributions_from([mess.clean]))
    more = set(said) - {str(step.value) for step in explain(clean, 0) if step.step == "to_check"}
    about = f"{form} {mess.column} {mess.cell!r}"
    if mess.means is TOLD:
        return None if more else f"{about}: read in silence"
    stated = value(scheme, contributions_from([{**mess.clean, mess.column: mess.means}]))
    if valuation is None or valuation.value_cents(0) != stated.value_cents(0):
        return f"{about}: means {mess.means}, came to another value with {sorted(more)}"
    return None


@pytest.fixture(scope="module")
def utrecht() -> Scheme:
    return load_scheme("utrecht-36h-v2", None)


@pytest.mark.parametrize("form", WRITERS)
def test_no_messy_cell_is_misread_in_silence(utrecht: Scheme, form: str) -> None:
    wrong = [found for mess in messes() if (found := misread(utrecht, mess, form))]
    assert wrong == []


def test_there_are_hundreds_of_them() -> None:
    assert len(list(messes())) > 300


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("column", [*CLEAN, "bedrag"])
@pytest.mark.parametrize("heading", ["{} (eigen)", "onze {}", "x"])
def test_no_column_is_left_aside_in_silence(
    utrecht: Scheme, form: str, column: str, heading: str
) -> None:
    clean = BOUGHT if column == "bedrag" else CLEAN
    names = [heading.format(name) if name == column else name for name in clean]
    content = WRITERS[form]([names, [plain(name, cell) for name, cell in clean.items()]])
    assert content is not None
    _, said = valued(utrecht, content)
    assert {"unknown_column", "unknown_column_alike", "missing_column"} & set(said)
