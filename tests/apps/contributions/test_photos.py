"""A photo that proves a line waits until it was searched for a BSN, unseen by others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import Http404
from procrastinate.contrib.django.models import ProcrastinateJob

from telmee.apps.audit.models import Event
from telmee.apps.contributions import evidence
from telmee.apps.contributions.jobs import SEARCH_TASK
from telmee.apps.contributions.models import Evidence
from telmee.apps.contributions.queries import evidence_of
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import Membership
from tests.apps.contributions.test_evidence import PNG, a_line, add
from tests.cast import Cast
from tests.integrations.evidence.making import pdf, recogniser, scan
from tests.registering import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[int, int]:
    """Add a photo to a line, where a library reads a harmless invoice in it."""
    monkeypatch.setattr(settings, "PHOTO_LIBRARY", str(recogniser(tmp_path, "Factuur 17")))
    line = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        return line, add(acting, line, PNG, "bon.png").pk


def seen_by(user: Any, line_id: int) -> list[int]:
    """The files of a line that somebody sees in a list, and can get one by one."""
    with acting_as(user.pk) as acting:
        access, line = found(acting, line_id)
        listed = [one.pk for one in evidence_of(line)]
        for pk in listed:
            evidence.evidence_for(access, line, pk)
        return listed


def searched(cast: Cast, pk: int) -> None:
    evidence.search_evidence(pk, cast.contractor.pk)


def test_others_see_a_photo_once_it_was_searched(cast: Cast, photo: tuple[int, int]) -> None:
    line, pk = photo
    assert seen_by(cast.contractor, line) == [pk]
    assert seen_by(cast.adviser, line) == []
    with acting_as(cast.adviser.pk) as acting, pytest.raises(Http404):
        evidence.evidence_for(*found(acting, line), pk)
    with acting_as(cast.contractor.pk):
        asked = ProcrastinateJob.objects.filter(task_name=SEARCH_TASK, args__evidence_id=pk)
        assert asked.count() == 1
    searched(cast, pk)
    assert seen_by(cast.adviser, line) == [pk]
    with acting_as(cast.adviser.pk):
        assert Evidence.objects.get(pk=pk).is_searched


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE contributions_evidence SET waits_for_search = false, is_searched = true",
        "UPDATE contributions_evidence SET removed_at = now()",
        "DELETE FROM contributions_evidence",
    ],
)
def test_past_all_code_others_neither_see_nor_release_a_photo_that_waits(
    cast: Cast, photo: tuple[int, int], deed: str
) -> None:
    for who in ("adviser", "team", "reader", "auditor", "subcontractor", "competitor", "operator"):
        with acting_as(getattr(cast, who).pk), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM contributions_evidence")
            assert cursor.fetchall() == [(0,)], who
            cursor.execute(deed)
            assert cursor.rowcount == 0, who
    with acting_as(cast.contractor.pk):
        assert Evidence.objects.get(pk=photo[1]).waits_for_search


def test_a_photo_with_a_bsn_goes_and_the_journal_says_so_without_it(
    cast: Cast,
    photo: tuple[int, int],
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    line, pk = photo
    recogniser(tmp_path, "Medewerker 123456782")
    with acting_as(cast.contractor.pk):
        path = evidence.path_of(Evidence.objects.get(pk=pk))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            searched(cast, pk)
    assert not path.exists()
    assert seen_by(cast.contractor, line) == seen_by(cast.adviser, line) == []
    with acting_as(cast.contractor.pk):
        told = Event.objects.filter(verb="contribution.evidence_with_bsn", object_id=line)
        assert [event.details.keys() for event in told] == [{"evidence", "number", "sha256"}]


def test_a_photo_that_takes_too_much_stays_and_is_not_searched(
    cast: Cast, photo: tuple[int, int], tmp_path: Path
) -> None:
    line, pk = photo
    recogniser(tmp_path, "", before="bytearray(1 << 40)")
    searched(cast, pk)
    assert seen_by(cast.adviser, line) == [pk]
    with acting_as(cast.adviser.pk):
        kept = Evidence.objects.get(pk=pk)
        assert (kept.is_searched, kept.waits_for_search) == (False, False)


def test_the_photo_of_who_may_no_longer_work_on_the_line_stays_unseen(
    cast: Cast, photo: tuple[int, int]
) -> None:
    line, pk = photo
    with acting_as(cast.contractor_manager.pk):
        Membership.objects.filter(user=cast.contractor).delete()
    searched(cast, pk)
    assert seen_by(cast.adviser, line) == []


def test_without_the_library_nothing_waits(cast: Cast) -> None:
    line = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        kept = add(acting, line, PNG, "bon.png")
        assert (kept.waits_for_search, kept.is_searched) == (False, False)
    assert seen_by(cast.adviser, line) == [kept.pk]


def test_a_scan_waits_as_a_photo_does(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    library = recogniser(tmp_path, "Factuur 17", before="path.size")
    monkeypatch.setattr(settings, "PHOTO_LIBRARY", str(library))
    line = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        scanned = add(acting, line, scan(300), "scan.pdf").pk
        text = add(acting, line, pdf("Factuur"), "factuur.pdf").pk
    assert seen_by(cast.adviser, line) == [text]
    searched(cast, scanned)
    assert sorted(seen_by(cast.adviser, line)) == [scanned, text]
    with acting_as(cast.adviser.pk):
        assert Evidence.objects.get(pk=scanned).is_searched
