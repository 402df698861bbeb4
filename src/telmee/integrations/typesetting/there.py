"""What the process that typesets does: see `telmee.integrations.apart`.

It has the templates of this package and one typeface, and nothing else: no fonts of the system, no
packages of others, no network.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import struct
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from xml.parsers import expat

import typst

from telmee.core.errors import DomainError, Problem
from telmee.integrations.typesetting.signs import shown, signs_of

_TEMPLATES = Path(__file__).with_name("templates")
#: Where Typst would look for packages of others: a place that is never there.
_NO_PACKAGES = _TEMPLATES / "packages"
_TYPEFACE = resources.files("fontpkg_ibm_plex_sans") / "files"
_UPRIGHT = Path(str(_TYPEFACE)) / "IBMPlexSans[wdth,wght].ttf"
#: Of a picture of a page, in dots to the inch.
_DOTS = 96

Kind = Literal["pdf", "png"]


def begin() -> None:
    """Let Typst start its threads while this process may still start any, and no more than one."""
    os.environ["RAYON_NUM_THREADS"] = "1"
    typst.compile(b"", font_paths=_fonts(), ignore_system_fonts=True)


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_TYPEFACE)]
    )


def typeset(path: Path, template: str, kind: Kind) -> list[str]:
    """A document whose facts stand in a file as JSON, each piece in base64.

    A PDF is one piece, and pictures are one for each page. Facts reach a template as data; no text
    of them is read as Typst. A sign that the typeface does not have is shown as one that it has.
    """
    facts = shown(json.loads(path.read_text()), signs_of(_UPRIGHT))
    pieces: Any = typst.compile(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        package_path=str(_NO_PACKAGES),
        package_cache_path=str(_NO_PACKAGES),
        format=kind,
        ppi=_DOTS,
        pdf_standards="ua-1" if kind == "pdf" else None,
        sys_inputs={"facts": json.dumps(facts)},
        timestamp=0,
    )
    # One page is one piece, several are a list, which its types do not say.
    several = pieces if isinstance(pieces, list) else [pieces]
    return [base64.b64encode(piece).decode() for piece in several]


# A logo ---------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_SIDE_MAX = 4000
#: At 4 dots to the point this is 960 by 240 dots.
_DRAWING = b"""
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#let picture = image(bytes(json(bytes(sys.inputs.bytes))), format: sys.inputs.format)
#context {
  let size = measure(picture)
  let part = calc.min(240pt / size.width, 60pt / size.height)
  box(width: size.width * part, height: size.height * part, clip: true,
    scale(part * 100%, origin: top + left, picture))
}
"""
_DRAWING_DOTS = 288
#: Elements of a drawing that do something, or show what is no drawing.
_DOING = frozenset(("script", "foreignObject", "iframe", "audio", "video", "handler", "listener"))


def draw(path: Path, ending: str) -> str:
    """A picture drawn anew as a small PNG, in base64. Raises as `as_logo` does."""
    content = path.read_bytes()
    if ending == ".png":
        _require_small(content)
    else:
        _require_drawing(content)
    try:
        picture = typst.compile(
            _DRAWING,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=str(_NO_PACKAGES),
            package_cache_path=str(_NO_PACKAGES),
            format="png",
            ppi=_DRAWING_DOTS,
            sys_inputs={"bytes": json.dumps(list(content)), "format": ending[1:]},
        )
    except typst.TypstError:
        raise DomainError(Problem("logo_unreadable", "logo")) from None
    return base64.b64encode(picture).decode()


def _require_small(content: bytes) -> None:
    """Refuse a PNG that says to be many times larger than a logo, before a dot of it is made."""
    if not content.startswith(_PNG) or len(content) < 24:
        raise DomainError(Problem("logo_unreadable", "logo"))
    sides = struct.unpack(">II", content[16:24])
    if not all(0 < side <= _SIDE_MAX for side in sides):
        raise DomainError(Problem("logo_unreadable", "logo"))


def _require_drawing(content: bytes) -> None:
    """Refuse a drawing that has a script, something from elsewhere, or words that would be lost."""
    more = DomainError(Problem("logo_with_more", "logo"))

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in _DOING:
            raise more
        if local == "text":
            # Its typeface is on the machine of who drew it, and here its words would just be gone.
            raise DomainError(Problem("logo_with_text", "logo"))
        for key, value in attributes.items():
            is_address = key.rpartition(":")[2] == "href" or _has_address(value)
            if key.casefold().startswith("on") or (is_address and not _is_inside(value)):
                raise more

    def styled(words: str) -> None:
        if "@import" in words.casefold() or (_has_address(words) and not _is_inside(words)):
            raise more

    def declared(*_: object) -> None:
        raise more

    # What is drawn is read as UTF-8, whatever it says of itself.
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.CharacterDataHandler = styled
    parser.EntityDeclHandler = declared
    parser.ProcessingInstructionHandler = declared
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise DomainError(Problem("logo_unreadable", "logo")) from None


def _has_address(value: str) -> bool:
    return "url(" in value.casefold()


def _is_inside(value: str) -> bool:
    """Whether an address, or each in a style, is of something in the drawing itself."""
    place = value.strip().casefold()
    if not _has_address(place):
        return place.startswith(("#", "data:image/png", "data:image/jpeg"))
    return all(part.strip(" '\"").startswith("#") for part in place.split("url(")[1:])
