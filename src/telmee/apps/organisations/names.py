"""Names as they are searched and sorted."""

from __future__ import annotations

import unicodedata

#: A key may be longer than what it was made of: some signs fall apart into several.
SEARCH_MAX = 400


def search_key(name: str) -> str:
    """Give a name without capitals and accents, so that order and search are the same everywhere.

    >>> search_key("Súdwest-Fryslân")
    'sudwest-fryslan'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip()[:SEARCH_MAX]
