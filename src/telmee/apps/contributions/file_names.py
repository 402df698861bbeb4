"""What a file was called, as far as it may be kept."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from telmee.core.bsn import find_bsn
from telmee.core.errors import DomainError, Problem

_NAME_MAX = 120


def clean_file_name(name: str, column: str = "bestand") -> str:
    """A file's name without folders and control characters, with its ending.

    Raises `DomainError` `bsn_in_file_name`, and does not repeat the name.
    """
    base = PureWindowsPath(PurePosixPath(name).name).name
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in base).split())
    if find_bsn(shown):
        raise DomainError(Problem("bsn_in_file_name", column))
    path = PurePosixPath(shown or "-")
    return path.stem[: _NAME_MAX - len(path.suffix[:10])] + path.suffix[:10]
