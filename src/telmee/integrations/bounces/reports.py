"""What a report of a mail server says: which mail did not arrive, for whom, and why (RFC 3464).

Anybody can send such a report to the address that mail comes from, so what is read here is
believed only where it names a mail by a Message-ID that nobody else can know
(`telmee.apps.notices.bounces`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from telmee.core.refusals import is_wrong_address

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
_RETURNED = ("message/rfc822", "message/global", *_HEADERS)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,298}>")
#: Each part within a part has a type. Reports have four or five of them; ten thousand, each within
#: the other, are an attack on who reads.
_TYPES_MAX = 40
_RECIPIENTS_MAX = 100
_FIELD_MAX = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """One address that a mail did not reach, with what its server answered."""

    #: As the mail was addressed, and as its server knew it, in small letters.
    addresses: frozenset[str]
    answer: str
    #: The address is wrong; else the mail did not arrive, and the next one may.
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Of which mail it may speak, and whom that did not reach; nobody where it is only late."""

    message_ids: frozenset[str]
    refusals: tuple[Refusal, ...]


def report_of(raw: bytes) -> Report | None:
    """Read a report; None for any other message."""
    if raw.lower().count(b"content-type") > _TYPES_MAX:
        return None
    message = message_from_bytes(raw)
    parts = list(message.walk())
    status = next((part for part in parts if part.get_content_type() in _REPORTS), None)
    if status is None:
        return None
    refusals = [each for block in _blocks(status) if (each := _refusal(block))]
    return Report(frozenset(_message_ids(message, parts)), tuple(refusals[:_RECIPIENTS_MAX]))


def _blocks(status: Message) -> Iterator[Message]:
    """The blocks of fields of a report: of the mail, and of each address.

    The library takes one with signs beyond ASCII for a mail, with the other blocks as its text.
    """
    for block in _inner(status):
        yield block
        rest = block.get_payload()
        if isinstance(rest, str):
            for text in re.split(r"\r?\n\r?\n", rest):
                yield message_from_string(text.lstrip())


def _refusal(block: Message) -> Refusal | None:
    """What is said of one address, where the mail did not reach it for good."""
    if not _field(block, "Action").casefold().startswith("failed"):
        return None
    names = ("Original-Recipient", "Final-Recipient")
    addresses = frozenset(_typed(_field(block, name)).strip("<>").casefold() for name in names)
    status, diagnostic = _field(block, "Status"), _typed(_field(block, "Diagnostic-Code"))
    answer = f"{status} {diagnostic}".strip()
    return Refusal(addresses - {""}, answer, is_wrong_address(status, diagnostic))


def _typed(value: str) -> str:
    """What comes after the type of a field: `rfc822; somebody@example.org`."""
    return value.partition(";")[2].strip() if ";" in value else value


def _message_ids(message: Message, parts: list[Message]) -> Iterator[str]:
    """The numbers of the mail that came back, and of what the report says that it answers."""
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(_field(message, name))
    for part in parts:
        if part.get_content_type() in _RETURNED:
            yield from _MESSAGE_ID.findall(_field(_returned(part), "Message-ID"))


def _returned(part: Message) -> Message:
    """The head of a mail that came back, whole or only its head."""
    for mail in _inner(part):
        return mail
    text = part.get_payload(decode=True)
    return message_from_bytes(text if isinstance(text, bytes) else b"")


def _inner(part: Message) -> list[Message]:
    """The messages that a part consists of, where it is no text."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if part.is_multipart() else []


def _field(message: Message, name: str) -> str:
    """A field on one line, with nothing in it that a database or a page would stumble over."""
    text = str(message.get(name, ""))[: 10 * _FIELD_MAX].encode(errors="replace").decode()
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:_FIELD_MAX]
