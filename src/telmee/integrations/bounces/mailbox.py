"""A mailbox that is read over IMAP with TLS, by the standard library.

A message is read without being marked, and marked when its reader says so: who is killed in between
reads it once more. Of a message no more is read than a report needs, whatever its size.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

_PORT = 993
_SECONDS = 20
#: A report with the whole of a mail of ours in it is much smaller.
_BYTES_MAX = 256 * 1024
#: So many messages are asked about at once: one line of an answer has a limit.
_WINDOW = 5_000


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is, and who reads it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str


def account_of(url: str) -> Account:
    """Read `imaps://user:password@host:993/Folder`. Raises `ValueError` for anything else.

    >>> account_of("imaps://bounces%40example.nl:secret@mail.example.nl").folder
    'INBOX'
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    whole = parts.scheme == "imaps" and parts.hostname and user and password
    if not whole or parts.query or parts.fragment or not all(map(_is_plain, (user, folder))):
        raise ValueError("not imaps://user:password@host:port/folder")
    return Account(str(parts.hostname), parts.port or _PORT, user, password, folder)


def _is_plain(text: str) -> bool:
    """Whether the protocol takes this between quotes as it stands."""
    return text.isascii() and text.isprintable() and not set('"\\') & set(text)


@contextmanager
def open_mailbox(account: Account) -> Iterator[Mailbox]:
    """Sign in and open the folder; the server must show a certificate that this machine trusts."""
    context = ssl.create_default_context()
    server = imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=_SECONDS)
    try:
        server.login(f'"{account.user}"', account.password)
        (count,) = _data(server.select(f'"{account.folder}"'))
        yield Mailbox(server, int(count))
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An open folder with so many messages."""

    server: imaplib.IMAP4
    count: int

    def unseen(self) -> Iterator[str]:
        """The numbers of the messages that nobody marked, the oldest first."""
        for first in range(1, self.count + 1, _WINDOW):
            window = f"{first}:{min(first + _WINDOW - 1, self.count)}"
            for line in _data(self.server.uid("SEARCH", window, "UNSEEN", "UNDELETED")):
                yield from (line or b"").decode("ascii").split()

    def read(self, number: str) -> bytes:
        """The beginning of a message; nothing where it is gone."""
        answer = _data(self.server.uid("FETCH", number, f"(BODY.PEEK[]<0.{_BYTES_MAX}>)"))
        texts = [part[1] for part in answer if isinstance(part, tuple)]
        return bytes(texts[0]) if texts else b""

    def mark(self, number: str, *, flagged: bool) -> None:
        """Mark a message as seen, and with a flag where a person should look at it."""
        flags = r"(\Seen \Flagged)" if flagged else r"(\Seen)"
        _data(self.server.uid("STORE", number, "+FLAGS.SILENT", flags))


def _data(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server answered, where it did what was asked."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data[:1]!r}")
    return data
