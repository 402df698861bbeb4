"""A backup: the database, the evidence, and a manifest that proves both, in one tar.

It holds no sessions and no keys; the manifest says by a mark which keys its sealed secrets need.
The manifest is written last, when every hash is known, and read first. Restoring believes nothing
that it did not check: each member is a plain file that the manifest names, with that size and hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg

from telmee.core.errors import DomainError, Problem
from telmee.installation import database, second_steps
from telmee.installation.data_folder import Installation, outside_installation, secret_keys
from telmee.installation.embedded_database import MAJOR, binaries
from telmee.integrations.files import whole_file
from telmee.integrations.files.private import REMOVING_FILES

_Connection = psycopg.Connection[tuple[Any, ...]]

FORMAT = 2
_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_EVIDENCE = "evidence"
_MANIFEST_BYTES_MAX = 256 * 1024 * 1024
#: What signs somebody in by itself, or counts who tried: none of it belongs in another place.
#: Of invitations only the hash of a link is kept, and the link must work after a restore; a link
#: that waits to be sent is sealed. Jobs name rows by their id and go on where they were.
SIGNING_IN = (
    "django_session",
    "usersessions_usersession",
    "account_emailconfirmation",
    "socialaccount_socialtoken",
    "organisations_cache",
)
#: Who owns and who may do what is the installation's own affair; `set_up` sees to it.
_PLAIN = ("--no-owner", "--no-privileges")
#: A schema takes the place of another in one transaction, so that a failure changes nothing. An
#: open page may hold a table for a moment; a hanging one must not hold us for ever.
_MAKE_PLACE = "SET lock_timeout = '30s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in the backup, and the proof of its contents."""

    name: str
    size: int
    sha256: str


def write_backup(installation: Installation, file: Path) -> int:
    """Write a backup, whole or not at all, readable by its owner only; gives how much evidence.

    The dump and the list of evidence are of one moment. From before it until the last file is
    copied no evidence is removed. Raises a problem for each file that is gone or was altered.
    """
    owner = installation.require_owner()
    with (
        whole_file(file) as draft,
        tempfile.TemporaryDirectory(prefix=".telmee-", dir=file.parent) as beside,
        _one_moment(owner) as (connection, snapshot),
    ):
        draft.chmod(0o600)
        needed = second_steps.keys_needed(connection, secret_keys(installation.data))
        dump = Path(beside, _DUMP)
        leaving_out = [f"--exclude-table-data=public.{table}" for table in SIGNING_IN]
        arguments = (*_PLAIN, *leaving_out, f"--snapshot={snapshot}", "--format=custom")
        _run("backup_failed", "pg_dump", *arguments, "--file", dump, owner)
        with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as archive:
            members = [_add(archive, dump, _DUMP)]
            evidence = _add_evidence(archive, connection, installation.data / _EVIDENCE)
            about = {**_versions(connection), "secret_keys": needed}
            _add_manifest(archive, {**about, "members": [*map(asdict, [*members, *evidence])]})
    return len(evidence)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose members all are as the manifest says."""

    archive: tarfile.TarFile
    manifest: Mapping[str, Any]


@contextmanager
def checked_backup(file: Path, secret_keys: Sequence[str] | None) -> Iterator[Backup]:
    """Open a backup and check all of it, before anything is made to restore it in.

    `secret_keys` is None for who no longer has the key that second steps were sealed with: people
    then sign in with their password and set a second step up anew.
    """
    with _opened(file) as archive:
        manifest = _verified(archive, file)
        if secret_keys is not None:
            second_steps.require_keys(manifest["secret_keys"], secret_keys)
        yield Backup(archive, manifest)


def restore_backup(backup: Backup, installation: Installation) -> None:
    """Put a backup into an empty installation, or leave it as it was.

    The evidence waits beside its place until the database is there, so that a restore that was
    interrupted can be repeated. Second steps that cannot be opened here go.
    """
    owner = installation.require_owner()
    _require_empty(installation)
    with psycopg.connect(owner) as connection:
        _require_postgresql(backup.manifest, connection.info.server_version // 10000)
    installation.ensure_set_up()
    with psycopg.connect(owner) as connection:
        _require_known(backup.manifest["migrations"], _versions(connection)["migrations"])
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=installation.data) as beside:
        _extract(backup.archive, Path(beside))
        _replace_database(Path(beside), owner)
        _place_evidence(Path(beside), installation.data)
    installation.set_up()
    _hold_notices(owner)
    second_steps.remove_unreadable(owner, secret_keys(installation.data))


def _hold_notices(owner_url: str) -> None:
    """Leave it to an operator what is still sent: it may have been sent since the backup."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE notices_notice SET state = 'unknown', fault = 'restored'"
            " WHERE state IN ('waiting', 'sending')"
        )


