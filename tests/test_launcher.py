"""The launcher sets up .venv on first use, repairs it when needed, and says nothing on stdout.

A stand-in plays Python and pip, so that a first start takes no download. It writes what it was
asked to a log, and `python -m telmee` prints its arguments.
"""

import os
import re
import shutil
import signal
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS, wait_until
from tests.tidy.project import ROOT

# All the launcher may lean on besides bash itself; a Mac and any Linux have them.
TOOLS = ("bash", "cat", "cksum", "mkdir", "mv", "readlink", "rm", "rmdir", "sh", "sleep", "xargs")

STAND_IN = """#!/usr/bin/env bash
# python3.11 and .venv/bin/python in one.
case "$*" in
    *version_info*'(3, 11)'*) [ "${FAKE_VERSION:-new}" = new ] ;;
    *'import ensurepip'*) [ -z "${FAKE_NO_VENV:-}" ] ;;
    *cache_tag*) echo "${FAKE_TAG:-cpython-311 linux}" ;;
    *version_info*) echo 3.11 ;;
    '-Im venv '*)
        echo venv >>"$FAKE_LOG"
        mkdir -p "$3/bin"
        cat "$FAKE_SELF" >"$3/bin/python"
        chmod +x "$3/bin/python" ;;
    *'-m pip install'*)
        echo "begun ${!###*/}" >>"$FAKE_LOG.begun"
        [ -z "${FAKE_PIP_UNTIL:-}" ] || until [ -e "$FAKE_PIP_UNTIL" ]; do sleep 0.05; done
        sleep "${FAKE_PIP_SLEEP:-0}"
        cat "${!#}" >"$FAKE_LOG.${!###*/}"
        echo "pip ${!###*/}" >>"$FAKE_LOG"
        [ "${FAKE_PIP_FAILS:-}" != "${!###*/}" ] ;;
    '-m telmee'*)
        shift 2
        printf '%s|' "$PWD" "$PYTHONPATH" "$@" ;;
esac
"""


