"""Names as they are searched and sorted."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: A key may be longer than what it was made of: some signs fall apart into several.
SEARCH_MAX = 400


@lru_cache(10_000)
def search_key(name: str) -> str:
    """A name without capitals and accents, so that order and search are the same everywhere.

    A list of a thousand contracts asks it for the same few names, so the latest are kept.

    >>> search_key("Súdwest-Fryslân")
    'sudwest-fryslan'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip()[:SEARCH_MAX]
