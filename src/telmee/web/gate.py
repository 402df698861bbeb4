"""The gate before the web application: it is WSGI, and an ASGI application stands before it.

The gate reads every body itself, before a thread of the application hears of the request, and keeps
every answer until its reader has taken it. So whoever sends half a body, or reads a drop at a time,
holds a little memory and nobody else waits for him. A body has a limit on its size, smaller for
visitors, and a lowest speed. A request that finds too many others waiting is refused at once, which
is kinder than an answer after a minute.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.db import Error, close_old_connections

from telmee.texts import LANGUAGES, phrase
from telmee.web import health
from telmee.web.bodies import VISITOR_BYTES_MAX, bytes_max, sending_seconds

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Spool = SpooledTemporaryFile[bytes]
#: A WSGI application; closing its answer frees files and connections.
Django = Callable[[dict[str, object], Callable[..., Any]], Any]

#: A sender gets this long, and more for every byte that arrived.
_SENDING_SECONDS = sending_seconds()
BYTES_A_SECOND_MIN = 16 * 1024
#: A browser shows our answer after it sent all; so that much of what is refused is thrown away.
_DISCARDED_BYTES_MAX = 64 * 1024 * 1024
_DISCARD_SECONDS = 2.0
_LARGE_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024
_RETRY_SECONDS = 5
#: Python runs one at a time; more than one lets a page go on while another waits for data.
THREADS = 4
#: So many are served within a few seconds.
WAITING_MAX = 64

_TOO_SLOW = HTTPStatus.REQUEST_TIMEOUT
_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_TOO_BUSY = HTTPStatus.SERVICE_UNAVAILABLE


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class _Threads:
    """A few threads with room for some to wait; whoever finds no room is refused.

    The thread that was busy last goes first. Each has a connection to the database of its own,
    which answers sooner what it was asked before: of four that take turns on a quiet site each
    would have to think of everything anew.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._idle = [ThreadPoolExecutor(1, name) for _ in range(threads)]
        self._free = asyncio.Semaphore(threads)
        self._room = threads + waiting

    async def run(self, work: Callable[..., object], *given: object) -> Any:
        if not self._room:
            raise _RefusedError(_TOO_BUSY)
        self._room -= 1
        try:
            async with self._free:
                thread = self._idle.pop()
                try:
                    return await asyncio.wrap_future(thread.submit(work, *given))
                finally:
                    self._idle.append(thread)
        finally:
            self._room += 1


_pages = _Threads("page", threads=THREADS, waiting=WAITING_MAX)
# Apart from the pages, so that both answer while every thread of those is busy.
_health = _Threads("health", threads=1, waiting=16)
_sessions = _Threads("session", threads=1, waiting=64)


def behind_gate(django: Django) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application that lets Django answer what the gate lets through."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before Django has work on it."""
        with SpooledTemporaryFile(_LARGE_BYTES) as body:
            try:
                size = await _read(scope, receive, body)
                if size is None:
                    return
                threads = _health if scope["path"] in health.PATHS else _pages
                answer = await threads.run(_answered, django, _environ(scope, body, size))
            except _RefusedError as refused:
                answer = _refusal(refused.status)
        await answer.give(send)

    return application


async def _read(scope: Scope, receive: Receive, body: Spool) -> int | None:
    """Keep a body within its limits and give its size; None when the sender went away."""
    headers = dict(scope["headers"])
    limit = await _limit(scope, headers)
    announced = int(headers.get(b"content-length", 0))
    loop = asyncio.get_running_loop()
    begun, size, more = loop.time(), 0, True
    while more and size <= limit + _DISCARDED_BYTES_MAX:
        too_large = max(size, announced) > limit
        seconds = begun + _SENDING_SECONDS + min(size, limit) / BYTES_A_SECOND_MIN - loop.time()
        if too_large:
            seconds = min(seconds, _DISCARD_SECONDS)
        try:
            message = await asyncio.wait_for(receive(), seconds)
        except TimeoutError:
            raise _RefusedError(_TOO_LARGE if too_large else _TOO_SLOW) from None
        if message["type"] != "http.request":
            return None
        size += len(message.get("body", b""))
        if max(size, announced) <= limit:
            body.write(message.get("body", b""))
        more = message.get("more_body", False)
    if max(size, announced) > limit:
        raise _RefusedError(_TOO_LARGE)
    body.seek(0)
    return size


