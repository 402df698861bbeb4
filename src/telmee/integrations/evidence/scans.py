"""The pictures in a PDF, as their pages are turned: a page that was scanned is one.

The pictures of each version that the file holds are there, each once. To open them takes Pillow,
which comes with the library that recognises text (`photos`).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from pypdf import PageObject

from telmee.integrations.evidence.pdf import BROKEN, opened_pdf, versions_before

#: A picture that is narrower or lower than this, in dots, holds no line of text.
_DOTS_MIN = 24


def has_pictures(path: Path) -> bool:
    """Whether there is a picture in any version of a PDF."""
    content = path.read_bytes()
    return any(_count(page) for page in _pages(content))


def pictures_of(path: Path) -> Iterator[Any]:
    """Each picture in a PDF; None for one that cannot be opened, and for a page without anything.

    Such a page has neither text nor a picture, and may still show something: letters that were
    drawn, for instance.
    """
    seen: set[bytes] = set()
    for page in _pages(path.read_bytes()):
        count = _count(page)
        if not count and not _has_text(page):
            yield None
        for place in range(count):
            try:
                file = page.images[place]
                picture: Any = file.image  # none for a kind that is not known: no size
                digest = sha256(file.data).digest()
                if digest not in seen and min(picture.size) >= _DOTS_MIN:
                    yield picture.rotate(-page.rotation, expand=True)
                seen.add(digest)
            except (*BROKEN, ImportError):
                yield None


def _pages(content: bytes) -> Iterator[PageObject]:
    for version in (content, *versions_before(content)):
        try:
            yield from opened_pdf(version).pages
        except BROKEN:
            continue


def _count(page: PageObject) -> int:
    """How many pictures a page has; one that cannot be opened, where that cannot be seen."""
    try:
        return len(page.images)
    except BROKEN:
        return 1


def _has_text(page: PageObject) -> bool:
    try:
        return bool(page.extract_text().strip())
    except BROKEN:
        return False
