"""A published report holds after a correction, in another place, and under another key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.test import override_settings

from telmee.apps.contracts.access import contract_for
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.freezing import report_for
from telmee.web.reports.files import document_file
from tests.cast import Cast
from tests.conftest import Server
from tests.money import accepted, agree
from tests.publishing import published
from tests.registering import hand_in, register

OLD_KEY, NEW_KEY = "a key that signed before " * 3, "a key that signs from now on " * 3


def environment(server: Server, database: str, data: Path, *keys: str) -> dict[str, str]:
    urls = (urlsplit(url)._replace(path=f"/{database}").geturl() for url in (
        server.app_url, server.owner_url,
    ))  # fmt: skip
    names = ("DATABASE_URL", "DATABASE_OWNER_URL")
    secrets = {"TELMEE_SECRET_KEY": keys[0], "TELMEE_SECRET_KEY_FALLBACKS": ",".join(keys[1:])}
    data.mkdir(exist_ok=True)
    return {
        **os.environ,
        **dict(zip(names, urls, strict=True)),
        **secrets,
        "TELMEE_DATA": str(data),
    }


def telmee(place: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "telmee", *arguments, "--lang", "en"]
    return subprocess.run(command, env=place, capture_output=True, text=True, check=False)


@pytest.fixture
def elsewhere(server: Server) -> Iterator[str]:
    """An empty database to restore into."""
    name = f"restored_{uuid4().hex[:12]}"
    with psycopg.connect(server.owner_url, dbname="postgres", autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield name
    server.drop(name)


def reports(cast: Cast, folder: Path) -> list[Path]:
    """A report, and the next one that puts it right: the files that somebody has of both."""
    contract = register(cast)
    accepted(cast, hand_in(cast, contract, kenmerk="R-1", persoon="P-1"))
    files = []
    for number in (1, 2):
        pk = published(cast.adviser, cast.hilversum)
        with acting_as(cast.adviser.pk) as acting:
            row = report_for(acting, pk)
            contents = [bytes(one.content) for one in row.papers.all()] + [document_file(row)]
            day = date(2025, 1, 1)
            agree(
                contract_for(acting, contract),
                amount_cents=80_000_00 - number,
                effective_on=day,
                key=uuid4(),
                reason="De opdrachtsom klopte niet.",
            )
        for at, content in enumerate(contents):
            files.append(folder / f"{number}-{at}")
            files[-1].write_bytes(content)
    return files


@pytest.mark.enable_socket
def test_a_report_holds_after_a_correction_a_restore_and_another_key(
    own_database: str, cast: Cast, server: Server, elsewhere: str, tmp_path: Path
) -> None:
    with override_settings(SECRET_KEY=OLD_KEY):
        files = reports(cast, tmp_path)
    backup = tmp_path / "backup.tar"
    here = environment(server, own_database, tmp_path / "here", OLD_KEY)
    there = environment(server, elsewhere, tmp_path / "there", NEW_KEY, OLD_KEY)
    wrote = telmee(here, "backup", str(backup))
    assert wrote.returncode == 0, wrote.stderr
    restored = telmee(there, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr  # and the books are in order
    assert "report_" not in restored.stderr + restored.stdout
    for file in (files[0], files[-1]):  # each is a process of its own
        assert telmee(there, "report", "verify", str(file)).returncode == 0
    forgotten = environment(server, elsewhere, tmp_path / "there", NEW_KEY)
    unknown = telmee(forgotten, "report", "verify", str(files[0]))
    assert (unknown.returncode, "seal_key_unknown" in unknown.stderr) == (1, True)
    checked = telmee(forgotten, "ledger", "check")
    assert (checked.returncode, checked.stderr.count("report_key_unknown")) == (0, 2)
    with psycopg.connect(server.owner_url, dbname=elsewhere) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE reports_report SET document = document || ' ' WHERE number = 1")
    altered = telmee(there, "ledger", "check")
    assert (altered.returncode, altered.stderr.count("report_altered")) == (1, 1)
