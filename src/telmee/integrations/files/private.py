"""Files that people hand over, kept where nothing serves them by itself.

The name on disk is drawn and says nothing; what a file is called belongs to the database.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_DRAWN_BYTES = 16
_DRAWN = re.compile(rf"[0-9a-f]{{{2 * _DRAWN_BYTES}}}")
#: The advisory lock of the database that who removes evidence shares and a backup holds alone, so
#: that no file goes between the rows of a backup and their files.
REMOVING_FILES = 4_711_001


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on disk: its drawn name, and what was written."""

    name: str
    size: int
    sha256: str


class Altered(Exception):  # noqa: N818 - what happened, not who is to blame
    """A file is no longer what was written."""


def store(folder: Path, chunks: Iterable[bytes]) -> Stored:
    """Write a file under a drawn name, for this program alone, and wait until it is on disk."""
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    name, size, seen = secrets.token_hex(_DRAWN_BYTES), 0, hashlib.sha256()
    handle = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                seen.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        discard(folder, name)
        raise
    return Stored(name, size, seen.hexdigest())


def contents_of(folder: Path, stored: Stored) -> bytes:
    """The bytes of a file as it was written, compared before anybody gets one of them.

    Raises `Altered`, or an `OSError` when it cannot be read.
    """
    with (folder / stored.name).open("rb") as file:
        contents = file.read(stored.size + 1)
    if hashlib.sha256(contents).hexdigest() != stored.sha256:
        raise Altered(stored.name)
    return contents


def stored_files(folder: Path) -> dict[str, float]:
    """List the files with a name of ours, and when each was written (epoch seconds)."""
    stored: dict[str, float] = {}
    for file in os.scandir(folder) if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # it was removed while we looked
            if _DRAWN.fullmatch(file.name) and file.is_file(follow_symlinks=False):
                stored[file.name] = file.stat(follow_symlinks=False).st_mtime
    return stored


def discard_old(folder: Path, *, older_than: float) -> None:
    """Throw away what was written before a moment (epoch seconds).

    A program that is killed between writing a file and telling the database leaves one behind.
    """
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < older_than:
            discard(folder, file.name)


def discard(folder: Path, name: str) -> None:
    """Throw a file away; that it is gone already is fine."""
    with suppress(FileNotFoundError):
        (folder / name).unlink()
