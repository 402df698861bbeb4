"""Reports that mail did not arrive, as mail servers write them, right and wrong."""

from __future__ import annotations

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: noreply@telmee.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

This is a MIME-encapsulated message.

--part
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--part
Content-Type: {kind}

Reporting-MTA: dns; mail.example.org
Arrival-Date: Thu,  5 Nov 2026 09:00:00 +0100 (CET)

{recipients}
--part
Content-Type: {returned}

From: Telmee <noreply@telmee.example>
To: {to}
Message-ID: {mail}
Subject: Een bericht

--part--
"""
RECIPIENT = """\
Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}
"""


def recipient(
    to: str,
    status: str = "5.1.1",
    *,
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 no such user",
) -> str:
    """The block of one address."""
    return RECIPIENT.format(to=to, status=status, action=action, diagnostic=diagnostic)


def report(
    mail: str,
    to: str,
    *recipients: str,
    kind: str = "message/delivery-status",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """A report on a mail to somebody; without blocks of its own it says that he is unknown."""
    blocks = "\n".join(recipients or (recipient(to),))
    text = REPORT.format(recipients=blocks, mail=mail, to=to, kind=kind, returned=returned)
    return text.replace("\n", "\r\n").encode(errors="surrogateescape")
