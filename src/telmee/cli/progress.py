"""A progress bar for anything over a second, and only where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

_Item = TypeVar("_Item")


def progress(items: Iterable[_Item], label: str, total: int) -> Iterator[_Item]:
    """Go through items; after a second a bar appears on standard error if it is a terminal."""
    quiet = not sys.stderr.isatty()
    bar = tqdm(items, desc=label, total=total, delay=1, disable=quiet, file=sys.stderr, leave=False)
    yield from bar
