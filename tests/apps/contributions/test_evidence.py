"""Proof: what may be kept is kept out of reach, what names a person is seen and not kept."""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import Http404
from django.utils import timezone

from telmee.apps.contributions import evidence
from telmee.apps.contributions.actions import remove_draft, take_back
from telmee.apps.contributions.models import Evidence, Sighting
from telmee.apps.contributions.queries import evidence_of, sightings_of
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.integrations.apart import Limits, read_apart
from tests.cast import Cast
from tests.integrations.evidence import making
from tests.registering import found, hand_in, register

pytestmark = pytest.mark.django_db

PDF, PNG, JPG = making.pdf("Factuur F-1"), making.png(), making.jpg()
CSV = b"factuur;bedrag\nF-1;1250,00\n"
TRAINING: dict[str, Any] = {
    "bouwblok": "training",
    "bedrag": 1_250_00,
    "uren_per_week": None,
    "eind": None,
}


def a_line(cast: Cast, contract: int | None = None) -> int:
    """Hand in a course, for which an invoice may be kept."""
    return hand_in(cast, contract or register(cast), **TRAINING)


def add(acting: Any, line_id: int, content: bytes = PDF, name: str = "factuur.pdf") -> Evidence:
    access, line = found(acting, line_id)
    return evidence.add_evidence(access, line, file=io.BytesIO(content), name=name, kind="")


@pytest.mark.parametrize(
    ("content", "name"),
    [(PDF, "f.pdf"), (PNG, "f.PNG"), (JPG, "f.jpg"), (JPG, "f.jpeg"), (CSV, "f.csv")],
)
def test_a_file_of_the_list_is_kept_out_of_reach(cast: Cast, content: bytes, name: str) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        kept = add(acting, line_id, content, f"../../{name}")
        path = evidence.path_of(kept)
        assert path.parent == Path(settings.EVIDENCE_FOLDER)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_bytes() == content
        ending = name.lower().replace("jpeg", "jpg").rpartition(".")[2]
        access, line = found(acting, line_id)
        assert evidence.name_of(line, kept) == f"K-1-bewijs-1.{ending}"
        assert evidence.contents_for(access, line, kept) == content
        assert name not in str(Evidence.objects.filter(pk=kept.pk).values())


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (PDF, "brief.docx", "evidence_type"),
        (PDF, "geen-einde", "evidence_type"),
        (b"<html><script>alert(1)</script></html>", "f.pdf", "evidence_type_differs"),
        (b"MZ\x90\x00" + bytes(100), "f.csv", "evidence_type_differs"),
        (PNG, "f.jpg", "evidence_type_differs"),
        (b"PK\x03\x04" + bytes(40), "f.xlsx", "broken_workbook"),
        (b"naam;nummer\nx;123456782\n", "f.csv", "evidence_with_bsn"),
        (PDF, "123456782.pdf", "bsn_in_file_name"),
        (b"", "f.pdf", "evidence_empty"),
        (PDF + bytes(100), "f.pdf", "evidence_too_large"),
        (making.pdf("BSN 123456782"), "f.pdf", "evidence_with_bsn"),
        (PNG[:60], "f.png", "evidence_type_differs"),
        (JPG[:60], "f.jpg", "evidence_type_differs"),
    ],
)
def test_any_other_file_is_refused_and_not_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, code: str
) -> None:
    monkeypatch.setattr(settings, "EVIDENCE_BYTES_MAX", len(PDF) + 50)
    line_id = a_line(cast)
    before = set(Path(settings.EVIDENCE_FOLDER).glob("*"))
    with acting_as(cast.contractor.pk) as acting:
        with pytest.raises(DomainError) as error:
            add(acting, line_id, content, name)
        assert [p.code for p in error.value.problems] == [code]
        assert "123456782" not in str(error.value.problems)
    assert set(Path(settings.EVIDENCE_FOLDER).glob("*")) == before


@pytest.mark.parametrize(
    ("content", "name", "searched"),
    [
        (PDF, "f.pdf", True),
        (making.pdf("Factuur", ""), "f.pdf", False),
        (making.png((b"tEXt", b"Author\x00K. Jansen")), "f.png", False),
        (making.jpg(making.segment(0xFE, b"K. Jansen"), behind=b"K. Jansen"), "f.jpg", False),
    ],
)
def test_what_could_not_be_searched_is_known_and_a_picture_tells_nothing(
    cast: Cast, content: bytes, name: str, searched: bool
) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        kept = add(acting, line_id, content, name)
        assert kept.is_searched is searched
        stored = evidence.path_of(kept).read_bytes()
        assert b"Jansen" not in stored
        assert stored in {content, PNG, JPG}
        assert evidence.contents_for(*found(acting, line_id), kept) == stored


