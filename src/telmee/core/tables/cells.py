"""One cell at a time: what was typed becomes an exact number, a day or a key, or a problem.

The rule everywhere: a cell that can be read in two ways is refused, never guessed. "1.234" is
twelve hundred, because no amount and no hour has three decimals; "1,234" is refused, because a
comma before three digits is a slip as often as it is an English thousand. Numbers that a
spreadsheet stores as numbers carry no such doubt; they are read through their shortest decimal
text, so 7.1 is 7.1.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import TypeGuard

from telmee.core.bsn import find_bsn
from telmee.core.errors import Param, Problem
from telmee.core.periods import FIRST_DATE, LAST_DATE, NO_DAY, day_of
from telmee.core.tables.columns import NOTHING, Column, Kind
from telmee.core.tables.signs import Marked, has_other_currency, has_percent

#: What a spreadsheet cell can hold.
Cell = str | int | float | bool | date | datetime | time | timedelta | Marked | None

#: What an integration puts in place of a formula whose result the file does not hold. An empty
#: cell would be a lie: somebody did fill it in.
UNCALCULATED = "#UNCALCULATED!"

#: What an integration puts in a cell that a merged one covers, where it is not known to hold there.
MERGED = "#MERGED!"

#: Results of formulas that went wrong, as English and Dutch spreadsheets spell them.
_FORMULA_ERROR = re.compile(
    r"#(?:N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!"
    r"|GETTING_DATA|N/B|DEEL/0!|NAAM\?|LEEG!|GETAL!|VERW!|WAARDE!)|(?:err|fout):[0-9]{3}",
    re.IGNORECASE,
)

#: The code of hours that were given as a part of full time ("0,8 fte"); `fte` has the part.
PART_OF_FULL_TIME = "part_of_full_time"

_SHOWN_MAX = 40


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing to the eye."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without ".0", dates in ISO.

    >>> text_of(36.0), text_of(7.1), text_of(date(2024, 3, 1)), text_of(None)
    ('36', '7.1', '2024-03-01', '')
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, Marked):
        return cell.shown
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**16 else repr(cell)
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def shown(text: str) -> str:
    """A text as it may be repeated in a message: one line, short, and without a BSN.

    Number and date columns are not searched for a BSN, so this looks again; and a control
    character in a cell must not steer somebody's terminal.
    """
    if find_bsn(text, eight_digits=True):
        return "…"
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:400]).split())
    return line if len(line) <= _SHOWN_MAX else line[: _SHOWN_MAX - 1] + "…"


def _refused(code: str, column: str, cell: Cell = None, **params: str | int) -> Problem:
    """The problem of a number or a date, with what was typed."""
    if cell is not None:
        typed = f"{cell:%d-%m-%Y}" if isinstance(cell, date) else text_of(cell)
        params["typed"] = shown(typed)
    return Problem(code, column, params=params)


def is_formula_error(text: str) -> bool:
    """Whether a text is what a spreadsheet shows for a formula that went wrong.

    >>> is_formula_error("#N/A"), is_formula_error("Err:502"), is_formula_error("#12")
    (True, True, False)
    """
    return _FORMULA_ERROR.fullmatch(text) is not None


def _lost_value(text: str, column: str) -> Problem | None:
    """The problem of a value that is not there: a formula without result, or a merged cell."""
    if text == MERGED:
        return Problem("merged_cell", column)
    if text == UNCALCULATED:
        return Problem("formula_without_value", column)
    if is_formula_error(text):
        return Problem("spreadsheet_error", column, params={"typed": text})
    return None


# Numbers -------------------------------------------------------------------------------------

_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007", " "))
_MINUS = ("-", "\N{MINUS SIGN}")
_CURRENCY = re.compile(r"€|EUR\b", re.IGNORECASE)
_EUROS_AFTER = re.compile(r"(?:€|EUR|euro'?s?)\Z", re.IGNORECASE)
#: "€ 1.250,-" says that the comma is the decimal one, and that there are no cents.
_NO_CENTS = re.compile(r",(?:-{1,2}|=|[–—])\Z")  # noqa: RUF001 - a word processor makes these
#: Amounts are without VAT anyway; with VAT is another amount.
_WITHOUT_VAT = re.compile(r"\(?(?:excl?|exclusief|ex)\.? *btw\)?\Z", re.IGNORECASE)
_WITH_VAT = re.compile(r"\b(?:incl|inclusief|inc)\.? *btw\b", re.IGNORECASE)
_HOURS_AFTER = re.compile(r"(?:uur|uren|u|hours?)\.?\Z", re.IGNORECASE)
_A_WEEK_AFTER = re.compile(r"(?:per|p\.?/?|/) *(?:week|wk|w)\.?\Z", re.IGNORECASE)
_FTE_AFTER = re.compile(r"\(?f\.?t\.?e\.?'?s?\)?\Z", re.IGNORECASE)
_CLOCK = re.compile(r"[0-9]{1,4}:[0-9]{1,2}(?::[0-9]{1,2})?")

#: How far from a whole cent, or a hundredth of an hour, a spreadsheet's own sum may be.
_NOISE = Decimal("0.000001")

_SPACED = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_ONE_SEPARATOR = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_GROUPED = re.compile(
    r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+),([0-9]+)|([1-9][0-9]{0,2}(?:,[0-9]{3})+)\.([0-9]+)"
    r"|([1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,}))()"
)


def parse_number(cell: Cell, column: Column) -> int | Problem:
    """A number in the unit of its column; `NOTHING` for an empty cell.

    >>> euros = Column("bedrag", Kind.CENTS, maximum=1_000_000)
    >>> parse_number("€ 1.234,50", euros), parse_number(7.1, euros)
    (123450, 710)
    >>> parse_number("1.234", euros), parse_number("1,234", euros).code
    (123400, 'ambiguous_number')
    """
    shift = column.kind.decimals
    if isinstance(cell, float):
        # Nearly every cell of a workbook is this simple; the long way round comes to the same.
        whole, _, decimals = repr(cell).partition(".")
        if len(decimals) <= shift and whole.isdecimal():
            value = int(whole + decimals.ljust(shift, "0"))
            if 0 < value <= column.maximum:
                return value
    if _is_finite_number(cell):
        whole, decimals = _parts_of_number(abs(cell), shift)
        return _in_unit(whole, decimals, negative=cell < 0, cell=cell, column=column)
    if is_blank(cell):
        return NOTHING
    if isinstance(cell, str):
        return _number_of_text(cell.strip(), column)
    if isinstance(cell, Marked):
        return _number_of_marked(cell, column)
    if isinstance(cell, time | timedelta):
        return _refused("time_as_number", column.name, cell)
    if isinstance(cell, date):
        return _refused("date_as_number", column.name, cell)
    return _refused("bad_number", column.name, cell)


def _is_finite_number(cell: Cell) -> TypeGuard[float]:
    """Whether it is a real number: a truth value (an int to Python) is none, nor is infinity."""
    if isinstance(cell, float):
        return isfinite(cell)
    return isinstance(cell, int) and not isinstance(cell, bool)


def _parts_of_number(value: float, shift: int) -> tuple[str, str]:
    """The digits before and after the point of the shortest text that is this number.

    A sum of a spreadsheet is read as it was meant: 7035.5999999999995 is 7035.60. Within a
    millionth of a value with the decimals of the column it is that value. Of whole numbers nothing
    is taken for noise: a part of a piece is a part.
    """
    if value >= 10**16:
        return "1" + "0" * 16, ""  # beyond every maximum; no need to write it out
    exact = Decimal(repr(value))
    near = exact.quantize(Decimal(1).scaleb(-shift))
    if shift and abs(exact - near) <= _NOISE:
        exact = near
    whole, _, decimals = format(exact, "f").partition(".")
    return whole, decimals.rstrip("0")


def _number_of_text(text: str, column: Column) -> int | Problem:
    """A number as it was typed, with blanks, signs and separators."""
    body, negative = text, False
    if not _ONE_SEPARATOR.fullmatch(text):
        problem = _lost_value(text, column.name)
        if problem:
            return problem
        if _CLOCK.fullmatch(text):
            return _refused("time_as_number", column.name, text)
        plain = text.translate(_BLANKS)
        if column.full_time and (of_full_time := _FTE_AFTER.search(plain)):
            return _part_of_full_time(plain[: of_full_time.start()].strip(), text, column)
        body, negative = _without_signs(plain, column)
        if problem := _other_quantity(text, column):
            return problem
        if _SPACED.fullmatch(body):
            body = body.replace(" ", "")
    if _THOUSANDS.fullmatch(body):
        whole, decimals = body.replace(".", ""), ""
    elif one := _ONE_SEPARATOR.fullmatch(body):
        whole, decimals = one[1], one[2] or ""
        if len(decimals) == 3:
            return _refused("ambiguous_number", column.name, text)
    elif grouped := _GROUPED.fullmatch(body):
        whole, decimals = (part for part in grouped.groups() if part is not None)
        whole = whole.replace(".", "").replace(",", "")
    else:
        return _refused("bad_number", column.name, text)
    return _in_unit(whole, decimals, negative=negative, cell=text, column=column)


def _number_of_marked(cell: Marked, column: Column) -> int | Problem:
    """A number whose cell shows a sign with it: what would be refused if both had been typed is."""
    if column.full_time and _FTE_AFTER.fullmatch(cell.sign):
        return _part_of_full_time(cell.number, cell.shown, column)
    of_sign = _number_of_text(f"1 {cell.sign}", column)
    if isinstance(of_sign, Problem):
        return _refused(of_sign.code, column.name, cell)
    return parse_number(cell.number, column)


def _part_of_full_time(number: Cell, typed: str, column: Column) -> Problem:
    """A part of full time as a problem that whoever knows what full time is can take away."""
    hundredths = parse_number(number, Column(column.name, Kind.HOURS, maximum=column.maximum))
    if isinstance(hundredths, Problem):
        return hundredths
    if hundredths == NOTHING:
        return _refused("bad_number", column.name, typed)
    params: dict[str, Param] = {"typed": shown(typed), "fte": Fraction(hundredths, 100)}
    return Problem(PART_OF_FULL_TIME, column.name, params=params)


def _other_quantity(text: str, column: Column) -> Problem | None:
    """The problem of a percentage, an amount with VAT or one in another currency."""
    if has_percent(text) and column.kind is not Kind.PERCENTAGE:
        return _refused("percentage_as_number", column.name, text)
    if column.kind is not Kind.CENTS:
        return None
    if has_other_currency(text):
        return _refused("other_currency", column.name, text)
    return _refused("amount_with_vat", column.name, text) if _WITH_VAT.search(text) else None


def _without_signs(text: str, column: Column) -> tuple[str, bool]:
    """The text without what is typed around a number, and whether there was a minus.

    Around euros that is the sign, ",-" for no cents and "excl. btw"; around hours "uur", and around
    hours a week "per week".
    """
    euros, negative = column.kind is Kind.CENTS, False
    if euros:
        text = _EUROS_AFTER.sub("", _WITHOUT_VAT.sub("", text).strip()).strip()
    elif column.kind is Kind.HOURS:
        if column.full_time:
            text = _A_WEEK_AFTER.sub("", text).strip()
        text = _HOURS_AFTER.sub("", text).strip()
    for _ in range(2):
        if euros and (start := _CURRENCY.match(text)):
            text = text[start.end() :].strip()
        if not negative and text.startswith(_MINUS):
            negative, text = True, text[1:].strip()
    if euros:
        text = _NO_CENTS.sub(",00", text)
    return text, negative


def _in_unit(
    whole: str, decimals: str, *, negative: bool, cell: Cell, column: Column
) -> int | Problem:
    """Shift digits to the unit of the column and hold them to its bounds."""
    shift = column.kind.decimals
    if negative:
        return _refused("negative_number", column.name, cell)
    if len(decimals) > shift:
        if shift:
            return _refused("too_many_decimals", column.name, cell)
        if decimals.strip("0"):
            return _refused("not_whole", column.name, cell)
        decimals = ""
    if len(whole) > 15:
        whole = whole.lstrip("0")
    value = (
        int(whole + decimals.ljust(shift, "0"))
        if len(whole) <= 15
        else column.maximum + 1  # too many digits even to look at
    )
    if value > column.maximum:
        if column.kind is Kind.CENTS:
            most = column.maximum
            return _refused("amount_too_large", column.name, cell, maximum_cents=most)
        limit = column.maximum // 10**shift
        return _refused("number_too_large", column.name, cell, maximum=limit)
    if value == 0 and not column.zero:
        return _refused("zero_number", column.name, cell)
    return value


# Dates ---------------------------------------------------------------------------------------

_MIDNIGHT = r"(?:[T ]0?0:00(?::00(?:\.0+)?)?Z?)?"
_DUTCH_DATE = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + _MIDNIGHT)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})" + _MIDNIGHT)
_WORDED_DATE = re.compile(r"([0-9]{1,2}) +([a-z]{3,9})\.? +([0-9]{4})", re.IGNORECASE)
_SHORT_YEAR = re.compile(
    r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}"
    + _MIDNIGHT
    + r"|[0-9]{1,2} +[a-z]{3,9}\.? +'?[0-9]{2}",
    re.IGNORECASE,
)
#: What people type where an end is not known yet.
_OPEN_END = re.compile(
    r"heden|nu|lopend|loopt(?: nog)?(?: door)?|doorlopend|onbepaald(?:e tijd)?"
    r"|n\.?v\.?t\.?|nog niet bekend|onbekend|[-–—?.]+",  # noqa: RUF001 - a word processor makes these
    re.IGNORECASE,
)
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
#: Dutch and English months, whole and as people shorten them.
_MONTH_OF = {
    **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    "mrt": 3,
    "sept": 9,
    "january": 1,
    "february": 2,
    "march": 3,
    "mar": 3,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "october": 10,
    "oct": 10,
}


def parse_end(cell: Cell, column: str) -> int | Problem:
    """A last day as `parse_date` has it; `NO_DAY` as well where it says that there is none yet.

    >>> parse_end("heden", "eind") == parse_end("", "eind") == NO_DAY
    True
    """
    if isinstance(cell, str) and _OPEN_END.fullmatch(cell.strip()):
        return NO_DAY
    return parse_date(cell, column)


def parse_date(cell: Cell, column: str) -> int | Problem:
    """A date as a day number; `NO_DAY` for an empty cell. A time of day is left out.

    >>> parse_date("1-3-2024", "begin") == parse_date(date(2024, 3, 1), "begin") == 19783
    True
    """
    if is_blank(cell):
        return NO_DAY
    if isinstance(cell, str):
        return _date_of_text(cell.strip(), column)
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _in_range(cell, column)
    if isinstance(cell, int | float | Marked) and not isinstance(cell, bool):
        return _refused("number_as_date", column, cell)
    return _refused("bad_date", column, cell)


def _date_of_text(text: str, column: str) -> int | Problem:
    """A typed date: ISO, the month as a word, or the day first, whatever sign is between."""
    problem = _lost_value(text, column)
    if problem:
        return problem
    text = text.translate(_BLANKS)
    if dutch := _DUTCH_DATE.fullmatch(text):
        day, _, month, year = dutch.groups()
    elif iso := _ISO_DATE.fullmatch(text):
        year, month, day = iso.groups()
    elif (worded := _WORDED_DATE.fullmatch(text)) and worded[2].casefold() in _MONTH_OF:
        day, year = worded[1], worded[3]
        month = str(_MONTH_OF[worded[2].casefold()])
    else:
        code = "two_digit_year" if _SHORT_YEAR.fullmatch(text) else "bad_date"
        return _refused(code, column, text)
    try:
        return _in_range(date(int(year), int(month), int(day)), column)
    except ValueError:
        return _refused("impossible_date", column, text)


def _in_range(value: date, column: str) -> int | Problem:
    """Hold a date to the years that the calendar tables reach."""
    if FIRST_DATE <= value <= LAST_DATE:
        return day_of(value)
    bounds = {"first": f"{FIRST_DATE:%d-%m-%Y}", "last": f"{LAST_DATE:%d-%m-%Y}"}
    return _refused("date_out_of_range", column, value, **bounds)


# Text ----------------------------------------------------------------------------------------

_BETWEEN_WORDS = re.compile(r"[\s_\-‐‑‒–—]+")  # noqa: RUF001 - pasted from a word processor
_BETWEEN_KEYS = re.compile(r"[,;]")


def parse_text(cell: Cell, column: str) -> str | Problem | None:
    """A text as typed, trimmed; `None` for an empty cell.

    A truth value, a time or "not a number" is no text that anybody typed: the spreadsheet made it
    of something else, and that is lost.
    """
    if isinstance(cell, str):
        text = cell.strip()
        return _lost_value(text, column) or text or None
    if cell is None:
        return None
    if isinstance(cell, Marked):
        cell = cell.number
    if isinstance(cell, bool | time | timedelta) or (
        isinstance(cell, float) and not isfinite(cell)
    ):
        return Problem("not_text", column)
    return text_of(cell)


def parse_enterprise(cell: Cell, column: str) -> str | Problem | None:
    """The KvK number of an enterprise, eight digits; `None` for an empty cell.

    A spreadsheet that stores it as a number has lost the zeros before it.

    >>> parse_enterprise("1234 5678", "leverancier"), parse_enterprise(1234567.0, "leverancier")
    ('12345678', '01234567')
    """
    text = parse_text(cell, column)
    if not isinstance(text, str):
        return text
    number = re.sub(r"[ .]", "", text)
    if isinstance(cell, int | float):
        number = number.zfill(8)
    if not re.fullmatch("[0-9]{8}", number):
        return Problem("bad_enterprise", column)
    return number


def key_of(text: str) -> str:
    """A typed key in the form that schemes use.

    >>> key_of(" PW LT2 "), key_of("Buy-Social")
    ('pw_lt2', 'buy_social')
    """
    return _BETWEEN_WORDS.sub("_", text.strip()).casefold()


def parse_key(cell: Cell, column: str) -> str | Problem | None:
    """One key; `None` for an empty cell."""
    text = parse_text(cell, column)
    return key_of(text) if isinstance(text, str) else text


def parse_keys(cell: Cell, column: str) -> str | Problem | None:
    """Several keys, typed with commas or semicolons between; with commas.

    >>> parse_keys("Jong ; age 50", "toeslagen")
    'jong,age_50'
    """
    text = parse_text(cell, column)
    if not isinstance(text, str):
        return text
    return ",".join(keys_of(text)) or None


def keys_of(text: str) -> list[str]:
    """The keys in a text with commas or semicolons between, in the form that schemes use."""
    return [key for part in _BETWEEN_KEYS.split(text) if (key := key_of(part))]
