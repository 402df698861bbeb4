"""Senders that never finish, or send too much: everybody else is still served."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Server
from tests.journeys.serving import running_site

_WAIT = 30.0
_HALF = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def port(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    name = server.copy()
    data: Path = tmp_path_factory.mktemp("gate")
    with running_site(server, name, data) as site:
        yield urlsplit(site.url).port or 0
    server.drop(name)


def sent(port: int, *parts: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), _WAIT)
    for part in parts:
        connection.sendall(part)
    return connection


def status_of(connection: socket.socket) -> int:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status


def status(port: int, path: str) -> int:
    with sent(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) as asked:
        return status_of(asked)


def test_a_hundred_unfinished_bodies_stop_nobody_and_are_ended(port: int) -> None:
    with ExitStack() as open_ones:
        hanging = [
            open_ones.enter_context(sent(port, _HALF, b"Content-Length: 500\r\n\r\nhalf"))
            for _ in range(100)
        ]
        assert status(port, "/healthz") == 200
        assert status(port, "/accounts/login/") == 200
        assert status_of(hanging[0]) == 408


def test_a_visitor_sends_little_whatever_he_announces(port: int) -> None:
    with sent(port, _HALF, b"Content-Length: 200000000\r\n\r\n") as announced:
        assert status_of(announced) == 413
    cookie = b"Cookie: sessionid=" + b"a" * 32 + b"\r\n"
    with sent(port, _HALF, cookie, b"Content-Length: 200000\r\n\r\n") as invented:
        assert status_of(invented) == 413
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = b"Transfer-Encoding: chunked\r\n\r\n"
    with sent(port, _HALF, head, chunk, chunk, chunk) as endless:
        assert status_of(endless) == 413
    assert status(port, "/healthz") == 200


def test_what_fits_reaches_the_application_whole(port: int) -> None:
    with sent(port, _HALF, b"Content-Length: 65536\r\n\r\n", b"x" * 65536) as fits:
        assert status_of(fits) == 403  # without the token of a form
