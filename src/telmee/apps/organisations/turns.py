"""Turns: who wants the same as somebody else waits until that one's transaction ends."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.http import Http404

_M = TypeVar("_M", bound=Model)


def done_before(key: object, rows: QuerySet[_M]) -> _M | None:
    """What was made under a key already, if it was: so the same key twice does something once.

    `key` names the deed for everybody, as the key of a form does; `rows` is what it makes. Whoever
    does the same at this moment is waited for, so that the second one of a double click finds what
    the first one made. Until the transaction ends nobody else makes it.
    """
    wait_for_turn(f"once {key}")
    return rows.first()


def hold_row(rows: QuerySet[_M], pk: int) -> _M:
    """Take a row for oneself until the transaction ends, and give it as it is by then.

    Who comes too late, or may not change it any more as his role ended since he looked it up, finds
    nothing. Raises `Http404`.
    """
    row = rows.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def wait_for_turn(*names: str) -> None:
    """Take what has these names for oneself until the transaction ends; whoever has it comes first.

    Who takes several gives them in an order that everybody follows, so that no two can wait for
    each other.
    """
    if names:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
                " FROM unnest(%s::text[]) name",
                [list(names)],
            )
