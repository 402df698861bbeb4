"""What the commands that run an installation refuse, and where they say it is."""

import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from telmee.cli.main import main
from telmee.core.errors import DomainError
from telmee.installation.browser import find_browser, install_browser
from telmee.installation.embedded_database import EmbeddedDatabase
from telmee.installation.serving import choose_port

#: An `apt-get` that has $PACKAGES: it puts a program of the name of the package beside itself.
_APT_GET = """#!/bin/sh
for last; do :; done
case " $PACKAGES " in
    *" $last "*) /bin/cp "$0" "${0%/*}/$last" ;;
    *) exit 100 ;;
esac
"""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "TELMEE_SECRET_KEY", "TELMEE_DATA", "DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def codes(told: str) -> list[str]:
    return [line.rpartition("[")[2].rstrip("]") for line in told.splitlines()]


def test_serve_tells_all_that_is_insecure_at_once(
    server: EmbeddedDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = server.addresses()
    assert found
    monkeypatch.setenv("DATABASE_URL", found.owner.replace("/telmee?", "/postgres?"))
    monkeypatch.setenv("TELMEE_SECRET_KEY", "secret" * 2)
    monkeypatch.setenv("DEBUG", "1")
    assert main(["serve"]) == 2
    assert codes(capsys.readouterr().err) == [
        "secret_key_insecure",
        "debug_in_production",
        "role_bypasses_row_security",
    ]


@pytest.mark.parametrize("secret", ["", "a" * 60, "django-insecure-" + "abcdefgh" * 8])
def test_serve_refuses_a_secret_that_can_be_guessed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, secret: str
) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", secret)
    assert main(["serve", "--data", str(tmp_path / "data")]) == 2
    assert codes(capsys.readouterr().err) == ["secret_key_insecure"]
    assert not (tmp_path / "data").exists()


def test_half_an_address_of_a_database_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@localhost/telmee")
    assert main(["serve"]) == 2
    assert codes(capsys.readouterr().err) == ["database_url_unknown"]


def test_the_address_of_a_database_is_that_of_the_running_one(
    server: EmbeddedDatabase, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = server.addresses()
    assert found
    assert main(["database", "url", "--data", str(server.folder.parent)]) == 0
    assert main(["database", "url", "--owner", "--data", str(server.folder.parent)]) == 0
    assert capsys.readouterr().out.split() == [found.app, found.owner]
    assert main(["database", "url", "--data", str(tmp_path)]) == 2
    assert codes(capsys.readouterr().err) == ["database_not_running"]


@pytest.mark.enable_socket
def test_a_port_is_the_one_asked_for_or_refused(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telmee.installation.serving._STOPPING_SECONDS", 0.3)
    with pytest.raises(DomainError) as raised:
        choose_port(taken)
    assert raised.value.problems[0].code == "port_in_use"


@pytest.mark.enable_socket
def test_a_port_that_is_just_being_left_is_waited_for() -> None:
    with socket.socket() as leaving:
        leaving.bind(("127.0.0.1", 0))
        leaving.listen()
        port = leaving.getsockname()[1]
        later = threading.Timer(0.5, leaving.close)
        later.start()
        assert choose_port(port) == port
        later.join()


@pytest.mark.enable_socket
def test_without_a_wish_the_next_free_port_is_taken(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telmee.installation.serving._PORT", taken)
    chosen = choose_port(None)
    assert taken < chosen < taken + 100
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", chosen))


def test_a_browser_is_found_by_any_of_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("telmee.installation.browser._MAC", ())
    assert find_browser() is None
    for name in ("google-chrome", "chromium", "chromium-headless-shell"):  # the best comes last
        program = tmp_path / name
        program.touch(mode=0o755)
        assert find_browser() == program


@pytest.mark.parametrize("packages", ["chromium-headless-shell chromium", "chromium"])
def test_a_browser_is_installed_of_what_the_system_has(
    packages: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(_APT_GET)
    apt_get.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PACKAGES", packages)
    monkeypatch.setattr("telmee.installation.browser._MAC", ())
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert install_browser() == tmp_path / packages.split(maxsplit=1)[0]
