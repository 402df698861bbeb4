"""What a library may be led to do by a file; each of these runs in the process that reads."""

import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from telmee.core.errors import DomainError, Param, Problem
from telmee.core.explain import Text


def size(path: Path, more: int) -> int:
    """Behave."""
    return len(path.read_bytes()) + more


def surroundings(_: Path) -> dict[str, Any]:
    """What the process has at hand."""
    return {
        "environment": dict(os.environ),
        "django": any(name.startswith(("django", "telmee.apps")) for name in sys.modules),
        "stdin": sys.stdin.read(),
        "pid": os.getpid(),
    }


def refuse(_: Path) -> None:
    """Say twice what is wrong, with every kind of parameter."""
    params: dict[str, Param] = {"n": 3, "half": Fraction(1, 2), "kind": Text("brief", "letter")}
    raise DomainError([Problem("bad_date", "begin", 4, params), Problem("empty_table")])


def fail(path: Path) -> None:
    """Raise what a library raises, with what is in the file."""
    raise KeyError(path.read_text())


def print_much(path: Path) -> str:
    """Print, as libraries do."""
    print(path.read_text() * 1000)  # noqa: T201 - that is what is tried
    os.write(2, b"content\n" * 1000)
    return "done"


def fill_memory(_: Path, bytes_: int) -> int:
    """Ask for memory piece by piece, and use it."""
    pieces = [bytearray(1 << 20) for _ in range(bytes_ >> 20)]
    return len(pieces)


def abort(_: Path) -> None:
    """Fall over, as compiled code does when it gets no memory."""
    os.abort()


def calculate(_: Path) -> None:
    """Keep the processor busy."""
    while True:
        pass


def sleep(_: Path) -> None:
    """Do nothing for long."""
    time.sleep(600)


def answer_much(_: Path, bytes_: int) -> str:
    """A long answer."""
    return "x" * bytes_


def write_file(path: Path) -> None:
    """Write beside the file."""
    (path.parent / "written").write_bytes(bytes(5000))


def start_others(_: Path) -> list[int]:
    """Start programs that would outlive this one; gives their numbers."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    return [subprocess.Popen(command, stdout=None).pid for _ in range(3)]
