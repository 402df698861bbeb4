"""Files are removed one by one, and never while a backup copies them.

A backup holds the rows of one moment and then copies their files, which takes long. Whoever removes
a file shares a lock of the database for as long as it takes; a backup holds it alone. Nobody waits
for a backup: a file that cannot be removed now is left for the next sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from telmee.integrations.files.private import REMOVING_FILES, discard


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
