"""Hold the files of evidence against their rows, for who checks a whole installation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from telmee.apps.contributions.models import Evidence
from telmee.core.errors import Problem

#: A file is there a moment before its row, and after it until the sweep; a day is neither.
_LEFT_SECONDS = 24 * 60 * 60


def check_evidence(folder: Path, using: str = "default") -> Iterator[Problem]:
    """Name each file that is gone, that was altered, and that no row needs any more.

    Reads all files of all contracts, so it asks for the owner's connection.
    """
    rows = Evidence.objects.using(using)
    kept = rows.filter(removed_at=None).order_by("id")
    needed = set()
    for number, stored_as, sha256 in kept.values_list("id", "stored_as", "sha256").iterator():
        needed.add(stored_as)
        try:
            with (folder / stored_as).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            yield Problem("evidence_missing", params={"evidence": number})
            continue
        if digest != sha256:
            yield Problem("evidence_altered", params={"evidence": number})
    lately = timezone.now() - timedelta(seconds=_LEFT_SECONDS)
    needed.update(rows.filter(removed_at__gt=lately).values_list("stored_as", flat=True))
    for file_there in sorted(folder.iterdir()) if folder.is_dir() else ():
        old = file_there.is_file() and file_there.stat().st_mtime < time.time() - _LEFT_SECONDS
        if old and file_there.name not in needed:
            yield Problem("evidence_left", params={"file": file_there.name})
