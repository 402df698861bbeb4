"""Jobs of the worker that were set aside: tried often enough, and not done.

The queue itself says so, and nothing else: a job that ended as `failed` raised an error at its last
try, one that ended as `aborted` was being done each time its worker died.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from telmee.apps.organisations.access import require_operator
from telmee.apps.organisations.acting import Acting

#: So often a job is tried; what killed its worker or failed each time, will do so again.
TRIES_MAX = 3
_SET_ASIDE = (Status.FAILED.value, Status.ABORTED.value)
#: The name under which the worker knows the reading of a file.
READ_TASK = "contributions:read_file"


def jobs_set_aside(acting: Acting) -> QuerySet[ProcrastinateJob]:
    """Give the jobs that were set aside with when that was, latest first, to an operator."""
    require_operator(acting)
    return _set_aside().annotate(at=Max("procrastinateevent__at")).order_by("-at", "-pk")


def uploads_set_aside(upload_ids: Iterable[int]) -> frozenset[int]:
    """Tell which of these files the worker gave up."""
    jobs = _set_aside().filter(task_name=READ_TASK, args__upload_id__in=list(upload_ids))
    return frozenset(jobs.values_list("args__upload_id", flat=True))


@transaction.atomic
def try_again(acting: Acting, job_id: int) -> None:
    """Put a job in the queue anew, with all its tries, for an operator.

    Raises `Http404` when it is set aside no longer. One that may be in the queue once only, and is
    there, takes its place.
    """
    require_operator(acting)
    job = _set_aside().select_for_update().filter(pk=job_id).first()
    if job is None:
        raise Http404
    anew = app.configure_task(
        job.task_name, queue=job.queue_name, lock=job.lock, queueing_lock=job.queueing_lock
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        anew.defer(**job.args)
    _set_aside().filter(pk=job_id).delete()


def _set_aside() -> QuerySet[ProcrastinateJob]:
    return ProcrastinateJob.objects.filter(status__in=_SET_ASIDE)
