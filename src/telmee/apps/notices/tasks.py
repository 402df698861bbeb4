"""Background work on notices, by the worker: sending them."""

from __future__ import annotations

from procrastinate import Blueprint

from telmee.apps.notices.sending import send_due

tasks = Blueprint()


@tasks.periodic(cron="* * * * *", queueing_lock="notices:send")
@tasks.task(name="send", lock="notices:send", queueing_lock="notices:send")
def send(timestamp: int) -> None:  # noqa: ARG001 - given to every periodic task
    """Send what is due."""
    send_due()
