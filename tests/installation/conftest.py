"""Places and servers for the tests about an installation."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from telmee.installation.embedded_database import EmbeddedDatabase
from tests.set_up import database_place, put_set_up


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the database's user can reach; pytest's own is closed to all but root."""
    folder = Path(tempfile.mkdtemp(prefix="telmee-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def begun() -> bool:
    """Whether the server of a module has an installation that was set up and never used."""
    return False


@pytest.fixture(scope="module")
def server(begun: bool) -> Iterator[EmbeddedDatabase]:
    """A running server, with nothing in it yet unless `begun` says so."""
    with database_place() as folder:
        if begun:
            put_set_up(folder / "database")
        with EmbeddedDatabase(folder / "database", durable=False) as database:
            yield database


@pytest.fixture(scope="module")
def environment(server: EmbeddedDatabase) -> dict[str, str]:
    """What `serve` would run with, the database running."""
    return {
        **{name: value for name, value in os.environ.items() if "DATABASE" not in name},
        "DJANGO_SETTINGS_MODULE": "telmee.config.settings",
        "TELMEE_DATA": str(server.folder.parent),
        "TELMEE_SECRET_KEY": secrets.token_urlsafe(48),
        "TELMEE_URL": "https://localhost",
        "TELMEE_HOSTS": "localhost",
    }
