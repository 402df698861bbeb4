"""What was mailed, for tests: the worker is asked to send, and the outbox of Django is read."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from telmee.apps.notices.actions import Reader, write_notice
from telmee.apps.notices.choices import COUNTED, Fault, State
from telmee.apps.notices.models import Notice, Suspect
from telmee.apps.notices.sending import as_sender, send_due
from telmee.apps.notices.suspects import suspect
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.models import User

#: A subcontractor works on every contract that a test registers, and lines are handed in on it.
_USUAL = COUNTED | {"party_added", "subcontractor_added"}
_LINK = re.compile(r"/uitnodiging/([\w-]+)")


def mailed(*also: str) -> list[EmailMessage]:
    """Let the worker send what waits, and give all that was sent in this test.

    It is as if that is in ten days: then nothing waits for a Monday or for Easter to be over. What
    every contract and line of a test brings with it is left out, but for what is in `also`.
    """
    leave_out_usual(*also)
    send_due(timezone.now() + timedelta(days=10))
    return mail.outbox


def leave_out_usual(*also: str) -> None:
    """Withdraw what every contract and line of a test brings with it, but for what is in `also`."""
    with as_sender():
        waiting = Notice.objects.filter(code__in=_USUAL - {*also}, state=State.WAITING)
        waiting.update(state=State.WITHDRAWN, fault=Fault.UNWANTED)


def suspected(address: str) -> int:
    """Let the sender learn that a mail server refused an address; the id of what it keeps."""
    with as_sender():
        suspect(address, "550 no such user")
        return Suspect.objects.get(address=address).pk


def notice_of_unknown_outcome(user: User) -> int:
    """The id of a notice to somebody of which nobody knows whether it was sent."""
    with acting_as(user.pk):
        reader = Reader(user_id=user.pk, language="nl")
        write_notice("account_changed", reader, event=str(uuid4()), facts={})
    with as_sender():
        notice = Notice.objects.latest("pk")
        for state in (State.SENDING, State.UNKNOWN):
            Notice.objects.filter(pk=notice.pk).update(state=state)
    return notice.pk


def link_token() -> str:
    """The token of the link in the latest invitation."""
    found = _LINK.search(str(mailed()[-1].body))
    assert found is not None
    return found[1]
