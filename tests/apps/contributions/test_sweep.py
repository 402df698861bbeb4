"""What was removed for good is gone, also when a program was killed before it could do so."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from telmee.apps.contributions import evidence, file_removal
from telmee.apps.contributions.actions import remove_draft, take_back
from telmee.apps.contributions.file_removal import sweep_evidence
from telmee.apps.contributions.models import Evidence
from telmee.apps.organisations.acting import acting_as
from telmee.integrations.files.private import store
from tests.apps.contributions.test_evidence import PNG, a_line, add
from tests.cast import Cast
from tests.registering import found

pytestmark = pytest.mark.django_db
_TWO_HOURS_AGO = time.time() - 2 * 60 * 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Any:
    """Keep the evidence of one test apart, for a sweep looks at all of it."""
    before, settings.EVIDENCE_FOLDER = settings.EVIDENCE_FOLDER, tmp_path / "evidence"
    yield settings.EVIDENCE_FOLDER
    settings.EVIDENCE_FOLDER = before


def _grown_old(path: Path) -> None:
    os.utime(path, (_TWO_HOURS_AGO, _TWO_HOURS_AGO))


@pytest.mark.parametrize("what", ["one file", "a draft"])
def test_a_kill_between_commit_and_removal_is_made_good(cast: Cast, what: str) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        first, second = add(acting, line_id), add(acting, line_id, PNG, "foto.png")
        paths = [evidence.path_of(first), evidence.path_of(second)]
        # Nothing that waits for the commit is done here: so a kill leaves it.
        if what == "one file":
            evidence.remove_evidence(*found(acting, line_id), first, reason="dubbel")
        else:
            take_back(*found(acting, line_id))
            remove_draft(*found(acting, line_id))
            for path in paths:
                _grown_old(path)
    assert all(path.exists() for path in paths)
    swept = sweep_evidence()
    assert [path.exists() for path in paths] == [False, what == "one file"]
    assert swept.discarded == (1 if what == "one file" else 2)
    assert sweep_evidence().discarded == 0


def test_a_file_that_waits_for_its_row_is_left(folder: Path) -> None:
    waiting = folder / store(folder, [b"nieuw"]).name
    killed = folder / store(folder, [b"van een uur geleden"]).name
    _grown_old(killed)
    not_ours = folder / ".keep"
    not_ours.touch()
    _grown_old(not_ours)
    assert sweep_evidence().discarded == 1
    assert (waiting.exists(), killed.exists(), not_ours.exists()) == (True, False, True)


def test_a_row_without_its_file_is_told(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        lost, _stays = add(acting, line_id), add(acting, line_id)
    evidence.path_of(lost).unlink()
    with caplog.at_level(logging.ERROR):
        assert sweep_evidence().missing == (lost.pk,)
    assert f"evidence {lost.pk}: its file is missing" in caplog.text


def test_the_folder_of_another_database_is_not_emptied(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(file_removal, "_UNKNOWN_MAX", 3)
    files = [folder / store(folder, [b"van een ander"]).name for _ in range(4)]
    for file in files:
        _grown_old(file)
    swept = sweep_evidence()
    assert (swept.discarded, swept.is_other_folder) == (0, True)
    assert all(file.exists() for file in files)
    assert "no row knows" in caplog.text
    files[0].unlink()
    assert sweep_evidence().discarded == 3


def test_nobody_but_a_sweep_lists_the_files_of_all(cast: Cast) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        add(acting, line_id)
        with pytest.raises(DatabaseError, match="only a sweep"), transaction.atomic():
            connection.cursor().execute("SELECT * FROM telmee_evidence_files()")
        assert Evidence.objects.count() == 1
