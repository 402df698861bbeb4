"""Several people who do something at the same moment, each on a connection of his own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from telmee.core.errors import DomainError
from tests.patience import PATIENCE_SECONDS


def meeting(number: int) -> Barrier:
    """Where so many wait for each other; a deed of `at_once` may do so again in its transaction."""
    return Barrier(number, timeout=PATIENCE_SECONDS)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What came of things that are done at the same time, when all are over."""
    start = meeting(len(deeds))

    def do(deed: Callable[[], object]) -> str:
        try:
            start.wait()
            deed()
        except DomainError as error:
            return error.problems[0].code
        except Exception as error:  # noqa: BLE001 - what surfaces is what the test is about
            return repr(error)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))
