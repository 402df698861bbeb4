"""Whatever a file does to the process that reads it, who asked goes on and is told."""

import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from telmee.core.errors import DomainError, Param, Problem
from telmee.core.explain import Text
from telmee.integrations.apart import Limits, parent, read_apart
from tests.integrations.apart import misbehaving as it
from tests.patience import PATIENCE_SECONDS, wait_until

#: So long on the clock that a slow machine does not end what another limit ends.
SMALL = Limits(memory=64 << 20, cpu_seconds=1, seconds=PATIENCE_SECONDS, answer=1 << 20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "bestand"
    file.write_text("geheim")
    return file


def heavy(
    function: Callable[..., object], path: Path, *given: object, limits: Limits = SMALL
) -> float:
    """Read what goes over a limit; gives how long that took."""
    before = time.monotonic()
    with pytest.raises(DomainError) as caught:
        read_apart(function, path, *given, limits=limits)
    assert [problem.code for problem in caught.value.problems] == ["file_too_heavy"]
    return time.monotonic() - before


def gone(pid: int) -> bool:
    """Whether a process has ended; a dead one may wait to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_the_result_comes_back(path: Path) -> None:
    assert read_apart(it.size, path, 4) == 10


def test_it_has_no_secret_no_django_and_no_input(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", "s")
    found = read_apart(it.surroundings, path)
    assert found["environment"].keys() <= {"PATH", "LC_ALL", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}
    assert (found["django"], found["stdin"]) == (False, "")
    wait_until(lambda: gone(found["pid"]), "the end of a process")


def test_problems_arrive_as_they_were_raised(path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        read_apart(it.refuse, path)
    params: dict[str, Param] = {"n": 3, "half": Fraction(1, 2), "kind": Text("brief", "letter")}
    assert caught.value.problems == (
        Problem("bad_date", "begin", 4, params),
        Problem("empty_table"),
    )


def test_a_fault_says_where_and_not_what(path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"KeyError < misbehaving\.py:\d+") as caught:
        read_apart(it.fail, path)
    assert "geheim" not in str(caught.value)


def test_a_function_that_is_not_there_is_a_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(it.size, "__module__", "tests.no_such_module")
    with pytest.raises(RuntimeError, match="did not start"):
        read_apart(it.size, path, 1)
    assert "No module named" in capfd.readouterr().err


def test_what_a_library_prints_goes_nowhere(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert read_apart(it.print_much, path) == "done"
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the process is weighed: below")
def test_over_memory(path: Path) -> None:
    heavy(it.fill_memory, path, 200 << 20)
    assert read_apart(it.fill_memory, path, 32 << 20, limits=SMALL) == 32


def test_over_memory_where_the_kernel_knows_no_limit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Elsewhere:
        platform, path, executable = "darwin", sys.path, sys.executable

    monkeypatch.setattr(parent, "sys", Elsewhere)
    monkeypatch.setattr(parent, "_weight", lambda _: 65 << 20)
    assert heavy(it.sleep, path) < PATIENCE_SECONDS
    monkeypatch.undo()
    assert 5 << 20 < parent._weight(os.getpid()) < 10 << 30
    assert parent._weight(2**22 + 1) == 0


def test_a_process_that_falls_over(path: Path) -> None:
    heavy(it.abort, path)


def test_over_time_of_the_processor(path: Path) -> None:
    assert heavy(it.calculate, path) < PATIENCE_SECONDS


def test_over_time_of_the_clock(path: Path) -> None:
    assert 2.9 < heavy(it.sleep, path, limits=replace(SMALL, seconds=3)) < PATIENCE_SECONDS


def test_over_the_length_of_an_answer(path: Path) -> None:
    heavy(it.answer_much, path, 2 << 20)
    assert len(read_apart(it.answer_much, path, 1 << 19, limits=SMALL)) == 1 << 19


def test_it_writes_no_file(path: Path) -> None:
    with pytest.raises(RuntimeError, match="OSError"):
        read_apart(it.write_file, path)
    assert not (path.parent / "written").read_bytes()


def test_it_starts_no_other_programs_that_last(path: Path) -> None:
    if os.getuid():
        with pytest.raises(RuntimeError, match="BlockingIOError"):
            read_apart(it.start_others, path)
    else:  # no limit on programs binds root, so they end with the one that started them
        started = read_apart(it.start_others, path)
        assert len(started) == 3
        wait_until(lambda: all(map(gone, started)), "the end of what it started")


def test_memory_of_who_asks_stays_as_it_was(path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    heavy(it.fill_memory, path, 400 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10
