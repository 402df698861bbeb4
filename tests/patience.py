"""How long a test waits for what must come.

A test waits for the proof and not for a moment: it goes on as soon as that is there. How long that
may take says nothing about Telmee, so there is one limit, for what never comes, and it is wide.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

#: A process that starts on a machine that has ten other things to do.
PATIENCE_SECONDS = 300
_T = TypeVar("_T")


def wait_until(condition: Callable[[], _T | None], what: str) -> _T:
    """What a condition answers as soon as that counts as true; a failure says what did not come."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (answer := condition()):
        if time.monotonic() > until:
            pytest.fail(f"it did not come: {what}")
        time.sleep(0.02)
    return answer