def test_a_sheet_that_takes_too_much_is_refused_and_not_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_memory = partial(read_apart, limits=Limits(memory=0))
    monkeypatch.setattr("telmee.integrations.evidence.searching.read_apart", no_memory)
    line_id = a_line(cast)
    before = set(Path(settings.EVIDENCE_FOLDER).glob("*"))
    with acting_as(cast.contractor.pk) as acting:
        with pytest.raises(DomainError) as error:
            add(acting, line_id, b"naam;nummer\n" * 100_000, "f.csv")
        assert [p.code for p in error.value.problems] == ["file_too_heavy"]
    assert set(Path(settings.EVIDENCE_FOLDER).glob("*")) == before


def test_of_a_placement_no_file_is_kept(cast: Cast) -> None:
    line_id = hand_in(cast, register(cast))
    with acting_as(cast.contractor.pk) as acting:
        with pytest.raises(DomainError) as error:
            add(acting, line_id)
        assert [p.code for p in error.value.problems] == ["evidence_not_kept"]


@pytest.mark.parametrize("who", ["adviser", "team"])
def test_who_decides_records_what_he_saw(cast: Cast, who: str) -> None:
    line_id = hand_in(cast, register(cast))
    user = getattr(cast, who)
    with acting_as(user.pk) as acting:
        access, line = found(acting, line_id)
        evidence.record_sighting(access, line, kind="", seen_on=date(2025, 7, 1))
        tomorrow = timezone.localdate() + timedelta(days=1)
        with pytest.raises(DomainError) as error:
            evidence.record_sighting(access, line, kind="", seen_on=tomorrow)
        assert [p.code for p in error.value.problems] == ["sighting_in_future"]
        with pytest.raises(DomainError) as error:
            evidence.record_sighting(access, line, kind="iets", seen_on=date(2025, 7, 1))
        assert [p.code for p in error.value.problems] == ["evidence_kind"]
    with acting_as(cast.auditor.pk) as acting:
        (seen,) = sightings_of(found(acting, line_id)[1])
        assert (seen.seen_by_id, seen.seen_on) == (user.pk, date(2025, 7, 1))


def test_who_delivered_a_line_never_saw_its_proof(cast: Cast) -> None:
    line_id = hand_in(cast, register(cast))
    with acting_as(cast.contractor.pk) as acting:
        access, line = found(acting, line_id)
        assert not evidence.may_record_sighting(access, line)
        with pytest.raises(DomainError) as error:
            evidence.record_sighting(access, line, kind="", seen_on=date(2025, 7, 1))
        assert [p.code for p in error.value.problems] == ["not_allowed"]


@pytest.mark.parametrize("who", ["auditor", "reader"])
def test_who_only_reads_adds_and_records_nothing(cast: Cast, who: str) -> None:
    line_id = a_line(cast)
    with acting_as(getattr(cast, who).pk) as acting:
        access, line = found(acting, line_id)
        with pytest.raises(DomainError):
            add(acting, line_id)
        with pytest.raises(DomainError):
            evidence.record_sighting(access, line, kind="", seen_on=date(2025, 7, 1))


def test_removing_a_file_keeps_that_it_was_there(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    line_id = a_line(cast)
    with acting_as(cast.contractor.pk) as acting:
        kept = add(acting, line_id)
        access, line = found(acting, line_id)
        with pytest.raises(DomainError) as error:
            evidence.remove_evidence(access, line, kept)
        assert [p.code for p in error.value.problems] == ["missing_explanation"]
        path = evidence.path_of(kept)
        with django_capture_on_commit_callbacks(execute=True):
            evidence.remove_evidence(access, line, kept, reason="Er staat een naam in.")
        assert not path.exists()
        assert evidence_of(line) == []
        assert Evidence.objects.get(pk=kept.pk).sha256 == kept.sha256
        with pytest.raises(Http404):
            evidence.evidence_for(access, line, kept.pk)


def test_a_draft_goes_with_its_proof(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    line_id = a_line(cast)
    with acting_as(cast.adviser.pk) as acting:
        access, line = found(acting, line_id)
        evidence.record_sighting(access, line, kind="", seen_on=date(2025, 7, 1))
    with acting_as(cast.contractor.pk) as acting:
        path = evidence.path_of(add(acting, line_id))
        take_back(*found(acting, line_id))
        with django_capture_on_commit_callbacks(execute=True):
            remove_draft(*found(acting, line_id))
        assert not path.exists()
        assert not Evidence.objects.exists()
        assert not Sighting.objects.exists()
