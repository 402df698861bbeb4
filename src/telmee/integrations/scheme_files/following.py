"""Which published version comes after another: by its family, or because it says so.

Only a few lines of a text are looked at. Whoever asks for one scheme need not wait for all of them
to be read and checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from telmee.core.schemes.model import Scheme, Successor
from telmee.core.schemes.select import name_of

_FAMILY = re.compile(r"""^family\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_FOLLOWS = re.compile(r"""^follows\s*=\s*\[([^\]]*)\]""", re.MULTILINE)
_FOLLOWS_FROM = re.compile(r"""^follows_from\s*=\s*(\d{4}-\d{2}-\d{2})$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Published:
    """A version as far as another one has to know it: whose it is, and what it comes after."""

    scheme_id: str
    version: str
    family: str
    follows: str = ""
    follows_from: date | None = None


def published_of(scheme_id: str, version: str, text: str) -> Published:
    """What others have to know of a version, from a few lines of its text: it need not be read."""
    family, follows = _FAMILY.search(text), _FOLLOWS.search(text)
    return Published(
        scheme_id,
        version,
        family[1] if family else scheme_id,
        follows[1] if follows else "",
        _first_day(text),
    )


def _first_day(text: str) -> date | None:
    since = _FOLLOWS_FROM.search(text)
    with suppress(ValueError):  # a day that no calendar has: whoever loads that file is told
        return date.fromisoformat(since[1]) if since else None
    return None


def successor_among(scheme: Scheme, published: Iterable[Published]) -> Successor | None:
    """What comes next: the first later version of the family, or a scheme that says so."""
    own = name_of(scheme.version).first_day
    following = (one for each in published if (one := _after(scheme, each)) is not None)
    later = [one for one in following if one.first_day.isoformat() > own]
    soonest = min((one.first_day for one in later), default=None)
    return max(
        (one for one in later if one.first_day == soonest),
        key=lambda one: name_of(one.version),
        default=None,
    )


def _after(scheme: Scheme, other: Published) -> Successor | None:
    says_so = re.search(rf"""["']{re.escape(scheme.id)}["']""", other.follows)
    if says_so and other.follows_from is not None:
        return Successor(other.scheme_id, other.version, other.follows_from)
    name = name_of(other.version)
    if other.family != scheme.family or name.is_undated:
        return None
    return Successor(other.scheme_id, other.version, date.fromisoformat(name.first_day))
