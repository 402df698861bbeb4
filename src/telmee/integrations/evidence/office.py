"""All text of a workbook that is in no cell: properties, notes, headers, footers, drawings, links.

Cells are read by `telmee.integrations.spreadsheets`. Here every part of the file that is XML is
gone through, whatever it is called, so that no kind of part can be forgotten. A text may be cut in
pieces for its looks, so the pieces of one paragraph are put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from xml.parsers import expat

from telmee.core.errors import DomainError, Problem
from telmee.integrations.spreadsheets.package import Package, refusal, refused_when_broken

_XML = (".xml", ".rels", ".vml", ".rdf")
#: Parts with a file of another program in them, which is not looked into.
_FILES_IN_IT = re.compile(
    r"(^|/)(embeddings|activeX)/|\.(bin|ole|docx?|xlsx?|pptx?|pdf|zip)$", re.IGNORECASE
)
#: Parts of that ending that every program writes and that hold no text of anybody.
_SETTINGS = re.compile(r"(^|/)printerSettings/", re.IGNORECASE)
_PICTURE = re.compile(r"\.(png|jpe?g|gif|bmp|tiff?|webp|emf|wmf|svm)$", re.IGNORECASE)
#: A small picture of the first sheet, of which the cells are searched.
_THUMBNAIL = re.compile(r"(^|/)(thumbnails?/|docProps/thumbnail)", re.IGNORECASE)
#: Elements that cut a text in pieces; at the begin and end of any other a text ends. What says how
#: a piece looks has elements of its own.
_PIECES = frozenset(("r", "t", "span", "a", "s", "tab", "font"))
_LOOKS = "rPr"
#: Where shapes stand and how they are drawn: rows of numbers, and never what somebody typed.
_SHAPES = frozenset(
    ("Anchor", "points", "viewBox", "d", "path", "enhanced-path", "coordsize", "adj")
)
#: A measure, such as the width of a column, or a figure with decimals.
_MEASURE = re.compile(r"-?[0-9]*[.][0-9]+(?:E-?[0-9]+|[a-z]{2}|%)?")
_TAG_MAX = 4_000_000
_DEPTH_MAX = 500


def search_office(path: Path) -> tuple[list[str], bool]:
    """Every text that is in no cell, and whether there is no picture among them.

    Raises `broken_workbook`, `encrypted_workbook`, `file_too_large` or `paper_holds_file`.
    """
    texts: list[str] = []
    is_whole = True
    with path.open("rb") as file, refused_when_broken(), closing(Package(file)) as package:
        for name in package.names():
            if name.casefold().endswith(_XML):
                texts += _texts(package, name)
            elif _PICTURE.search(name):
                is_whole = is_whole and _THUMBNAIL.search(name) is not None
            elif _FILES_IN_IT.search(name) and not _SETTINGS.search(name):
                raise DomainError(Problem("paper_holds_file", "bestand"))
    return texts, is_whole


def _texts(package: Package, name: str) -> Iterator[str]:
    reader = _Reader()
    for chunk in package.chunks(name):
        yield from reader.parse(chunk)
    yield from reader.finished()


class _Reader:
    """Reads an XML part: each text once it ends, and each attribute."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._done: list[str] = []
        self._fed = 0

    def parse(self, chunk: bytes) -> list[str]:
        """Go on with the next piece of the file; a tag that does not end may not be long."""
        self._parser.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _TAG_MAX:
            raise refusal("broken_workbook")
        done, self._done = self._done, []
        return done

    def finished(self) -> list[str]:
        """The texts not handed out before; a part that stops halfway raises an `ExpatError`."""
        self._parser.Parse(b"", True)
        return self._done

    def _doctype(self, *_: object) -> None:
        """Refuse a document type: no workbook has one, and bombs are made of its entities."""
        raise refusal("broken_workbook")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._open.append(local)
        if len(self._open) > _DEPTH_MAX:
            raise refusal("broken_workbook")
        self._end_text()
        for key, value in attributes.items():
            if key.rpartition(" ")[2] not in _SHAPES:
                self._add(value)

    def _characters(self, text: str) -> None:
        if self._open[-1] not in _SHAPES:
            self._pieces.append(text)

    def _end(self, _name: str) -> None:
        self._end_text()
        self._open.pop()

    def _end_text(self) -> None:
        """End a text, unless what begins or ends here is a piece of it or says how one looks."""
        if self._pieces and self._open[-1] not in _PIECES and _LOOKS not in self._open:
            self._add("".join(self._pieces))
            self._pieces = []

    def _add(self, text: str) -> None:
        if len(text) > 7 and not _MEASURE.fullmatch(text):
            self._done.append(text)
