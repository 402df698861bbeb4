"""Read scheme files: bytes, TOML, schema, check, `Scheme`.

Numbers with a decimal point are read as `Decimal`, so that a published amount never passes
through a float.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Text
from telmee.core.schemes.build import build_scheme
from telmee.core.schemes.check import check_document
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.select import UNDATED, name_of, newest
from telmee.integrations.scheme_files.following import (
    Published,
    published_of,
    successor_among,
)
from telmee.integrations.scheme_files.shapes import shape_faults

_PUBLISHED = Path(__file__).resolve().parents[4] / "schemes"
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}\Z")  # no longer than a file system takes
_VERSION = re.compile(r"(undated|\d{4}-\d{2}-\d{2})(-[2-9])?\Z")
#: A scheme is a page of text; anything larger is not one.
_BYTES_MAX = 500_000
#: A key of thousands of parts (a.a.a…) makes the TOML reader hang, so a line has fewer dots.
_DOTS_MAX = 200
#: No published number comes near; the rest of the code need not fear numbers of a megabyte.
_NUMBER_MAX = 10**15
_DIGITS_MAX = 40


def schemes_folder() -> Path:
    """The folder that holds the schemes: `TELMEE_SCHEMES`, else the published ones."""
    chosen = os.environ.get("TELMEE_SCHEMES")
    return Path(chosen) if chosen else _PUBLISHED


def scheme_ids() -> list[str]:
    """List the ids of all schemes in the folder, sorted; broken ones included."""
    return sorted(path.name for path in schemes_folder().glob("*/") if _versions_in(path))


def scheme_versions(scheme_id: str) -> list[str]:
    """List the versions of a scheme, oldest first. Raises `DomainError` `unknown_scheme`.

    The choices it names are the ids that come near, and all of them when none does.
    """
    versions = _versions_in(schemes_folder() / scheme_id) if _ID.match(scheme_id) else []
    if not versions:
        close = difflib.get_close_matches(scheme_id[:100], scheme_ids(), n=3)
        params = {"scheme": scheme_id[:100], "close": ", ".join(close or scheme_ids())}
        raise DomainError(Problem("unknown_scheme", params=params))
    return versions


def load_scheme(scheme_id: str, version: str | None = None) -> Scheme:
    """Load a scheme by its id: the named version, else the folder's newest, whatever the day.

    Raises `DomainError` with `unknown_scheme`, `unknown_version`, or every fault of the file.
    """
    versions = scheme_versions(scheme_id)
    chosen = newest(versions) if version is None else version
    if chosen not in versions:
        params = {"scheme": scheme_id, "version": str(chosen), "versions": ", ".join(versions)}
        raise DomainError(Problem("unknown_version", params=params))
    scheme = load_scheme_file(schemes_folder() / scheme_id / f"{chosen}.toml")
    return replace(scheme, successor=successor_among(scheme, _in_folder()))


def load_scheme_file(path: Path) -> Scheme:
    """Load one file; raises `DomainError` with every fault in it."""
    content = _read(path)
    document, problems = _faults(content)
    names = _name_faults(path, document) if _stands_inside(path) else ()
    if faults := (*problems, *names):
        raise DomainError(faults)
    return _built(document, content, path.stem)


def load_scheme_text(text: str, version: str) -> Scheme:
    """Load a scheme from the text of its file, as a database keeps it.

    The same checks hold as for a file, but for the names of file and folder, which a text has not.
    """
    content = text.encode("utf-8")
    document, problems = _faults(content)
    if problems:
        raise DomainError(problems)
    return _built(document, content, version)


def scheme_text(scheme_id: str, version: str) -> str:
    """The text of a scheme file exactly as it stands, so that its hash stays its own."""
    return _read(schemes_folder() / scheme_id / f"{version}.toml").decode("utf-8")


def check_scheme_file(path: Path, *, in_place: bool = False) -> tuple[Problem, ...]:
    """Every fault of a scheme file at once; empty means that it can be used.

    `in_place` asks whether a command would find it by its id: a file that stands outside the folder
    of schemes then needs the names of file and folder as well.
    """
    try:
        document, problems = _faults(_read(path))
    except DomainError as error:
        return error.problems
    names = _name_faults(path, document) if in_place or _stands_inside(path) else ()
    return (*problems, *names)


def _in_folder() -> Iterator[Published]:
    for path in schemes_folder().glob("*/*.toml"):
        if _VERSION.match(path.stem):
            state = path.stat()
            yield _published(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1000)
def _published(path: Path, _changed_ns: int, _size: int) -> Published:
    """What others have to know of a file, which is read again only when it was changed.

    Everything that is loaded asks this of the whole folder. A file that cannot be read is known by
    its name: what is wrong with it is told to who loads it, and to nobody else.
    """
    try:
        text = _read(path).decode("utf-8", "replace")
    except DomainError:
        text = ""
    return published_of(path.parent.name, path.stem, text)


def _versions_in(folder: Path) -> list[str]:
    names = (path.stem for path in folder.glob("*.toml") if _VERSION.match(path.stem))
    return sorted(names, key=name_of)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise DomainError(Problem("no_scheme_file", params={"file": str(path)}))
        with path.open("rb") as stream:
            content = stream.read(_BYTES_MAX + 1)
    except OSError as error:
        params = {"file": str(path), "reason": error.strerror or ""}
        raise DomainError(Problem("unreadable_scheme_file", params=params)) from error
    if len(content) > _BYTES_MAX:
        raise DomainError(Problem("scheme_file_too_large", params={"file": str(path)}))
    return content


def _built(document: Mapping[str, Any], content: bytes, version: str) -> Scheme:
    return build_scheme(
        document,
        version=version,
        sha256=hashlib.sha256(content).hexdigest(),
        conventions=_conventions(),
    )


@functools.lru_cache(maxsize=100)
def _faults(content: bytes) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What a text says, and every fault in it; a text that comes again is not judged again."""
    try:
        document = _parse(content)
        problems = (*shape_faults(document), *check_document(document))
    except RecursionError as error:
        raise DomainError(Problem("scheme_too_deep")) from error
    return document, problems