def _run(code: str, program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL; its complaint becomes ours."""
    command = [str(binaries() / program), *map(str, arguments)]
    done = subprocess.run(  # noqa: S603  # a program of the wheel, on paths of our own
        command, check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise DomainError(Problem(code, params={"reason": reason}))


@contextmanager
def _one_moment(owner_url: str) -> Iterator[tuple[_Connection, str]]:
    """Hold the database as it is at this moment, for us and for `pg_dump`, and every file with it.

    The lock comes before the moment: what is removed after it leaves its file until we are done.
    """
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [REMOVING_FILES])
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            yield connection, str(snapshot[0]) if snapshot else ""
    except psycopg.Error as error:
        raise DomainError(Problem("backup_failed", params={"reason": str(error)})) from error


def _versions(connection: _Connection) -> dict[str, Any]:
    """What a reader must have, to judge whether he can."""
    applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
    return {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": connection.info.server_version // 10000,
        "migrations": [f"{app}.{name}" for app, name in applied],
        "made_by": database.kept_migrations(connection),
    }


def _add_evidence(archive: tarfile.TarFile, connection: _Connection, folder: Path) -> list[_Member]:
    """Add the file of each row, and hold it against the row; tells all that differ at once."""
    rows = connection.execute(
        "SELECT id, stored_as, size, sha256 FROM contributions_evidence"
        " WHERE removed_at IS NULL ORDER BY id"
    ).fetchall()
    added, faults = [], []
    for number, stored_as, size, sha256 in rows:
        wanted = _Member(f"{_EVIDENCE}/{stored_as}", size, sha256)
        try:
            member = _add(archive, folder / stored_as, wanted.name)
        except OSError:
            member = None
        added.append(wanted)
        if member != wanted:
            code = "backup_evidence_missing" if member is None else "backup_evidence_differs"
            faults.append(Problem(code, params={"evidence": number, "file": stored_as}))
    if faults:
        raise DomainError(faults)
    return added


def _add(archive: tarfile.TarFile, path: Path, name: str) -> _Member:
    """Add a file as it is now; its hash is of the bytes that went in."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source:
        about = _about(name, os.fstat(source.fileno()).st_size)
        hashing = _Hashing(source)
        archive.addfile(about, hashing)
    return _Member(name, about.size, hashing.sha256.hexdigest())


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        piece = self._source.read(size)
        self.sha256.update(piece)
        return piece


def _add_manifest(archive: tarfile.TarFile, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    archive.addfile(_about(_MANIFEST, len(text)), BytesIO(text))


def _about(name: str, size: int) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.size, about.mode = size, 0o600
    return about


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup; what cannot be read as one is refused, wherever the reading fails."""
    try:
        with tarfile.open(file, "r:") as archive:
            yield archive
    except (OSError, tarfile.TarError, UnicodeDecodeError) as error:
        raise DomainError(Problem("backup_unreadable", params={"file": file.name})) from error


def _verified(archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    """Read the manifest and hold every member against it; tells all that differ at once."""
    members = {about.name: about for about in archive.getmembers()}
    try:
        manifest = json.loads(_read_manifest(archive, members))
        wanted = {member["name"]: _Member(**member) for member in manifest["members"]}
        version = manifest["format"]
        _require_version("format", version, FORMAT, fits=version == FORMAT)
        _require_fitting(manifest)
        needed = [str(mark) for mark in manifest["secret_keys"]]
    except (KeyError, TypeError, ValueError) as error:
        raise DomainError(Problem("backup_unreadable", params={"file": file.name})) from error
    del members[_MANIFEST]
    wrong = list(members.keys() ^ wanted.keys())
    wrong += [
        name
        for name in members.keys() & wanted.keys()
        if not _is_ours(name) or _member_of(archive, members[name]) != wanted[name]
    ]
    if len(archive.getmembers()) != len(members) + 1 or _DUMP not in members:
        wrong.append(_DUMP)
    if wrong:
        params = {"members": ", ".join(sorted(set(wrong))[:10])}
        raise DomainError(Problem("backup_damaged", params=params))
    return {**manifest, "secret_keys": needed}


def _read_manifest(archive: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> bytes:
    about = members[_MANIFEST]
    if about.size > _MANIFEST_BYTES_MAX:
        raise ValueError("no manifest of ours is that large")
    return _contents(archive, about).read()


def _is_ours(name: str) -> bool:
    """Whether a name stays inside the folder that it is unpacked in."""
    path = PurePosixPath(name)
    inside = str(path) == name and ".." not in path.parts and not path.is_absolute()
    return inside and (name == _DUMP or (path.parts[0] == _EVIDENCE and len(path.parts) > 1))


def _member_of(archive: tarfile.TarFile, about: tarfile.TarInfo) -> _Member:
    digest = hashlib.file_digest(_contents(archive, about), "sha256")  # type: ignore[arg-type]
    return _Member(about.name, about.size, digest.hexdigest())


def _contents(archive: tarfile.TarFile, about: tarfile.TarInfo) -> IO[bytes]:
    """Open a member that is a plain file; links, devices and sparse files are none of ours."""
    contents = archive.extractfile(about) if about.type == tarfile.REGTYPE else None
    if contents is None:
        raise tarfile.TarError(about.name)
    return contents


def _require_fitting(manifest: Mapping[str, Any]) -> None:
    """Refuse what this version cannot read, before there is anything to restore it in.

    What a newer Telmee wrote, or one with other tables; older is brought up to date. A database of
    somebody else, and migrations of libraries, are asked for once they are there.
    """
    if outside_installation(Path()) is None:
        _require_postgresql(manifest, int(MAJOR))
    ours = database.own_migrations()
    apps = {_app_of(name) for name in ours}
    _require_known([name for name in manifest["migrations"] if _app_of(name) in apps], ours)
    database.require_own_migrations(dict(manifest.get("made_by", {})), "")


def _app_of(migration: str) -> str:
    return migration.partition(".")[0]


def _require_postgresql(manifest: Mapping[str, Any], here: int) -> None:
    theirs = manifest["postgresql"]
    _require_version("PostgreSQL", theirs, here, fits=theirs <= here)


def _require_known(theirs: Iterable[str], ours: Collection[str]) -> None:
    """Refuse migrations that nobody here has."""
    if newer := set(theirs).difference(ours):
        _require_version("migration", min(newer), max(ours), fits=False)


def _require_version(what: str, version: int | str, wanted: int | str, *, fits: bool) -> None:
    if not fits:
        params = {"what": what, "found": version, "wanted": wanted}
        raise DomainError(Problem("backup_other_version", params=params))


def _require_empty(installation: Installation) -> None:
    """Refuse to write over what somebody has."""
    evidence = installation.data / _EVIDENCE
    where = []
    if not database.is_empty(installation.require_owner()):
        where.append("database")
    if evidence.exists() and any(evidence.iterdir()):
        where.append(str(evidence))
    if where:
        raise DomainError(Problem("restore_not_empty", params={"where": ", ".join(where)}))


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    for about in archive.getmembers():
        target = folder / about.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _contents(archive, about) as source, target.open("xb") as written:
            target.chmod(0o600)
            shutil.copyfileobj(source, written)


def _replace_database(folder: Path, owner_url: str) -> None:
    """Load the dump in one transaction; as text first, so that half a dump is never begun."""
    script = folder / "database.sql"
    _run("restore_failed", "pg_restore", *_PLAIN, "--file", script, folder / _DUMP)
    _run(
        "restore_failed",
        *("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        *("--command", _MAKE_PLACE, "--file", script, "--dbname", owner_url),
    )


def _place_evidence(folder: Path, data: Path) -> None:
    restored = folder / _EVIDENCE
    if restored.exists():
        restored.replace(data / _EVIDENCE)
