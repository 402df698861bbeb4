"""Background work on the journal and the books, by the worker: sealing what was written."""

from __future__ import annotations

from procrastinate import Blueprint

from telmee.apps.audit.seals import seal_rows

tasks = Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="seal", queueing_lock="seal")
def seal(timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Seal what was written since the last minute."""
    seal_rows()


@tasks.periodic(cron="5 0 * * *")
@tasks.task(name="seal_all")
def seal_all(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Seal what the quick way passed: a row whose transaction lasted longer than others wrote."""
    seal_rows(everything=True)
