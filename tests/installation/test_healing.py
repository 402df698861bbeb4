"""A running site of which parts are killed: it says so kindly, and is whole again by itself."""

import http.client
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from telmee.installation.data_folder import Installation, started
from telmee.installation.processes import Programs
from telmee.installation.serving import choose_port, serving
from tests.patience import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])

_PAGE = "/accounts/login/"
#: The last sign of life of a worker.
_WORKERS = "SELECT max(last_heartbeat) FROM procrastinate_workers HAVING count(*) > 0"


class Healed(Exception):  # noqa: N818  # no error: the end of watching
    """Ends watching."""


def asked(port: int, path: str) -> tuple[int, str]:
    """Ask a page; 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": "localhost", "Accept-Language": "nl"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def _other_than_200(port: int) -> tuple[int, str] | None:
    page = asked(port, _PAGE)
    return None if page[0] == 200 else page


def watch(programs: Programs, installation: Installation, until: Callable[[], bool]) -> None:
    """Watch as the commands do, until something is true."""
    give_up = time.monotonic() + PATIENCE_SECONDS

    def tend() -> None:
        if until():
            raise Healed
        assert time.monotonic() < give_up

    with pytest.raises(Healed):
        programs.watch(installation.heal, tend)


def web_processes(port: int) -> list[int]:
    """The processes that write pages at a port, under the one that started them.

    The server of the journeys may run beside it.
    """
    ours = f"--port\0{port}\0".encode()
    (first,) = (child for child in children_of(os.getpid()) if ours in command_of(child))
    return children_of(first)


def children_of(process: int) -> list[int]:
    """Ask the kernel, since a bare machine has no `ps`."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def rows(installation: Installation, query: str) -> list[tuple[object, ...]]:
    """Ask the database, or nothing while it is away."""
    try:
        with psycopg.connect(installation.require_owner()) as connection:
            return connection.execute(query).fetchall()
    except psycopg.OperationalError:
        return []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_database_that_is_killed_comes_back_and_web_and_worker_go_on(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    with started(place / "data") as installation:
        installation.ensure_set_up()
        environment = installation.environment(
            "demo", TELMEE_SECRET_KEY="k" * 60, PYTHONPATH=str(Path(__file__).parents[2] / "src")
        )
        port = choose_port(None)
        with serving(environment, installation.logs, port=port) as programs:
            assert asked(port, _PAGE)[0] == 200
            first, second = web_processes(port)
            os.kill(first, signal.SIGKILL)
            watch(programs, installation, lambda: len({*web_processes(port)} - {first}) == 2)
            assert second in web_processes(port)
            # A connection that ends with a process is one that a browser makes anew.
            wait_until(lambda: asked(port, _PAGE)[0] == 200, "a page, with a process killed")
            watch(programs, installation, lambda: bool(rows(installation, _WORKERS)))
            before = rows(installation, _WORKERS)
            folder = place / "data" / "database"
            os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            assert asked(port, "/healthz/alive")[0] == 200
            page = wait_until(lambda: _other_than_200(port), "a page that has no database")
            assert page[0] == 503
            assert "geeft geen antwoord" in page[1]
            assert asked(port, "/healthz")[0] == 503
            begun = time.monotonic()
            watch(programs, installation, lambda: asked(port, _PAGE)[0] == 200)
            assert time.monotonic() - begun < 30
            assert {asked(port, _PAGE)[0] for _ in range(8)} == {200}
            watch(programs, installation, lambda: rows(installation, _WORKERS) > before)
