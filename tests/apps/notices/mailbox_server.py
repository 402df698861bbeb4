"""A mailbox that answers over IMAP with TLS, as far as reading bounces needs it."""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bounces@telmee.example", "geheim/wachtwoord"


@dataclass
class Stored:
    """A message, with what was marked on it."""

    raw: bytes
    flags: set[str] = field(default_factory=set)


class MailboxServer(socketserver.ThreadingTCPServer):
    """Keeps messages by number; `before_marking` is called when one is about to be marked."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate)
        self.messages: list[Stored] = []
        self.bytes_sent = 0
        self.before_marking: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Its address, as the settings have it."""
        user, password = USER.replace("@", "%40"), PASSWORD.replace("/", "%2F")
        return f"imaps://{user}:{password}@127.0.0.1:{self.server_address[1]}/Teruggekomen%20mail"

    def put(self, *raw: bytes) -> None:
        """Let messages come in."""
        self.messages.extend(Stored(each) for each in raw)

    def get_request(self) -> tuple[socket.socket, object]:
        """Take a connection; what speaks no TLS fails in its own thread."""
        connection, address = super().get_request()
        wrapped = self.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests are about."""


class _Talk(socketserver.StreamRequestHandler):
    server: MailboxServer

    def handle(self) -> None:
        self._say(b"* OK here")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
            verb = rest.upper()
            said = "OK done"
            if verb.startswith("CAPABILITY"):
                self._say(b"* CAPABILITY IMAP4rev1")
            elif verb.startswith("LOGIN"):
                right = rest == f'LOGIN "{USER}" "{PASSWORD}"'
                said = "OK in" if right else "NO wrong password"
            elif verb.startswith("SELECT"):
                right = rest == 'SELECT "Teruggekomen mail"'
                self._say(f"* {len(self.server.messages)} EXISTS".encode())
                said = "OK open" if right else "NO no such folder"
            elif verb.startswith("UID SEARCH"):
                self._search()
            elif verb.startswith("UID FETCH"):
                self._fetch(rest)
            elif verb.startswith("UID STORE"):
                self._store(rest)
            self._say(f"{tag} {said}".encode())
            if verb.startswith("LOGOUT"):
                return

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def _search(self) -> None:
        unseen = [
            number
            for number, one in enumerate(self.server.messages, 1)
            if r"\Seen" not in one.flags
        ]
        self._say(" ".join(["* SEARCH", *map(str, unseen)]).encode())

    def _fetch(self, rest: str) -> None:
        asked = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert asked
        number, most = map(int, asked.groups())
        raw = self.server.messages[number - 1].raw[:most]
        self.server.bytes_sent += len(raw)
        self._say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}".encode())
        self.wfile.write(raw + b")\r\n")

    def _store(self, rest: str) -> None:
        self.server.before_marking()
        asked = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", rest)
        assert asked
        self.server.messages[int(asked[1]) - 1].flags |= set(asked[2].split())


@contextmanager
def serving_mailbox(certificate: Path) -> Iterator[MailboxServer]:
    """Run a mailbox beside the test."""
    with MailboxServer(certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def write_certificate(path: Path) -> None:
    """Write a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    shape = serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(pem, shape, plain) + certificate.public_bytes(pem))
