"""The head of the chain of seals, mailed each day to the managers of clients.

Whoever keeps it elsewhere can show later that nothing before that day was altered, also by who
owns the machine (docs/guides/books.md).
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection

from telmee.apps.audit.seals import Head, latest_head
from telmee.apps.organisations.mail import written


def mail_heads() -> int:
    """Mail today's head to everybody who gets it, each in his own language; gives how many.

    Called outside a transaction: a mail that was sent is not taken back.
    """
    head = latest_head()
    if head is None:
        return 0
    messages = [_message(head, email, language) for email, language in _readers()]
    return get_connection().send_messages(messages) or 0


def file_name(head: Head) -> str:
    """Give the name under which a head is kept."""
    return f"telmee-{head.at:%Y-%m-%d}-{head.seal}.json"


def _readers() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, language FROM telmee_readers_of_heads() ORDER BY 1")
        return list(cursor.fetchall())


def _message(head: Head, email: str, language: str) -> EmailMessage:
    facts = {"head": head, "url": settings.SITE_URL}
    message = written("ledger/mail/head", facts, email, language)
    message.attach(file_name(head), head.as_text(settings.SITE_URL), "application/json")
    return message
