"""From where a request comes: what a named proxy says of it, and nothing that anybody else says."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Headers in which a proxy tells about the visitor. From whoever is none, they are thrown away.
_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class NamedProxies:
    """Write the visitor's own address where Django looks for it, and drop headers of strangers.

    Comes first, so that limits, links and the question whether a request is secure all see the
    same. A request that no named proxy handed over is what it is: from its sender, over HTTP.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._proxies = networks(settings.PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request that tells the truth about where it comes from."""
        facts = request.META
        sender = address(facts.get("REMOTE_ADDR", ""))
        forwarded_for = facts.get("HTTP_X_FORWARDED_FOR", "")
        if sender and is_in(sender, self._proxies):
            sender = visitor(forwarded_for, self._proxies) or sender
        else:
            for name in _FORWARDED:
                facts.pop(name, None)
        if sender:
            facts["REMOTE_ADDR"] = str(sender)
        return self.get_response(request)


def networks(texts: Sequence[str]) -> list[Network]:
    """Read addresses and networks. Raises `ValueError` for what is neither.

    >>> networks(["127.0.0.1", "10.0.0.0/8"])
    [IPv4Network('127.0.0.1/32'), IPv4Network('10.0.0.0/8')]
    """
    return [ipaddress.ip_network(each.strip()) for each in texts]


def address(text: str) -> Address | None:
    """Read an address; one of IPv4 that arrived over IPv6 is one of IPv4.

    >>> address("::ffff:192.0.2.1"), address("192.0.2.1"), address("unknown")
    (IPv4Address('192.0.2.1'), IPv4Address('192.0.2.1'), None)
    """
    try:
        ip_address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(ip_address, "ipv4_mapped", None) or ip_address


def is_in(one: Address, networks_of: Sequence[Network]) -> bool:
    """Whether an address is one of the proxies, or in one of their networks."""
    return any(one in network for network in networks_of)


def visitor(forwarded_for: str, proxies: Sequence[Network]) -> Address | None:
    """The last address that is no proxy: each proxy adds at the end whom it got it from.

    >>> visitor("203.0.113.5, 198.51.100.7, 10.0.0.1", networks(["10.0.0.0/8"]))
    IPv4Address('198.51.100.7')
    """
    for each in reversed(forwarded_for.split(",")):
        sender = address(each)
        if sender is None or not is_in(sender, proxies):
            return sender
    return address(forwarded_for.partition(",")[0])
