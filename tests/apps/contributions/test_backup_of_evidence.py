"""A backup holds the evidence of one moment, whatever is added and removed meanwhile."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from telmee.apps.contributions import evidence
from telmee.apps.contributions.file_removal import removing_files, sweep_evidence
from telmee.apps.contributions.models import Evidence
from telmee.apps.organisations.acting import acting_as
from telmee.installation import backup
from telmee.installation.data_folder import Installation
from telmee.installation.embedded_database import binaries
from telmee.integrations.files.private import REMOVING_FILES
from tests.cast import Cast
from tests.conftest import Server
from tests.integrations.evidence.making import pdf
from tests.registering import found, hand_in, register

_ROUNDS = 8


@pytest.fixture
def installation(own_database: str, server: Server) -> Installation:
    urls = [make_conninfo(url, dbname=own_database) for url in (server.app_url, server.owner_url)]
    return Installation(Path(settings.DATA), *urls)


class Line:
    """A line whose evidence changes."""

    def __init__(self, cast: Cast) -> None:
        self._user = cast.contractor.pk
        contract = register(cast)
        cells: dict[str, Any] = {"bouwblok": "training", "bedrag": 1_250_00}
        self._line = hand_in(cast, contract, **cells, uren_per_week=None, eind=None)
        self._count = 0

    def add(self) -> Evidence:
        self._count += 1
        content = pdf(f"Factuur {self._count} " + "x" * 5_000)
        with acting_as(self._user) as acting:
            access, line = found(acting, self._line)
            file = io.BytesIO(content)
            return evidence.add_evidence(access, line, file=file, name="f.pdf", kind="")

    def remove(self, kept: Evidence) -> None:
        with acting_as(self._user) as acting:
            access, line = found(acting, self._line)
            evidence.remove_evidence(access, line, kept, reason="dubbel")


@pytest.fixture
def line(own_database: str, cast: Cast) -> Line:  # noqa: ARG001 - commits
    return Line(cast)


def rows_and_files(file: Path, folder: Path) -> tuple[set[str], set[str]]:
    """What the rows of a backup name, and which files it holds."""
    with tarfile.open(file) as archive:
        files = {one.name for one in archive if one.name.startswith("evidence/")}
        archive.extract("database.dump", folder, filter="data")
    table = ["--data-only", "--table=contributions_evidence", "--file=-"]
    dump = subprocess.run(
        [binaries() / "pg_restore", *table, folder / "database.dump"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    head, _, body = dump.partition("FROM stdin;\n")
    columns = head.rpartition("(")[2].partition(")")[0].split(", ")
    rows = [dict(zip(columns, row.split("\t"), strict=True)) for row in _until_end(body)]
    return {f"evidence/{row['stored_as']}" for row in rows if row["removed_at"] == r"\N"}, files


def _until_end(body: str) -> Iterator[str]:
    for row in body.splitlines():
        if row == r"\.":
            return
        yield row


@pytest.mark.parametrize("when", ["before the dump", "after the dump"])
def test_evidence_removed_meanwhile_is_in_the_backup_and_its_file_waits(
    installation: Installation,
    line: Line,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    when: str,
) -> None:
    removed, stays = line.add(), line.add()
    run: Callable[..., None] = backup._run

    def change() -> None:
        line.remove(removed)
        line.add()

    def between(*arguments: Any) -> None:
        if when == "before the dump":
            change()
        run(*arguments)
        if when == "after the dump":
            change()

    monkeypatch.setattr(backup, "_run", between)
    file = tmp_path / "all.tar"
    assert backup.write_backup(installation, file) == 2
    rows, files = rows_and_files(file, tmp_path)
    assert rows == files == {f"evidence/{one.stored_as}" for one in (removed, stays)}
    # What was removed is still there: a sweep takes it once no backup holds it back.
    assert evidence.path_of(removed).exists()
    with psycopg.connect(installation.require_owner()) as another:
        another.execute("SELECT pg_advisory_xact_lock(%s)", [REMOVING_FILES])
        sweep_evidence()
        assert evidence.path_of(removed).exists()
    sweep_evidence()
    assert not evidence.path_of(removed).exists()
    line.remove(stays)
    assert not evidence.path_of(stays).exists()


def test_each_backup_is_whole_while_evidence_comes_and_goes(
    installation: Installation, line: Line, tmp_path: Path
) -> None:
    for _ in range(5):
        line.add()
    with _changing(line):
        for number in range(_ROUNDS):
            file = tmp_path / f"{number}.tar"
            backup.write_backup(installation, file)
            rows, files = rows_and_files(file, tmp_path)
            assert rows == files
            with tarfile.open(file) as archive:
                manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
            assert {one["name"] for one in manifest["members"]} == {"database.dump", *files}


@contextmanager
def _changing(line: Line) -> Iterator[None]:
    """Add and remove evidence all the time, in a thread of its own."""
    stop, failed = Event(), list[BaseException]()

    def go_on() -> None:
        try:
            while not stop.is_set():
                line.remove(line.add())
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)
        finally:
            connection.close()

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert not failed


@pytest.mark.usefixtures("own_database")
def test_those_who_remove_files_do_not_wait_for_each_other(server: Server) -> None:
    name = connection.settings_dict["NAME"]
    with (
        removing_files() as now,
        psycopg.connect(server.app_url, dbname=name) as another,
    ):
        assert now
        ask = "SELECT pg_try_advisory_xact_lock_shared(%s), pg_try_advisory_xact_lock(%s)"
        lock = REMOVING_FILES
        assert another.execute(ask, [lock, lock]).fetchone() == (True, False)
