"""Programs that run together end together, whatever ends first and however."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from telmee.core.errors import DomainError
from telmee.installation.processes import Program, Programs, _held, running_together, terminable
from tests.patience import PATIENCE_SECONDS, wait_until

SOURCE = Path(__file__).parents[2] / "src"

#: Tells its own pid and its child's, and then works for longer than any test waits.
PARENT = (
    "import os, subprocess, sys, time;"
    "child = subprocess.Popen(['sleep', '600']);"
    "open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}\\n');"
    "time.sleep(600)"
)
#: Runs programs together until it is told to stop; says when it has begun.
TOGETHER = """
import json, signal, sys
from pathlib import Path
from telmee.installation.processes import Program, running_together, terminable

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
    wait_until(lambda: file.exists() and file.read_text().endswith("\n"), "a program that starts")
    return [int(pid) for pid in file.read_text().split()]


def is_alive(pid: int) -> bool:
    """A process that has ended but that nobody asked about yet counts as gone."""
    try:
        status = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def all_gone(pids: list[int]) -> bool:
    return wait_until(lambda: not any(map(is_alive, pids)), "the end of programs")


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
    assert all_gone(pids)


def test_when_one_ends_before_all_are_ready_its_last_words_are_told_and_the_others_stop(
    tmp_path: Path,
) -> None:
    file = tmp_path / "one"
    ends = program("ends", "print('no room on disk'); raise SystemExit(3)")
    with running_together([program("one", PARENT, file), ends], tmp_path / "log") as programs:
        pids_in(file)
        with pytest.raises(DomainError) as raised:
            programs.wait_for(lambda: False, PATIENCE_SECONDS)
    (problem,) = raised.value.problems
    assert (problem.code, problem.params["name"]) == ("program_ended", "ends")
    assert (problem.params["number"], problem.params["last"]) == (3, "no room on disk")
    assert all_gone(pids_in(file))


class Stop(Exception):  # noqa: N818  # no error: the end of watching
    """Ends watching, as Ctrl-C does."""


def watched(programs: Programs, until: Callable[[], bool]) -> None:
    """Watch programs until something is true."""
    give_up = time.monotonic() + PATIENCE_SECONDS

    def tend() -> None:
        if until():
            raise Stop
        assert time.monotonic() < give_up

    with pytest.raises(Stop):
        programs.watch(tend)


def test_one_that_is_killed_is_started_again_and_its_children_and_no_other_are_ended(
    tmp_path: Path,
    two: tuple[list[Program], list[Path]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    killed, other = two[1]
    with running_together(two[0], tmp_path / "log") as programs:
        before, untouched = pids_in(killed), pids_in(other)
        killed.unlink()
        os.kill(before[0], signal.SIGKILL)
        watched(programs, killed.exists)
        after = pids_in(killed)
        assert not any(map(is_alive, before))
        assert not set(before) & set(after)
        assert all(map(is_alive, after + untouched))
        assert pids_in(other) == untouched
    assert "one ended (code -9) and is started again in 1 s" in caplog.text
    assert all_gone(after)


def test_one_that_goes_on_ending_is_tried_at_longer_and_longer_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("telmee.installation.processes._AGAIN_SECONDS", 0.25)
    monkeypatch.setattr("telmee.installation.processes._AGAIN_SECONDS_MAX", 1.0)
    ends = Program("ends", ["echo", "again"], dict(os.environ))
    with running_together([ends], tmp_path / "log") as programs:
        watched(programs, lambda: len(caplog.records) >= 4)
    waits = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert waits[:4] == [0.25, 0.5, 1.0, 1.0]
    assert (tmp_path / "log" / "ends.log").read_text().count("again") >= 3


def test_a_program_that_cannot_be_started_again_is_tried_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("telmee.installation.processes._AGAIN_SECONDS", 0.01)
    with running_together([program("ends", "")], tmp_path / "log") as programs:

        def no_room(*_given: object) -> None:
            raise OSError(28, "no room on disk")

        monkeypatch.setattr("telmee.installation.processes._held", no_room)
        watched(programs, lambda: caplog.text.count("no room on disk") >= 2)


def test_nothing_runs_without_a_guard_when_we_are_interrupted_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one"

    def interrupted(_script: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("telmee.installation.processes.at_our_end", interrupted)
    with (
        pytest.raises(KeyboardInterrupt),
        running_together([program("one", PARENT, file)], tmp_path / "log"),
    ):
        pytest.fail("it began")
    assert not file.exists()


def test_a_program_whose_starter_dies_before_the_word_never_begins(tmp_path: Path) -> None:
    file = tmp_path / "one"
    held = _held(program("one", PARENT, file), tmp_path / "log")
    assert held.stdin is not None
    held.stdin.close()  # as the system does for a starter that was killed
    assert held.wait(PATIENCE_SECONDS) != 0
    assert not file.exists()


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
        assert programs.wait_for(lambda: all(file.exists() for file in two[1]), PATIENCE_SECONDS)
        assert not programs.wait_for(lambda: False, 0.1)
        os.kill(pids_in(two[1][0])[0], signal.SIGKILL)
        with pytest.raises(DomainError):
            programs.wait_for(lambda: False, PATIENCE_SECONDS)


def test_a_large_log_makes_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telmee.installation.processes._LOG_BYTES_MAX", 3)
    says = program("says", "print('four')")
    for _ in range(2):
        with running_together([says], tmp_path) as programs, pytest.raises(DomainError):
            programs.wait_for(lambda: False, PATIENCE_SECONDS)
    assert (tmp_path / "says.log").read_text() == "four\n"
    assert (tmp_path / "says.log.1").read_text() == "four\n"


def test_termination_is_taken_as_ctrl_c_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with terminable(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
