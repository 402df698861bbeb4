"""Codes of the Common Procurement Vocabulary: found by number or by the word of a trade."""

from __future__ import annotations

import csv
import re
from functools import cache, reduce
from operator import or_
from pathlib import Path

from django.db.models import Case, Func, Q, Value, When
from django.db.models.functions import Left, Length

from telmee.apps.contracts.choices import Category
from telmee.apps.contracts.models import CpvCode

_REFERENCE = Path(__file__).parent / "reference"
_WORDS = _REFERENCE / "cpv_words.csv"
_DIVISIONS = _REFERENCE / "cpv_divisions.csv"
_MOST = 20
_WORKS = Q(code__startswith="45")
_SERVICES = Q(code__gte="50")
#: Which codes are of which kind of contract: works are division 45, services 50 and up.
_OF_CATEGORY: dict[str, Q] = {
    Category.WORKS: _WORKS,
    Category.SERVICES: _SERVICES,
    Category.SUPPLIES: ~_WORKS & ~_SERVICES,
}


@cache
def divisions_in_english() -> dict[str, str]:
    """What each division is called in English, by the code that is kept with its Dutch name."""
    with _DIVISIONS.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["description_en"] for row in csv.DictReader(file, strict=True)}


def cpv_named(text: str) -> CpvCode | None:
    """The one CPV code that a text names, with or without its check digit; or none."""
    code = text.strip().partition(" ")[0]
    if not re.fullmatch("[0-9]{8}(-[0-9])?", code):
        return None
    codes = list(CpvCode.objects.filter(code__startswith=code)[:2])
    return codes[0] if len(codes) == 1 else None


def cpv_codes(search: str, category: str = "") -> list[CpvCode]:
    """At most twenty CPV codes that begin with a number or have a word; the likeliest first.

    What fits the kind of contract comes first (works and services where none was chosen), then a
    description that begins with the word, then the wider code: "schilder" gives painting work
    before the painting of roofs, and that before brushes. Some words of a trade stand in no
    description ("hovenier"): those are looked up in `reference/cpv_words.csv`.
    """
    search = search.strip()
    if not search:
        return []
    numbered = CpvCode.objects.filter(code__startswith=search).order_by("code")
    if codes := list(numbered[:_MOST]):
        return codes
    fits = _OF_CATEGORY.get(category, _WORKS | _SERVICES)
    described = CpvCode.objects.filter(_of_trade(search) | Q(description__icontains=search))
    likely = described.order_by(
        _first(_of_trade(search)),
        _first(fits),
        _first(Q(description__istartswith=search)),
        _first(Q(description__iregex=rf"\m{re.escape(search)}")),
        Length(Func(Left("code", 8), Value("0"), function="rtrim")),
        "code",
    )
    return list(likely[:_MOST])


def _first(condition: Q) -> Case:
    """What meets a condition before what does not."""
    return Case(When(condition, then=0), default=1)


def _of_trade(search: str) -> Q:
    word = search.casefold()
    codes = [code for trade, code in _trades() if len(word) > 2 and trade.startswith(word)]
    # An empty code and not an empty set: a sort by nothing is left out, and its number is a column.
    return reduce(or_, (Q(code__startswith=code) for code in codes), Q(code=""))


@cache
def _trades() -> tuple[tuple[str, str], ...]:
    """Words of daily life and the code of what they mean, which describes it otherwise."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        return tuple((row["word"], row["code"]) for row in csv.DictReader(file, strict=True))
