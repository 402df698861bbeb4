"""Background work of reports: a draft of one, and publishing it.

Its papers are made by `telmee.web.reports.tasks`.
"""

from __future__ import annotations

from procrastinate import Blueprint, RetryStrategy

from telmee.apps.contributions.jobs import TRIES_MAX
from telmee.apps.reports.drafts import make_draft
from telmee.apps.reports.publishing import publish as freeze

tasks = Blueprint()
_WAIT_SECONDS = 3


@tasks.task(name="publish", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def publish(*, publishing_id: int, user_id: int) -> None:
    """Publish a report."""
    freeze(publishing_id, user_id)


@tasks.task(name="draft", retry=RetryStrategy(max_attempts=TRIES_MAX - 1, wait=_WAIT_SECONDS))
def draft(*, draft_id: int, user_id: int) -> None:
    """Make the draft of a report."""
    make_draft(draft_id, user_id)
