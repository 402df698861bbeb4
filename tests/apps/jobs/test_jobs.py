"""What the worker cannot do is set aside after three tries, told, and tried again on demand."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from telmee.apps.contributions.choices import UploadStatus
from telmee.apps.contributions.jobs import READ_TASK, SEARCH_TASK, uploads_set_aside
from telmee.apps.contributions.models import Upload
from telmee.apps.jobs.actions import try_again
from telmee.apps.jobs.queries import given_up, periodic_jobs
from telmee.apps.jobs.register import PERIODIC, SILENT_SECONDS
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.web.site.jobs import TASKS, WHEN
from tests.apps.contributions.test_uploads import add, lines
from tests.cast import Cast
from tests.registering import register
from tests.working import work_off


def job_of(as_owner: Any, upload_id: int) -> int:
    find = "SELECT id FROM procrastinate_jobs WHERE (args->>'upload_id')::bigint = %s"
    found = as_owner(find, upload_id)
    return int(found[0][0])


def killed_at(as_owner: Any, job: int, tries_before: int) -> None:
    """Leave a job as a worker does that is killed while it is at it."""
    as_owner(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', attempts = %s,"
        " worker_id = (SELECT id FROM dead) WHERE id = %s",
        tries_before,
        job,
    )


def states(as_owner: Any, *jobs: int) -> list[tuple[str, int]]:
    told = as_owner("SELECT id, status, attempts FROM procrastinate_jobs")
    by_id = {job: (status, attempts) for job, status, attempts in told}
    return [by_id[job] for job in jobs]


def status_of(cast: Cast, upload_id: int) -> str:
    with acting_as(cast.contractor.pk):
        return Upload.objects.get(pk=upload_id).status


@pytest.mark.usefixtures("own_database")
def test_what_kills_its_worker_or_fails_is_tried_three_times(cast: Cast, as_owner: Any) -> None:
    contract = register(cast)
    second, third = (add(cast, contract, lines(1, start=n)) for n in (1, 10))
    jobs = [job_of(as_owner, upload) for upload in (second, third)]
    failing = [
        app.configure_task(READ_TASK).defer(upload_id=number, user_id="niemand")
        for number in (1_000_001, 1_000_002)
    ]
    killed_at(as_owner, jobs[0], 1)
    killed_at(as_owner, jobs[1], 2)
    as_owner("UPDATE procrastinate_jobs SET attempts = 2 WHERE id = %s", failing[1])
    app.configure_task("jobs:redo_abandoned").defer(timestamp=0)
    for _ in range(2):
        work_off()
    assert states(as_owner, *jobs) == [("succeeded", 3), ("aborted", 3)]
    first_failing, last_failing = states(as_owner, *failing)
    assert first_failing[0] == "todo" or first_failing == ("failed", 3)
    assert last_failing == ("failed", 3)
    assert uploads_set_aside([second, third]) == {third}
    assert status_of(cast, second) == UploadStatus.DONE
    assert status_of(cast, third) == UploadStatus.WAITING
    _is_told_and_tried_again(cast, third, jobs[1])
    work_off()
    assert status_of(cast, third) == UploadStatus.DONE


def test_a_job_of_a_dead_worker_is_given_back_within_a_minute() -> None:
    """From the last sign of life: so long it is waited for, and so long until the next look."""
    looks = app.periodic_registry.periodic_tasks["jobs:redo_abandoned", ""].croniter
    looks.set_current(start_time=0)
    moments = [looks.get_next(float) for _ in range(300)]
    longest = max(later - earlier for earlier, later in pairwise(moments))
    assert SILENT_SECONDS + longest < 60


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("silent", [31, -600])
def test_a_worker_that_gave_no_sign_of_life_for_half_a_minute_is_gone(
    cast: Cast, as_owner: Any, silent: int
) -> None:
    job = job_of(as_owner, add(cast, register(cast), lines(1)))
    killed_at(as_owner, job, 0)
    as_owner(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)",
        silent,
    )
    app.configure_task("jobs:redo_abandoned").defer(timestamp=0)
    work_off()
    assert (states(as_owner, job)[0][0] != "doing") is (silent > 0)


@pytest.mark.usefixtures("own_database")
def test_an_operator_sees_what_begins_by_itself_and_how_it_fares(
    cast: Cast, as_owner: Any, browse: Any
) -> None:
    app.configure_task("audit:seal_all").defer(timestamp=0)
    app.configure_task("notices:send").defer(timestamp=0)
    work_off()
    as_owner("UPDATE procrastinate_events SET at = at - interval '1 hour'")
    set_aside("audit:seal_all")
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        seen = {found.job.name: found for found in periodic_jobs(acting)}
    assert len(seen) == len(PERIODIC)
    assert seen["notices:send"].is_late
    assert seen["audit:seal_all"].done_at is not None
    assert (seen["audit:seal_all"].failed, seen["audit:seal_all"].is_late) == (1, False)
    page = browse(cast.operator).get("/beheer/taken").content.decode()
    assert "sindsdien 1 keer mislukt" in page
    for found in seen.values():
        assert str(TASKS[found.job.name]) in page


@pytest.mark.usefixtures("own_database")
def test_what_was_done_a_day_ago_is_forgotten_and_what_failed_is_not(
    cast: Cast, as_owner: Any
) -> None:
    contract = register(cast)
    old, failed, fresh = (
        job_of(as_owner, add(cast, contract, lines(1, start=n))) for n in (1, 10, 20)
    )
    as_owner("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id <> %s", failed)
    as_owner("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", failed)
    as_owner(
        "UPDATE procrastinate_events SET at = now() - interval '25 hours' WHERE job_id <> %s", fresh
    )
    app.configure_task("jobs:forget_done").defer(timestamp=0)
    work_off()
    left = {job for (job,) in as_owner("SELECT id FROM procrastinate_jobs")}
    assert left & {old, failed, fresh} == {failed, fresh}


def _is_told_and_tried_again(cast: Cast, upload_id: int, job: int) -> None:
    """Read the pages of who uploaded it and of the operator, and press there."""
    uploader, operator = Client(), Client()
    uploader.force_login(cast.contractor)
    operator.force_login(cast.operator)
    page = uploader.get(f"/bestanden/{upload_id}").content.decode()
    assert "een paar keer mislukt" in page
    assert "Bewaar het werkblad als nieuw" in page
    assert "hx-get" not in page
    listed = operator.get("/beheer/taken").content.decode()
    assert "Een bestand met regels lezen" in listed
    assert "De werker stopte" in listed
    assert "Het programma liep erop vast" in listed
    operator.post(f"/beheer/taken/{job}/opnieuw")
    assert uploads_set_aside([upload_id]) == frozenset()
    assert operator.post(f"/beheer/taken/{job}/opnieuw").status_code == 404
    assert "hx-get" in uploader.get(f"/bestanden/{upload_id}").content.decode()


@pytest.mark.django_db
def test_nobody_but_an_operator_sees_or_tries_them(cast: Cast) -> None:
    with acting_as(cast.contractor.pk) as acting:
        with pytest.raises(Http404):
            given_up(acting, 1)
        with pytest.raises(Http404):
            periodic_jobs(acting)
        with pytest.raises(Http404):
            try_again(acting, set_aside("audit:seal_all"))


@pytest.mark.django_db
def test_one_that_is_in_the_queue_stays_there_once() -> None:
    operator = Acting(None, {}, is_operator=True)
    waiting = app.configure_task("audit:seal_all").defer(timestamp=0)
    with pytest.raises(Http404):
        try_again(operator, waiting)
    aside = set_aside("audit:seal")
    app.configure_task("audit:seal", queueing_lock="audit:seal").defer(timestamp=1)
    try_again(operator, aside)
    seals = ProcrastinateJob.objects.filter(task_name="audit:seal")
    assert [(job.status, job.args) for job in seals] == [("todo", {"timestamp": 1})]


@pytest.mark.usefixtures("own_database")
def test_what_begins_by_itself_and_keeps_failing_is_one_row(
    cast: Cast, as_owner: Any, browse: Any
) -> None:
    for _ in range(14):
        set_aside("audit:seal")
    other = [set_aside(SEARCH_TASK, number=n) for n in range(2)]
    latest = set_aside("audit:seal")
    as_owner(
        "UPDATE procrastinate_events SET at = at - interval '1 day' WHERE job_id < %s", other[0]
    )
    with acting_as(cast.operator.pk, is_operator=True) as acting:
        count, rows = given_up(acting, 10)
        assert given_up(acting, 1) == (3, rows[:1])
    assert (count, [(one.job.pk, one.times) for one in rows]) == (
        3,
        [(latest, 15), (other[1], 1), (other[0], 1)],
    )
    assert rows[0].since is not None
    assert rows[0].at - rows[0].since > timedelta(hours=23)
    operator = browse(cast.operator)
    assert "15 keer sinds" in operator.get("/beheer/taken").content.decode()
    operator.post(f"/beheer/taken/{latest}/opnieuw")
    operator.post(f"/beheer/taken/{other[1]}/opnieuw")
    left = ProcrastinateJob.objects.filter(status="failed").values_list("pk", flat=True)
    assert list(left) == [other[0]]
    assert ProcrastinateJob.objects.filter(task_name="audit:seal", status="todo").count() == 1


def test_every_task_of_ours_has_words() -> None:
    ours = {name for name in app.tasks if not name.startswith(("builtin", "procrastinate"))}
    assert ours == set(TASKS)
    assert {job.when for job in PERIODIC} == set(WHEN)


def set_aside(task: str, **args: Any) -> int:
    """Leave a job as one that failed too often."""
    lock = None if args else "audit:seal"
    pk = app.configure_task(task, queueing_lock=lock).defer(**(args or {"timestamp": 0}))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [pk])
    return pk
