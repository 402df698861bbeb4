"""A backup: the database, the evidence, and a manifest that proves both, in one tar.

The manifest is written last, when every hash is known, and read first. Restoring believes nothing
that it did not check: each member is a plain file that the manifest names, with that size and hash.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg

from telmee.config import database
from telmee.config.embedded_database import binaries
from telmee.config.installation import Installation
from telmee.core.errors import DomainError, Problem
from telmee.integrations.files import whole_file

FORMAT = 1
_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_EVIDENCE = "evidence"
_MANIFEST_BYTES_MAX = 256 * 1024 * 1024
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
    """Write a backup, whole or not at all, readable by its owner only; gives how many files.

    The database comes first: evidence is stored before the row that names it, so every file that
    the dump knows is there.
    """
    owner = installation.require_owner()
    with (
        whole_file(file) as draft,
        tempfile.TemporaryDirectory(prefix=".telmee-", dir=file.parent) as beside,
    ):
        draft.chmod(0o600)
        dump = Path(beside, _DUMP)
        _run("backup_failed", "pg_dump", *_PLAIN, "--format=custom", "--file", dump, owner)
        with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as archive:
            members = [_add(archive, dump, _DUMP)]
            evidence = installation.data / _EVIDENCE
            for path in sorted(evidence.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    name = PurePosixPath(_EVIDENCE, *path.relative_to(evidence).parts)
                    members.append(_add(archive, path, str(name)))
            _add_manifest(archive, {**_versions(owner), "members": [*map(asdict, members)]})
    return len(members)


def restore_backup(file: Path, installation: Installation) -> None:
    """Put a backup into an empty installation; all is checked before anything is touched.

    The evidence waits beside its place until the database is there, so that a restore that was
    interrupted can be repeated.
    """
    owner = installation.require_owner()
    with _opened(file) as archive:
        manifest = _verified(archive, file)
        _require_empty(installation)
        installation.ensure_set_up()
        _require_fitting(manifest, _versions(owner))
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=installation.data) as beside:
            _extract(archive, Path(beside))
            _replace_database(Path(beside), owner)
            _place_evidence(Path(beside), installation.data)
    installation.set_up()


def _run(code: str, program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL; its complaint becomes ours."""
    command = [str(binaries() / program), *map(str, arguments)]
    done = subprocess.run(  # noqa: S603  # a program of the wheel, on paths of our own
        command, check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise DomainError(Problem(code, params={"reason": reason}))


def _versions(owner_url: str) -> dict[str, Any]:
    """Tell what a reader must have, to judge whether he can."""
    with psycopg.connect(owner_url) as connection:
        applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        return {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgresql": connection.info.server_version // 10000,
            "migrations": [f"{app}.{name}" for app, name in applied],
        }


def _add(archive: tarfile.TarFile, path: Path, name: str) -> _Member:
    """Add a file as it is now; its hash is of the bytes that went in."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        about = _about(name, path.stat().st_size)
        archive.addfile(about, source)
    return _Member(name, about.size, sha256)


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
    found = {about.name: about for about in archive.getmembers()}
    try:
        manifest = json.loads(_read_manifest(archive, found))
        wanted = {member["name"]: _Member(**member) for member in manifest["members"]}
        version = manifest["format"]
    except (KeyError, TypeError, ValueError) as error:
        raise DomainError(Problem("backup_unreadable", params={"file": file.name})) from error
    _require_version("format", version, FORMAT, fits=version == FORMAT)
    del found[_MANIFEST]
    wrong = list(found.keys() ^ wanted.keys())
    wrong += [
        name
        for name in found.keys() & wanted.keys()
        if not _is_ours(name) or _member_of(archive, found[name]) != wanted[name]
    ]
    if len(archive.getmembers()) != len(found) + 1 or _DUMP not in found:
        wrong.append(_DUMP)
    if wrong:
        params = {"members": ", ".join(sorted(set(wrong))[:10])}
        raise DomainError(Problem("backup_damaged", params=params))
    checked: dict[str, Any] = manifest
    return checked


def _read_manifest(archive: tarfile.TarFile, found: Mapping[str, tarfile.TarInfo]) -> bytes:
    about = found[_MANIFEST]
    if about.size > _MANIFEST_BYTES_MAX:
        raise ValueError("no manifest of ours is that large")
    return _contents(archive, about).read()


def _is_ours(name: str) -> bool:
    """Tell whether a name stays inside the folder that it is unpacked in."""
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


def _require_fitting(manifest: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse what a newer PostgreSQL or a newer Telmee wrote; older is brought up to date."""
    found, ours = manifest["postgresql"], here["postgresql"]
    _require_version("PostgreSQL", found, ours, fits=found <= ours)
    if newer := set(manifest["migrations"]) - set(here["migrations"]):
        known = max(here["migrations"])
        _require_version("migration", min(newer), known, fits=False)


def _require_version(what: str, found: int | str, wanted: int | str, *, fits: bool) -> None:
    if not fits:
        params = {"what": what, "found": found, "wanted": wanted}
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
