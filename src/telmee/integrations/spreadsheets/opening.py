"""Open any spreadsheet file as a table, or say in one sentence why that cannot be done.

What a file is, is decided by what is in it. A file can come from anybody: memory and time are
bounded for every byte that may be in there, and only a `DomainError` comes out.
"""

from __future__ import annotations

import os
import stat
from contextlib import closing
from pathlib import Path
from typing import IO

from telmee.core.errors import DomainError, Problem
from telmee.core.tables.cells import shown
from telmee.core.tables.columns import Columns
from telmee.core.tables.contribution_columns import CONTRIBUTION
from telmee.core.tables.table import Sheet, Table, has_required_columns, header_index
from telmee.integrations.spreadsheets.delimited import read_delimited
from telmee.integrations.spreadsheets.opendocument import read_opendocument
from telmee.integrations.spreadsheets.package import Package, refusal, refused_when_broken
from telmee.integrations.spreadsheets.workbook import read_workbook

#: The largest file, in bytes: a CSV of well over a million rows.
FILE_MAX = 200_000_000

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Excel puts an encrypted workbook in an old kind of container, under this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OPENDOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"


def open_table(path: Path, columns: Columns = CONTRIBUTION) -> Table:
    """Read a .xlsx, .xlsm, .ods or .csv file; raises a `DomainError` for any other.

    The sheet with the lines, of contributions unless it is said, is the first that has the required
    columns, or else the first that is not empty; a hidden one only where no visible sheet holds
    anything.
    """
    with _opened(path) as file:
        try:
            sheets = _sheets(file)
        except OSError:
            raise _about(path, "file_unreadable") from None
    filled = [sheet for sheet in sheets if header_index(sheet) is not None]
    filled = [sheet for sheet in filled if not sheet.looks.hidden] or filled
    whole = (sheet for sheet in filled if has_required_columns(columns, sheet))
    chosen = next(whole, None) or next(iter(filled or sheets), None)
    if chosen is None:
        raise refusal("broken_workbook")
    others = tuple(sheet for sheet in sheets if sheet is not chosen)
    return Table(path.name, chosen, others)


def _opened(path: Path) -> IO[bytes]:
    """Open a regular file of a possible size; a pipe or a device could go on for ever."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise _about(path, "file_not_found") from None
    except (OSError, ValueError):
        raise _about(path, "file_unreadable") from None
    problem = _impossible(os.fstat(descriptor))
    if problem:
        os.close(descriptor)
        raise _about(path, problem)
    return os.fdopen(descriptor, "rb")


def _impossible(about: os.stat_result) -> str | None:
    """Say why a file is not even looked into, if there is a reason."""
    if not stat.S_ISREG(about.st_mode):
        return "not_a_file"
    if about.st_size > FILE_MAX:
        return "file_too_large"
    return None if about.st_size else "empty_file"


def _about(path: Path, code: str) -> DomainError:
    """Refuse a file by its name, which may not hold a BSN either."""
    return DomainError(Problem(code, params={"file": shown(path.name)}))


def _sheets(file: IO[bytes]) -> list[Sheet]:
    """Read a file by what it begins with."""
    start = file.read(len(_OLE))
    file.seek(0)
    if start == _OLE:
        raise refusal("encrypted_workbook" if _ENCRYPTED in file.read() else "old_workbook")
    if not start.startswith(_ZIP):
        return read_delimited(file.read())
    with refused_when_broken(), closing(Package(file)) as package:
        if package.has_part_called("workbook.xml"):
            return read_workbook(package)
        if "mimetype" in package and package.read("mimetype").startswith(_OPENDOCUMENT):
            return read_opendocument(package)
        raise refusal(
            "old_workbook" if package.has_part_called("workbook.bin") else "not_a_spreadsheet"
        )
