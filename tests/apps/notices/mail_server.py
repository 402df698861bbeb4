"""A mail server of the standard library, which answers each mail as a test asks."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from typing import Any


class Answer(Enum):
    """What the server does with a mail."""

    TAKE = "take"
    #: Say no to its receiver.
    REFUSE = "refuse"
    #: Say no to its receiver, for good.
    REFUSE_FOR_GOOD = "refuse for good"
    #: Take it, say so, and end the connection.
    TAKE_AND_GO = "take and go"
    #: Take it, and end the connection before saying so.
    SAY_NOTHING = "say nothing"


_SAID = {Answer.REFUSE: "451 not now", Answer.REFUSE_FOR_GOOD: "550 no such user"}


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the mails that it took; `answers` are for the next ones, after which all are taken."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.port: int = self.server_address[1]
        self.taken: list[EmailMessage] = []
        self.answers: list[Answer] = []
        self.connections = 0
        self.when_taken: Callable[[], Any] = lambda: None

    def next_answer(self) -> Answer:
        """What the next mail gets."""
        return self.answers.pop(0) if self.answers else Answer.TAKE


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        self._say("220 here")
        answer = Answer.TAKE
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                answer = self.server.next_answer()
                self._say(_SAID.get(answer, "250 good"))
            elif word == b"DATA":
                self._say("354 go on")
                self._take()
                if answer is Answer.SAY_NOTHING:
                    return
                self._say("250 taken")
                if answer is Answer.TAKE_AND_GO:
                    return
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 good")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.taken.append(message)
        self.server.when_taken()


@contextmanager
def serving_mail() -> Iterator[MailServer]:
    """Run a mail server beside the test."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
