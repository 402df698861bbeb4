"""Read what the worker did and gave up, for operators.

The queue itself knows it, and nothing else does: a job that ended as `failed` raised an error at
its last try, one that ended as `aborted` was being done each time its worker died. What was done
stays there for a day, and each job begins at least once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from telmee.apps.contributions.jobs import jobs_set_aside
from telmee.apps.jobs.register import PERIODIC, Periodic
from telmee.apps.organisations.access import require_operator
from telmee.apps.organisations.acting import Acting

#: Another job may be in the way for so long.
_PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """A job that begins by itself, when it was last done, and how often it failed since then.

    `is_late` where it should have been done by now.
    """

    job: Periodic
    done_at: datetime | None
    failed: int
    is_late: bool


def given_up(acting: Acting) -> QuerySet[ProcrastinateJob]:
    """The jobs that were set aside with when that was, latest first, for an operator."""
    require_operator(acting)
    return jobs_set_aside().annotate(at=Max("procrastinateevent__at")).order_by("-at", "-pk")


def periodic_jobs(acting: Acting) -> list[Seen]:
    """What begins by itself and how it fares, for an operator."""
    require_operator(acting)
    names = [job.name for job in PERIODIC]
    events = ProcrastinateEvent.objects.filter(job__task_name__in=names)
    done = dict(events.filter(type="succeeded").values_list("job__task_name").annotate(Max("at")))
    aside = jobs_set_aside().filter(task_name__in=names)
    failed = list(aside.annotate(at=Max("procrastinateevent__at")).values_list("task_name", "at"))
    return [
        _seen(job, done.get(job.name), [at for name, at in failed if name == job.name])
        for job in PERIODIC
    ]


def _seen(job: Periodic, done_at: datetime | None, failed: list[datetime | None]) -> Seen:
    since = [at for at in failed if done_at is None or (at and at > done_at)]
    due = _planned_before(job, timezone.now()) - _PATIENCE
    return Seen(job, done_at, len(since), done_at is not None and done_at < due)


def _planned_before(job: Periodic, moment: datetime) -> datetime:
    """The last moment but one for which a job was planned: the last may be under way."""
    planned = app.periodic_registry.periodic_tasks[job.name, ""].croniter
    planned.set_current(start_time=moment.timestamp())
    planned.get_prev(float)
    return datetime.fromtimestamp(planned.get_prev(float), UTC)
