"""A web server of one request per process, so that a test can kill the process of one request.

It says the number of the process on its standard output at the moment that the request arrives.
The first request is answered by the server itself: what is loaded only once is loaded then.
"""

from __future__ import annotations

import os
import sys
from socketserver import BaseServer, ForkingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application
from django.db import connections


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

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Say which process it is before anything else happens."""
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        super().finish_request(request, client_address)


def main() -> None:
    """Serve on a free port, and say which."""
    server = KillableServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
