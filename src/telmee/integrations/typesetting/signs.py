"""The signs that the typeface of a document can show, and what stands for one that it cannot.

Free texts take every script and emoji, and PDF/UA-1 allows no sign without a drawing: one emoji in
the name of a contractor would keep every letter to him from being made. So a sign that the typeface
lacks is shown as a plainer one that means the same, and else as `�`, which says that something
stood there.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

#: What everybody reads as: here was a sign that could not be shown.
MISSING = "\ufffd"
#: What Typst sets without a drawing, and what PDF/UA-1 does not allow although there is one.
_BETWEEN_LINES, _NOT_ALLOWED = "\n\r\t", "\ufeff"


class Signs(dict[int, str]):
    """What stands for each sign, as `str.translate` asks it; worked out once for each."""

    def __init__(self, typeface: Path) -> None:
        super().__init__()
        with TTFont(typeface, lazy=True) as font:
            self._drawn = frozenset(font.getBestCmap())

    def __missing__(self, point: int) -> str:
        self[point] = self._standing_for(chr(point))
        return self[point]

    def _standing_for(self, sign: str) -> str:
        for plainer in (sign, _plainer(sign)):
            if all(map(self._can_show, plainer)):
                return plainer
        unseen = {"Cf": "", "Zs": " ", "Zl": "\n", "Zp": "\n"}
        return unseen.get(unicodedata.category(sign), MISSING)

    def _can_show(self, sign: str) -> bool:
        return sign in _BETWEEN_LINES or (ord(sign) in self._drawn and sign != _NOT_ALLOWED)


def _plainer(sign: str) -> str:
    """The sign as Unicode takes it apart; not where a figure would read otherwise, as 10⁵ would."""
    parts = unicodedata.normalize("NFKC", sign)
    figure = any(map(str.isdigit, parts)) and not sign.isdecimal()
    return sign if figure else parts


@functools.cache
def signs_of(typeface: Path) -> Signs:
    """What stands for each sign in a document that is set in a typeface."""
    return Signs(typeface)


def shown(value: Any, signs: Signs) -> Any:
    """Facts, as JSON holds them, with each text of them as it can be shown."""
    if isinstance(value, str):
        return value.translate(signs)
    if isinstance(value, list):
        return [shown(one, signs) for one in value]
    if isinstance(value, dict):
        return {key: shown(one, signs) for key, one in value.items()}
    return value
