"""Background work on contributions."""

from __future__ import annotations

from procrastinate import App, Blueprint

tasks = Blueprint()


def register(app: App) -> None:
    """Give the queue its tasks; called when Django starts (`PROCRASTINATE_ON_APP_READY`)."""
    app.add_tasks_from(tasks, namespace="contributions")
