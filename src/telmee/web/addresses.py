"""What may stand in an address."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, QueryDict

from telmee.core.bsn import find_bsn

#: The largest id, count or amount that the database keeps.
NUMBER_MAX = 2**63 - 1


class DatabaseId:
    """The id of a row: `<id:…>`. A number that no row can have is no page, and asks no query."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, text: str) -> int:
        """Read an id."""
        return int(text)

    def to_url(self, value: int) -> str:
        """Write an id."""
        return str(value)


class LinkToken:
    """The secret of a link: `<secret:…>`. Anything that cannot be a token of ours is no page."""

    regex = "[A-Za-z0-9_-]{1,100}"

    def to_python(self, text: str) -> str:
        """Read a token."""
        return text

    def to_url(self, value: str) -> str:
        """Write a token."""
        return value


def number_in(typed: str | None, most: int = NUMBER_MAX) -> int | None:
    """The whole number that an address or a form names, from 0 to `most`; None where it names none.

    Whoever sends a thousand digits, or those of another script, names none: it is no failure of the
    program, and no query is asked.
    """
    text = typed or ""
    is_short = len(text) <= len(str(most))
    number = int(text) if is_short and text.isascii() and text.isdecimal() else None
    return None if number is None or number > most else number


def numbers_in(typed: Iterable[str]) -> list[int]:
    """The numbers that a form names one after another; what is no number is left out."""
    return [number for one in typed if (number := number_in(one)) is not None]


def asked_in(request: HttpRequest) -> QueryDict:
    """What an address asks, to repeat in a link: without values that hold a BSN."""
    query = request.GET.copy()
    for name, values in request.GET.lists():
        if any(map(find_bsn, values)):
            del query[name]
    return query
