"""What a proxy says of a visitor counts only when the proxy is one that was named."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from telmee.web.proxies import NamedProxies

_PROXIES = ["127.0.0.1", "10.0.3.0/24", "2001:db8:1::/64"]
_SECURE = ("HTTP_X_FORWARDED_PROTO", "https")


def _seen(settings: Any, sender: str, told: str | None = None, **more: str) -> HttpRequest:
    """A request as the application sees it."""
    settings.PROXIES = _PROXIES
    settings.SECURE_PROXY_SSL_HEADER = _SECURE
    facts: dict[str, Any] = {"REMOTE_ADDR": sender, "HTTP_X_FORWARDED_PROTO": "https", **more}
    if told is not None:
        facts["HTTP_X_FORWARDED_FOR"] = told
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    NamedProxies(answer)(RequestFactory().get("/", **facts))
    return seen[0]


@pytest.mark.parametrize(
    ("sender", "told", "visitor"),
    [
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("10.0.3.9", "203.0.113.5, 127.0.0.1", "203.0.113.5"),
        # What a visitor sent himself stands before what the proxy added.
        ("127.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "10.0.3.1, 203.0.113.5", "203.0.113.5"),
        ("2001:db8:1::7", "2001:db8:9::1", "2001:db8:9::1"),
        ("127.0.0.1", "1.1.1.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "10.0.3.4, 127.0.0.1", "10.0.3.4"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
    ],
)
def test_a_named_proxy_is_believed(
    settings: Any, sender: str, told: str | None, visitor: str
) -> None:
    request = _seen(settings, sender, told)
    assert request.META["REMOTE_ADDR"] == visitor
    assert request.is_secure()


@pytest.mark.parametrize("sender", ["203.0.113.9", "10.0.4.1", "2001:db8:2::1", "", "unix:"])
def test_nobody_else_is_believed(settings: Any, sender: str) -> None:
    told = dict.fromkeys(("HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"), "evil.example")
    request = _seen(settings, sender, "198.51.100.1", **told)
    assert request.META["REMOTE_ADDR"] == sender
    assert not request.is_secure()
    assert not [name for name in request.META if "FORWARDED" in name]


@pytest.mark.django_db
def test_a_stranger_is_not_secure_by_saying_so(settings: Any) -> None:
    settings.PROXIES = _PROXIES
    settings.SECURE_PROXY_SSL_HEADER = _SECURE
    settings.SECURE_SSL_REDIRECT = True
    told: dict[str, Any] = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    stranger: Any = Client(REMOTE_ADDR="203.0.113.9", **told).get("/privacy")
    assert stranger.url.startswith("https://")
    assert Client(REMOTE_ADDR="10.0.3.1", **told).get("/privacy").status_code != 301


def test_an_address_counts_as_it_is_written_shortest(settings: Any) -> None:
    long = "2001:0db8:0009:0000:0000:0000:0000:0001"
    assert _seen(settings, long).META["REMOTE_ADDR"] == str(ipaddress.ip_address(long))
