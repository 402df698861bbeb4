"""Write a file so that nobody ever finds half of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from telmee.core.errors import DomainError, Problem
from telmee.core.tables.cells import shown


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place at the end, and goes when writing failed.

    The draft is made at once, so that a missing folder is told before the work and not after it.
    Raises a `DomainError` with `file_not_written`.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.touch()
        yield draft
        draft.replace(path)
    except OSError as error:
        problem = Problem("file_not_written", params={"file": shown(path.name)})
        raise DomainError(problem) from error
    finally:
        with suppress(OSError):
            draft.unlink()
