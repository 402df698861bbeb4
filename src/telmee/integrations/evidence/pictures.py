"""What a camera or a program wrote beside a picture is cut out; not a dot of the picture changes.

A photo carries where and when it was made, by which phone, sometimes of whom. Only the parts that a
picture cannot be shown without stay: how it is turned, and how its colours are meant. What stands
behind the end of a picture, such as a film of the moment, goes as well.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"sBIT",
        b"bKGD",
        b"pHYs",
    )
)
#: Markers of a JPEG: its begin and end, where the picture itself begins, those with nothing behind.
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_JFIF, _EXIF, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xEE, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
_JFIF_BYTES = 14
_ORIENTATION = 0x0112


class NoPicture(ValueError):  # noqa: N818 - what the file is
    """The parts of a picture do not follow each other as they should."""


def without_metadata(content: bytes, ending: str) -> bytes:
    """A picture as it is shown, without what it says of its making. Raises `NoPicture`."""
    try:
        return _STRIPPED[ending](content)
    except (struct.error, LookupError, ValueError) as error:
        raise NoPicture from error


def _png(content: bytes) -> bytes:
    if not content.startswith(_PNG):
        raise NoPicture
    return _PNG + b"".join(chunk for name, chunk in _chunks(content) if name in _PNG_KEPT)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk of a PNG with its name, up to the one that ends it."""
    place, name = len(_PNG), b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", content, place)
        name, end = content[place + 4 : place + 8], place + 12 + length
        chunk = content[place:end]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise NoPicture
        yield name, chunk
        place = end


def _jpeg(content: bytes) -> bytes:
    if not content.startswith(b"\xff\xd8"):
        raise NoPicture
    kept, turned = [b"\xff\xd8"], b""
    for marker, segment in _segments(content):
        if marker == _EXIF:
            turned = turned or _only_orientation(segment)
        elif marker == _JFIF:
            kept.append(_without_thumbnail(segment))
        elif marker == _ADOBE or not (marker in _APPLICATION or marker == _COMMENT):
            kept.append(segment)
    kept.insert(2 if kept[1][1:2] == bytes([_JFIF]) else 1, turned)
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment up to the end of the picture, the picture itself with the one before it."""
    place = 2
    while True:
        if content[place] != 0xFF:
            raise NoPicture
        while content[place + 1] == 0xFF:  # fill bytes
            place += 1
        marker = content[place + 1]
        end = place + 2
        if marker not in _BARE and marker != _EOI:
            end += struct.unpack_from(">H", content, end)[0]
        if marker == _SOS:
            end = _end_of_scan(content, end)
        if end > len(content) or (marker != _EOI and end < place + 2):
            raise NoPicture
        yield marker, content[place:end]
        if marker == _EOI:
            return
        place = end


def _end_of_scan(content: bytes, place: int) -> int:
    """Find the marker behind the picture: 0xFF that is no part of it."""
    while True:
        place = content.index(b"\xff", place)
        following = content[place + 1]
        if following and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return place
        place += 1 if following == 0xFF else 2


def _without_thumbnail(segment: bytes) -> bytes:
    """The head of a JFIF picture; what follows it is a small picture of before a change."""
    body = segment[4:]
    if not body.startswith(b"JFIF\0") or len(body) < _JFIF_BYTES:
        return b""
    return b"\xff\xe0" + struct.pack(">H", _JFIF_BYTES + 2) + body[: _JFIF_BYTES - 2] + b"\0\0"


def _only_orientation(segment: bytes) -> bytes:
    """A segment that says how a photo is turned, and no more; empty where it stands up."""
    tiff = segment[10:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if not segment[4:].startswith(b"Exif\0\0") or order is None:
        return b""
    try:
        (place,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, place)
        entries = (
            struct.unpack_from(f"{order}HHIH", tiff, place + 2 + 12 * n) for n in range(count)
        )
        turned = next((entry[3] for entry in entries if entry[0] == _ORIENTATION), 1)
    except struct.error:
        return b""
    if not 2 <= turned <= 8:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turned, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


_STRIPPED: Mapping[str, Callable[[bytes], bytes]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
}
