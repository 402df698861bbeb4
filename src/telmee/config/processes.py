"""Programs that run beside this one, and end with it.

Nothing may be left running when `./telmee demo` ends, also when it is killed with -9 and can no
longer do anything itself. So each group of programs has a small shell at its side that reads a pipe
of which only we hold the other end: the system closes it when we are gone, whatever the cause, on
Linux and macOS alike.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from telmee.core.errors import DomainError, Problem

#: How long a program may take to finish its work after it was asked to stop.
_STOP_SECONDS = 10.0
_LOG_BYTES_MAX = 10 * 1024 * 1024
_LAST_LINES = 8


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, under a name that people see."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


_Running = tuple[Program, subprocess.Popen[bytes]]


class Programs:
    """Running programs, watched together: when one ends, all have to."""

    def __init__(self, running: Sequence[_Running], logs: Path) -> None:
        self._running = running
        self._logs = logs

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until they are ready, and tell whether they were in time."""
        give_up = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > give_up:
                return False
            self.require_all()
            time.sleep(0.05)
        return True

    def watch(self) -> None:
        """Wait for ever; raises when a program has ended, and `KeyboardInterrupt` on Ctrl-C."""
        while True:
            self.require_all()
            time.sleep(0.3)

    def require_all(self) -> None:
        """Raise a `DomainError` with the last words of each program that has ended."""
        ended = [running for running in self._running if running[1].poll() is not None]
        if ended:
            raise DomainError(self._last_words(*running) for running in ended)

    def _last_words(self, program: Program, process: subprocess.Popen[bytes]) -> Problem:
        log = _log_of(program, self._logs)
        params = {"name": program.name, "number": process.returncode, "log": str(log)}
        return Problem("program_ended", params={**params, "last": tail(log)})


@contextmanager
def running_together(programs: Iterable[Program], logs: Path) -> Iterator[Programs]:
    """Run programs, each with a log of its own, and stop them all at the end."""
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    running: list[_Running] = []
    guards: list[subprocess.Popen[bytes]] = []
    try:
        for program in programs:
            running.append((program, _start(program, logs)))
            guards.append(at_our_end(_stop_script(running[-1][1].pid)))
        yield Programs(running, logs)
    finally:
        with _undisturbed():
            _stop_all([process for _, process in running])
            for guard in guards:
                _dismiss(guard)


@contextmanager
def terminable() -> Iterator[None]:
    """Take SIGTERM and a closed terminal as Ctrl-C, so that there is one way to stop.

    What we were started to ignore stays ignored, as `nohup` asks for a closed terminal, and a shell
    without job control asks for Ctrl-C (which Python keeps so). SIGTERM ends us always.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    taken = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        taken.append(signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def at_our_end(
    script: str,
    *,
    pass_fds: Sequence[int] = (),
    user: int | None = None,
    group: int | None = None,
    extra_groups: Sequence[int] | None = None,
) -> subprocess.Popen[bytes]:
    """Run a line of shell when this process ends, or as soon as the given `stdin` is closed."""
    return subprocess.Popen(  # noqa: S603  # the script is quoted by who wrote it
        ["/bin/sh", "-c", f"cat >/dev/null; {script}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal goes to us alone
        cwd="/",
        pass_fds=pass_fds,
        user=user,
        group=group,
        extra_groups=extra_groups,
    )


def tail(log: Path) -> str:
    """Give the last lines of a log, for a message."""
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LAST_LINES:])


def _log_of(program: Program, logs: Path) -> Path:
    return logs / f"{program.name}.log"


def _start(program: Program, logs: Path) -> subprocess.Popen[bytes]:
    with _opened_log(_log_of(program, logs)) as log:
        return subprocess.Popen(  # noqa: S603  # no shell, and programs of our own
            list(program.arguments),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**program.environment, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # a group of its own, to stop it with its children
        )


def _opened_log(log: Path) -> IO[bytes]:
    """Open a log to append to; one that grew large makes place for a new one."""
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def _stop_script(pid: int) -> str:
    """Write what to do with a program and its children when we are gone."""
    tries = round(_STOP_SECONDS / 0.2)
    wait = f"n=0; while [ $n -lt {tries} ] && kill -0 {pid}; do sleep 0.2; n=$((n+1)); done"
    return f"kill -TERM {pid}; {wait}; kill -KILL -{pid}"


def _stop_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every program to stop, wait, and end whatever is left of it and its children."""
    for process in processes:
        process.terminate()
    give_up = time.monotonic() + _STOP_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, give_up - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _dismiss(guard: subprocess.Popen[bytes]) -> None:
    """End a guard that has nothing left to guard, with the `cat` it waits for."""
    os.killpg(guard.pid, signal.SIGKILL)
    guard.wait()
    if guard.stdin is not None:
        guard.stdin.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing interrupt the stopping, such as a second Ctrl-C."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
