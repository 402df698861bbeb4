"""What the process that reads one file may use, and how a process binds itself to that."""

from __future__ import annotations

import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

_FILES_MAX = 64
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may cost; `memory` is in bytes, on top of the program itself.

    `seconds` is what the clock on the wall may do, and `cpu_seconds` the processor. `answer` is
    the longest result in bytes, because that comes into the memory of who asked.
    """

    memory: int = 512 * _MEBIBYTE
    cpu_seconds: int = 20
    seconds: int = 40
    answer: int = 32 * _MEBIBYTE


LIMITS = Limits()


def bind_this_process(limits: Limits) -> None:
    """Let the kernel hold this process to its limits, for good.

    No file is written, no core is left behind and nothing is started. Linux alone knows a limit on
    memory; elsewhere `weight` is looked at by the process that waits.
    """
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _set(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)
    _set(resource.RLIMIT_CPU, limits.cpu_seconds)
    _set(resource.RLIMIT_NOFILE, _FILES_MAX)
    for forbidden in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        _set(forbidden, 0)
    # Who waits keeps the time; this is for when it was killed itself.
    signal.alarm(limits.seconds + 1)


def _set(kind: int, most: int) -> None:
    """Lower a limit; one that is lower already stays as it is."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))
