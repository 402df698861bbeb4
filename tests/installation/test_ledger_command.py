"""`./telmee ledger check`, and `journal` beside it: what they need to know to prove the books."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from telmee.installation.embedded_database import EmbeddedDatabase

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def begun() -> bool:
    return True


def telmee(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "telmee", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_books_are_proved_by_who_does_not_have_the_secret_key(
    environment: dict[str, str],
) -> None:
    without = {name: environment[name] for name in environment if name != "TELMEE_SECRET_KEY"}
    done = telmee(without, "ledger", "check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "command", [("ledger", "check"), ("journal", "head"), ("journal", "verify", "--head", "{}")]
)
def test_who_has_the_address_of_the_application_alone_is_told_so(
    server: EmbeddedDatabase, environment: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    addresses = server.addresses()
    assert addresses
    head = tmp_path / "head.json"
    head.write_text("{}", "utf-8")
    named = [str(head) if part == "{}" else part for part in command]
    done = telmee(environment | {"DATABASE_URL": addresses.app}, *named)
    assert (done.returncode, "[database_owner_unknown]" in done.stderr) == (2, True)
