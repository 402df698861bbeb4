"""Turns: who wants the same as somebody else waits until that one's transaction ends."""

from __future__ import annotations

from django.db import connection


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
