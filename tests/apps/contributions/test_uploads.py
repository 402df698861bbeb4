"""A file of contributions: all of it or nothing, once, and whatever stays out says why."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions import uploads
from telmee.apps.contributions.choices import State, UploadStatus
from telmee.apps.contributions.kept_problems import from_document
from telmee.apps.contributions.models import Contribution, Upload
from telmee.apps.contributions.uploads import add_upload, read_upload
from telmee.apps.organisations.acting import acting_as
from telmee.core.contributions.effort_file import Reading
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError
from telmee.integrations.apart import Limits, read_apart
from telmee.integrations.spreadsheets.apart import ContributionFile, read_contribution_file
from telmee.texts import problem_text
from tests.cast import Cast
from tests.conftest import Server
from tests.registering import hand_in, register
from tests.working import kill_at_work, redo, work_off

_HEAD = "kenmerk;bouwblok;begin;eind;uren_per_week;persoon\n"
_LINE = "{0};pw_lt2;1-7-2025;31-12-2025;24;P-{0}\n"


def a_file(*lines: str, head: str = _HEAD) -> bytes:
    return (head + "".join(lines)).encode()


def lines(count: int, start: int = 1) -> bytes:
    return a_file(*(_LINE.format(f"Q-{n}") for n in range(start, start + count)))


def add(cast: Cast, contract: int, content: bytes, name: str = "kwartaal.csv") -> int:
    with acting_as(cast.contractor.pk) as acting:
        found, _ = add_upload(contract_for(acting, contract), io.BytesIO(content), name)
    return found.pk


def read(cast: Cast, upload_id: int) -> Upload:
    read_upload(upload_id, cast.contractor.pk)
    with acting_as(cast.contractor.pk):
        return Upload.objects.get(pk=upload_id)


def codes(upload: Upload) -> list[tuple[str, int | None, str]]:
    found = map(from_document, upload.refused)
    return [(one.problem.code, one.problem.row, one.place) for one in found]


@pytest.mark.django_db
def test_the_lines_of_a_file_become_drafts_with_their_value(cast: Cast) -> None:
    contract = register(cast)
    upload = read(cast, add(cast, contract, lines(3)))
    assert (upload.status, upload.added, upload.refused) == (UploadStatus.DONE, 3, [])
    with acting_as(cast.contractor.pk):
        found = Contribution.objects.filter(upload=upload).order_by("reference")
        assert [line.reference for line in found] == ["Q-1", "Q-2", "Q-3"]
        assert {line.state for line in found} == {State.DRAFT}
        assert {line.value_cents for line in found} == {11_762_56}
    with acting_as(cast.adviser.pk):
        assert not Contribution.objects.filter(contract=contract).exists()


@pytest.mark.django_db
def test_what_stays_out_is_listed_with_its_cell_in_both_languages(cast: Cast) -> None:
    content = a_file(
        "A;pw_lt2;1-7-2025;31-12-2025;24;P\n",
        "B;onbekend;1-7-2025;31-12-2025;24;P\n",
        "C;pw_lt2;maandag;31-12-2025;24;P\n",
        f"{'D' * 61};pw_lt2;1-7-2025;31-12-2025;24;P\n",
    )
    upload = read(cast, add(cast, register(cast), content))
    assert upload.added == 1
    assert codes(upload) == [
        ("unknown_block", 3, "B"),
        ("bad_date", 4, "C"),
        ("text_too_long", 5, "A"),
    ]
    for kept in upload.refused:
        problem = from_document(kept).problem
        assert problem_text(problem, "nl") != problem_text(problem, "en")


@pytest.mark.django_db
def test_the_same_file_twice_adds_nothing(cast: Cast) -> None:
    contract = register(cast)
    first = add(cast, contract, lines(2))
    assert read(cast, first).added == 2
    assert add(cast, contract, lines(2), "andere naam.csv") == first
    assert read(cast, first).added == 2
    with acting_as(cast.contractor.pk):
        assert Contribution.objects.filter(contract=contract).count() == 2


@pytest.mark.django_db
def test_the_same_lines_in_another_file_are_known_and_other_ones_refused(cast: Cast) -> None:
    contract = register(cast)
    hand_in(cast, contract, kenmerk="K-1")
    read(cast, add(cast, contract, lines(2)))
    again = a_file(
        _LINE.format("Q-1"),
        "Q-2;pw_lt2;1-7-2025;31-12-2025;32;P-Q-2\n",
        "K-1;pw_lt2;1-1-2025;30-6-2025;24;P-1\n",
        _LINE.format("Q-9"),
    )
    upload = read(cast, add(cast, contract, again))
    assert (upload.added, upload.known) == (1, 2)
    assert codes(upload) == [("reference_used", 3, "A")]


@pytest.mark.django_db
def test_a_line_of_another_contract_does_not_land_here(cast: Cast) -> None:
    head = _HEAD.replace("persoon", "contract")
    content = a_file(
        "A;pw_lt2;1-7-2025;31-12-2025;24;HIL-2025-001\n",
        "B;pw_lt2;1-7-2025;31-12-2025;24;HIL-2024-777\n",
        head=head,
    )
    upload = read(cast, add(cast, register(cast), content))
    assert upload.added == 1
    assert codes(upload) == [("other_contract", 3, "F")]


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    "content",
    [
        a_file(_LINE.format("Q-1"), "Q-2;pw_lt2;1-7-2025;31-12-2025;24;123456782\n"),
        b"PK\x03\x04 broken",
        b"\xff\xfe\x00\x00",
        b"just words",
        a_file(),
    ],
)
def test_an_unreadable_file_adds_nothing_and_says_why(cast: Cast, content: bytes) -> None:
    contract = register(cast)
    upload = read(cast, add(cast, contract, content))
    assert (upload.status, upload.added) == (UploadStatus.UNREADABLE, 0)
    assert upload.refused
    assert "123456782" not in str(upload.refused)
    with acting_as(cast.contractor.pk):
        assert not Contribution.objects.filter(contract=contract).exists()


@pytest.mark.django_db
def test_what_is_no_file_to_read_is_refused_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = register(cast)
    monkeypatch.setattr(settings, "UPLOAD_BYTES_MAX", 100)
    before = set(Path(settings.UPLOAD_FOLDER).glob("*"))
    for content, name, code in (
        (b"", "leeg.csv", "upload_empty"),
        (lines(20), "groot.csv", "upload_too_large"),
        (lines(1), "123456782.csv", "bsn_in_file_name"),
    ):
        with pytest.raises(DomainError) as error:
            add(cast, contract, content, name)
        assert [p.code for p in error.value.problems] == [code]
    assert set(Path(settings.UPLOAD_FOLDER).glob("*")) == before


@pytest.mark.django_db
def test_too_many_lines_are_told_and_not_half_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LINES_MAX", 2)
    upload = read(cast, add(cast, register(cast), lines(3)))
    assert (upload.added, codes(upload)) == (0, [("upload_too_many_lines", None, "")])


@pytest.mark.django_db
def test_only_who_delivers_adds_a_file_and_only_his_own_side_sees_it(cast: Cast) -> None:
    contract = register(cast)
    with acting_as(cast.adviser.pk) as acting, pytest.raises(DomainError) as error:
        add_upload(contract_for(acting, contract), io.BytesIO(lines(1)), "a.csv")
    assert [p.code for p in error.value.problems] == ["not_allowed"]
    upload = add(cast, contract, lines(1))
    read_upload(upload, cast.adviser.pk)
    with acting_as(cast.adviser.pk):
        assert not Upload.objects.exists()
    with acting_as(cast.contractor.pk):
        assert Upload.objects.get().status == UploadStatus.WAITING


@pytest.mark.django_db
def test_a_file_that_takes_too_much_is_told_with_what_to_do(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_memory = partial(read_apart, limits=Limits(memory=0))
    monkeypatch.setattr("telmee.integrations.spreadsheets.apart.read_apart", no_memory)
    upload = read(cast, add(cast, register(cast), lines(5000)))
    assert (upload.status, codes(upload)) == (
        UploadStatus.UNREADABLE,
        [("file_too_heavy", None, "")],
    )


@pytest.mark.django_db
def test_nothing_is_locked_while_a_file_is_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker that took the same file meanwhile has it, and its lines are there once."""
    upload_id = add(cast, register(cast), lines(2))
    name = "telmee.apps.contributions.uploads.read_contribution_file"

    def meanwhile(*_: Any, **__: Any) -> ContributionFile:
        monkeypatch.setattr(name, read_contribution_file)
        assert read(cast, upload_id).status == UploadStatus.DONE
        return ContributionFile(Reading(contributions_from(())), {})

    monkeypatch.setattr(name, meanwhile)
    assert read(cast, upload_id).added == 2
    with acting_as(cast.contractor.pk):
        assert Contribution.objects.filter(upload=upload_id).count() == 2


