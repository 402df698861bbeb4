"""What was mailed, for tests: the worker is asked to send, and the outbox of Django is read."""

from __future__ import annotations

import re

from django.core import mail
from django.core.mail import EmailMessage

from telmee.apps.notices.sending import send_due

_LINK = re.compile(r"/uitnodiging/([\w-]+)")


def mailed() -> list[EmailMessage]:
    """Let the worker send what waits, and give all that was sent in this test."""
    send_due()
    return mail.outbox


def link_token() -> str:
    """The token of the link in the latest invitation."""
    found = _LINK.search(str(mailed()[-1].body))
    assert found is not None
    return found[1]
