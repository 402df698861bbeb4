"""A backup brings everything back, or changes nothing."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from telmee.config import database
from telmee.config.backup import restore_backup, write_backup
from telmee.config.embedded_database import EmbeddedDatabase
from telmee.config.installation import Installation
from telmee.core.errors import DomainError, Problem

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def empty(server: EmbeddedDatabase) -> Installation:
    """An installation that was set up and never used."""
    found = server.addresses()
    assert found
    database.setup(found.owner)
    return Installation(server.folder.parent / "data", found.app, found.owner)


@pytest.fixture
def make(empty: Installation, tmp_path: Path) -> Iterator[Callable[[str], Installation]]:
    """Make installations as `empty`, each with a database and a data folder of its own."""
    made: list[str] = []

    def another(name: str) -> Installation:
        with psycopg.connect(maintenance(empty), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE telmee")
        made.append(name)
        (tmp_path / name).mkdir()
        urls = [url.replace("/telmee?", f"/{name}?") for url in (empty.app_url, owner_of(empty))]
        return Installation(tmp_path / name, *urls)

    yield another
    with psycopg.connect(maintenance(empty), autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def used(make: Callable[[str], Installation]) -> Installation:
    """An installation with a setting, a session and two pieces of evidence."""
    installation = make("used")
    with psycopg.connect(owner_of(installation)) as connection:
        connection.execute("INSERT INTO django_session VALUES ('a', 'kept', now())")
    (installation.data / "evidence" / "12").mkdir(parents=True)
    (installation.data / "evidence" / "12" / "brief é.pdf").write_bytes(b"%PDF\0" * 9)
    (installation.data / "evidence" / "leeg").write_bytes(b"")
    return installation


def owner_of(installation: Installation) -> str:
    assert installation.owner_url
    return installation.owner_url


def maintenance(installation: Installation) -> str:
    return owner_of(installation).replace("/telmee?", "/postgres?")


def sessions(installation: Installation) -> list[tuple[str, ...]]:
    with psycopg.connect(installation.app_url) as connection:
        return connection.execute("SELECT session_data FROM django_session").fetchall()


def evidence(installation: Installation) -> dict[str, bytes]:
    folder = installation.data / "evidence"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refusal(file: Path, installation: Installation) -> Problem:
    with pytest.raises(DomainError) as raised:
        restore_backup(file, installation)
    return raised.value.problems[0]


def read(file: Path) -> Members:
    with tarfile.open(file) as archive:
        return {about.name: archive.extractfile(about).read() for about in archive}  # type: ignore[union-attr]


def write(file: Path, members: Members) -> None:
    with tarfile.open(file, "w") as archive:
        for name, contents in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(contents)
            archive.addfile(about, io.BytesIO(contents))


def remade(members: Members, **changed: object) -> Members:
    """Give members with a manifest that fits them, and says something else besides."""
    manifest = json.loads(members.pop("manifest.json"))
    manifest["members"] = [
        {"name": name, "size": len(contents), "sha256": hashlib.sha256(contents).hexdigest()}
        for name, contents in members.items()
    ]
    return {**members, "manifest.json": json.dumps(manifest | changed).encode()}


def test_everything_comes_back(used: Installation, make: Callable[[str], Installation]) -> None:
    file = used.data / "all.tar"
    assert write_backup(used, file) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    target = make("target")
    restore_backup(file, target)
    assert sessions(target) == [("kept",)]
    assert evidence(target) == evidence(used)
    assert database.role_faults(target.app_url) == []
    with (
        psycopg.connect(target.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM ledger_entry")
    assert [path.name for path in target.data.iterdir()] == ["evidence"]


def test_a_backup_that_fails_leaves_nothing(used: Installation) -> None:
    file = used.data / "all.tar"
    before = sorted(used.data.iterdir())
    gone = replace(used, owner_url=owner_of(used).replace("/used?", "/gone?"))
    with pytest.raises(DomainError) as raised:
        write_backup(gone, file)
    assert raised.value.problems[0].code == "backup_failed"
    assert sorted(used.data.iterdir()) == before
    with pytest.raises(DomainError) as raised:
        write_backup(replace(used, owner_url=None), file)
    assert raised.value.problems[0].code == "database_owner_unknown"


def damages() -> dict[str, Callable[[Members], Members]]:
    evil = {"evidence/../../outside": b"x"}
    return {
        "changed": lambda m: m | {"evidence/12/brief é.pdf": b"%PDF\0" * 8 + b"%PDF\1"},
        "missing": lambda m: {name: m[name] for name in m if "brief" not in name},
        "added": lambda m: m | {"evidence/more": b"x"},
        "without the database": lambda m: remade({n: m[n] for n in m if n != "database.dump"}),
        "outside": lambda m: remade(m | evil),
        "absolute": lambda m: remade(m | {"/var/outside": b"x"}),
        "elsewhere": lambda m: remade(m | {"secret_key": b"x"}),
    }


@pytest.mark.parametrize("how", damages())
def test_a_damaged_backup_touches_nothing(
    used: Installation, empty: Installation, how: str
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    write(file, damages()[how](read(file)))
    # Whoever would be asked for anything is not there.
    target = replace(empty, data=used.data / "nowhere", owner_url="postgresql://nobody@/none")
    problem = refusal(file, target)
    assert problem.code == "backup_damaged"
    assert not target.data.exists()


def test_a_link_in_a_backup_is_refused(used: Installation) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    members = read(file)
    with tarfile.open(file, "w") as archive:
        for name, contents in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(contents)
            if name == "evidence/leeg":
                about.type, about.linkname, about.size = tarfile.SYMTYPE, "/etc/passwd", 0
            archive.addfile(about, io.BytesIO(contents))
    assert refusal(file, used).code == "backup_unreadable"


@pytest.mark.parametrize("contents", [b"", b"no tar", None])
def test_what_is_no_backup_is_refused(
    used: Installation, contents: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "some.tar"
    if contents is not None:
        file.write_bytes(contents)
    assert refusal(file, used).code == "backup_unreadable"


def test_half_a_backup_is_refused(used: Installation) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    whole = file.read_bytes()
    for length in (len(whole) // 2, 600):
        file.write_bytes(whole[:length])
        assert refusal(file, used).code == "backup_unreadable"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"format": 2}, "format"),
        ({"postgresql": 99}, "PostgreSQL"),
        ({"migrations": ["ledger.9999_tomorrow"]}, "migration"),
    ],
)
def test_a_backup_of_a_newer_version_is_refused(
    used: Installation,
    make: Callable[[str], Installation],
    changed: dict[str, object],
    what: str,
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    write(file, remade(read(file), **changed))
    target = make("target")
    problem = refusal(file, target)
    assert (problem.code, problem.params["what"]) == ("backup_other_version", what)
    assert sessions(target) == []


def test_nothing_is_written_over(used: Installation, make: Callable[[str], Installation]) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    assert refusal(file, used).params["where"] == str(used.data / "evidence")
    target = make("target")
    with psycopg.connect(owner_of(target)) as connection:
        insert_user(connection)
    assert refusal(file, target).params["where"] == "database"
    assert not (target.data / "evidence").exists()


def test_a_restore_that_fails_leaves_the_database_as_it_was(
    used: Installation, make: Callable[[str], Installation]
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    members = read(file)
    members["database.dump"] = members["database.dump"][:-400]
    write(file, remade(members))
    target = make("target")
    assert refusal(file, target).code == "restore_failed"
    assert database.is_set_up(target.app_url)
    assert list(target.data.iterdir()) == []


def insert_user(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Insert a row with something in every column that must have it."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = 'organisations_user' AND is_nullable = 'NO' AND is_identity = 'NO'"
    ).fetchall()
    values = {"boolean": "true", "timestamp with time zone": "2026-01-01"}
    connection.execute(
        f"INSERT INTO organisations_user ({', '.join(str(name) for name, _ in columns)})"  # noqa: S608
        f" VALUES ({', '.join('%s' for _ in columns)})",
        [values.get(str(kind), "1") for _, kind in columns],
    )
