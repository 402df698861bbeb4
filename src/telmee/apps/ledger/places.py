"""Where an entry stands in the books: its number, and the position that it led to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.many import UNNESTED, as_array
from telmee.core.ledger import EntryKind, Position

# An entry moves the surplus of its own contract alone: what it was before and after it.
_PLACES = f"""
    WITH books AS (
        SELECT id, contract_id, kind, amount_cents, booked_at,
               greatest(0, sum(CASE
                   WHEN kind = 'penalty' THEN 0
                   WHEN kind IN ('obligation', 'carried_out') THEN -amount_cents
                   ELSE amount_cents END) OVER own) AS surplus
        FROM ledger_entry WHERE contract_id IN ({UNNESTED}) AND booked_at <= %s
        WINDOW own AS (PARTITION BY contract_id ORDER BY booked_at, id)
    ), moving AS (
        SELECT *, surplus - lag(surplus, 1, 0::numeric) OVER own AS more FROM books
        WINDOW own AS (PARTITION BY contract_id ORDER BY booked_at, id)
    )
    SELECT * FROM (
        SELECT id, row_number() OVER booked, {
    ", ".join(
        f"coalesce(sum(amount_cents) FILTER (WHERE kind = '{kind}') OVER booked, 0)::bigint"
        for kind in EntryKind
    )
}, sum(more) OVER booked::bigint
        FROM moving WINDOW booked AS (ORDER BY booked_at, id ROWS UNBOUNDED PRECEDING)
    ) AS places WHERE id IN ({UNNESTED})
"""  # noqa: S608 - only the kinds are put in


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: its number in the order of booking, and the position it led to."""

    number: int
    after: Position


def places_of(
    entry_ids: Iterable[int], contract_ids: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, Place]:
    """The places of some entries in the books of contracts, by the id of the entry.

    The database numbers and adds up, so that a page costs one query and only its own rows.
    """
    with connection.cursor() as cursor:
        books = [as_array(contract_ids), as_of or "infinity"]
        cursor.execute(_PLACES, [*books, as_array(entry_ids)])
        return {id_: Place(number, Position(*sums)) for id_, number, *sums in cursor.fetchall()}


def without(position: Position, entry: Entry) -> Position:
    """The position of one contract without one of the entries that led to it."""
    kind = f"{entry.kind}_cents"
    rest = {kind: getattr(position, kind) - entry.amount_cents}
    return replace(position, **rest, beyond_cents=0)
