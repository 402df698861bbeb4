"""What was mailed, for tests: the worker is asked to send, and the outbox of Django is read."""

from __future__ import annotations

import re
from datetime import timedelta

from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from telmee.apps.notices.sending import send_due

_LINK = re.compile(r"/uitnodiging/([\w-]+)")


def mailed() -> list[EmailMessage]:
    """Let the worker send what waits, and give all that was sent in this test.

    It is as if that is in ten days: then nothing waits for a Monday or for Easter to be over.
    """
    send_due(timezone.now() + timedelta(days=10))
    return mail.outbox


def link_token() -> str:
    """The token of the link in the latest invitation."""
    found = _LINK.search(str(mailed()[-1].body))
    assert found is not None
    return found[1]
