"""Background work that somebody asked for: reading a file or a photo, and handing in many drafts.

What begins by itself stands in `telmee.apps.jobs.register`.
"""

from __future__ import annotations

from procrastinate import Blueprint, JobContext, RetryStrategy

from telmee.apps.contributions.evidence import search_evidence
from telmee.apps.contributions.handing_in import do_handing_in, give_up_handing_in
from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.contributions.uploads import read_upload

tasks = Blueprint()
_WAIT_SECONDS = 3


@tasks.task(name="read_file", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def read_file(*, upload_id: int, user_id: int) -> None:
    """Read a file of contributions."""
    read_upload(upload_id, user_id)


@tasks.task(
    name="search_photo", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS)
)
def search_photo(*, evidence_id: int, user_id: int) -> None:
    """Look for a BSN in a photo that proves a line."""
    search_evidence(evidence_id, user_id)


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
