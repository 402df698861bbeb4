"""What holds for every test, and the database of those that need one.

Each worker has a PostgreSQL of its own with one template, migrated as owner; tests run on a copy,
as the application's role, with row security on. `db` undoes a test by rolling back; a test that
commits, or that needs two connections, takes `own_database`. Nothing is flushed. What several
tests start from is made once for their module, in `module_database`: `db` undoes each test in it,
and `own_database` is a copy of it.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import django
import psycopg
import pytest
from _pytest import runner
from django.core.signals import setting_changed
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.client import ClientHandler
from django.utils import translation
from hypothesis import settings
from psycopg.conninfo import conninfo_to_dict

from telmee.installation.embedded_database import EmbeddedDatabase
from telmee.installation.frontend import ensure_words
from tests.set_up import database_place, put_set_up
from tests.signals import forget_what_was_inherited
from tests.stack import in_one_piece

forget_what_was_inherited()
os.environ["DJANGO_SETTINGS_MODULE"] = "telmee.config.settings"
os.environ["TELMEE_MODE"] = "test"
os.environ["TELMEE_SECRET_KEY"] = "tests need no secret, but Django a long one" * 2
_DATA = tempfile.TemporaryDirectory(prefix="telmee-tests-")
os.environ["TELMEE_DATA"] = _DATA.name
os.environ["DATABASE_URL"] = "postgresql:///nobody-connects-here"
os.environ.pop("DATABASE_OWNER_URL", None)
# Workers and programs keep what they compile, whatever is set outside: a quarter of each start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
ensure_words()
django.setup()


#: Names in templates of packages, which Django lets pass.
_NOT_OURS = {
    "authenticators.recovery_codes.generate_codes",
    "authenticators.recovery_codes.get_unused_codes",
}


class _NoSuchName(str):
    """What Django writes for a name that a page does not give to its template.

    Django writes nothing there: a column stays empty, and nobody knows. In tests it is a failure.
    """

    __slots__ = ()

    def __contains__(self, sign: object) -> bool:
        """Ask for the name, which `__mod__` is given."""
        return True

    def __mod__(self, name: object) -> str:
        """Fail with the name, unless it is one of a package's own templates."""
        if str(name) in _NOT_OURS:
            return ""
        raise AssertionError(f"a template asks for {name}, which its page does not give")


engines["django"].engine.string_if_invalid = _NoSuchName("no such name")  # type: ignore[attr-defined]
# The workers inherit the environment, and would read the settings before they have a folder of
# their own.
del os.environ["DJANGO_SETTINGS_MODULE"]

# A slow machine is no failure; a failing example prints the line that repeats it.
settings.register_profile("telmee", deadline=None, print_blob=True)
settings.load_profile("telmee")


def load_middleware_once() -> None:
    """Let the test clients share their middleware until a setting changes.

    Each would load its own, and walk through all static files for it, which costs as much as a
    page.
    """
    load = ClientHandler.load_middleware
    loaded: dict[str, Any] = {}

    def load_once(self: ClientHandler, is_async: bool = False) -> None:
        if not loaded:
            load(self, is_async)
            loaded.update({name: of for name, of in vars(self).items() if "middleware" in name})
        vars(self).update(loaded)

    ClientHandler.load_middleware = load_once  # type: ignore[assignment, method-assign]
    setting_changed.connect(lambda **_changed: loaded.clear(), weak=False)


load_middleware_once()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test as pytest does, with room for all its calls."""
    return in_one_piece(runner.pytest_runtest_protocol)(item, nextitem)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the journeys come first, in the random order that they got.

    All of them go to one worker then, so that one browser, one site and one example region are
    started for them; and no worker ends with the longest tests while the others have nothing left.
    """
    items.sort(key=lambda item: item.path.parent.name != "journeys")


def pytest_collection_finish() -> None:
    """Leave what was imported and collected to itself: it stays until the end.

    The garbage collector would walk through all of it again and again.
    """
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Leave no files behind, which a later run would find where it got the same folder."""
    _DATA.cleanup()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat, just above the last line, which checks before pytest failed."""
    if failed := os.environ.get("TELMEE_FAILED_CHECKS"):
        terminalreporter.section("niet gelukt / failed before pytest", red=True)
        terminalreporter.write_line(failed)


class Server:
    """This worker's PostgreSQL: a template, and copies of it."""

    def __init__(self, owner_url: str, app_url: str) -> None:
        self.owner_url, self.app_url = owner_url, app_url
        #: The databases that tests start in: one where nothing was made, and one of their module.
        self.shared = self.of_module = ""

    def make_template(self) -> None:
        """Make the cast where everything was set up, as owner."""
        with connected(self.owner_url):
            from tests.cast import make_cast  # noqa: PLC0415 - tables come after Django's setup

            make_cast()
        self._run("ALTER DATABASE telmee RENAME TO template")

    def copy(self, database: str = "template", name: str = "") -> str:
        """Make a copy of the template, or of another database, and give its name."""
        name = name or f"test_{uuid4().hex[:12]}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {database} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Throw a copy away."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.owner_url, dbname="postgres", autocommit=True) as postgres:
            postgres.execute(statement)


