"""How people search in rows that were made in Python."""

from __future__ import annotations

from typing import Any

from telmee.apps.organisations.names import search_key


def with_every_word(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The rows whose `search` (a search key) holds every word of a text, in any order."""
    words = search_key(text).split()
    return [row for row in rows if all(word in row["search"] for word in words)]
