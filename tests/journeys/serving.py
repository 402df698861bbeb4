"""A real server, and a database of its own for each module: the programs of `./telmee demo`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.contrib.auth.hashers import ScryptPasswordHasher
from psycopg.conninfo import make_conninfo

from telmee.installation import serving as shipped
from telmee.installation.frontend import ensure_built
from telmee.installation.processes import Program
from telmee.web.site.mail import Mail, latest
from tests.conftest import Server
from tests.patience import PATIENCE_SECONDS, wait_until

_ROOT = Path(__file__).parents[2]
_FREE_PORT = """
import socket
with socket.socket() as trial:
    trial.bind(("127.0.0.1", 0))
    print(trial.getsockname()[1])
"""
_WAIT = """
import sys, time, urllib.error, urllib.request
until = time.monotonic() + float(sys.argv[2])
while True:
    try:
        urllib.request.urlopen(sys.argv[1])
        break
    except urllib.error.HTTPError:
        raise
    except OSError:
        if time.monotonic() > until:
            raise
        time.sleep(0.05)
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running Telmee: where it is, its database, and its folder with files and mail."""

    url: str
    database: str
    data: Path

    def mail_to(self, address: str) -> Mail:
        """The latest mail to somebody, as soon as the worker has sent one."""
        return wait_until(lambda: next(self._mails_to(address), None), f"a mail to {address}")

    def _mails_to(self, address: str) -> Iterator[Mail]:
        return (mail for mail in latest(self.data / "mail") if mail.to == address)


@dataclass(frozen=True, slots=True)
class Web:
    """A running web server, of which the database is put in place of another one, again and again.

    To start it takes as long as a journey, and it connects anew where a connection has ended, as it
    does when a database comes back.
    """

    server: Server
    site: Site
    worker: Program
    log: Path

    @contextmanager
    def on(self, database: str) -> Iterator[Site]:
        """Serve a fresh copy of a database, with a worker beside it and no mail of before."""
        self.server.drop(self.site.database)
        self.server.copy(database, self.site.database)
        shutil.rmtree(self.site.data / "mail", ignore_errors=True)
        with _running(self.worker, self.log):
            yield self.site


@contextmanager
def running_web(server: Server, data: Path) -> Iterator[Web]:
    """Start the web server that is shipped, on a database of its own, and kill it at the end."""
    ensure_built()
    port = int(_child(_FREE_PORT))
    site = Site(f"http://localhost:{port}", server.copy(), data)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "TELMEE_MODE": "demo",
        "TELMEE_DATA": str(data),
        "TELMEE_URL": site.url,
        "DATABASE_URL": url_of(server.app_url, site.database),
        "PYTHONPATH": str(_ROOT / "src"),
    }
    web, worker = shipped._programs(environment, port, shipped.LOCALHOST)
    log = data / "log"
    with _running(web, log):
        _wait_for(f"http://127.0.0.1:{port}/healthz", log)
        yield Web(server, site, worker, log)
    server.drop(site.database)


@contextmanager
def _running(program: Program, log: Path) -> Iterator[None]:
    with log.open("ab") as said:
        # A session of its own, so that the children of the web server die with it.
        process = subprocess.Popen(
            program.arguments,
            env=program.environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def let_sign_in(server: Server, name: str, password: str) -> None:
    """Keep everybody's password as a running site does; tests keep it in a quicker way."""
    hasher = ScryptPasswordHasher()
    kept = hasher.encode(password, hasher.salt())
    with psycopg.connect(server.owner_url, dbname=name) as owner:
        owner.execute("UPDATE organisations_user SET password = %s", [kept])


def url_of(url: str, name: str) -> str:
    """The address of another database on the same server, as a URL."""
    head, _, query = url.partition("?")
    base = head.rpartition("/")[0]
    return f"{base}/{name}?{query}" if query else make_conninfo(url, dbname=name)


def _child(program: str, *arguments: str) -> str:
    """Run what needs a socket in a child: Python's own sockets are shut in tests."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _wait_for(url: str, log: Path) -> None:
    try:
        _child(_WAIT, url, str(PATIENCE_SECONDS))
    except subprocess.CalledProcessError as error:
        raise RuntimeError(log.read_text()) from error
