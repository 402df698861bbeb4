"""Looks through the package of a template before anything opens it."""

from __future__ import annotations

import io
import re
from contextlib import closing
from xml.parsers import expat

from telmee.core.errors import DomainError, Problem
from telmee.integrations.spreadsheets.package import Package, refused_when_broken

_UNPACKED_MAX = 50_000_000
_PARTS_MAX = 500
_MAIN = "word/document.xml"
_MACROS = re.compile(r"vbaProject|vbaData|macroEnabled", re.IGNORECASE)
_EMBEDDED = re.compile(
    r"(^|/)(embeddings|activeX|customUI)/|\.(bin|ole|exe|js|vbs|html?|mht|docx?|xlsx?|pptx?|zip)$",
    re.IGNORECASE,
)
#: Parts that are looked through, and those that are a picture or a typeface and no more. A part of
#: another name could be one that Word reads and nobody looked at.
_WORDS = (".xml", ".rels", ".vml", ".svg")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".odttf")
#: Kinds of relationship that put the file of another program in a document.
_CHUNKS = ("/aFChunk", "/oleObject", "/package", "/control", "/subDocument", "/frame")
#: Fields of Word that fetch something when the document is opened.
_FETCHING = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDE|INCLUDEPICTURE|INCLUDETEXT|LINK|IMPORT|EMBED|DATABASE|RD)\b"
)
#: A field that starts a macro of who reads the letter, and one that leads to an address.
_STARTING = re.compile(r"\bMACROBUTTON\b")
_LEADING = re.compile(r"\bHYPERLINK\s+(\S+)")
#: Elements that show a picture by its address, and attributes that have one.
_SHOWING = frozenset(("imagedata", "fill", "stroke", "image", "feImage", "use"))
_ADDRESSES = frozenset(("src", "href", "althref"))
_LINKED = ("http://", "https://", "mailto:", "tel:")


def require_harmless(content: bytes) -> None:
    """Refuse what is no Word document, or holds more than words, looks and pictures of its own.

    Raises `template_unreadable`, `template_macros`, `template_embedded` or `template_remote`.
    """
    try:
        with refused_when_broken(), closing(Package(io.BytesIO(content))) as package:
            _look(package)
    except DomainError as error:
        if error.problems[0].code.startswith("template_"):
            raise
        raise _refused("template_unreadable") from None


def _look(package: Package) -> None:
    names = package.names()
    if len(names) > _PARTS_MAX or package.unpacked > _UNPACKED_MAX or _MAIN not in names:
        raise _refused("template_unreadable")
    for name in names:
        if _MACROS.search(name):
            raise _refused("template_macros")
        known = name.casefold().endswith((*_WORDS, *_PICTURES)) or name.endswith("/")
        if _EMBEDDED.search(name) or not known:
            raise _refused("template_embedded")
    for name in names:
        if name.casefold().endswith(_WORDS):
            _look_in_part(package.xml(name))


def _look_in_part(xml: bytes) -> None:
    """Look through the elements of one part; a document type is refused, for bombs are of those."""
    instructions: list[str] = []
    inside: list[str] = []

    def declared(*_: object) -> None:
        raise _refused("template_unreadable")

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        inside.append(local)
        if local in ("OLEObject", "altChunk"):
            raise _refused("template_embedded")
        if local == "script":
            raise _refused("template_macros")
        # A merge asks a database and a library of schemas a program, by an address of their own.
        if local in ("mailMerge", "schemaLibrary"):
            raise _refused("template_remote")
        if local == "Relationship":
            _require_own(attributes)
        if local in ("Override", "Default"):
            _require_named(attributes)
        if local in _SHOWING:
            _require_inside(attributes)
        if any(_MACROS.search(value) for value in attributes.values()):
            raise _refused("template_macros")
        if local == "fldSimple":
            instructions.extend(value for key, value in attributes.items() if key.endswith("instr"))
        if local in ("p", "fldChar"):
            instructions.append(" ")

    def words(text: str) -> None:
        if inside and inside[-1] == "instrText":
            instructions.append(text)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: inside.pop()
    parser.CharacterDataHandler = words
    parser.Parse(xml, True)
    _require_fields("".join(instructions).upper())


def _require_fields(instructions: str) -> None:
    """Refuse fields of Word that fetch or start something, or lead to a file of who reads."""
    if _STARTING.search(instructions):
        raise _refused("template_macros")
    targets = (target.strip('"').casefold() for target in _LEADING.findall(instructions))
    leads_away = any(not target.startswith(("\\l", *_LINKED)) for target in targets)
    if leads_away or _FETCHING.search(instructions):
        raise _refused("template_remote")


def _require_named(attributes: dict[str, str]) -> None:
    """Refuse a part that is read as words under the name of something else."""
    kind = attributes.get("ContentType", "").casefold()
    name = attributes.get("PartName") or f".{attributes.get('Extension', '')}"
    if kind.endswith("xml") and not name.casefold().endswith(_WORDS):
        raise _refused("template_embedded")


def _require_inside(attributes: dict[str, str]) -> None:
    """Refuse a picture that is shown by an address outside the document."""
    for key, value in attributes.items():
        place = value.strip().casefold()
        inside = place.startswith(("#", "data:image/png", "data:image/jpeg"))
        if key.rpartition(":")[2] in _ADDRESSES and place and not inside:
            raise _refused("template_remote")


def _require_own(relation: dict[str, str]) -> None:
    """Refuse what points outside the document, but for a link that somebody may press."""
    kind, target = relation.get("Type", ""), relation.get("Target", "")
    if kind.endswith(_CHUNKS):
        raise _refused("template_embedded")
    outside = "://" in target or target.startswith(("\\\\", "//"))
    if relation.get("TargetMode", "").casefold() != "external" and not outside:
        return
    if not (kind.endswith("/hyperlink") and target.casefold().startswith(_LINKED)):
        raise _refused("template_remote")


def _refused(code: str) -> DomainError:
    return DomainError(Problem(code, "template"))
