"""The signs and words around a number, typed or shown by the format of its cell.

A spreadsheet shows 36 as "36%", "$ 36" or "36 dagen" by the format of the cell alone. Whoever made
the sheet saw the sign, so the number is read as if it had been typed with it.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Currencies by their codes in letters, as far as anybody is likely to type or choose them.
_CODES = (
    "AED|ANG|AUD|AWG|BGN|BRL|CAD|CHF|CNY|CZK|DKK|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|MAD|MXN|NLG|"
    "NOK|NZD|PLN|RON|RUB|SAR|SEK|SGD|SRD|THB|TRY|UAH|USD|XCG|ZAR"
)
_WORDS = r"dollars?|pond(?:en)?|pounds?|gulden|guldens|fl|hfl|kronen|yen|franken|zł|kč|ft|kr"
_OTHER_CURRENCY = re.compile(rf"\b(?:{_CODES}|{_WORDS})\b", re.IGNORECASE)
_EURO = re.compile(r"€|\bEUR\b|\beuro'?s?\b", re.IGNORECASE)
_PERCENT = re.compile(r"%|‰|\b(?:procent|percent|pct)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A number whose cell shows a sign or a word with it; `shown` is how it looks together."""

    number: float
    sign: str
    shown: str


def marked(number: float, sign: str) -> Marked:
    """A number with the sign that its cell shows; a percentage shows a hundred times as much.

    >>> marked(1.0, "%").shown, marked(36.5, "dagen").shown
    ('100%', '36.5 dagen')
    """
    if sign == "%":
        return Marked(number, sign, f"{number * 100:.10g}%")
    return Marked(number, sign, f"{number:.15g} {sign}")


def has_other_currency(text: str) -> bool:
    """Whether a text names a currency that is not the euro.

    >>> has_other_currency("$ 36"), has_other_currency("36 CHF"), has_other_currency("€ 36 EUR")
    (True, True, False)
    """
    signs = any(sign not in "€¤" and unicodedata.category(sign) == "Sc" for sign in text)
    return signs or "ƒ" in text or _OTHER_CURRENCY.search(text) is not None


def has_percent(text: str) -> bool:
    """Whether a text is about a part of something: a percentage.

    >>> has_percent("80%"), has_percent("80 procent"), has_percent("80")
    (True, True, False)
    """
    return _PERCENT.search(text) is not None


def telling_sign(literal: str) -> str:
    """What of the text in a number format can change what the number is; empty for the euro.

    A percent sign that is only text does not make a hundredth of the number, so it becomes a word.

    >>> telling_sign(" $ "), telling_sign("€ -"), telling_sign(" fte"), telling_sign("%")
    ('$', '', 'fte', 'procent')
    """
    rest = " ".join(_EURO.sub(" ", literal).split())
    has_meaning = any(
        sign.isalnum() or sign in "%‰ƒ" or unicodedata.category(sign) == "Sc" for sign in rest
    )
    return rest.replace("%", "procent") if has_meaning else ""
