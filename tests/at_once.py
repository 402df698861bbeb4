"""Several people who do something at the same moment, each on a connection of his own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from telmee.core.errors import DomainError


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do things at the same time, each on a connection of its own; gives what came of them."""
    answers = [""] * len(deeds)
    barrier = threading.Barrier(len(deeds))

    def do(number: int, deed: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            deed()
            answers[number] = "done"
        except DomainError as error:
            answers[number] = error.problems[0].code
        except Exception as error:  # noqa: BLE001 - what surfaces is what the test is about
            answers[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
