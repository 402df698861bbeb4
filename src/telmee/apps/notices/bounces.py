"""Read what came back: mail that a server on the way took, and then could not deliver.

Reports arrive in a mailbox (`TELMEE_BOUNCE_URL`). One is believed where it names a mail that was
sent, by its Message-ID, which nobody can guess, and the address of its reader. Then the notices of
that mail came back, and the address is used no more where the server says that it is wrong.

What a report says is committed before its message is marked. One that is read twice, by a worker
that was killed or by two at a time, finds its notices marked as come back, and does nothing.
"""

from __future__ import annotations

import logging
from itertools import islice

from django.conf import settings

from telmee.apps.notices.choices import Fault, State
from telmee.apps.notices.models import Notice
from telmee.apps.notices.sending import as_sender, readers_of
from telmee.apps.notices.suspects import suspect
from telmee.integrations.bounces import Refusal, Report, account_of, open_mailbox, report_of

_log = logging.getLogger(__name__)
#: So many messages in one run, after which other work of the worker has its turn.
_RUN_MAX = 500


def read_bounces() -> None:
    """Read the messages that are new in the mailbox for bounces, where there is one.

    A mailbox that cannot be read raises, so that operators see a job that failed. What is no report
    is marked for a person.
    """
    if not settings.BOUNCE_URL:
        return
    with open_mailbox(account_of(settings.BOUNCE_URL)) as mailbox:
        for number in islice(mailbox.unseen(), _RUN_MAX):
            report = _read(mailbox.read(number))
            if report is not None:
                _keep(report)
            mailbox.mark(number, flagged=report is None)


def _read(raw: bytes) -> Report | None:
    """Read a message of whoever sent it; what cannot be read stops no other."""
    try:
        return report_of(raw)
    except Exception:  # noqa: BLE001 - it stops no other message
        _log.exception("a message in the mailbox for bounces cannot be read")
        return None


def _keep(report: Report) -> None:
    """Keep what a report says, in one transaction."""
    with as_sender():
        mails = Notice.objects.filter(mail__in=report.message_ids)
        notices = list(
            mails.filter(state__in=(State.SENT, State.UNKNOWN)).order_by("pk").select_for_update()
        )
        readers = readers_of(notice.pk for notice in notices)
        for notice in notices:
            address = readers[notice.pk].address
            of_it = [one for one in report.refusals if address.lower() in one.addresses]
            if of_it:
                _return(notice, address, of_it[0])


def _return(notice: Notice, address: str, refusal: Refusal) -> None:
    """Mark a notice as come back, and its address as wrong where the server says so."""
    notice.state, notice.fault, notice.sealed = State.RETURNED, Fault.BOUNCED, ""
    notice.answer = refusal.answer
    notice.save(update_fields=("state", "fault", "sealed", "answer"))
    if refusal.is_wrong:
        suspect(address, refusal.answer)
