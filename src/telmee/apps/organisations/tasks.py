"""Background work for organisations, by the worker: the daily head of the books."""

from __future__ import annotations

from procrastinate import Blueprint

from telmee.apps.audit.seals import seal_rows
from telmee.apps.organisations import heads

tasks = Blueprint()


@tasks.periodic(cron="30 5 * * *")
@tasks.task(name="mail_heads", queueing_lock="mail_heads")
def mail_heads(timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Seal what waits, and mail the head to the managers of clients."""
    seal_rows()
    heads.mail_heads()
