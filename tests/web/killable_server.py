"""A web server of one request per process, which dies at the step that the request names.

A step is a statement that is about to be sent, or a commit that is about to be sent or was done.
The header `X-Die-At` gives its number; an answer says in `X-Steps` how many there were. The first
request is answered by the server itself: what is loaded only once is loaded then.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from socketserver import BaseServer, ForkingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application
from django.db import connection, connections


class QuietHandler(WSGIRequestHandler):
    """Answer, and keep no log."""

    def log_message(self, *_told: Any) -> None:
        """Say nothing."""


class KillableServer(ForkingMixIn, WSGIServer):
    """Fork for each request but the first."""

    is_warm = False

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a child, which opens a connection of its own to the database."""
        if self.is_warm:
            super().process_request(request, client_address)
            return
        BaseServer.process_request(self, request, client_address)
        connections.close_all()
        self.is_warm = True


class Steps:
    """The steps of one request, and the one at which its process is killed (0: none)."""

    def __init__(self, die_at: int) -> None:
        self.die_at = die_at
        self.count = 0
        self._commit = connection.commit
        connection.execute_wrappers.append(self.before_statement)
        connection.commit = self.commit  # type: ignore[method-assign]

    def step(self) -> None:
        """Take a step, or die as somebody does whose power is cut."""
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before_statement(self, execute: Callable[..., Any], *facts: Any) -> Any:
        """Send a statement."""
        self.step()
        return execute(*facts)

    def commit(self) -> None:
        """Commit."""
        self.step()
        self._commit()
        self.step()

    def end(self) -> None:
        """Leave the connection as it was; only the first request has one after it."""
        connection.execute_wrappers.remove(self.before_statement)
        del connection.commit


def dying_at_a_step(application: Callable[..., Iterable[bytes]]) -> Callable[..., list[bytes]]:
    """Wrap the application, so that a request can say where it dies."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        steps = Steps(int(environ.get("HTTP_X_DIE_AT", 0)))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("X-Steps", str(steps.count))], *more)

        body = list(application(environ, start))
        steps.end()
        return body

    return answer


def main() -> None:
    """Serve on a free port, and say which."""
    server = KillableServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(dying_at_a_step(get_wsgi_application()))
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
