"""Senders that never finish, or send too much: everybody else is still served."""

import asyncio
import http.client
import socket
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Event, get_ident
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore

from telmee.web import gate
from telmee.web.bodies import VISITOR_BYTES_MAX
from tests.at_once import meeting
from tests.conftest import Server, connected
from tests.journeys.serving import running_web
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

#: What hangs stays at least so long: whoever waits for its end is not served within this.
_PATIENCE = 10.0
_T = TypeVar("_T")
_HOST = b"Host: localhost\r\n"
_POST = b"POST /accounts/login/ HTTP/1.1\r\n" + _HOST
_FILE = b"POST /opdrachten/7/bestand HTTP/1.1\r\n" + _HOST
_MEGABYTE = 1024 * 1024


class Attacked(NamedTuple):
    """A running site, the folder for its temporary files, and the cookie of somebody signed in."""

    port: int
    temporary: Path
    cookie: bytes
    as_owner: str


@pytest.fixture(scope="module")
def site(
    server: Server, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attacked]:
    data, temporary = tmp_path_factory.mktemp("gate"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with running_web(server, data) as web:
            name, port = web.site.database, urlsplit(web.site.url).port or 0
            with django_db_blocker.unblock(), connected(server.app_url, name):
                session = SessionStore()
                session["_auth_user_id"] = "1"
                session.create()
            cookie = f"Cookie: sessionid={session.session_key}\r\n".encode()
            owner = psycopg.conninfo.make_conninfo(server.owner_url, dbname=name)
            yield Attacked(port, temporary, cookie, owner)


def sent(site: Attacked, *parts: bytes) -> socket.socket:
    """Open a connection and send something over it."""
    connection = socket.create_connection(("127.0.0.1", site.port), PATIENCE_SECONDS)
    for part in parts:
        connection.sendall(part)
    return connection


def status_of(connection: socket.socket) -> int:
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        answer.read()
        return answer.status


def length(size: int) -> bytes:
    return b"Content-Length: %d\r\n" % size


def asked(site: Attacked, *parts: bytes) -> int:
    with sent(site, *parts) as connection:
        return status_of(connection)


def require_served(site: Attacked) -> None:
    """Ask a page and the health as somebody else does, with a patience far below any limit."""
    begun = time.monotonic()
    for path in (b"/healthz", b"/accounts/login/"):
        for _ in range(4):  # so that every process is asked
            assert asked(site, b"GET " + path + b" HTTP/1.1\r\n" + _HOST + b"\r\n") == 200
    assert time.monotonic() - begun < _PATIENCE


def files_in(folder: Path) -> list[str]:
    """The files in a folder, those without a name that a process holds open included."""
    held = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            held.append(str(link.readlink()))
        except OSError:
            continue  # closed meanwhile
    return [each for each in held if each.startswith(f"{folder}/")] + list(
        map(str, folder.iterdir())
    )


def gone(connection: socket.socket) -> bool:
    """Whether the other side closed, with or without an answer before."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def test_unfinished_bodies_stop_nobody_and_are_ended(site: Attacked) -> None:
    heads = [_POST, _FILE, _FILE + site.cookie]
    hanging: list[socket.socket] = []
    with ExitStack() as open_ones:
        for many in (3, 100):  # fewer than there are threads, and more
            hanging += [
                open_ones.enter_context(sent(site, heads[each % 3], length(50_000), b"\r\nhalf"))
                for each in range(many)
            ]
            require_served(site)
        assert [status_of(each) for each in hanging] == [408] * 103
    require_served(site)


def test_headers_that_never_end_and_connections_that_say_nothing_stop_nobody(
    site: Attacked,
) -> None:
    with ExitStack() as open_ones:
        idle = [open_ones.enter_context(sent(site)) for _ in range(300)]
        drips = [open_ones.enter_context(sent(site, _POST)) for _ in range(100)]
        until, left = time.monotonic() + PATIENCE_SECONDS, set(drips)
        while left and time.monotonic() < until:
            for each in list(left):
                try:
                    each.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    left.discard(each)
            require_served(site)
            time.sleep(0.2)
        assert not left
        assert all(map(gone, idle))


def test_a_drip_of_a_body_does_not_stay(site: Attacked) -> None:
    with sent(site, _POST, length(60_000), b"\r\n") as dripping:
        until = time.monotonic() + PATIENCE_SECONDS
        dripping.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() < until:
            dripping.sendall(b"x")
            try:
                answer = dripping.recv(100)
            except TimeoutError:
                continue
        assert b" 408 " in answer


def test_a_visitor_sends_little_whatever_he_announces(site: Attacked) -> None:
    body = b"x" * (2 * VISITOR_BYTES_MAX)
    invented = b"Cookie: sessionid=" + b"a" * 32 + b"\r\n"
    assert asked(site, _POST, length(200_000_000), b"\r\n") == 413
    assert asked(site, _POST, length(len(body)), b"\r\n", body) == 413
    assert asked(site, _FILE, invented, length(len(body)), b"\r\n", body) == 413
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    assert asked(site, _POST, b"Transfer-Encoding: chunked\r\n\r\n", chunk, b"0\r\n\r\n") == 413
    require_served(site)
    assert files_in(site.temporary) == []


def test_a_body_without_end_is_cut_off(site: Attacked) -> None:
    piece = b"%x\r\n%s\r\n" % (_MEGABYTE, b"x" * _MEGABYTE)
    with sent(site, _FILE, b"Transfer-Encoding: chunked\r\n\r\n") as endless:
        try:
            for _ in range(200):
                endless.sendall(piece)
        except OSError:
            ended = True
        else:
            ended = False
        assert ended
    require_served(site)
    assert files_in(site.temporary) == []


def test_a_file_of_a_visitor_is_not_even_written_down(site: Attacked) -> None:
    head = b"Content-Type: multipart/form-data; boundary=b\r\n" + length(30 * _MEGABYTE)
    part = b'--b\r\nContent-Disposition: form-data; name="bestand"; filename="a"\r\n\r\n'
    with sent(site, _FILE, head, b"\r\n", part, b"x" * (20 * _MEGABYTE)) as sending:
        assert files_in(site.temporary) == []
        sending.sendall(b"x" * (10 * _MEGABYTE - len(part)))
        assert status_of(sending) == 413
    assert files_in(site.temporary) == []


def test_who_is_signed_in_sends_a_form_anywhere_and_a_file_where_one_belongs(
    site: Attacked,
) -> None:
    """What gets through is refused by the application, for it has no token of a form."""
    for head, size, status in [
        (_POST, 1, 403),
        (_POST, 3, 413),
        (_FILE, 19, 403),
        (_FILE, 21, 413),
        (b"POST /nergens HTTP/1.1\r\n" + _HOST, 1, 413),
    ]:
        body = b"x" * (size * _MEGABYTE)
        assert asked(site, head, site.cookie, length(len(body)), b"\r\n", body) == status, head
    assert files_in(site.temporary) == []


def test_who_does_not_read_his_answers_stops_nobody(site: Attacked) -> None:
    ask = b"GET /static/telmee.css HTTP/1.1\r\n" + _HOST + b"\r\n"
    with ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(sent(site, ask * 200))
        require_served(site)


def test_when_all_are_busy_the_next_is_asked_to_come_back_and_the_health_answers(
    site: Attacked,
) -> None:
    ask = b"GET /accounts/login/ HTTP/1.1\r\n" + _HOST + site.cookie + b"\r\n"
    health = b"GET /healthz HTTP/1.1\r\n" + _HOST + site.cookie + b"\r\n"
    room = gate.THREADS + gate.WAITING_MAX
    with ExitStack() as open_ones:
        with psycopg.connect(site.as_owner) as owner:
            owner.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            waiting = [open_ones.enter_context(sent(site, ask)) for _ in range(5 * room)]
            assert [asked(site, health) for _ in range(8)] == [200] * 8
        answered = [status_of(each) for each in waiting]
    assert set(answered) == {200, 503}
    assert answered.count(200) <= 2 * room


def finished(work: Coroutine[Any, Any, _T]) -> _T:
    """What a coroutine comes to, in a thread of its own: a browser may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_the_thread_that_answered_last_answers_next_and_the_others_when_it_is_busy() -> None:
    threads = gate._Threads("trial", threads=3, waiting=1)
    met = meeting(3)

    def meet() -> int:
        met.wait()
        return get_ident()

    async def asked() -> tuple[list[int], list[int]]:
        alone = [await threads.run(get_ident) for _ in range(6)]
        return alone, await asyncio.gather(*(threads.run(meet) for _ in range(3)))

    alone, together = finished(asked())
    assert len(set(alone)) == 1
    assert len(set(together)) == 3
    assert alone[0] in together


def test_whoever_finds_no_room_is_refused_and_room_comes_back() -> None:
    threads = gate._Threads("trial", threads=1, waiting=1)
    go = Event()

    async def asked() -> list[object]:
        first, second = (asyncio.create_task(threads.run(go.wait)) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(gate._RefusedError):
            await threads.run(go.wait)
        go.set()
        return [await first, await second, await threads.run(go.wait)]

    assert finished(asked()) == [True] * 3


def test_a_header_that_passes_for_another_is_left_out() -> None:
    given = [(b"x_forwarded_for", b"10.0.0.1"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    scope = {
        "headers": [*given, (b"accept", b"a/b"), (b"accept", b"c/d")],
        "method": "GET",
        "raw_path": b"/%FF%2F",
        "query_string": b"q=%20",
        "http_version": "1.1",
        "scheme": "http",
    }
    with SpooledTemporaryFile[bytes]() as body:
        environ = gate._environ(scope, body, 0)
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_ACCEPT"] == "a/b,c/d"
    assert environ["PATH_INFO"] == "/\xff/"
