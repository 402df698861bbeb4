"""Room for the calls of a test, taken from the system once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
#: What a frame is said to need: half a megabyte, of which only what is used becomes memory.
_PLACES = 1 << 16


def in_one_piece(call: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """The same function, and all that it calls has room on one piece of the stack.

    Python keeps its frames in pieces of 16 KiB. It asks the system for one when a call goes over
    the edge, and gives it back when that returns. A test is as deep in pytest as a page in Django,
    so that loops of templates go over an edge at each turn: 250 times for a page, which was a
    quarter of its processor time. One frame that says it needs half a megabyte gets a piece of one,
    of which the rest is for what it calls.
    """

    def roomy(*given: _Given.args, **more: _Given.kwargs) -> _Made:
        return call(*given, **more)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=_PLACES)
    return wraps(call)(roomy)
