"""A backup brings everything back, or changes nothing."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from telmee.cli.main import main
from telmee.core.errors import DomainError, Problem
from telmee.installation import database
from telmee.installation.backup import SIGNING_IN, checked_backup, restore_backup, write_backup
from telmee.installation.data_folder import Installation
from telmee.installation.embedded_database import EmbeddedDatabase
from telmee.installation.second_steps import remove_unreadable
from telmee.integrations.seals import mark_of, seal
from telmee.integrations.signatures import is_signed, signed

Members = dict[str, bytes]
Connection = psycopg.Connection[tuple[Any, ...]]
KEY, OTHER_KEY = "the key of the installation" * 2, "the key of another one" * 3


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", KEY)
    monkeypatch.delenv("TELMEE_SECRET_KEY_FALLBACKS", raising=False)


@pytest.fixture(scope="module")
def begun() -> bool:
    return True


@pytest.fixture(scope="module")
def empty(server: EmbeddedDatabase) -> Installation:
    """An installation that was set up and never used."""
    found = server.addresses()
    assert found
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
    """An installation with a setting, a session, two second steps and two pieces of evidence."""
    installation = make("used")
    with psycopg.connect(owner_of(installation)) as connection:
        connection.execute("INSERT INTO django_session VALUES ('a', 'kept', now())")
        connection.execute(
            "INSERT INTO organisations_cache VALUES ('tries', 'many', now() + interval '1 day')"
        )
        connection.execute("COMMENT ON TABLE organisations_user IS 'kept'")
        for owner in (1, 2):
            add_second_step(connection, owner, KEY)
    add_evidence(installation, 1, "ab/12", b"%PDF\0" * 9)
    add_evidence(installation, 2, "leeg", b"")
    return installation


def hang_in_the_air(connection: Connection, table: str) -> None:
    """Take the ties of a table away, so that a row needs no other row."""
    ties = connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
    ).fetchall()
    for (name,) in ties:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def add_second_step(connection: Connection, owner: int, key: str) -> None:
    hang_in_the_air(connection, "mfa_authenticator")
    sealed = seal("JBSWY3DP", key)
    for kind, kept in (
        ("totp", {"secret": sealed}),
        ("recovery_codes", {"seed": sealed}),
        ("webauthn", {"credential": "public"}),
    ):
        connection.execute(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " VALUES (%s, %s, %s, now())",
            [owner, kind, json.dumps(kept)],
        )


def second_steps(installation: Installation) -> set[tuple[int, str]]:
    with psycopg.connect(owner_of(installation)) as connection:
        return set(connection.execute("SELECT user_id, type FROM mfa_authenticator").fetchall())


def add_evidence(installation: Installation, number: int, name: str, contents: bytes) -> None:
    path = installation.data / "evidence" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents)
    with psycopg.connect(owner_of(installation)) as connection:
        hang_in_the_air(connection, "contributions_evidence")
        insert(
            connection,
            "contributions_evidence",
            number=number,
            stored_as=name,
            size=len(contents),
            sha256=hashlib.sha256(contents).hexdigest(),
        )
        connection.execute(
            "INSERT INTO audit_event (verb, kind, object_id, reason, details)"
            " SELECT 'contribution.evidence_added', 'contribution', contribution_id, '',"
            " jsonb_build_object('evidence', id, 'sha256', sha256)"
            " FROM contributions_evidence WHERE stored_as = %s",
            [name],
        )


def owner_of(installation: Installation) -> str:
    assert installation.owner_url
    return installation.owner_url


def maintenance(installation: Installation) -> str:
    return owner_of(installation).replace("/telmee?", "/postgres?")


def what_is_kept(installation: Installation) -> str | None:
    """The one thing in the database that a restore brings back."""
    with psycopg.connect(installation.app_url) as connection:
        find = "SELECT obj_description('organisations_user'::regclass)"
        found = connection.execute(find).fetchone()
    return found[0] if found else None


def restore(file: Path, installation: Installation, keys: list[str] | None = None) -> None:
    with checked_backup(file, keys) as backup:
        restore_backup(backup, installation)


def evidence(installation: Installation) -> dict[str, bytes]:
    folder = installation.data / "evidence"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refusal(file: Path, installation: Installation) -> Problem:
    with pytest.raises(DomainError) as raised:
        restore(file, installation)
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
    """Members with a manifest that fits them, and says something else besides."""
    manifest = json.loads(members.pop("manifest.json"))
    manifest["members"] = [
        {"name": name, "size": len(contents), "sha256": hashlib.sha256(contents).hexdigest()}
        for name, contents in members.items()
    ]
    return {**members, "manifest.json": json.dumps(manifest | changed).encode()}


def test_everything_comes_back(used: Installation, make: Callable[[str], Installation]) -> None:
    file = used.data / "all.tar"
    assert write_backup(used, file) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    target = make("target")
    restore(file, target, [KEY])
    assert what_is_kept(target) == "kept"
    assert second_steps(target) == second_steps(used)
    assert evidence(target) == evidence(used)
    assert database.role_faults(target.app_url) == []
    with (
        psycopg.connect(target.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM ledger_entry")
    assert [path.name for path in target.data.iterdir()] == ["evidence"]


def test_a_published_report_comes_back_as_it_was_signed(
    used: Installation, make: Callable[[str], Installation]
) -> None:
    """Also where a new secret signs from now on: a report carries the key of then."""
    text = json.dumps({"verified_cents": 5})
    key, signature = signed(text.encode(), KEY)
    with psycopg.connect(owner_of(used)) as connection:
        hang_in_the_air(connection, "reports_report")
        insert(
            connection,
            "reports_report",
            kind="annual",
            year=2025,
            document=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            signature=signature,
            public_key=key,
            key=str(uuid4()),
        )
    file = used.data / "all.tar"
    write_backup(used, file)
    target = make("target")
    restore(file, target, [OTHER_KEY, KEY])
    read_all = "SELECT to_jsonb(r) FROM reports_report r"
    with (
        psycopg.connect(owner_of(used)) as before,
        psycopg.connect(owner_of(target)) as after,
    ):
        ((row,),) = after.execute(read_all).fetchall()
        assert [(row,)] == before.execute(read_all).fetchall()
    assert is_signed(row["document"].encode(), row["signature"], row["public_key"])


def test_what_waited_to_be_sent_is_not_sent_by_what_was_restored(
    used: Installation, make: Callable[[str], Installation], tmp_path: Path
) -> None:
    """It may have been sent since the backup was made, or be sent by who goes on in its place."""
    states = ("waiting", "sending", "sent", "given_up")
    with psycopg.connect(owner_of(used)) as connection:
        for state in states:
            connection.execute(
                "INSERT INTO notices_notice (code, facts, channel, address, language, message_id,"
                " mail, sealed, state, attempts, fault, answer)"
                " VALUES ('x', '{}', 'mail', 'a@example.org', 'nl', %s, '', '', %s, 0, '', '')",
                [state, state],
            )
    other = make("restored_notices")
    file = tmp_path / "backup.tar"
    write_backup(used, file)
    restore(file, other)
    with psycopg.connect(owner_of(other)) as connection:
        found = connection.execute("SELECT message_id, state FROM notices_notice").fetchall()
    assert dict(found) == dict(zip(states, ("unknown", "unknown", "sent", "given_up"), strict=True))


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
        "changed": lambda m: m | {"evidence/ab/12": b"%PDF\0" * 8 + b"%PDF\1"},
        "missing": lambda m: {name: m[name] for name in m if "ab" not in name},
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
        ({"format": 1}, "format"),
        ({"format": 3}, "format"),
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
    assert what_is_kept(target) is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"postgresql": 99}, "backup_other_version"),
        ({"migrations": ["ledger.9999_tomorrow"]}, "backup_other_version"),
        ({"made_by": {"ledger.0001_initial": "rewritten"}}, "database_other_migrations"),
        ({"made_by": ["ledger.0001_initial"]}, "backup_unreadable"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_made(  # noqa: PLR0917 - fixtures
    used: Installation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, object],
    code: str,
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    write(file, remade(read(file), **changed))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    elsewhere = tmp_path / "elsewhere"
    assert main(["restore", str(file), "--data", str(elsewhere)]) == 2
    assert f"[{code}]" in capsys.readouterr().err
    assert not elsewhere.exists()


def test_nothing_is_written_over(used: Installation, make: Callable[[str], Installation]) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    assert refusal(file, used).params["where"] == str(used.data / "evidence")
    target = make("target")
    with psycopg.connect(owner_of(target)) as connection:
        insert(connection, "organisations_user")
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


def insert(connection: Connection, table: str, **given: object) -> None:
    """Insert a row with something in every column that must have it."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s AND is_nullable = 'NO' AND is_identity = 'NO'",
        [table],
    ).fetchall()
    values = {"boolean": "true", "timestamp with time zone": "2026-01-01"}
    row = {str(name): values.get(str(kind), "1") for name, kind in columns} | given
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('%s' for _ in row)})",  # noqa: S608
        list(row.values()),
    )