async def _limit(scope: Scope, headers: dict[bytes, bytes]) -> int:
    """How many bytes the body may have; looks the sender up only where it matters."""
    small = int(headers.get(b"content-length", 0)) <= VISITOR_BYTES_MAX
    if (small and b"transfer-encoding" not in headers) or b"cookie" not in headers:
        return VISITOR_BYTES_MAX
    try:
        is_signed_in = await _sessions.run(_is_signed_in, headers[b"cookie"])
    except Error:  # without the database nothing can be done with it
        raise _RefusedError(_TOO_BUSY) from None
    if is_signed_in:
        return bytes_max(scope["path"])
    return VISITOR_BYTES_MAX


def _is_signed_in(cookies: bytes) -> bool:
    close_old_connections()
    try:
        morsel = SimpleCookie(cookies.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    if morsel is None:
        return False
    store = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    return "_auth_user_id" in store


def _environ(scope: Scope, body: Spool, size: int) -> dict[str, object]:
    """Write a request as WSGI knows it.

    A header with an underscore is left out: it would read as the one with a dash, which a proxy
    may have removed or written.
    """
    headers: dict[str, list[str]] = defaultdict(list)
    for name, value in scope["headers"]:
        if b"_" not in name:
            headers[name.decode("latin1").upper().replace("-", "_")].append(value.decode("latin1"))
    given = {f"HTTP_{name}": ",".join(values) for name, values in headers.items()}
    given["HTTP_COOKIE"] = "; ".join(headers["COOKIE"])
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    return given | {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "CONTENT_TYPE": given.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(size),  # as counted, also of what came in chunks
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


class _Answer(NamedTuple):
    """A whole answer, kept apart from the thread that wrote it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: Spool

    async def give(self, send: Send) -> None:
        """Send it as quickly as its reader takes it."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        with self.body as body:
            body.seek(0)
            chunk, more = b"", True
            while more:
                chunk = body.read(_CHUNK_BYTES)
                more = len(chunk) == _CHUNK_BYTES
                await send({"type": "http.response.body", "body": chunk, "more_body": more})


def _answered(django: Django, environ: dict[str, object]) -> _Answer:
    """Let the application answer, in a thread of its own."""
    body = SpooledTemporaryFile[bytes](_LARGE_BYTES)
    begun: list[tuple[int, list[tuple[bytes, bytes]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> object:
        encoded = [(name.lower().encode(), value.encode("latin1")) for name, value in headers]
        begun.append((int(status.partition(" ")[0]), encoded))
        return body.write

    chunks = django(environ, start)
    try:
        for chunk in chunks:
            body.write(chunk)
    finally:
        chunks.close()
    return _Answer(*begun[-1], body)


def _refusal(status: HTTPStatus) -> _Answer:
    """Say in both languages what happened; there is no session yet that names one."""
    said = "".join(
        f'<p lang="{lang}">{phrase(f"gate.{status.value}", lang)}</p>\n' for lang in LANGUAGES
    )
    page = f"<!doctype html>\n<title>{status.value}</title>\n{said}".encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        (b"content-security-policy", b"default-src 'none'"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if status == _TOO_BUSY:
        headers.append((b"retry-after", str(_RETRY_SECONDS).encode()))
    body = SpooledTemporaryFile[bytes](_LARGE_BYTES)
    body.write(page)
    return _Answer(status.value, headers, body)
