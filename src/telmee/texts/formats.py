"""How figures are written: `€ 1.234,56` and `21-11-2026`, or the English way."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from telmee.core.explain import Value

Language = Literal["nl", "en"]


class Figure(str):
    """A written figure that can bring its noun: `{whole:year|years}` is "1 year" or "2 years".

    >>> "{:dag|dagen}, {}".format(Figure.of(1, is_one=True), Figure.of(2, is_one=False))
    '1 dag, 2'
    """

    __slots__ = ("_is_one",)
    _is_one: bool

    @classmethod
    def of(cls, text: object, *, is_one: bool) -> Figure:
        """The figure as it is written, and whether it is one of something, or a part of one."""
        figure = cls(text)
        figure._is_one = is_one
        return figure

    def __format__(self, nouns: str) -> str:
        """Write the figure, with the noun that belongs to it where two are given."""
        one, _, many = nouns.partition("|")
        return f"{self!s} {one if self._is_one else many}" if nouns else str(self)


def euros(cents: int, language: Language) -> str:
    """Write whole cents as euros.

    >>> euros(123456, "nl"), euros(-5, "en")
    ('€ 1.234,56', '-€0.05')
    """
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    grouped = count(whole, language)
    return f"{sign}€{grouped}.{rest:02d}" if language == "en" else f"{sign}€ {grouped},{rest:02d}"


def count(value: int, language: Language) -> str:
    """Write how many there are of something, in groups of three figures.

    >>> count(3000, "nl"), count(-12345, "en")
    ('3.000', '-12,345')
    """
    grouped = f"{value:,}"
    return grouped if language == "en" else grouped.replace(",", ".")


def with_amounts_whole(text: str) -> str:
    """A text in which no amount is broken off from its sign at the end of a line."""
    return text.replace("€ ", "€\N{NO-BREAK SPACE}")


def short_euros(cents: int, language: Language) -> str:
    """Write cents as euros, and whole euros without the zeros behind the comma.

    >>> short_euros(4_000_000, "nl"), short_euros(123456, "en")
    ('€ 40.000', '€1,234.56')
    """
    return euros(cents, language).removesuffix(",00" if language == "nl" else ".00")


def day(value: date, language: Language) -> str:
    """Write a date: `21-11-2026` in Dutch, `21 November 2026` in English."""
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.day:02d}-{value.month:02d}-{value.year:04d}"


def number(value: Fraction | int, language: Language) -> str:
    """Write a number with at most two decimals, exactly; a longer one as a fraction.

    >>> number(Fraction(49, 2), "nl"), number(Fraction(181, 366), "nl")
    ('24,5', '181/366')
    """
    exact = Fraction(value)
    hundredths = exact * 100
    if hundredths.denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    whole, rest = divmod(int(hundredths), 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
    return text.replace(".", ",") if language == "nl" else text


def percentage(value: Fraction | int, language: Language) -> str:
    """Write a percentage: `2,5%`."""
    return f"{number(value, language)}%"


def shown(value: Value, unit: str, language: Language) -> str:
    """Write the value of an explanation step by its unit."""
    if value is None:
        return ""
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, str):
        return value
    if unit == "cents":
        return euros(int(value), language)
    return percentage(value, language) if unit == "percentage" else number(value, language)


def as_json_value(value: Value) -> int | str | None:
    """Write the value of a step for JSON: a rational as "num/den", a date in ISO."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return value.isoformat() if isinstance(value, date) else value


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