def point_at(url: str, name: str | None = None) -> None:
    """Let Django's connection go to another database."""
    told = conninfo_to_dict(url)
    connection.close()
    connection.settings_dict |= {
        "NAME": name or told["dbname"],
        "USER": told.get("user", ""),
        "PASSWORD": told.get("password", ""),
        "HOST": told.get("host", ""),
        "PORT": str(told.get("port", "")),
    }


_servers: list[Server] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a test start the same whichever test its worker ran before.

    In the language of the installation, and not in that of who opened the last page; and where
    nothing was made, unless it takes what was made for its module.
    """
    translation.deactivate()
    takes = "module_database" in getattr(item, "fixturenames", ())
    for server in _servers:
        ours = {server.shared, server.of_module}
        wanted = (takes and server.of_module) or server.shared
        if connection.settings_dict["NAME"] in ours - {wanted}:
            point_at(server.app_url, wanted)


@contextmanager
def connected(url: str, name: str | None = None) -> Iterator[None]:
    """Let Django's connection go to a database for a while."""
    before = dict(connection.settings_dict)
    point_at(url, name)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def server(django_db_blocker: Any) -> Iterator[Server]:
    """Start this worker's PostgreSQL and make its template."""
    with database_place() as folder:
        put_set_up(folder / "postgres")
        with EmbeddedDatabase(folder / "postgres", durable=False) as database:
            addresses = database.addresses()
            assert addresses is not None
            started = Server(addresses.owner, addresses.app)
            with django_db_blocker.unblock():
                started.make_template()
            _servers.append(started)
            yield started
            _servers.remove(started)


@pytest.fixture(scope="session")
def django_db_setup(server: Server, django_db_blocker: Any) -> Iterator[None]:
    """Use a database that exists, in place of one that pytest-django would make."""
    with django_db_blocker.unblock():
        server.shared = name = server.copy()
        with connected(server.app_url, name):
            yield
        server.drop(name)


@pytest.fixture(scope="module")
def module_database(
    server: Server,
    django_db_setup: None,  # noqa: ARG001 - this one takes its place for a while
    django_db_blocker: Any,
) -> Iterator[str]:
    """Keep what the fixtures of a module make for all its tests, in a database of its own."""
    with django_db_blocker.unblock():
        server.of_module = name = server.copy()
        with connected(server.app_url, name):
            yield name
        server.of_module = ""
        server.drop(name)


@pytest.fixture(scope="module")
def module_cast(module_database: str) -> Any:  # noqa: ARG001 - it is found in there
    """Find the fixed cast, for a fixture that makes something once for all tests of its module."""
    from telmee.apps.organisations.acting import acting_as  # noqa: PLC0415 - as below
    from tests.cast import find_cast  # noqa: PLC0415 - as below

    with acting_as(None):
        return find_cast()


@pytest.fixture(scope="module")
def pair(module_cast: Any) -> tuple[int, int]:
    """Make a contract with a surplus, and one on which much is open."""
    from tests.pooling import rich_and_poor  # noqa: PLC0415 - as below

    return rich_and_poor(module_cast)


@pytest.fixture(scope="module")
def its(module_cast: Any) -> Any:
    """Make an initiative of three contracts, agreed by their two contractors."""
    from tests.initiatives import world  # noqa: PLC0415 - as below

    return world(module_cast)


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest, server: Server, django_db_blocker: Any
) -> Iterator[str]:
    """A database of its own for a test, to commit in; it is thrown away after.

    It begins as that of its module, for a test that takes what was made in there.
    """
    of_module = "module_database" in request.fixturenames
    copied = request.getfixturevalue("module_database") if of_module else "template"
    with django_db_blocker.unblock():
        connection.close()  # nobody may be in what is copied
        name = server.copy(copied)
        with connected(server.app_url, name):
            yield name
        server.drop(name)


@pytest.fixture
def as_owner(server: Server) -> Callable[..., list[tuple[Any, ...]]]:
    """Run SQL as owner in the test's database; for what only `own_database` has committed.

    In the database that tests share it only reads: what it wrote there no test would undo.
    """

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(server.owner_url, dbname=name, autocommit=True) as owner:
            owner.read_only = name == server.shared
            found = owner.execute(statement, values or None)
            return found.fetchall() if found.description else []

    return run


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Any:
    """Find the fixed cast in the test's database."""
    own = "own_database" in request.fixturenames  # of a fixture that comes later, maybe
    request.getfixturevalue("own_database" if own else "db")
    from telmee.apps.organisations.acting import acting_as  # noqa: PLC0415 - as above
    from tests.cast import find_cast  # noqa: PLC0415 - as above

    with acting_as(None):
        return find_cast()


@pytest.fixture
def browse() -> Callable[..., Any]:
    """A browser without a screen: signed in as somebody, or a visitor's."""

    def open_as(user: Any = None, **more: Any) -> Client:
        client = Client(**more)
        if user is not None:
            client.force_login(user)
        return client

    return open_as
