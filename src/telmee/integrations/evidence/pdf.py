"""All text of a PDF: what its pages show, and what stands in it unseen.

Beside the text of the pages every text of every object is given: properties, notes, values of form
fields, bookmarks, descriptions for who cannot see. What was changed in a PDF is often added at its
end, with all of before still in it; so each version that the file holds is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from telmee.core.errors import DomainError, Problem

_END = re.compile(rb"%%EOF\s?")
#: Versions in one file that are read, and the objects of one: no proof has more of either.
_VERSIONS_MAX, _OBJECTS_MAX = 20, 200_000
_DEPTH_MAX = 60
#: All that pypdf and what it builds on raise on a damaged or hostile file.
BROKEN = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


def search_pdf(path: Path) -> tuple[list[str], bool]:
    """Every text in a PDF, and whether each page has text: a page without may be a scan.

    Raises `pdf_unreadable`, `pdf_encrypted` or `paper_holds_file`.
    """
    content = path.read_bytes()
    try:
        texts, is_whole = _version(content)
    except FileNotDecryptedError:
        raise DomainError(Problem("pdf_encrypted", "bestand")) from None
    except BROKEN:
        raise DomainError(Problem("pdf_unreadable", "bestand")) from None
    return [*texts, *_earlier(content)], is_whole


def versions_before(content: bytes) -> Iterator[bytes]:
    """What a file was before it was changed: a PDF only grows at its end.

    The first end of a file made for the web stands before most of it, and is no version.
    """
    ends = [match.end() for match in _END.finditer(content)][:-1]
    if len(ends) > _VERSIONS_MAX:
        raise DomainError(Problem("pdf_unreadable", "bestand"))
    return (content[:end] for end in ends)


def opened_pdf(content: bytes) -> PdfReader:
    """Open a PDF that asks for no password. Raises one of `BROKEN`."""
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileNotDecryptedError
    return reader


def _earlier(content: bytes) -> Iterator[str]:
    """The texts of what the file was before it was changed."""
    for version in versions_before(content):
        try:
            yield from _version(version)[0]
        except BROKEN:
            continue


def _version(content: bytes) -> tuple[list[str], bool]:
    reader = opened_pdf(content)
    pages = [page.extract_text() for page in reader.pages]
    texts = [*pages, *_unseen(reader)]
    return texts, all(text.strip() for text in pages)


def _unseen(reader: PdfReader) -> Iterator[str]:
    """The texts of every object, each by itself, also of those that no page shows."""
    numbers = {(number, 0) for number in reader.xref_objStm}
    numbers |= {(n, generation) for generation, match in reader.xref.items() for n in match}
    if len(numbers) > _OBJECTS_MAX:
        raise DomainError(Problem("file_too_heavy"))
    yield from _texts(reader.trailer.get("/Info"), 0)
    for number, generation in sorted(numbers):
        if (number, generation) != (0, 65535):
            yield from _texts(_object(reader, number, generation), 0)


def _object(reader: PdfReader, number: int, generation: int) -> Any:
    """An object by its number; None for a damaged one, for which a file need not be refused."""
    try:
        return reader.get_object(IndirectObject(number, generation, reader))
    except FileNotDecryptedError:
        raise
    except BROKEN:
        return None


def _texts(item: Any, depth: int) -> Iterator[str]:
    """The texts in an object and in what is in it; other objects have their own turn."""
    if depth > _DEPTH_MAX:
        raise DomainError(Problem("pdf_unreadable", "bestand"))
    if isinstance(item, TextStringObject):
        yield str(item)
    elif isinstance(item, ByteStringObject):
        yield bytes(item).decode("latin-1")
    elif isinstance(item, ArrayObject):
        for one in list.__iter__(item):
            yield from _texts(one, depth + 1)
    elif isinstance(item, DictionaryObject):
        for value in dict.values(item):
            yield from _texts(value, depth + 1)
        if isinstance(item, StreamObject):
            yield from _of_stream(item)


def _of_stream(stream: StreamObject) -> Iterator[str]:
    """The text of a stream that is XML, and of a file in the file, such as an e-invoice.

    Streams of other kinds are pictures, fonts, and what pages show. Raises `paper_holds_file`.
    """
    is_file = stream.get("/Type") == "/EmbeddedFile"
    if not is_file and stream.get("/Subtype") in {"/Image", "/Form", "/Type1C", "/OpenType"}:
        return
    data = stream.get_data()
    if is_file or data.lstrip()[:1] == b"<":
        try:
            yield data.decode("utf-8-sig")
        except UnicodeDecodeError:
            if is_file:
                raise DomainError(Problem("paper_holds_file", "bestand")) from None
