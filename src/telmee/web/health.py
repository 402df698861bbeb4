"""Whether the site can be used, for the programs that watch it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

#: Answers when pages can be given: to whoever decides where visitors go.
READY = "/healthz"
#: Answers when the application runs, whatever else does not: to whoever decides to start it again.
ALIVE = "/healthz/alive"
PATHS = frozenset({READY, ALIVE})


class Health:
    """Answer about health before anything else, at the cost of one query or none.

    It comes before sessions and people, so that it tells of a database that is away instead of
    failing with it, and before the question which host was asked, as it is asked by address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer about health, or leave the request to the rest."""
        if request.path_info not in PATHS or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        if request.path_info == ALIVE:
            return _said("alive", HTTPStatus.OK)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            connection.close()
            return _said("the database does not answer", HTTPStatus.SERVICE_UNAVAILABLE)
        return _said("ok", HTTPStatus.OK)


def _said(words: str, status: HTTPStatus) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(f"{words}\n", "text/plain; charset=utf-8", status, headers=headers)
