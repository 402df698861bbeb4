"""The mail of a demonstration: what would have been sent stands in files, and is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

_SHOWN_MAX = 50
#: What Django's file backend writes between two messages in one file.
_BETWEEN = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as its receiver would read it."""

    to: str
    subject: str
    sent: datetime | None
    text: str


def latest(folder: Path) -> list[Mail]:
    """The latest messages in a folder of Django's file backend, the newest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    listed = [mail for path in files[:_SHOWN_MAX] for mail in reversed(list(_in_file(path)))]
    return listed[:_SHOWN_MAX]


def _in_file(path: Path) -> Iterator[Mail]:
    for part in path.read_bytes().split(_BETWEEN):
        if part.strip():
            message = message_from_bytes(part.lstrip(b"\n"), policy=policy.default)
            if isinstance(message, EmailMessage):
                yield _read(message)


def _read(message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    return Mail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent=_moment(message["Date"]),
        text=body.get_content() if body else "",
    )


def _moment(written: object) -> datetime | None:
    """Read the date of a message; without a zone (-0000) it is universal time."""
    if not written:
        return None
    sent = parsedate_to_datetime(str(written))
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)
