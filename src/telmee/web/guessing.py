"""Who is trying: what slows a guesser down, and never the owner of an account.

Wrong passwords and codes are counted for a sender and an account together. A sender is an address,
of IPv6 a network (/64), or a device: a browser in which this account was signed in before shows a
signed cookie, and has a count of its own. So whoever tries from elsewhere, or from the same town
hall, uses up his own tries and not those of the owner.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "telmee_device"
_SALT = "telmee.device"
_DAYS = 180
_SECONDS = _DAYS * 24 * 60 * 60
_IPV6_PREFIX = 64


def device_of(request: HttpRequest, email: str) -> str:
    """The device, when the account of this address was signed in on it before."""
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return ""
    return f"device-{known[1]}" if known[0] == _account(email) else ""


def try_of(request: HttpRequest, email: str) -> str:
    """Name whose try to get into which account a request is."""
    return f"{device_of(request, email) or network_of(_address(request))} {email.lower()}"


@contextmanager
def counting(request: HttpRequest, email: str) -> Iterator[None]:
    """Let what counts all tries of one sender take a known device for a sender of its own."""
    request.trying_device = device_of(request, email)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        request.trying_device = ""  # type: ignore[attr-defined]


def sender_of(request: HttpRequest) -> str:
    """Who sends a request: its address, or a known device while its tries are counted."""
    return getattr(request, "trying_device", "") or _address(request)


def network_of(address: str) -> str:
    """The network in which one sender can take any address.

    >>> network_of("2001:db8::1") == network_of("2001:db8::2"), network_of("192.0.2.1")
    (True, '192.0.2.1')
    """
    try:
        ip_address = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip_address.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/{_IPV6_PREFIX}", strict=False))


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let this browser be known as one in which an account was signed in."""
    if device_of(request, email):
        return
    cookie = signing.dumps([_account(email), secrets.token_hex(16)], salt=_SALT)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _account(email: str) -> str:
    """Name an account in a cookie without giving its address away."""
    return salted_hmac(_SALT, email.lower(), algorithm="sha256").hexdigest()[:32]
