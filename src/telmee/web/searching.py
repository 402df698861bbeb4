"""How people search in lists: every word, in any order, whatever its capitals and accents."""

from __future__ import annotations

from telmee.apps.organisations.names import search_key
from telmee.web.lists import Rows


def with_every_word(rows: Rows, text: str) -> Rows:
    """The rows whose `search` (a search key) holds every word of a text, in any order."""
    words = search_key(text).split()
    if isinstance(rows, list):
        return [row for row in rows if all(word in row["search"] for word in words)]
    for word in words:
        rows = rows.filter(search__contains=word)
    return rows
