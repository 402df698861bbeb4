"""The web application behind a gate, as ASGI, for granian.

The gate reads every body itself, before a thread of the application hears of the request. So
whoever sends half a body, or a drop at a time, holds a few bytes of memory and nobody else waits
for him. A body has a limit on its size, smaller for visitors, and a lowest speed. A request that
finds too many others waiting is refused at once, which is kinder than an answer after a minute.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import Any

from asgiref.sync import AsyncToSync, SyncToAsync
from asgiref.wsgi import WsgiToAsgiInstance
from django.conf import settings
from django.db import close_old_connections

from telmee.config.wsgi import application as django
from telmee.texts import LANGUAGES, phrase

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

VISITOR_BYTES_MAX = 64 * 1024
#: What a form adds around the file in it.
_FORM_BYTES = 64 * 1024
_FILE_ROUTES = re.compile(r"/(opdrachten/[^/]+/bestand|inspanningen/[^/]+/bewijs)")
#: A sender gets this long, and more for every byte that arrived.
GRACE_SECONDS = 10.0
BYTES_A_SECOND_MIN = 16 * 1024
#: Python runs one thread at a time; more than one lets a page go on while another waits for data.
_THREADS = 4
#: About two seconds of work; whoever comes after that is asked to come back.
_WAITING_MAX = 64
_RETRY_SECONDS = 5
_MEMORY_BYTES = 64 * 1024

_pages = ThreadPoolExecutor(_THREADS, "page")
# Apart from the pages, so that both answer while every thread of those is busy.
_health = ThreadPoolExecutor(1, "health")
_sessions = ThreadPoolExecutor(1, "session")
_under_way = 0


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request, or refuse it before the application has work on it."""
    with SpooledTemporaryFile(max_size=_MEMORY_BYTES) as body:
        try:
            if not await _read(scope, receive, body):
                return
            body.seek(0)
            await _run(scope, body, send)
        except _RefusedError as refused:
            await _refuse(refused.status, send)


async def _read(scope: Scope, receive: Receive, body: SpooledTemporaryFile[bytes]) -> bool:
    """Keep the body within its limits; False when the sender went away."""
    limit = await _limit(scope)
    loop = asyncio.get_running_loop()
    begun, size, more = loop.time(), 0, True
    while more:
        allowed = begun + GRACE_SECONDS + size / BYTES_A_SECOND_MIN
        try:
            message = await asyncio.wait_for(receive(), allowed - loop.time())
        except TimeoutError:
            raise _RefusedError(HTTPStatus.REQUEST_TIMEOUT) from None
        if message["type"] != "http.request":
            return False
        size += len(message.get("body", b""))
        if size > limit:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body.write(message.get("body", b""))
        more = message.get("more_body", False)
    return True


async def _limit(scope: Scope) -> int:
    """Give how large the body may be; looks the sender up only where it matters."""
    headers = dict(scope["headers"])
    announced = headers.get(b"content-length", b"0")
    chunked = b"transfer-encoding" in headers
    size = int(announced) if announced.isdigit() else 0
    if size <= VISITOR_BYTES_MAX and not chunked:
        return VISITOR_BYTES_MAX
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _FILE_ROUTES.fullmatch(scope["path"]):
        limit = settings.UPLOAD_BYTES_MAX + _FORM_BYTES
    if not await _in_thread(_sessions, _is_signed_in, headers.get(b"cookie", b"")):
        limit = VISITOR_BYTES_MAX
    if size > limit:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return limit


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


async def _run(scope: Scope, body: SpooledTemporaryFile[bytes], send: Send) -> None:
    """Give the whole request to a thread of the application, when there is room for it."""
    global _under_way  # noqa: PLW0603  # one event loop per process, so nobody else counts
    if scope["path"] == "/healthz":
        await _Answer(scope, send).run(_health, body)
        return
    if _under_way >= _THREADS + _WAITING_MAX:
        raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE)
    _under_way += 1
    try:
        await _Answer(scope, send).run(_pages, body)
    finally:
        _under_way -= 1


class _Answer(WsgiToAsgiInstance):  # type: ignore[misc]
    """One request as asgiref translates it, in a thread of a pool of ours."""

    def __init__(self, scope: Scope, send: Send) -> None:
        super().__init__(_closing)
        self.scope = scope
        self._send = send

    async def run(self, pool: ThreadPoolExecutor, body: SpooledTemporaryFile[bytes]) -> None:

        self.sync_send = AsyncToSync(self._send)
        await _in_thread(pool, WsgiToAsgiInstance.run_wsgi_app.func, self, body)


def _closing(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Close each answer, which asgiref leaves open: Django then frees files and connections."""
    answer = django(environ, start_response)
    try:
        yield from answer
    finally:
        answer.close()


async def _in_thread(pool: ThreadPoolExecutor, work: Callable[..., Any], *given: Any) -> Any:
    return await SyncToAsync(work, thread_sensitive=False, executor=pool)(*given)


async def _refuse(status: HTTPStatus, send: Send) -> None:
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
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(_RETRY_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": page})
