"""Every job that begins by itself, in one place; and the queue is told of these and of the others.

What was asked for stands in the `tasks` of `telmee.apps.contributions`, `telmee.apps.letters` and
`telmee.apps.reports`; what needs the words of pages in `telmee.web.reports.tasks`. A job whose
worker was killed stays behind as being done, and is given back within a minute: a worker says that
it lives every ten seconds, `redo_abandoned` looks every twenty for one that was silent for thirty.
Giving back is safe: what a job does stands in one transaction, and a job that finds it done does
nothing; what cannot be undone, mail, goes by `telmee.apps.notices.sending`. What stays wrong is set
aside after a few tries.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from procrastinate import App, JobContext
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from telmee.apps.audit.seals import seal_rows
from telmee.apps.contributions import tasks as contributions
from telmee.apps.contributions.file_removal import sweep_evidence
from telmee.apps.contributions.handing_in import HAND_IN_TASK
from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.contributions.uploads import discard_left_uploads
from telmee.apps.enforcement.leaving import leave_ladders
from telmee.apps.letters import tasks as letters
from telmee.apps.notices.actions import SEND_TASK
from telmee.apps.notices.bounces import read_bounces
from telmee.apps.notices.sending import send_due
from telmee.apps.organisations.heads import mail_heads
from telmee.apps.reports import tasks as reports
from telmee.apps.reports.drafts import throw_away_drafts
from telmee.apps.reports.morning_terms import tell_of_terms
from telmee.apps.trust.deciding import weigh_waiting
from telmee.apps.trust.lapses import tell_of_lapses

#: A worker that gave no sign of life for so long is gone.
SILENT_SECONDS = 30
#: Tasks with one run more, that does nothing but tell who waits that it failed.
_TELLING = frozenset((HAND_IN_TASK,))


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that begins by itself: the name that the queue knows it by, when, and what it does.

    `when` is a line of cron; a sixth column is seconds. What is asynchronous gets the queue.
    """

    name: str
    when: str
    work: Callable[..., Any]


def _seal_and_mail_heads() -> None:
    seal_rows()
    mail_heads()


async def redo_abandoned(queue: JobManager) -> None:
    """Put back the jobs of workers that no longer show a sign of life, unless it was too often.

    A job can be what killed its worker: given back for ever, it would kill each next one.
    """
    for job in await queue.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        if job.attempts + 1 < TRIES_MAX + (job.task_name in _TELLING):
            await queue.retry_job(job)
        else:
            await queue.finish_job(job, status=Status.ABORTED, delete_job=False)


async def forget_done(queue: JobManager) -> None:
    """Remove the jobs that were done a day ago; those that failed stay until somebody looked."""
    await queue.delete_old_jobs(nb_hours=24)


PERIODIC = (
    # Seal what was written since the last minute.
    Periodic("audit:seal", "* * * * *", seal_rows),
    # Seal what the quick way passed: a row whose transaction lasted longer than others wrote.
    Periodic("audit:seal_all", "5 0 * * *", partial(seal_rows, everything=True)),
    # Send what waits in the outbox; writing a notice wakes it as well.
    Periodic(SEND_TASK, "* * * * *", send_due),
    # Read what came back in the mailbox for bounces, where one is set.
    Periodic("notices:read_bounces", "*/10 * * * *", read_bounces),
    # Tell the managers of clients the head of the chain.
    Periodic("organisations:mail_heads", "30 5 * * *", _seal_and_mail_heads),
    # Tell whose term ends soon, or has passed, of whatever kind.
    Periodic("reports:tell_of_terms", "10 6 * * *", tell_of_terms),
    # Weigh what was handed in by the rules of trust, and tell who lost it for a time.
    Periodic("trust:weigh", "* * * * *", weigh_waiting),
    Periodic("trust:tell", "* * * * *", tell_of_lapses),
    # Let contracts that caught up leave the ladder.
    Periodic("enforcement:leave", "40 5 * * *", leave_ladders),
    # Throw away what a kill left of removed proof. A worker that starts does this at once.
    Periodic("contributions:sweep_evidence", "*/10 * * * *", sweep_evidence),
    # Throw away uploaded files that nobody read in a month; one that was read is gone already.
    Periodic("contributions:discard_left_uploads", "17 3 * * *", discard_left_uploads),
    # Throw away drafts of reports that somebody looked at more than a week ago.
    Periodic("reports:throw_away_drafts", "27 3 * * *", throw_away_drafts),
    Periodic("jobs:redo_abandoned", "* * * * * */20", redo_abandoned),
    Periodic("jobs:forget_done", "37 3 * * *", forget_done),
)
#: The names of these, by which the queue knows them.
BY_ITSELF = frozenset(job.name for job in PERIODIC)


def register(app: App) -> None:
    """Register every task with the queue, when Django starts (`PROCRASTINATE_ON_APP_READY`).

    One of each that waits is enough.
    """
    app.add_tasks_from(contributions.tasks, namespace="contributions")
    app.add_tasks_from(letters.tasks, namespace="letters")
    app.add_tasks_from(reports.tasks, namespace="reports")
    for job in PERIODIC:
        task = app.task(name=job.name, queueing_lock=job.name, pass_context=True)
        app.periodic(cron=job.when)(task(_run(job.work)))


def _run(work: Callable[..., Any]) -> Callable[..., Any]:
    """What the worker calls, with the moment for which it was planned, which no job needs."""
    if inspect.iscoroutinefunction(work):

        async def run_in_turns(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
            await work(context.app.job_manager)

        return run_in_turns

    def run(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
        work()

    return run
