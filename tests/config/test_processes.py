"""Programs that run together end together, whatever ends first and however."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from telmee.config.processes import Program, running_together, terminable
from telmee.core.errors import DomainError

SOURCE = Path(__file__).parents[2] / "src"

#: Tells its own pid and its child's, and then works for longer than any test waits.
PARENT = (
    "import os, subprocess, sys, time;"
    "child = subprocess.Popen(['sleep', '600']);"
    "open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}\\n');"
    "time.sleep(600)"
)
_WAIT = 60.0
#: Runs programs together until it is told to stop; says when it has begun.
TOGETHER = """
import json, signal, sys
from pathlib import Path
from telmee.config.processes import Program, running_together, terminable

for number in json.loads(sys.argv[2]):
    signal.signal(number, signal.SIG_IGN)
given = [Program(*each) for each in json.loads(sys.argv[1])]
try:
    with terminable(), running_together(given, Path(sys.argv[3])) as programs:
        print("begun", flush=True)
        programs.watch()
except KeyboardInterrupt:
    sys.exit(42)
"""


def program(name: str, code: str, *arguments: object) -> Program:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return Program(name, command, dict(os.environ))


def pids_in(file: Path) -> list[int]:
    give_up = time.monotonic() + _WAIT
    while time.monotonic() < give_up:
        if file.exists() and (text := file.read_text()).endswith("\n"):
            return [int(pid) for pid in text.split()]
        time.sleep(0.02)
    pytest.fail("the program did not start")


def is_alive(pid: int) -> bool:
    """A process that has ended but that nobody asked about yet counts as gone."""
    try:
        status = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def all_gone(pids: list[int]) -> bool:
    give_up = time.monotonic() + _WAIT
    while any(map(is_alive, pids)) and time.monotonic() < give_up:
        time.sleep(0.05)
    return not any(map(is_alive, pids))


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[list[Program], list[Path]]]:
    files = [tmp_path / "one", tmp_path / "two"]
    yield [program(file.name, PARENT, file) for file in files], files
    for file in files:
        assert all_gone(pids_in(file))


def test_they_stop_at_the_end_with_their_children(
    tmp_path: Path, two: tuple[list[Program], list[Path]]
) -> None:
    with running_together(two[0], tmp_path / "log"):
        pids = [pid for file in two[1] for pid in pids_in(file)]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))


def test_when_one_ends_its_last_words_are_told_and_the_others_stop(tmp_path: Path) -> None:
    file = tmp_path / "one"
    ends = program("ends", "print('no room on disk'); raise SystemExit(3)")
    with running_together([program("one", PARENT, file), ends], tmp_path / "log") as programs:
        pids_in(file)
        with pytest.raises(DomainError) as raised:
            programs.watch()
    (problem,) = raised.value.problems
    assert (problem.code, problem.params["name"]) == ("program_ended", "ends")
    assert (problem.params["number"], problem.params["last"]) == (3, "no room on disk")
    assert all_gone(pids_in(file))


@contextmanager
def started_apart(
    programs: list[Program], logs: Path, ignored: Sequence[signal.Signals] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run programs together in a process of its own, from the moment that they run."""
    given = json.dumps([[each.name, each.arguments, each.environment] for each in programs])
    with subprocess.Popen(
        [sys.executable, "-c", TOGETHER, given, json.dumps(ignored), logs],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "begun\n"
        yield starter


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_we_are_ended_ourselves(
    tmp_path: Path, two: tuple[list[Program], list[Path]], number: signal.Signals
) -> None:
    with started_apart(two[0], tmp_path / "log") as starter:
        pids = [pid for file in two[1] for pid in pids_in(file)]
        starter.send_signal(number)
        assert starter.wait() == (-number if number == signal.SIGKILL else 42)
    assert all_gone(pids)


def test_what_we_were_started_to_ignore_does_not_end_us_and_sigterm_does(
    tmp_path: Path, two: tuple[list[Program], list[Path]]
) -> None:
    ignored = (signal.SIGINT, signal.SIGHUP)
    with started_apart(two[0], tmp_path / "log", ignored) as starter:
        for number in ignored:
            starter.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            starter.wait(1)
        starter.terminate()
        assert starter.wait() == 42


def test_waiting_ends_when_ready_when_late_and_when_one_has_ended(
    tmp_path: Path, two: tuple[list[Program], list[Path]]
) -> None:
    with running_together(two[0], tmp_path / "log") as programs:
        assert programs.wait_for(lambda: all(file.exists() for file in two[1]), _WAIT)
        assert not programs.wait_for(lambda: False, 0.1)
        os.kill(pids_in(two[1][0])[0], signal.SIGKILL)
        with pytest.raises(DomainError):
            programs.wait_for(lambda: False, _WAIT)


def test_a_large_log_makes_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telmee.config.processes._LOG_BYTES_MAX", 3)
    says = program("says", "print('four')")
    for _ in range(2):
        with running_together([says], tmp_path) as programs, pytest.raises(DomainError):
            programs.watch()
    assert (tmp_path / "says.log").read_text() == "four\n"
    assert (tmp_path / "says.log.1").read_text() == "four\n"


def test_termination_is_taken_as_ctrl_c_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with terminable(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
