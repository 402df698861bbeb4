"""What a first start takes: `./telmee demo` in a fresh clone, until it shows its first page.

It prints for each part the seconds that passed and the seconds of a processor, its children and the
database included. On a busy machine only the second says something. Linux, since it reads /proc;
the exit code is 1 when the target is not met.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from os import environ, sysconf
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_TARGET_SECONDS = 60.0
_TICKS = sysconf("SC_CLK_TCK")
#: What is there when a part is done, in their order.
_PARTS = {
    ".venv/telmee-stamp": "the environment",
    "static/built/telmee.css": "the style sheet",
    "data/secret_key": "an empty database",
    "data/log": "tables and the example region",
}


def main() -> int:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    with tempfile.TemporaryDirectory(prefix="telmee-") as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as another user when we are root
        clone = Path(place) / "telmee"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)  # noqa: S607  # git of the PATH
        command = ["./telmee", "demo", "--port", str(port), "--data", "data"]
        quiet = {name: environ[name] for name in environ if not name.startswith("PYTHON")}
        demo = subprocess.Popen(
            command, cwd=clone, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return int(_follow(demo, clone, port) > _TARGET_SECONDS)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()


def _follow(demo: subprocess.Popen[bytes], clone: Path, port: int) -> float:
    """Print when each part is done, and give the seconds until the first page."""
    begun = time.monotonic()
    parts = dict(_PARTS)
    while not _shows_a_page(port):
        for mark in [mark for mark in parts if (clone / mark).exists()]:
            _print(begun, demo, clone, parts.pop(mark))
        if demo.poll() is not None:
            sys.exit("the demonstration has ended")
        time.sleep(0.1)
    _print(begun, demo, clone, "the first page")
    return time.monotonic() - begun


def _print(begun: float, demo: subprocess.Popen[bytes], clone: Path, part: str) -> None:
    worked = _worked(demo.pid)
    with suppress(OSError, IndexError):
        worked += _worked(int((clone / "data/database/postmaster.pid").read_text().split()[0]))
    passed = time.monotonic() - begun
    print(f"{passed:6.1f} s passed  {worked:6.1f} s of a processor  {part}", flush=True)


def _shows_a_page(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/", timeout=5) as page:
        return bool(page.read())
    return False


def _worked(pid: int) -> float:
    """The seconds of a processor of a process and all that it began, also what has ended."""
    processes = dict(_processes())
    begun = [pid]
    for one in begun:
        begun += [number for number, fields in processes.items() if int(fields[1]) == one]
    return sum(sum(map(int, processes[one][11:15])) for one in begun if one in processes) / _TICKS


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Every process, with what the system counts of it after its name."""
    for counted in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            yield int(counted.parent.name), counted.read_text().rsplit(")", 1)[1].split()


if __name__ == "__main__":
    sys.exit(main())
