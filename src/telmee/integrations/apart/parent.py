"""The side that asks: start a process for one file, wait no longer than that, and tidy up."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import IO, Any

from telmee.core.errors import DomainError, Problem
from telmee.integrations.apart.limits import LIMITS, Limits
from telmee.integrations.apart.plain import problem_of

#: So many files at once in one program; the next waits, no longer than the limits of these.
_AT_ONCE = BoundedSemaphore(2)
#: Where the kernel has no limit on memory, the process is weighed this often (seconds).
_WEIGHED = 0.1
_CHUNK = 1 << 16
#: `-I`: nothing of the environment, the folder or the user's own packages decides what runs.
_START = (
    "import sys; sys.path[:] = sys.argv.pop(1).split(chr(0x1f));"
    "from telmee.integrations.apart.child import main; main(*sys.argv[1:])"
)
#: Threads of NumPy would ask for memory each, and there is one column to look at.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


def read_apart(
    function: Callable[..., object], path: Path, *given: object, limits: Limits = LIMITS
) -> Any:
    """Run a function on a file in a process of its own; gives its result as JSON holds it.

    `function` stands at the top of a module that does without Django; it takes the path and what is
    `given`, which JSON can hold. Its `DomainError`s are raised here as its own. A process that goes
    over its limits, or is killed by the file, raises `file_too_heavy`; any other error of the
    function is a fault in the program, and a `RuntimeError` that says where without saying what.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    arguments = [name, str(path), json.dumps(given), json.dumps(asdict(limits))]
    with _AT_ONCE, _started(arguments) as process:
        answer = _answer(process, limits)
    if not answer:
        raise RuntimeError(f"the process for {name} did not start")
    try:
        meaning = json.loads(answer)
    except ValueError:
        raise DomainError(Problem("file_too_heavy")) from None
    if "fault" in meaning:
        raise RuntimeError(f"{name} failed: {meaning['fault']}")
    if "problems" in meaning:
        raise DomainError(map(problem_of, meaning["problems"]))
    return meaning["result"]


@contextmanager
def _started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that leads a session, and end it with all that it started."""
    search = "\x1f".join(filter(None, sys.path))
    process = subprocess.Popen(  # noqa: S603 - our own program, and no word of it is somebody's
        [sys.executable, "-I", "-c", _START, search, *arguments],
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # Not reaped yet, so the number is still its own.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def _answer(process: subprocess.Popen[bytes], limits: Limits) -> bytes:
    """Collect what a process writes until it has done, or has used up what it may."""
    answer, ends = bytearray(), monotonic() + limits.seconds
    with selectors.DefaultSelector() as ready:
        stream: IO[bytes] = process.stdout  # type: ignore[assignment]  # a pipe was asked for
        ready.register(stream, selectors.EVENT_READ)
        while len(answer) <= limits.answer and (left := ends - monotonic()) > 0:
            if ready.select(min(left, _WEIGHED)):
                piece = os.read(stream.fileno(), _CHUNK)
                if not piece:
                    return bytes(answer)
                answer += piece
            elif sys.platform != "linux" and _weight(process.pid) > limits.memory:
                break
    return b"\n"


def _weight(pid: int) -> int:
    """Ask the system how much memory a process holds, in bytes; 0 when it is gone."""
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    shown = subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout  # noqa: S603 - a number
    return int(shown or 0) * 1024
