"""Jobs of the worker that were set aside: tried often enough, and not done."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

#: So often a job is tried; what killed its worker or failed each time, will do so again.
TRIES_MAX = 3
#: The name under which the worker knows the reading of a file.
READ_TASK = "contributions:read_file"
#: The same of the search in a photo.
SEARCH_TASK = "contributions:search_photo"


def jobs_set_aside() -> QuerySet[ProcrastinateJob]:
    """Every job that was set aside."""
    given_up = (Status.FAILED.value, Status.ABORTED.value)
    return ProcrastinateJob.objects.filter(status__in=given_up)


def uploads_set_aside(upload_ids: Iterable[int]) -> frozenset[int]:
    """Which of these files the worker gave up."""
    jobs = jobs_set_aside().filter(task_name=READ_TASK, args__upload_id__in=list(upload_ids))
    return frozenset(jobs.values_list("args__upload_id", flat=True))
