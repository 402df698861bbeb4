"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.headers import Headers

from django.http import HttpRequest, HttpResponse

_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

_WEEK = 7 * 24 * 60 * 60


def keep_typeface(headers: Headers, path: str, _url: str) -> None:
    """Let a browser keep the typeface for a week, so that no page is drawn twice for it."""
    if path.endswith(".woff2"):
        headers["Cache-Control"] = f"max-age={_WEEK}, public"


class SecurityHeaders:
    """Keep pages out of caches and devices out of pages; Django and django-csp set the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what is not there yet."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
