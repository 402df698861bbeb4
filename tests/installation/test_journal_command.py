"""`./telmee journal`: a head to keep, and whether the books still fit it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from telmee.installation.embedded_database import EmbeddedDatabase

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def begun() -> bool:
    return True


def journal(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "telmee", "journal", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_head_is_kept_and_a_journal_that_was_altered_no_longer_fits_it(
    server: EmbeddedDatabase, environment: dict[str, str], tmp_path: Path
) -> None:
    found = server.addresses()
    assert found
    before = journal(environment, "head")
    assert before.returncode == 0, before.stderr
    with psycopg.connect(found.owner) as owner:
        owner.execute(
            "INSERT INTO audit_event (verb, kind, object_id, reason, details)"
            " VALUES ('contract.closed', 'contract', 1, 'Klaar', '{}')"
        )
    head = journal(environment, "head")
    assert head.returncode == 0, head.stderr
    assert json.loads(head.stdout)["rows"] == json.loads(before.stdout)["rows"] + 1
    kept = tmp_path / "head.json"
    kept.write_text(head.stdout, "utf-8")
    fits = journal(environment, "verify", "--head", str(kept))
    assert (fits.returncode, fits.stderr) == (0, "")
    with psycopg.connect(found.owner) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE audit_event SET reason = 'Nog niet klaar'")
    differs = journal(environment, "verify", "--head", str(kept))
    assert differs.returncode == 1
    assert "[" in differs.stderr


def test_what_is_no_head_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}", "utf-8")
    done = journal(environment, "verify", "--head", str(other))
    assert (done.returncode, "head_unreadable" in done.stderr) == (2, True)
