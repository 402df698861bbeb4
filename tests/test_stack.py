"""The calls of a test have room, and ask the system for it once."""

import resource
import sys
from collections.abc import Callable
from threading import Thread

from tests.stack import in_one_piece


def _value(of: int) -> int:
    return of


def _loop() -> int:
    return sum(_value(turn) for turn in range(500))


def _loop_from(depth: int) -> int:
    """Call in a loop, from so many calls deep."""
    return _loop_from(depth - 1) if depth else _loop()


def _loop_from_each_depth() -> int:
    """At some depth the calls of the loop go over the edge of a piece of the stack."""
    return sum(_loop_from(depth) for depth in range(300))


def _memory_taken(call: Callable[[], object]) -> int:
    """How many pages of memory the system gave for a call, on a stack of its own."""
    taken: list[int] = []

    def count() -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        call()
        taken.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

    thread = Thread(target=count)
    thread.start()
    thread.join()
    return taken[0]


def test_calls_that_go_deep_take_memory_once() -> None:
    assert in_one_piece(_loop_from_each_depth)() == 300 * sum(range(500))
    assert _memory_taken(in_one_piece(_loop_from_each_depth)) < 200
    assert _memory_taken(_loop_from_each_depth) > 500, "Python needs no help any more"


def test_every_test_has_room() -> None:
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_stacksize < 10_000:
        frame = frame.f_back
    assert frame.f_code.co_stacksize >= 10_000
