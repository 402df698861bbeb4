"""A mail server that takes every mail and keeps none; it prints its port, and then how many."""

from __future__ import annotations

import signal
import socketserver
import sys

TAKEN: list[int] = []


class Talk(socketserver.StreamRequestHandler):
    """One connection, in the few words of SMTP that a sender needs."""

    def handle(self) -> None:
        """Take mails until the other side says goodbye."""
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
                TAKEN.append(1)
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 good\r\n")


if __name__ == "__main__":
    with socketserver.TCPServer(("127.0.0.1", 0), Talk) as server:
        print(server.server_address[1], flush=True)
        # An interrupt does not come through to a program that was started in the background.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            server.serve_forever()
        finally:
            print(len(TAKEN), flush=True)