@pytest.mark.django_db
def test_ten_thousand_lines_take_a_fixed_number_of_statements(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    contract = register(cast)
    upload_id = add(cast, contract, lines(10_000))
    with django_assert_max_num_queries(49):
        assert read(cast, upload_id).added == 10_000


# With a worker --------------------------------------------------------------------------------


def stored() -> list[Path]:
    return list(Path(settings.UPLOAD_FOLDER).glob("*"))


@pytest.mark.usefixtures("own_database")
def test_the_worker_reads_a_file_and_throws_it_away(cast: Cast) -> None:
    contract = register(cast)
    before = len(stored())
    upload_id = add(cast, contract, lines(5))
    assert len(stored()) == before + 1
    assert stored()[-1].stat().st_mode & 0o777 == 0o600
    work_off()
    with acting_as(cast.contractor.pk):
        assert Upload.objects.get(pk=upload_id).added == 5
    assert len(stored()) == before


@pytest.mark.usefixtures("own_database")
def test_a_file_of_a_request_that_failed_is_not_read(request: pytest.FixtureRequest) -> None:
    """The job stands in the transaction of the request."""
    cast = request.getfixturevalue("cast")
    contract = register(cast)

    def fail() -> None:
        with acting_as(cast.contractor.pk) as acting:
            add_upload(contract_for(acting, contract), io.BytesIO(lines(1)), "a.csv")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%read_file'")
        assert cursor.fetchone() == (0,)


def test_a_worker_killed_at_its_work_leaves_nothing_and_the_next_does_it_all(
    own_database: str, cast: Cast, as_owner: Any, server: Server
) -> None:
    contract = register(cast)
    upload_id = add(cast, contract, lines(500))
    kill_at_work(server, own_database, as_owner)
    count = "SELECT count(*) FROM contributions_contribution"
    assert as_owner(count) == [(0,)]
    redo(as_owner)
    assert as_owner(count) == [(500,)]
    with acting_as(cast.contractor.pk):
        assert Upload.objects.get(pk=upload_id).status == UploadStatus.DONE
