"""A database folder of an installation that was just set up: made once, and copied from there.

Setting up runs every migration, which takes some seconds of a processor. Each worker starts from
there, and so do the modules about an installation. It is kept beside what pytest keeps, under the
hash of all that it comes from, so that a change in any of it makes it anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from telmee.installation.database import setup
from telmee.installation.embedded_database import EmbeddedDatabase

#: Where Linux keeps files in memory, and what each worker has to find free there.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
_ROOM = 1 << 30
_ROOT = Path(__file__).parents[1]
_KEPT = _ROOT / ".pytest_cache" / "telmee-set-up"
#: Rooms whose code makes tables or what stands in them. Pages, commands and the example do not.
SET_UP_BY = ("core", "integrations", "texts", "apps", "installation", "config")
_MADE_OF = (
    "requirements/run.txt",
    "schemes/**/*.toml",
    "schemes/**/*.json",
    *(f"src/telmee/{room}/**/*.py" for room in SET_UP_BY),
    "src/telmee/**/*.csv",
    "tests/set_up.py",
)


@contextmanager
def database_place() -> Iterator[Path]:
    """A folder for the databases of a worker: in memory, where there is room.

    A copy of a database is some hundreds of files: a disk takes ten times the processor for them.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM * workers
    with tempfile.TemporaryDirectory(prefix="telmee-", dir=_MEMORY if has_room else None) as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
        yield Path(place)


def put_set_up(folder: Path) -> None:
    """Put a database folder there in which `telmee` was set up, for a server to start on."""
    with _alone():
        kept = _KEPT / _hash()
        if not kept.exists():
            _make(kept)
        _copy(kept, folder)


def _make(kept: Path) -> None:
    for older in _KEPT.iterdir():
        shutil.rmtree(older)
    with database_place() as place:
        folder = place / "postgres"
        with EmbeddedDatabase(folder, durable=False) as database:
            addresses = database.addresses()
            assert addresses is not None
            setup(addresses.owner)
        draft = kept.with_name("draft")
        _copy(folder, draft)
    draft.rename(kept)


def _copy(folder: Path, to: Path) -> None:
    """Copy with owners and modes, on which PostgreSQL insists."""
    subprocess.run(["cp", "-a", str(folder), str(to)], check=True)


def _hash() -> str:
    digest = hashlib.sha256()
    for pattern in _MADE_OF:
        for path in sorted(_ROOT.glob(pattern)):
            digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one worker at a time look and make; another that waits finds it there."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    with _KEPT.with_suffix(".lock").open("w") as held:
        flock(held, LOCK_EX)
        yield
