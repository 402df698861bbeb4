"""The signs that the typeface of a document can show, and what stands for one that it cannot.

Free texts take every script and emoji, and PDF/UA-1 allows no sign without a drawing: one emoji in
the name of a contractor would keep every letter to him from being made. So a sign that the typeface
lacks is shown as a plainer one that means the same, and else as `�`, which says that something
stood there.
"""

from __future__ import annotations

import functools
import struct
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: What everybody reads as: here was a sign that could not be shown.
MISSING = "\ufffd"
#: What Typst sets without a drawing, and what PDF/UA-1 does not allow although there is one.
_BETWEEN_LINES, _NOT_ALLOWED = "\n\r\t", "\ufeff"
#: The layout of a table `cmap` that every typeface has, for the first 65,536 code points.
_IN_SEGMENTS = 4


class Signs(dict[int, str]):
    """What stands for each sign, as `str.translate` asks it; worked out once for each."""

    def __init__(self, typeface: Path) -> None:
        super().__init__()
        self._drawn = frozenset(_drawn_by(typeface.read_bytes()))

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


def _drawn_by(font: bytes) -> Iterator[int]:
    """The code points that an OpenType file has a drawing for, by its table `cmap`.

    fontTools reads the same, and takes three seconds of a first start that has a minute.

    Four columns of segments (ends, begins, what to add, where to look), and behind them a list of
    drawings that some segments look into; drawing 0 is that of a sign that is not there.
    """
    part = _segments_in(font)
    (doubled,) = struct.unpack_from(">H", part, 6)
    segments = doubled // 2
    ends, begins, adds, looks = (
        struct.unpack_from(f">{segments}H", part, 14 + column * doubled + 2 * (column > 0))
        for column in range(4)
    )
    for at in range(segments):
        for point in range(begins[at], ends[at] + 1):
            drawing = point
            if looks[at]:
                place = 16 + 3 * doubled + 2 * at + looks[at] + 2 * (point - begins[at])
                (drawing,) = struct.unpack_from(">H", part, place)
            if drawing and (drawing + adds[at]) & 0xFFFF:
                yield point


def _segments_in(font: bytes) -> bytes:
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sIII", font, 12 + 16 * at) for at in range(tables))
    cmap = next(font[place:] for name, _sum, place, _size in records if name == b"cmap")
    (number,) = struct.unpack_from(">H", cmap, 2)
    places = (struct.unpack_from(">HHI", cmap, 4 + 8 * at)[2] for at in range(number))
    return next(
        cmap[place:] for place in places if struct.unpack_from(">H", cmap, place)[0] == _IN_SEGMENTS
    )
