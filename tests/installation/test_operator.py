"""The first operator of a fresh installation, made by command."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from urllib.parse import urlsplit

import psycopg
import pytest

from telmee.installation.embedded_database import EmbeddedDatabase
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.enable_socket
_EMAIL = "beheer@example.org"
_PASSWORD = "Vijf-groene-fietsen-2041"  # noqa: S105 - of nobody
_USE_LINK = """
import sys, django
django.setup()
from django.test import Client
client = Client(HTTP_HOST="localhost")
page = client.get(sys.argv[1], follow=True, secure=True)
address = page.redirect_chain[-1][0] if page.redirect_chain else sys.argv[1]
chosen = {"password1": sys.argv[2], "password2": sys.argv[2]}
done = client.post(address, chosen, secure=True)
entered = Client(HTTP_HOST="localhost").post("/accounts/login/",
    {"login": sys.argv[3], "password": sys.argv[2]}, secure=True)
print(done.status_code, entered.status_code)
"""


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "telmee", "operator", "create", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, input=""
    )


def operators(server: EmbeddedDatabase) -> list[tuple[str, bool]]:
    found = server.addresses()
    assert found
    with psycopg.connect(found.owner) as owner:
        rows = owner.execute("SELECT email, is_operator FROM organisations_user ORDER BY email")
        return rows.fetchall()


def typed(environment: dict[str, str], email: str, *lines: str) -> int:
    """Run the command on a terminal, and type a line at each question."""
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, "-m", "telmee", "operator", "create", email]
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own program
    waiting, seen, end = list(lines), "", time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 1000).decode()
        except OSError:
            break
        if waiting and re.search(r"(Wachtwoord|Nog eens): ?$", seen):
            os.write(terminal, waiting.pop(0).encode() + b"\n")
            seen = ""
    os.close(terminal)
    assert not any(line in seen for line in lines)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_link_makes_an_operator_who_chooses_his_password_once(
    server: EmbeddedDatabase, environment: dict[str, str]
) -> None:
    made = run(environment, _EMAIL.upper(), "--link")
    assert made.returncode == 0, made.stderr
    link = urlsplit(made.stdout.strip())
    assert (link.scheme, link.netloc) == ("https", "localhost")
    assert dict(operators(server))[_EMAIL]
    found = server.addresses()
    assert found
    served = {**environment, "DATABASE_URL": found.app, "TELMEE_MODE": "demo"}  # mail to a file

    def use(password: str) -> str:
        command = [sys.executable, "-c", _USE_LINK, link.path, password, _EMAIL]
        done = subprocess.run(command, env=served, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr[-2000:]

    assert use(_PASSWORD) == "302 302"
    assert use("Een-ander-wachtwoord-2042").endswith(" 200")


@pytest.mark.parametrize(
    ("email", "code"),
    [("geen-adres", "operator_email_invalid"), ("ander@example.org", "password_not_typed")],
)
def test_what_cannot_be_made_is_refused(
    server: EmbeddedDatabase, environment: dict[str, str], email: str, code: str
) -> None:
    done = run(environment, email)
    assert (done.returncode, code in done.stderr) == (2, True), done.stderr
    assert email not in dict(operators(server))


def test_an_account_that_exists_is_left_alone(environment: dict[str, str]) -> None:
    assert run(environment, "vierde@example.org", "--link").returncode == 0
    again = run(environment, "Vierde@example.org", "--link")
    assert (again.returncode, again.stdout) == (2, "")
    assert "operator_email_known" in again.stderr


def test_a_password_is_typed_twice_and_may_not_be_guessed(
    server: EmbeddedDatabase, environment: dict[str, str]
) -> None:
    assert typed(environment, "tweede@example.org", "kort", "kort") == 2
    assert "tweede@example.org" not in dict(operators(server))
    assert typed(environment, "tweede@example.org", _PASSWORD, _PASSWORD) == 0
    assert dict(operators(server))["tweede@example.org"]


def test_a_link_needs_the_key_that_serve_has(environment: dict[str, str]) -> None:
    done = run({**environment, "TELMEE_SECRET_KEY": ""}, "derde@example.org", "--link")
    assert "secret_key_insecure" in done.stderr
