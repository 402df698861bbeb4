"""Background work on contributions, by the worker.

A job whose worker was killed stays behind as being done; `redo_abandoned` gives it back. That is
safe: what a job does stands in one transaction, and a job that finds it done does nothing. What
stays wrong is set aside after a few tries: `telmee.apps.contributions.jobs`.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from procrastinate import App, Blueprint, JobContext, RetryStrategy
from procrastinate.jobs import Status

from telmee.apps.audit import tasks as audit
from telmee.apps.contributions.file_removal import sweep_evidence
from telmee.apps.contributions.handing_in import HAND_IN_TASK, do_handing_in, give_up_handing_in
from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.contributions.uploads import read_upload
from telmee.apps.notices import tasks as notices
from telmee.apps.organisations import tasks as organisations
from telmee.integrations.files.private import discard_old

tasks = Blueprint()
_WAIT_SECONDS = 3
#: Tasks with one run more, that does nothing but tell who waits that it failed.
_TELLING = frozenset((HAND_IN_TASK,))


@tasks.task(name="read_file", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def read_file(*, upload_id: int, user_id: int) -> None:
    """Read a file of contributions."""
    read_upload(upload_id, user_id)


@tasks.task(
    name="hand_in_drafts",
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES_MAX, wait=_WAIT_SECONDS),
)
def hand_in_drafts(context: JobContext, *, handing_in_id: int, user_id: int) -> None:
    """Hand in many drafts; after too many tries say that it cannot be done."""
    if context.job.attempts >= TRIES_MAX:
        give_up_handing_in(handing_in_id, user_id)
    else:
        do_handing_in(handing_in_id, user_id)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="redo_abandoned", pass_context=True)
async def redo_abandoned(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Give back the jobs of workers that no longer give a sign of life, unless it was too often.

    A job can be what killed its worker: given back for ever, it would kill each next one.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        if job.attempts + 1 < TRIES_MAX + (job.task_name in _TELLING):
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, status=Status.ABORTED, delete_job=False)


@tasks.periodic(cron="17 3 * * *")
@tasks.task(name="discard_left_uploads")
def discard_left_uploads(timestamp: int) -> None:
    """Throw away uploaded files that nobody read in a month; one that was read is gone already."""
    month = 30 * 24 * 60 * 60
    discard_old(Path(settings.UPLOAD_FOLDER), older_than=timestamp - month)


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="sweep_evidence", queueing_lock="sweep_evidence")
def sweep_left_evidence(timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Throw away what a kill left of removed proof. A worker that starts does this at once."""
    sweep_evidence()


@tasks.periodic(cron="37 3 * * *")
@tasks.task(name="forget_done", pass_context=True)
async def forget_done(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Remove the jobs that were done a day ago; those that failed stay until somebody looked."""
    await context.app.job_manager.delete_old_jobs(nb_hours=24)


def register(app: App) -> None:
    """Give the queue its tasks; called when Django starts (`PROCRASTINATE_ON_APP_READY`)."""
    app.add_tasks_from(tasks, namespace="contributions")
    app.add_tasks_from(audit.tasks, namespace="audit")
    app.add_tasks_from(notices.tasks, namespace="notices")
    app.add_tasks_from(organisations.tasks, namespace="organisations")
