"""Publishing: every version once, and never another text under the same name."""

from hashlib import sha256
from pathlib import Path
from shutil import copytree

import pytest
from django.db import ProgrammingError

from telmee.apps.schemes.actions import publish_schemes
from telmee.apps.schemes.models import SchemeVersion
from telmee.core.errors import DomainError
from telmee.integrations.scheme_files import load_scheme, scheme_ids, scheme_versions
from tests.conftest import Server, connected

ID = "leiden-2023-09"
VERSION = "2023-09-01"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of schemes with one scheme in it, to write in."""
    published = Path(__file__).parents[3] / "schemes"
    copytree(published / ID, tmp_path / ID)
    monkeypatch.setenv("TELMEE_SCHEMES", str(tmp_path))
    return tmp_path


def add_version(folder: Path, day: str) -> None:
    text = (folder / ID / f"{VERSION}.toml").read_text("utf-8")
    (folder / ID / f"{day}.toml").write_text(text.replace(VERSION, day), "utf-8")


@pytest.mark.usefixtures("db")
def test_every_version_of_the_folder_is_published_with_its_own_text() -> None:
    on_disk = {(name, version) for name in scheme_ids() for version in scheme_versions(name)}
    rows = {(row.scheme_id, row.version): row for row in SchemeVersion.objects.all()}
    assert rows.keys() == on_disk
    for (scheme_id, version), row in rows.items():
        scheme = load_scheme(scheme_id, version)
        assert row.sha256 == scheme.sha256 == sha256(row.document.encode()).hexdigest()
        assert (row.family, row.publisher) == (scheme.family, scheme.publisher)
        assert (row.title, row.valid_from) == (scheme.title.nl, scheme.valid_from)
        assert row.has_amounts == scheme.has_amounts


@pytest.mark.usefixtures("db")
def test_publishing_again_adds_nothing() -> None:
    assert publish_schemes() == 0


@pytest.mark.usefixtures("db")
def test_a_changed_text_is_refused(folder: Path) -> None:
    with (folder / ID / f"{VERSION}.toml").open("a", encoding="utf-8") as stream:
        stream.write("# a word more\n")
    with pytest.raises(DomainError) as caught:
        publish_schemes()
    (problem,) = caught.value.problems
    assert problem.code == "published_scheme_differs"
    assert problem.params == {"scheme": ID, "version": VERSION}


@pytest.mark.usefixtures("db")
def test_the_role_that_serves_cannot_publish(folder: Path) -> None:
    add_version(folder, "2031-01-01")
    with pytest.raises(ProgrammingError, match="permission denied"):
        publish_schemes()


def test_the_owner_publishes_what_is_new(server: Server, own_database: str, folder: Path) -> None:
    add_version(folder, "2031-01-01")
    with connected(server.owner_url, own_database):
        assert (publish_schemes(), publish_schemes()) == (1, 0)
    versions = SchemeVersion.objects.filter(scheme_id=ID).order_by("version")
    assert [row.version for row in versions] == [VERSION, "2031-01-01"]


def test_one_changed_text_keeps_the_new_ones_out_too(
    server: Server, own_database: str, folder: Path
) -> None:
    add_version(folder, "2031-01-01")
    with (folder / ID / f"{VERSION}.toml").open("a", encoding="utf-8") as stream:
        stream.write("# a word more\n")
    with connected(server.owner_url, own_database), pytest.raises(DomainError) as caught:
        publish_schemes()
    assert [problem.code for problem in caught.value.problems] == ["published_scheme_differs"]
    assert not SchemeVersion.objects.filter(version="2031-01-01").exists()
