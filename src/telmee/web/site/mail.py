"""The mail of a demonstration: what would have been sent stands in files, and is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

_SHOWN_MAX = 50
#: What Django's file backend writes between two messages in one file.
_BETWEEN = "\n" + "-" * 79 + "\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as its receiver would read it."""

    to: str
    subject: str
    sent: datetime | None
    text: str


def latest(folder: Path) -> list[Mail]:
    """Give the latest messages in a folder of Django's file backend, the newest first."""
    found = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    listed = [mail for path in found[:_SHOWN_MAX] for mail in reversed(list(_in_file(path)))]
    return listed[:_SHOWN_MAX]


def _in_file(path: Path) -> Iterator[Mail]:
    for part in path.read_text("utf-8", errors="replace").split(_BETWEEN):
        if part.strip():
            message = message_from_string(part.lstrip("\n"), policy=policy.default)
            if isinstance(message, EmailMessage):
                yield _read(message)


def _read(message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    sent = message["Date"]
    return Mail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent=parsedate_to_datetime(str(sent)) if sent else None,
        text=body.get_content() if body else "",
    )
