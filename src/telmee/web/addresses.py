"""What may stand in an address."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from telmee.core.bsn import find_bsn


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
    """The secret of a link: `<secret:…>`. What no token of ours looks like is no page."""

    regex = "[A-Za-z0-9_-]{1,100}"

    def to_python(self, text: str) -> str:
        """Read a token."""
        return text

    def to_url(self, value: str) -> str:
        """Write a token."""
        return value


def asked_in(request: HttpRequest) -> QueryDict:
    """What an address asks, to repeat in a link: without values that hold a BSN."""
    query = request.GET.copy()
    for name, values in request.GET.lists():
        if any(map(find_bsn, values)):
            del query[name]
    return query
