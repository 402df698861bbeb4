"""Read what the worker did and gave up, for operators.

The queue itself knows it, and nothing else does: a job that ended as `failed` raised an error at
its last try, one that ended as `aborted` was being done each time its worker died. What was done
stays there for a day, and each job begins at least once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from telmee.apps.contributions.jobs import jobs_set_aside
from telmee.apps.jobs.register import BY_ITSELF, PERIODIC, Periodic
from telmee.apps.organisations.access import require_operator
from telmee.apps.organisations.acting import Acting

#: When the last thing happened to a job.
_ENDED = Subquery(
    ProcrastinateEvent.objects.filter(job=OuterRef("pk"))
    .order_by()
    .values("job")
    .annotate(last=Max("at"))
    .values("last")
)
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


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A job that was set aside: when last, and for one that begins by itself how often since when.

    Such a one begins anew each time: all that were set aside are one failure that goes on.
    """

    job: ProcrastinateJob
    at: datetime
    times: int = 1
    since: datetime | None = None


def given_up(acting: Acting, most: int) -> tuple[int, list[GivenUp]]:
    """How many jobs were set aside, and so many of them, latest first, for an operator.

    Runs three queries.
    """
    require_operator(acting)
    aside = jobs_set_aside().annotate(at=_ENDED)
    again = {
        last: (times, since)
        for last, times, since in aside.filter(task_name__in=BY_ITSELF)
        .order_by()
        .values("task_name")
        .annotate(last=Max("pk"), times=Count("pk"), since=Min("at"))
        .values_list("last", "times", "since")
    }
    rows = aside.filter(~Q(task_name__in=BY_ITSELF) | Q(pk__in=list(again)))
    shown = rows.order_by("-at", "-pk")[:most]
    return rows.count(), [GivenUp(job, job.at, *again.get(job.pk, ())) for job in shown]


def periodic_jobs(acting: Acting) -> list[Seen]:
    """What begins by itself and how it fares, for an operator."""
    require_operator(acting)
    events = ProcrastinateEvent.objects.filter(job__task_name__in=BY_ITSELF)
    done = dict(events.filter(type="succeeded").values_list("job__task_name").annotate(Max("at")))
    aside = jobs_set_aside().filter(task_name__in=BY_ITSELF).annotate(at=_ENDED)
    failed = list(aside.values_list("task_name", "at"))
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