class Installation:
    """A copy of the launcher, with a PATH of its own."""

    def __init__(self, root: Path, bin_folder: Path) -> None:
        self.root, self.bin = root, bin_folder
        self.log = bin_folder / "log"
        self.env = {"PATH": str(bin_folder), "FAKE_LOG": str(self.log)}
        self.env["FAKE_SELF"] = str(bin_folder / "python3.11")

    def start(
        self, *args: str, launcher: Path | None = None, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [launcher or self.root / "telmee", *args],
            cwd=cwd or self.root,
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def popen(self, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "telmee"],
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def has_begun(self) -> bool:
        """Whether pip is at work, or has been."""
        return self.log.with_name(f"{self.log.name}.begun").exists()

    def done(self) -> list[str]:
        """What was installed since this was last called; the halves of a lock in their order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line for _, some in groupby(lines, _without_half) for line in sorted(some)]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    root = tmp_path / "a folder" / "telmee"
    (root / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "telmee", root)
    for name in ("run", "dev"):
        (root / f"requirements/{name}.txt").write_text(LOCK.format(name))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in (*TOOLS, "env", "chmod"):
        (bin_folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool}"))
    (bin_folder / "python3.11").write_text(STAND_IN)
    (bin_folder / "python3.11").chmod(0o755)
    return Installation(root, bin_folder)


#: A library stands with its hashes and with who asks for it.
LOCK = """\
one-of-{0}==1 \\
    --hash=sha256:1 \\
    --hash=sha256:2
    # via -r {0}.in
Other-of-{0}==2 \\
    --hash=sha256:3
third-of-{0}==3 \\
    --hash=sha256:4
"""
RUN, DEV = (["pip " + name + half for half in ("-0.txt", "-1.txt")] for name in ("run", "dev"))
FIRST = ["venv", *RUN]


def _libraries(lock: str) -> list[str]:
    return re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]


def _without_half(line: str) -> str:
    return re.sub(r"-[01]\.txt$", "", line)


def test_the_first_start_installs_and_the_second_does_not(installation: Installation) -> None:
    first = installation.start("value", "a b.xlsx")
    assert installation.done() == FIRST
    assert first.stdout == f"{installation.root}|{installation.root}/src|value|a b.xlsx|"
    assert "omgeving" in first.stderr
    assert "environment" in first.stderr

    second = installation.start("value", "a b.xlsx")
    assert installation.done() == []
    assert (second.stdout, second.stderr, second.returncode) == (first.stdout, "", 0)


def test_each_library_is_installed_once_and_with_its_hashes(installation: Installation) -> None:
    installation.start()
    files = [installation.log.with_name(f"log.run-{half}.txt") for half in (0, 1)]
    halves = [_libraries(file.read_text()) for file in files]
    assert sorted(halves[0] + halves[1]) == sorted(_libraries(LOCK.format("run")))
    assert [len(half) for half in halves] == [1, 2]


def test_when_either_half_fails_the_installation_has_failed(installation: Installation) -> None:
    for half in RUN:
        failed = installation.start(FAKE_PIP_FAILS=half.removeprefix("pip "))
        assert failed.returncode == 2
        assert "needs the internet, once" in failed.stderr
    assert installation.start().returncode == 0


def test_it_finds_itself_through_symlinks_from_anywhere(
    installation: Installation, tmp_path: Path
) -> None:
    near, far = tmp_path / "near", tmp_path / "elsewhere" / "far"
    near.symlink_to("a folder/telmee/telmee")
    far.parent.mkdir()
    far.symlink_to("../near")
    result = installation.start("x", launcher=far, cwd=tmp_path)
    assert result.stdout == f"{tmp_path}|{installation.root}/src|x|"


def test_it_keeps_the_test_tools_apart(installation: Installation) -> None:
    installation.start()
    installation.done()
    installation.start("test")
    assert installation.done() == DEV
    installation.start("test")
    installation.start()
    assert installation.done() == []


def test_a_changed_lock_installs_anew(installation: Installation) -> None:
    installation.start("test")
    assert installation.done() == [*FIRST, *DEV]
    (installation.root / "requirements/dev.txt").write_text("dev==2\n")
    installation.start()
    assert installation.done() == []  # no business of a user
    (installation.root / "requirements/run.txt").write_text("run==2\n")
    installation.start()
    assert installation.done() == FIRST


def test_a_moved_folder_and_another_python_install_anew(installation: Installation) -> None:
    installation.start()
    installation.done()
    installation.root = installation.root.rename(installation.root.with_name("moved"))
    assert installation.start("x").stdout.endswith("moved/src|x|")
    assert installation.done() == FIRST
    installation.start(FAKE_TAG="cpython-314 linux")
    assert installation.done() == FIRST


def test_a_failed_installation_is_repaired(installation: Installation) -> None:
    failed = installation.start(FAKE_PIP_FAILS="run-0.txt")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "heeft eenmalig internet nodig" in failed.stderr
    assert "needs the internet, once" in failed.stderr
    installation.done()
    assert installation.start().returncode == 0
    assert installation.done() == FIRST


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_installation_is_repaired(
    installation: Installation, how: signal.Signals
) -> None:
    running = installation.popen(FAKE_PIP_SLEEP="600")
    wait_until(installation.has_begun, "an installation that began")
    os.killpg(running.pid, how)
    running.communicate(timeout=PATIENCE_SECONDS)
    assert installation.start().returncode == 0
    assert installation.done()[-3:] == FIRST
    assert not (installation.root / ".venv.lock").exists()


def test_a_killed_start_is_repaired_after_its_pip_has_ended(
    installation: Installation, tmp_path: Path
) -> None:
    end = tmp_path / "end"
    killed = installation.popen(FAKE_PIP_UNTIL=str(end))
    wait_until(installation.has_begun, "an installation that began")
    killed.kill()
    killed.wait(timeout=PATIENCE_SECONDS)
    second = installation.popen()
    assert second.stderr is not None
    assert "wacht op een andere start" in second.stderr.readline()
    end.touch()
    second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 0
    assert installation.done() == [*FIRST, *FIRST]
    killed.communicate(timeout=PATIENCE_SECONDS)


def test_starts_at_the_same_time_install_once(installation: Installation) -> None:
    starts = [installation.popen(FAKE_PIP_SLEEP="0.3") for _ in range(6)]
    for start in starts:
        out, _ = start.communicate(timeout=PATIENCE_SECONDS)
        assert (start.returncode, out.count("/src|")) == (0, 1)
    assert installation.done() == FIRST
    assert not (installation.root / ".venv.lock").exists()


def test_a_lock_of_a_dead_start_is_taken_over_by_one(installation: Installation) -> None:
    gone = subprocess.Popen(["sleep", "0"])
    gone.wait()
    lock = installation.root / ".venv.lock"
    lock.mkdir()
    (lock / "pid").write_text(f"{gone.pid}\n")
    starts = [installation.popen(FAKE_PIP_SLEEP="0.3") for _ in range(6)]
    assert [start.wait(timeout=PATIENCE_SECONDS) for start in starts] == [0] * 6
    for start in starts:
        start.communicate()
    assert installation.done() == FIRST
    assert not lock.exists()


def test_without_a_python_that_is_new_enough_it_names_one_package(
    installation: Installation,
) -> None:
    result = installation.start(FAKE_VERSION="old")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Python 3.11 of nieuwer" in result.stderr
    assert "Python 3.11 or newer" in result.stderr
    assert not (installation.root / ".venv").exists()


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "sudo apt-get install python3.11-venv"),
        ("dnf", "sudo dnf install python3.11"),
        ("brew", "brew install python@3.11"),
    ],
)
def test_without_venv_it_names_the_package(
    installation: Installation, manager: str, line: str
) -> None:
    (installation.bin / manager).symlink_to(installation.bin / "cat")
    result = installation.start(FAKE_NO_VENV="yes")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].removeprefix("telmee:").strip() == line
    assert not (installation.root / ".venv").exists()


def test_every_check_runs_and_a_failure_is_told(installation: Installation) -> None:
    (installation.bin / "python3.11").write_text(
        STAND_IN.replace("'-m telmee'*)", "'-m mypy'*) exit 1 ;;\n    '-m pytest'*)")
    )
    result = installation.start("test", "-k", "x")
    headings = [line for line in result.stdout.splitlines() if line.startswith("== ")]
    assert headings == [
        "== ruff check",
        "== ruff format",
        "== mypy",
        "== import-linter",
        "== pytest",
    ]
    assert result.stdout.endswith(f"{installation.root}|{installation.root}/src|-k|x|")
    assert result.returncode == 1
