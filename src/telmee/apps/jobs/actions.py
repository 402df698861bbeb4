"""Let the worker try once more what it gave up."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from telmee.apps.contributions.jobs import jobs_set_aside
from telmee.apps.jobs.register import BY_ITSELF
from telmee.apps.organisations.access import require_operator
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.turns import hold_row


@transaction.atomic
def try_again(acting: Acting, job_id: int) -> None:
    """Put a job in the queue anew, with all its tries, for an operator.

    Raises `Http404` when it is set aside no longer. One that may be in the queue once only, and is
    there, takes its place. Of one that begins by itself all that were set aside are tried as one.
    """
    require_operator(acting)
    job = hold_row(jobs_set_aside(), job_id)
    anew = app.configure_task(
        job.task_name, queue=job.queue_name, lock=job.lock, queueing_lock=job.queueing_lock
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        anew.defer(**job.args)
    same = Q(task_name=job.task_name) if job.task_name in BY_ITSELF else Q(pk=job_id)
    jobs_set_aside().filter(same).delete()
