"""One installation: its data folder, its database, and the environment that the settings read.

Every command that needs the database gets it here, so that `demo`, `serve`, `backup` and the rest
mean the same place by `--data`, `TELMEE_DATA`, `DATABASE_URL` and `DATABASE_OWNER_URL`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import django
from psycopg.conninfo import conninfo_to_dict

from telmee.core.errors import DomainError, Problem
from telmee.installation import database
from telmee.installation.embedded_database import APP, EmbeddedDatabase

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Installation:
    """Where an installation keeps its files, and where its database is.

    `owner_url` is None when somebody else keeps the database and only the application's address
    was given.
    """

    data: Path
    app_url: str
    owner_url: str | None
    embedded: EmbeddedDatabase | None = field(default=None, kw_only=True)

    @property
    def logs(self) -> Path:
        """The folder of the programs' logs."""
        return self.data / "log"

    def environment(self, mode: str, **more: str) -> dict[str, str]:
        """The environment of the programs that serve: without the owner's address."""
        own = {
            "TELMEE_MODE": mode,
            "TELMEE_DATA": str(self.data),
            "DATABASE_URL": self.app_url,
            "DJANGO_SETTINGS_MODULE": _settings(),
        }
        inherited = {name: os.environ[name] for name in os.environ if name != "DATABASE_OWNER_URL"}
        return inherited | own | more

    def heal(self) -> None:
        """Start the database again when it ended; one of somebody else is his to keep."""
        if self.embedded is not None:
            self.embedded.heal()

    def require_owner(self) -> str:
        """The address of the database's owner. Raises `database_owner_unknown` without one."""
        if self.owner_url is None:
            raise DomainError(Problem("database_owner_unknown", "DATABASE_OWNER_URL"))
        return self.owner_url

    def set_up(self) -> None:
        """Make or renew roles, tables and rights."""
        app = conninfo_to_dict(self.app_url)
        password = app.get("password")
        database.setup(
            self.require_owner(),
            str(app.get("user") or APP),
            None if password is None else str(password),
        )

    def ensure_set_up(self) -> None:
        """Set up when this version has not done so yet; without the owner that is refused."""
        if database.is_set_up(self.owner_url or self.app_url):
            return
        if self.owner_url is None:
            raise DomainError(Problem("database_not_set_up", "DATABASE_URL"))
        self.set_up()


def data_folder(given: Path | None = None) -> Path:
    """The data folder: the one asked for, else `TELMEE_DATA`, else `data` beside the launcher."""
    return Path(given or os.environ.get("TELMEE_DATA") or _ROOT / "data").absolute()


def own_secret_key(data: Path) -> Path:
    """The file of the key that a demonstration makes for itself; it may not exist yet."""
    return data / "secret_key"


def secret_keys(data: Path) -> list[str]:
    """The keys that the settings would use: the one that seals, then those before it."""
    key = os.environ.get("TELMEE_SECRET_KEY", "")
    if not key and own_secret_key(data).exists():
        key = own_secret_key(data).read_text("ascii")
    before = os.environ.get("TELMEE_SECRET_KEY_FALLBACKS", "").split(",")
    return [each for each in (key, *before) if each]


def embedded_database(data: Path) -> EmbeddedDatabase:
    """The database that an installation has in its own data folder."""
    return EmbeddedDatabase(data / "database")


@contextmanager
def started(given: Path | None = None) -> Iterator[Installation]:
    """Start an installation's own database, or take the outside one that the environment names.

    Raises `DomainError` when it runs already.
    """
    data = data_folder(given)
    if (outside := outside_installation(data)) is not None:
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield outside
        return
    own = embedded_database(data)
    addresses = own.start()
    try:
        yield Installation(data, addresses.app, addresses.owner, embedded=own)
    finally:
        own.stop()


@contextmanager
def joined(given: Path | None = None) -> Iterator[Installation]:
    """Use an installation whether it runs or not; its database is stopped only if we started it."""
    data = data_folder(given)
    running = None if outside_installation(data) else embedded_database(data).addresses()
    if running is None:
        with started(data) as installation:
            yield installation
    else:
        yield Installation(data, running.app, running.owner)


def start_django(installation: Installation, mode: str) -> None:
    """Let this process work with the installation, with the owner's connection where known."""
    os.environ.update(installation.environment(mode))
    if installation.owner_url is not None:
        os.environ["DATABASE_OWNER_URL"] = installation.owner_url
    django.setup()


def _settings() -> str:
    return os.environ.get("DJANGO_SETTINGS_MODULE", database.SETTINGS)


def outside_installation(data: Path) -> Installation | None:
    """Find a database that somebody else runs; half an address is told, not guessed."""
    app, owner = os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL")
    if app:
        return Installation(data, app, owner)
    if owner:
        raise DomainError(Problem("database_url_unknown", "DATABASE_URL"))
    return None
