"""What `serve` refuses to start with, in the environment: all of it is told at once."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from telmee.core.errors import Problem
from telmee.integrations.bounces import account_of
from telmee.web.employers import is_bound
from telmee.web.proxies import networks

#: As Django's own check demands (security.W009).
_SECRET_LENGTH_MIN, _SECRET_SIGNS_MIN = 50, 5
_DEBUG_NAMES = ("DEBUG", "DJANGO_DEBUG", "TELMEE_DEBUG")
_OFF = {"", "0", "false", "no", "off", "n", "f"}
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
#: A network in which more than one organisation lives names no proxy.
_PROXY_PREFIX_MIN = {4: 8, 6: 16}


def insecure_settings(environment: Mapping[str, str]) -> Iterator[Problem]:
    """Everything that would make an installation insecure."""
    yield from _unusable_keys(environment)
    for name in _DEBUG_NAMES:
        if environment.get(name, "").casefold() not in _OFF:
            yield Problem("debug_in_production", name, params={"name": name})
    hosts = _listed(environment, "TELMEE_HOSTS") or list(_THIS_MACHINE)
    for host in filter(_unnamed, hosts):
        yield Problem("host_unnamed", "TELMEE_HOSTS", params={"host": host})
    yield from _unsafe_address(environment.get("TELMEE_URL", ""), hosts)
    yield from _unnamed_proxies(environment)
    yield from _unbound_sign_in(environment.get("TELMEE_OIDC", ""))
    yield from _unreadable_mailbox(environment.get("TELMEE_BOUNCE_URL", ""))


def _unusable_keys(environment: Mapping[str, str]) -> Iterator[Problem]:
    """A key that can be guessed, and one that could not stand in the list of keys of before.

    Commas divide that list, and a blank in it belongs to a key: nobody sees that it is another one.
    """
    key = environment.get("TELMEE_SECRET_KEY", "")
    before = environment.get("TELMEE_SECRET_KEY_FALLBACKS", "").split(",")
    keys = [key, *filter(None, before)]
    if any(map(_guessable, keys)):
        yield Problem("secret_key_insecure", "TELMEE_SECRET_KEY")
    if "," in key or any(one != "".join(one.split()) for one in keys):
        yield Problem("secret_key_divided", "TELMEE_SECRET_KEY")


def _listed(environment: Mapping[str, str], name: str) -> list[str]:
    return [each.strip() for each in environment.get(name, "").split(",") if each.strip()]


def _guessable(secret: str) -> bool:
    known = secret.startswith("django-insecure-") or len(set(secret)) < _SECRET_SIGNS_MIN
    return known or len(secret) < _SECRET_LENGTH_MIN


def _unnamed(host: str) -> bool:
    """Whether this is no name in full: one for all, for every name under it, or no name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return not host.replace("-", "").replace(".", "").isalnum() or host.startswith(".")


def _unsafe_address(url: str, hosts: list[str]) -> Iterator[Problem]:
    """Links in mail must lead to us, and nobody on the way may read them."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    if not (host and bare and safe):
        yield Problem("url_insecure", "TELMEE_URL", params={"url": url})
    elif host not in {each.casefold().strip("[]") for each in hosts}:
        yield Problem("url_other_host", "TELMEE_URL", params={"host": host})


def _unnamed_proxies(environment: Mapping[str, str]) -> Iterator[Problem]:
    for each in _listed(environment, "TELMEE_PROXIES"):
        try:
            [network] = networks([each])
        except ValueError:
            is_narrow = False
        else:
            is_narrow = network.prefixlen >= _PROXY_PREFIX_MIN[network.version]
        if not is_narrow:
            yield Problem("proxy_unnamed", "TELMEE_PROXIES", params={"proxy": each})


def _unbound_sign_in(providers: str) -> Iterator[Problem]:
    """A sign-in that may vouch for any address opens every account."""
    try:
        entries = json.loads(providers or "[]")
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        entries = [None]
    for entry in entries:
        if not is_bound(entry):
            name = entry.get("provider_id", "?") if isinstance(entry, dict) else "?"
            yield Problem("sign_in_unbound", "TELMEE_OIDC", params={"provider": str(name)})


def _unreadable_mailbox(url: str) -> Iterator[Problem]:
    """A password must not go over the line in the open; the address is not repeated: it has one."""
    with suppress(ValueError):
        if url:
            account_of(url)
        return
    yield Problem("bounce_url_invalid", "TELMEE_BOUNCE_URL")
