"""The worker: as a process of its own that a test can kill, or within that of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tests.conftest import Server
from tests.patience import wait_until


def address(server: Server, name: str) -> str:
    return urlsplit(server.app_url)._replace(path=f"/{name}").geturl()


def worker(url: str) -> subprocess.Popen[bytes]:
    told = {
        "DATABASE_URL": url,
        "TELMEE_DATA": str(settings.DATA),
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "PYTHONPATH": "src",
    }
    command = [sys.executable, "-m", "django", "procrastinate", "worker"]
    return subprocess.Popen(command, env={**os.environ, **told})


def work_off() -> None:
    """Do what a worker can do now, in the database of the test.

    In this process: to start another one takes longer than its work. In a thread of its own, as the
    browser of a journey before it keeps a loop of events running in the first one.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_work_off).result()


def _work_off() -> None:
    """Run a worker; each job of it has a connection in a thread, which is closed with it."""
    with patch.dict(connection.settings_dict, CONN_MAX_AGE=0):
        call_command("procrastinate", "worker", "--one-shot")
    connections.close_all()


def kill_at_work(
    server: Server, database: str, as_owner: Any, *, last: str = "audit_event"
) -> None:
    """Let a worker do all of its work but write in the `last` table, and kill it then."""
    waits = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    with psycopg.connect(server.owner_url, dbname=database) as holding:
        holding.execute(f"LOCK TABLE {last} IN SHARE MODE")
        killed = worker(address(server, database))
        wait_until(lambda: as_owner(waits, last) != [(0,)], f"a worker that writes in {last}")
        killed.send_signal(signal.SIGKILL)
        killed.wait()


def redo(as_owner: Any) -> None:
    """Let a next worker notice that the last one is gone, and do its work."""
    as_owner("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    with suppress(AlreadyEnqueued):  # the killed one planned it
        app.configure_task("jobs:redo_abandoned").defer(timestamp=0)
    for _ in range(2):
        work_off()
