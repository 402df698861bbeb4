"""The programs that serve an installation: the web server and the worker beside it."""

from __future__ import annotations

import errno
import http.client
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from telmee.core.errors import DomainError, Problem
from telmee.installation.processes import Program, Programs, running_together
from telmee.web.bodies import sending_seconds

LOCALHOST = "127.0.0.1"
_PORT = 8000
_PORT_MAX = 65535
#: How long a port may still be held by what a killed command left, which is just stopping.
_STOPPING_SECONDS = 12.0
#: The web server answers within two seconds on a quiet machine.
_READY_SECONDS = 60.0
_WEB_WORKERS = 2


def choose_port(wanted: int | None, host: str = LOCALHOST) -> int:
    """The port that was asked for; without one, 8000 or the next that is free."""
    give_up = time.monotonic() + _STOPPING_SECONDS
    while wanted is not None and not _is_free(wanted, host):
        if time.monotonic() < give_up:
            time.sleep(0.2)
            continue
        raise DomainError(Problem("port_in_use", "--port", params={"port": wanted}))
    return wanted or next(port for port in range(_PORT, _PORT_MAX + 1) if _is_free(port, host))


@contextmanager
def serving(
    environment: Mapping[str, str], logs: Path, *, port: int, host: str = LOCALHOST
) -> Iterator[Programs]:
    """Run the web server and the worker, from the moment that pages can be asked for."""
    with running_together(_programs(environment, port, host), logs) as programs:
        if not programs.wait_for(lambda: _answers(port, host), _READY_SECONDS):
            params = {"address": f"http://{host}:{port}", "log": str(logs / "web.log")}
            raise DomainError(Problem("web_does_not_answer", params=params))
        yield programs


def _programs(environment: Mapping[str, str], port: int, host: str) -> list[Program]:
    head_milliseconds = round(1000 * sending_seconds())
    web = [
        *(sys.executable, "-m", "granian", "--interface", "asginl", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(_WEB_WORKERS)),
        # Many that hang or do nothing have to fit beside those who ask for a page.
        *("--backpressure", "2000", "--http1-header-read-timeout", str(head_milliseconds)),
        *("--http", "1", "--respawn-failed-workers"),
        "telmee.config.asgi:application",
    ]
    worker = [sys.executable, "-m", "django", "procrastinate", "worker"]
    return [Program("web", web, environment), Program("worker", worker, environment)]


def _answers(port: int, host: str) -> bool:
    """Whether anything at all is answered, a refusal included."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        return True
    return False


def _reachable(host: str) -> str:
    return LOCALHOST if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  # compared, not bound


def _is_free(port: int, host: str) -> bool:
    """Find out by taking it; also on IPv6, where a browser looks for `localhost` first."""
    hosts = {host, "::1"} if host == LOCALHOST else {host}
    return all(_can_bind(port, each) for each in hosts)


def _can_bind(port: int, host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            # A port that was just left may be taken again, as the web server does.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        # A machine without IPv6 has no such address, and nobody can be listening there.
        return error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} and host == "::1"
    return True
