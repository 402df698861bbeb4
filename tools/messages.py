"""The words of the pages: find them in the sources, tell which lack Dutch, and compile them.

Run `tools/messages.py extract AREA` after writing a page: it puts new English texts in the .po file
of that area (without a name: of every area), takes out what is gone, and tells what still lacks
Dutch. `check` only tells, and `compile` writes the .mo files (every start does so by itself).

The area of a text is the folder that it stands in: `web/<area>/`, `web/templates/<area>/` and the
choices of `apps/<area>/`.
What all areas share is in `site`; a text that `site` has is not repeated. `sign_in` is different:
it says in B1 what django-allauth says otherwise, so its English is that of the library.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import allauth
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parents[1] / "src" / "telmee"
WEB = SOURCE / "web"
LOCALE = WEB / "locale"
SHARED = "site"
#: The area with words for a library, and the library's own Dutch.
LIBRARY_AREA = "sign_in"
LIBRARY = Path(allauth.__file__).parent / "locale" / "nl" / "LC_MESSAGES" / "django.po"

_KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}{end}": DEFAULT_KEYWORDS.get(name)
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
    for end in ("_lazy", "_noop")
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!%)\{\w*\}")
_DATES = re.compile(r'^"(POT-Creation|PO-Revision)-Date:.*\n', re.MULTILINE)

#: A text as a catalogue knows it: its context and its English, both forms if there are two.
Key = tuple[str | None, str | tuple[str, ...]]


def area_of(path: Path) -> str:
    """The area of a source file."""
    parts = path.relative_to(SOURCE).parts
    inner = parts[2:] if parts[:2] == ("web", "templates") else parts[1:]
    is_area = len(inner) > 1 and (WEB / inner[0] / "__init__.py").exists()
    return inner[0] if is_area and inner[0] != "templatetags" else SHARED


def texts_in(path: Path) -> Iterator[tuple[Key, int]]:
    """Each text in a Python file or a template, with its line."""
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        # What Django makes of a template reads as Python, once no line begins with blanks.
        source = "\n".join(map(str.strip, templatize(source).splitlines()))
    extracted = extract("python", io.BytesIO(source.encode()), keywords=_KEYWORDS)
    for line, message, _comments, context in extracted:
        text = tuple(message) if isinstance(message, list | tuple) else message
        if text:
            yield (context, text), line


def in_sources() -> dict[str, dict[Key, str]]:
    """For each area its texts, and where each stands first."""
    areas: dict[str, dict[Key, str]] = {}
    paths = [
        *sorted((SOURCE / "config").rglob("*.py")),
        *sorted((SOURCE / "apps").rglob("choices.py")),
        *sorted(WEB.rglob("*.py")),
        *sorted(WEB.glob("templates/**/*.*")),
    ]
    for path in paths:
        for key, line in texts_in(path):
            place = f"{path.relative_to(SOURCE)}:{line}"
            areas.setdefault(area_of(path), {}).setdefault(key, place)
    shared = areas.get(SHARED, {})
    return {
        area: {key: place for key, place in texts.items() if area == SHARED or key not in shared}
        for area, texts in areas.items()
    }


def catalogue_path(area: str) -> Path:
    """The place of an area's Dutch."""
    return LOCALE / area / "nl" / "LC_MESSAGES" / "django.po"


def catalogue(path: Path) -> Catalog:
    """Read a catalogue; one that does not exist is empty."""
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def words_of(catalogue: Catalog) -> dict[Key, Message]:
    """The messages of a catalogue by their key."""
    return {
        (
            message.context,
            tuple(message.id) if isinstance(message.id, list | tuple) else message.id,
        ): message
        for message in catalogue
        if message.id
    }


