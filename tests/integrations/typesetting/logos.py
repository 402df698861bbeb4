"""Logos, honest and hostile."""

from __future__ import annotations

import struct
import zlib

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100">'
    b'<rect width="200" height="100" fill="#154273"/></svg>'
)


def chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG, with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    wide: int, high: int, *, more: bytes = b"", rows: int | None = None, chunks: bytes = b""
) -> bytes:
    """A grey PNG that says to be so many dots wide and high; `more` stands in a text chunk."""
    pixels = (b"\x00" + b"\x40" * wide) * (high if rows is None else rows)
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    text = chunk(b"tEXt", b"Author\x00" + more) if more else b""
    body = chunk(b"IHDR", head) + text + chunks + chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


PICTURE = png(20, 10)


def svg(inner: str, *, before: str = "") -> bytes:
    """A drawing with something in it."""
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{before}<svg {space} width="20" height="10">{inner}</svg>'.encode()
