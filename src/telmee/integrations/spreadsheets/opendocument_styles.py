"""What the styles of an .ods change about its cells: a sign with a number, struck out, hidden.

Styles stand before the sheets, and those with a name of their own in a part of their own. What a
style does not say, it has from its parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from telmee.core.tables.signs import telling_sign
from telmee.integrations.spreadsheets.package import Package, refusal

_DATA_STYLES = ("number:number-style", "number:currency-style", "number:percentage-style")
_DEPTH_MAX = 200
#: Elements that styles are made of; a document with more is no spreadsheet that somebody made.
_ELEMENTS_MAX = 2_000_000


@dataclass(slots=True)
class _Style:
    """One style: what it says itself."""

    parent: str = ""
    format: str = ""
    struck: bool | None = None
    hidden: bool = False


@dataclass(slots=True)
class OpenDocumentStyles:
    """The styles of a document; a name that it does not have changes nothing."""

    styles: dict[str, _Style] = field(default_factory=dict)
    signs: dict[str, str] = field(default_factory=dict)

    def sign(self, name: str) -> str:
        """What the cells of a style show with a number; empty for nothing that matters."""
        return next((self.signs.get(one.format, "") for one in self._line(name) if one.format), "")

    def is_struck(self, name: str) -> bool:
        """Whether a style strikes out what is written in it."""
        return next((one.struck for one in self._line(name) if one.struck is not None), False)

    def is_hidden(self, name: str) -> bool:
        """Whether a sheet of this style is not shown."""
        return name in self.styles and self.styles[name].hidden

    def _line(self, name: str) -> list[_Style]:
        """A style, its parent, and so on; each once."""
        line: dict[str, _Style] = {}
        while name in self.styles and name not in line:
            line[name] = self.styles[name]
            name = self.styles[name].parent
        return list(line.values())


def read_opendocument_styles(package: Package) -> OpenDocumentStyles:
    """Read the styles of a document, until its sheets begin; raises as `read_opendocument`."""
    styles = OpenDocumentStyles()
    for part in ("styles.xml", "content.xml"):
        if part in package:
            reader = _StyleReader(styles)
            for chunk in package.chunks(part):
                if not reader.parse(chunk):
                    break
    return styles


class _StyleReader:
    """Follows the styles of one part."""

    def __init__(self, styles: OpenDocumentStyles) -> None:
        self._styles = styles
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._depth = self._elements = 0
        self._finished = False
        self._style: _Style | None = None
        self._format = ""
        self._literal: list[str] = []
        self._is_literal = False

    def parse(self, chunk: bytes) -> bool:
        """Go on with the next piece, and tell whether there may be more styles."""
        if not self._finished:
            self._parser.Parse(chunk, False)
        return not self._finished

    def _doctype(self, *_: object) -> None:
        raise refusal("broken_workbook")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEPTH_MAX or self._elements > _ELEMENTS_MAX:
            raise refusal("broken_workbook")
        self._finished = self._finished or name == "office:body"
        if self._finished:
            return
        if name == "style:style":
            self._style = self._styles.styles[attributes.get("style:name", "")] = _Style(
                attributes.get("style:parent-style-name", ""),
                attributes.get("style:data-style-name", ""),
            )
        elif name in _DATA_STYLES:
            self._format = attributes.get("style:name", "")
            self._literal = []
        elif name in ("number:text", "number:currency-symbol"):
            self._is_literal = True
        elif self._style is not None:
            self._look(self._style, name, attributes)

    def _look(self, style: _Style, name: str, attributes: Mapping[str, str]) -> None:
        if name == "style:text-properties":
            lines = [
                attributes[f"style:text-line-through-{how}"]
                for how in ("style", "type")
                if f"style:text-line-through-{how}" in attributes
            ]
            if lines:
                style.struck = "none" not in lines
        elif name == "style:table-properties":
            style.hidden = attributes.get("table:display") == "false"

    def _characters(self, text: str) -> None:
        if self._is_literal and not self._finished:
            self._literal.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name in ("number:text", "number:currency-symbol"):
            self._is_literal = False
        elif name in _DATA_STYLES and not self._finished:
            of_hundredths = name == "number:percentage-style"
            literal = telling_sign("".join(self._literal))
            self._styles.signs[self._format] = "%" if of_hundredths else literal
        elif name == "style:style":
            self._style = None