def faults(texts: Mapping[Key, str], words: Mapping[Key, Message]) -> list[str]:
    """What is wrong with an area: no Dutch, Dutch of nothing, or other placeholders."""
    wrong = []
    for key, place in texts.items():
        message = words.get(key)
        if message is None or not _is_complete(message):
            wrong.append(f"{place}: no Dutch for {key[1]!r}")
        elif message.fuzzy:
            wrong.append(f"{place}: the Dutch is marked as a guess for {key[1]!r}")
    wrong += [f"Dutch for a text that is gone: {key[1]!r}" for key in words if key not in texts]
    wrong += [
        f"placeholders differ: {message.id!r}"
        for message in words.values()
        if _is_complete(message) and not _placeholders_agree(message)
    ]
    return wrong


def _strings(text: str | Sequence[str] | None) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text or ()


def _is_complete(message: Message) -> bool:
    return bool(message.string) and all(_strings(message.string))


def _placeholders_agree(message: Message) -> bool:
    """Compare each Dutch form with the English one; the first form of two may say "one"."""
    english, dutch = _strings(message.id), _strings(message.string)
    pairs = zip(english, dutch, strict=len(english) == len(dutch))
    return all(
        sorted(_PLACEHOLDER.findall(one)) == sorted(_PLACEHOLDER.findall(other))
        for one, other in pairs
    )


def clashes(areas: Mapping[str, Mapping[Key, Message]]) -> list[str]:
    """The English texts that have two Dutch ones; Django would take either."""
    seen: dict[Key, tuple[str, Message]] = {}
    clashing = []
    for area, words in areas.items():
        for key, message in words.items():
            first = seen.setdefault(key, (area, message))
            if _strings(first[1].string) != _strings(message.string):
                clashing.append(f"{first[0]} and {area} differ on {key[1]!r}")
    return clashing


def all_faults() -> list[str]:
    """Everything that is wrong with the Dutch of the pages."""
    sources = in_sources()
    areas = {path.name: words_of(catalogue(catalogue_path(path.name))) for path in _folders()}
    wrong = [
        f"{area}: {fault}"
        for area in sorted((sources.keys() | areas.keys()) - {LIBRARY_AREA})
        for fault in faults(sources.get(area, {}), areas.get(area, {}))
    ]
    library = dict.fromkeys(words_of(catalogue(LIBRARY)), "allauth")
    own = areas.get(LIBRARY_AREA, {})
    known = {key: place for key, place in library.items() if key in own}
    wrong += [f"{LIBRARY_AREA}: {fault}" for fault in faults(known, own)]
    return wrong + clashes({area: areas[area] for area in sorted(areas)})


def _folders() -> list[Path]:
    return sorted(path for path in LOCALE.glob("*") if path.is_dir())


def update(area: str, texts: Mapping[Key, str]) -> None:
    """Bring the catalogue of an area up to date; the Dutch that is there stays."""
    path = catalogue_path(area)
    known = words_of(catalogue(path))
    fresh = Catalog(locale="nl", project="Telmee", charset="utf-8", fuzzy=False)
    fresh.header_comment = f"# Telmee, Dutch texts of the area {area}."
    for context, text in texts:
        message = known.get((context, text))
        fresh.add(text, message.string if message else None, context=context)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, fresh, width=98, no_location=True, sort_output=True)
    path.write_text(_DATES.sub("", written.getvalue().decode()), "utf-8")


def main(command: str, only: str = "") -> int:
    """Do what was asked; the exit code tells whether all words are there."""
    if command == "extract":
        for area, texts in in_sources().items():
            if only in {"", area}:
                update(area, texts)
    if command == "compile":
        from telmee.installation.frontend import ensure_words  # noqa: PLC0415 - only here

        ensure_words()
        return 0
    wrong = [fault for fault in all_faults() if fault.startswith(only)]
    print("\n".join(wrong) or "Every text has its Dutch.")
    return int(bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3} or sys.argv[1] not in {"extract", "check", "compile"}:
        sys.exit("usage: tools/messages.py extract | check | compile [AREA]")
    sys.path.insert(0, str(SOURCE.parent))
    sys.exit(main(*sys.argv[1:]))
