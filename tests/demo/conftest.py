"""The example region, loaded once for all who look at it and change nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from telmee.demo import loading
from tests.conftest import Server, connected

DAY = date(2026, 3, 10)


@contextmanager
def own_files(folder: Path) -> Iterator[None]:
    kept = settings.EVIDENCE_FOLDER, settings.UPLOAD_FOLDER
    settings.EVIDENCE_FOLDER, settings.UPLOAD_FOLDER = folder / "evidence", folder / "uploads"
    yield
    settings.EVIDENCE_FOLDER, settings.UPLOAD_FOLDER = kept


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path) -> Iterator[None]:
    with own_files(tmp_path):
        yield


def load(server: Server, name: str, profile: str | None = None) -> None:
    with connected(server.owner_url, name):
        loading.load(profile, day=DAY)


@pytest.fixture(scope="session")
def loaded(
    server: Server, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[str]:
    """Load the region once; whoever looks at it changes nothing in it."""
    name = server.copy()
    with django_db_blocker.unblock(), own_files(tmp_path_factory.mktemp("region")):
        load(server, name)
    yield name
    server.drop(name)


@pytest.fixture
def region(server: Server, loaded: str, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), connected(server.app_url, loaded):
        yield loaded
