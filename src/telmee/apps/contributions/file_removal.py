"""Files are removed one by one, and never while a backup copies them.

A backup holds the rows of one moment and then copies their files, which takes long. Whoever removes
a file shares a lock of the database for as long as it takes; a backup holds it alone. Nobody waits
for a backup: a file that cannot be removed now is left for the next sweep. So is a file whose
program was killed after its row was gone, or before its row was there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from telmee.apps.organisations.acting import acting_as_system
from telmee.integrations.files.private import REMOVING_FILES, discard, stored_files

_log = logging.getLogger(__name__)

#: A file is written before its row is committed; no request lasts this long.
_UNKNOWN_SECONDS = 60 * 60
#: A kill leaves the files of one line. So many that no row knows are of another installation, and
#: throwing them away would be worse than leaving them.
_UNKNOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did and saw: rows without their file are told by their ids.

    `is_other_folder` tells that most files are known to no row, so that none of them was touched.
    """

    discarded: int = 0
    missing: tuple[int, ...] = ()
    is_other_folder: bool = False


@contextmanager
def removing_files() -> Iterator[bool]:
    """Hold back a backup that would start, and tell whether files may be removed now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [REMOVING_FILES])
        yield bool(cursor.fetchone()[0])


def discard_evidence(names: Iterable[str]) -> None:
    """Throw evidence away whose rows no longer name it, unless a backup needs it at this moment."""
    with removing_files() as now:
        for name in names if now else ():
            discard(settings.EVIDENCE_FOLDER, name)


def sweep_evidence() -> Swept:
    """Throw away the files that no row keeps, and say which rows have lost theirs.

    The files are listed before the rows are read: what is added meanwhile has its row in time, and
    a row that is still there has not begun to lose its file.
    """
    with removing_files() as now, acting_as_system():
        if not now:
            return Swept()  # a backup copies them; the next sweep comes soon
        folder = Path(settings.EVIDENCE_FOLDER)
        files = stored_files(folder)
        rows = _rows()
        known = {name for _, name, _ in rows}
        left = {name for _, name, kept in rows if not kept} & files.keys()
        unknown = _unknown(files, known)
        is_other_folder = len(unknown) > _UNKNOWN_MAX
        gone = left if is_other_folder else left | unknown
        for name in gone:
            discard(folder, name)
        absent = [(row, name) for row, name, kept in rows if kept and name not in files]
        missing = tuple(row for row, name in absent if not (folder / name).exists())
    swept = Swept(len(gone), missing, is_other_folder)
    _tell(swept, len(unknown))
    return swept


def _rows() -> list[tuple[int, str, bool]]:
    """Every row of evidence: its id, the name of its file, and whether that file must stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, stored_as, kept FROM telmee_evidence_files()")
        return [(int(row), str(name), bool(kept)) for row, name, kept in cursor.fetchall()]


def _unknown(files: Mapping[str, float], known: set[str]) -> set[str]:
    """The names of files that no row refers to, and that are too old to be waiting for one."""
    young = time.time() - _UNKNOWN_SECONDS
    return {name for name, written in files.items() if name not in known and written < young}


def _tell(swept: Swept, unknown: int) -> None:
    """Write what the operator has to see to in the log of the worker: there is where he looks."""
    if swept.is_other_folder:
        _log.error(
            "evidence: %s files that no row knows; nothing of them was removed."
            " Is TELMEE_DATA the folder of this database?",
            unknown,
        )
    for row in swept.missing:
        _log.error("evidence %s: its file is missing; put it back from a backup", row)
