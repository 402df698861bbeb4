"""Every task that the queue knows: those of the apps, and those that need the words of pages."""

from __future__ import annotations

from procrastinate import App

from telmee.apps.jobs import register as apps
from telmee.web.reports.tasks import tasks as reports


def register(app: App) -> None:
    """Register them all, when Django starts (`PROCRASTINATE_ON_APP_READY`)."""
    apps.register(app)
    app.add_tasks_from(reports, namespace="reports")
