"""The head of the chain of seals, mailed each day to the managers of clients.

Whoever keeps it elsewhere can show later that nothing before that day was altered, also by who
owns the machine (docs/guides/books.md).
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.utils import timezone

from telmee.apps.audit.seals import Head, latest_head
from telmee.apps.notices.actions import About, Reader, write_notice
from telmee.apps.organisations.acting import acting_as_system


def mail_heads() -> None:
    """Mail today's head to everybody who gets it, each in his own language, once a day."""
    head = latest_head()
    if head is None:
        return
    facts = {
        "rows": head.rows,
        "at": head.at,
        "head": head.head,
        "file": (file_name(head), head.as_text(settings.SITE_URL), "application/json"),
    }
    with acting_as_system():
        for reader, about in _readers():
            event = f"{timezone.localdate()}"
            write_notice("head", reader, event=event, facts=facts, about=about)


def file_name(head: Head) -> str:
    """The name of the file in which a head is stored, with its day and the number of its seal."""
    return f"telmee-{head.at:%Y-%m-%d}-{head.seal}.json"


def _readers() -> list[tuple[Reader, About]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, language, organisation_id FROM telmee_readers_of_heads() ORDER BY 1"
        )
        return [
            (Reader(user_id=user_id, language=language), About(organisation_id=organisation_id))
            for user_id, language, organisation_id in cursor.fetchall()
        ]