# What signs somebody in ----------------------------------------------------------------------


def test_a_backup_signs_nobody_in(used: Installation, make: Callable[[str], Installation]) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    target = make("target")
    restore(file, target, [KEY])
    with psycopg.connect(owner_of(target)) as connection:
        for table in SIGNING_IN:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert KEY.encode() not in file.read_bytes()


def test_a_backup_names_the_keys_it_needs_and_holds_none(used: Installation) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    assert json.loads(read(file)["manifest.json"])["secret_keys"] == [mark_of(KEY)]


@pytest.mark.parametrize("keys", [[], [OTHER_KEY]])
def test_a_restore_with_another_key_is_refused_before_anything_is_made(
    used: Installation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    keys: list[str],
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    monkeypatch.delenv("TELMEE_SECRET_KEY")
    for key in keys:
        monkeypatch.setenv("TELMEE_SECRET_KEY", key)
    elsewhere = tmp_path / "elsewhere"
    assert main(["restore", str(file), "--data", str(elsewhere)]) == 2
    assert "[restore_other_key]" in capsys.readouterr().err
    assert not elsewhere.exists()


def test_a_key_of_before_opens_what_it_sealed(
    used: Installation, make: Callable[[str], Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELMEE_SECRET_KEY", OTHER_KEY)
    monkeypatch.setenv("TELMEE_SECRET_KEY_FALLBACKS", KEY)
    file = used.data / "all.tar"
    write_backup(used, file)
    target = make("target")
    restore(file, target, [OTHER_KEY, KEY])
    assert second_steps(target) == second_steps(used)


def test_without_the_key_people_set_their_second_step_up_anew(
    used: Installation, make: Callable[[str], Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = used.data / "all.tar"
    write_backup(used, file)
    monkeypatch.setenv("TELMEE_SECRET_KEY", OTHER_KEY)
    target = make("target")
    restore(file, target)
    # A passkey holds no secret of ours.
    assert second_steps(target) == {(1, "webauthn"), (2, "webauthn")}


def test_a_backup_that_cannot_name_its_key_is_refused(used: Installation) -> None:
    with psycopg.connect(owner_of(used)) as connection:
        add_second_step(connection, 3, OTHER_KEY)
    file = used.data / "all.tar"
    with pytest.raises(DomainError) as raised:
        write_backup(used, file)
    assert raised.value.problems[0].code == "second_steps_sealed"
    assert remove_unreadable(owner_of(used), [KEY]) == 1
    assert {owner for owner, kind in second_steps(used) if kind == "totp"} == {1, 2}
    write_backup(used, file)


# Evidence is whole ---------------------------------------------------------------------------


def test_a_row_without_its_file_stops_the_backup(used: Installation) -> None:
    folder = used.data / "evidence"
    for number, name in enumerate(("gone", "altered", "longer", "link"), 3):
        add_evidence(used, number, name, name.encode())
    (folder / "gone").unlink()
    (folder / "altered").write_bytes(b"ALTERED")
    (folder / "longer").write_bytes(b"longer!")
    (folder / "link").unlink()
    (folder / "link").symlink_to(folder / "leeg")
    (folder / "of no row").write_bytes(b"left behind")
    file = used.data / "all.tar"
    with pytest.raises(DomainError) as raised:
        write_backup(used, file)
    told = [(problem.code, problem.params["file"]) for problem in raised.value.problems]
    assert told == [
        ("backup_evidence_missing", "gone"),
        ("backup_evidence_differs", "altered"),
        ("backup_evidence_differs", "longer"),
        ("backup_evidence_missing", "link"),
    ]
    assert not file.exists()


def test_only_files_of_a_row_are_kept(used: Installation) -> None:
    (used.data / "evidence" / "of no row").write_bytes(b"left behind")
    file = used.data / "all.tar"
    assert write_backup(used, file) == 2
    assert "evidence/of no row" not in read(file)