def _parse(content: bytes) -> dict[str, Any]:
    """Read TOML into plain values: text, `int`, `Decimal`, lists and tables."""
    try:
        text = content.decode("utf-8-sig")
        if any(line.count(".") > _DOTS_MAX for line in text.splitlines()):
            raise DomainError(Problem("scheme_too_deep"))
        document: dict[str, Any] = _plain(tomllib.loads(text, parse_float=_number))
    except UnicodeDecodeError as error:
        raise DomainError(Problem("scheme_not_utf8", params={"byte": error.start})) from error
    except ValueError as error:  # TOMLDecodeError, and a whole number of thousands of digits
        raise DomainError(Problem("scheme_not_toml", params={"reason": str(error)})) from error
    return document


def _number(text: str) -> Decimal | str:
    """Read a TOML float exactly; what is no usable number stays text, which the schema refuses."""
    if len(text) > _DIGITS_MAX:
        return text
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    usable = value.is_finite() and abs(value.adjusted()) <= _DIGITS_MAX
    return value if usable else text


def _plain(value: Any) -> Any:
    """Turn TOML dates into ISO text, which is what a JSON Schema can speak about."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, int) and abs(value) > _NUMBER_MAX:
        return hex(value)[:_DIGITS_MAX]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


@functools.cache
def _conventions() -> Mapping[str, Text]:
    table = tomllib.loads((_PUBLISHED / "conventions.toml").read_text("utf-8"))
    return {path: Text(text["nl"], text["en"]) for path, text in table.items()}


def _stands_inside(path: Path) -> bool:
    return path.resolve().parent.parent == schemes_folder().resolve()


def _name_faults(path: Path, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the names of file and folder: they must say what the file says."""
    path = path.resolve()
    version = document.get("version", {})
    dated = version.get("valid_from") if isinstance(version, Mapping) else None
    expected = dated or UNDATED
    if not _VERSION.match(path.stem) or (name_of(path.stem).first_day or UNDATED) != expected:
        params = {"expected": f"{expected}.toml", "found": path.name}
        yield Problem("file_name_differs", "version.valid_from", params=params)
    if document.get("id") != path.parent.name:
        params = {"expected": str(document.get("id")), "found": path.parent.name}
        yield Problem("folder_name_differs", "id", params=params)
