"""Programs that run beside this one, and end with it.

Nothing may be left running when `./telmee demo` ends, also when it is killed with -9 and can no
longer do anything itself. So each program has a small shell at its side that reads a pipe of which
only we hold the other end: the system closes it when we are gone, whatever the cause, on Linux and
macOS alike. A program waits for a word from us before it begins, so that it never runs without one.

A program that ends by itself is started again and stops no other. Only while the site is being
started does the end of one end it all: then there is somebody who reads why.
"""

from __future__ import annotations

import logging
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

_log = logging.getLogger(__name__)

#: How long a program may take to finish its work after it was asked to stop.
_STOP_SECONDS = 10.0
_LOG_BYTES_MAX = 10 * 1024 * 1024
_LAST_LINES = 8
#: How long a program that ended waits for its next try: twice as long each time, up to a minute.
_AGAIN_SECONDS, _AGAIN_SECONDS_MAX = 1.0, 60.0
#: Waits for the word to begin, or for the end of whoever would have given it.
_BEGIN = 'read -r _ && exec "$@" </dev/null'


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, under a name that people see."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


class Programs:
    """Running programs, each with a log of its own."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[_Running] = []

    def start(self, program: Program) -> None:
        """Start a program beside the others."""
        running = _Running(program, _log_of(program, self._logs))
        self._running.append(running)  # first, so that whatever interrupts us ends it too
        running.start()

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until they are ready, and tell whether they were in time.

        Raises a `DomainError` with the last words of each program that ended meanwhile.
        """
        give_up = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > give_up:
                return False
            if ended := [each.last_words() for each in self._running if each.has_ended()]:
                raise DomainError(ended)
            time.sleep(0.05)
        return True

    def watch(self, *tend: Callable[[], None]) -> None:
        """Start again what ends, for ever; raises `KeyboardInterrupt` on Ctrl-C.

        Whatever else has to be kept running is tended in the same turns.
        """
        while True:
            for each in (*tend, *(running.tend for running in self._running)):
                each()
            time.sleep(0.3)

    def stop(self) -> None:
        """Ask every program to stop, wait, and end whatever is left of it and its children."""
        give_up = time.monotonic() + _STOP_SECONDS
        for running in self._running:
            running.ask_to_stop()
        for running in self._running:
            running.end(give_up)


class _Running:
    """One program: started, guarded, and started again when it ended."""

    def __init__(self, program: Program, log: Path) -> None:
        self._program, self._log = program, log
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._wait = 0.0
        self._again_at: float | None = None

    def start(self) -> None:
        self._begun, self._again_at = time.monotonic(), None
        self._process = _held(self._program, self._log)
        self._guard = at_our_end(_stop_script(self._process.pid))
        assert self._process.stdin is not None  # noqa: S101  # for the types: it is a pipe
        with suppress(BrokenPipeError), self._process.stdin as word:
            word.write(b"begin\n")

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def last_words(self) -> Problem:
        params = {"name": self._program.name, "log": str(self._log), "last": tail(self._log)}
        return Problem("program_ended", params={**params, "number": self._number()})

    def tend(self) -> None:
        """Start it again when it ended, after a while that grows as it goes on ending."""
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self._try_again()
        elif self.has_ended():
            self._plan(now)

    def _number(self) -> int:
        """The exit code; 0 where it never ran."""
        return (self._process.returncode or 0) if self._process else 0

    def _plan(self, now: float) -> None:
        number = self._number()
        self.end(now)
        lasted = now - self._begun > _AGAIN_SECONDS_MAX
        self._wait = _AGAIN_SECONDS if lasted else min(self._wait * 2, _AGAIN_SECONDS_MAX)
        self._wait = max(self._wait, _AGAIN_SECONDS)
        self._again_at = now + self._wait
        _log.warning(
            "%s ended (code %s) and is started again in %.0f s; %s tells more",
            *(self._program.name, number, self._wait, self._log),
        )

    def _try_again(self) -> None:
        try:
            self.start()
        except OSError as error:  # no memory, no room on disk: that may pass
            _log.warning("%s could not be started: %s", self._program.name, error)
            self._plan(time.monotonic())

    def ask_to_stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def end(self, give_up: float) -> None:
        """Wait for its end until a moment, then end it with its children and its guard."""
        process, guard = self._process, self._guard
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, give_up - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        if guard is not None:
            _dismiss(guard)
        self._process = self._guard = None


@contextmanager
def running_together(programs: Iterable[Program], logs: Path) -> Iterator[Programs]:
    """Run programs, each with a log of its own, and stop them all at the end."""
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    together = Programs(logs)
    try:
        for program in programs:
            together.start(program)
        yield together
    finally:
        with _undisturbed():
            together.stop()


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
    """The last lines of a log, for a message; empty when it cannot be read."""
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LAST_LINES:])


def _log_of(program: Program, logs: Path) -> Path:
    return logs / f"{program.name}.log"


def _held(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start a program that waits for a line on its `stdin` before it begins."""
    with _opened_log(log) as opened:
        return subprocess.Popen(  # noqa: S603  # the shell is given programs of our own
            ["/bin/sh", "-c", _BEGIN, "sh", *program.arguments],
            stdin=subprocess.PIPE,
            stdout=opened,
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
