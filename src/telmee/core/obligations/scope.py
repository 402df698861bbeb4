"""Which of a scheme's rows hold for a contract, and which of those is the most specific.

A row of a published table holds when all that it names holds: its client, its category, its share
of labour, its value. Of the rows that hold, the most specific wins. Specific is compared in one
order, the first difference decides:

1. a row for the named client goes before a row for every client of the scheme: it is the client's
   own word against the region's;
2. a narrower range of labour shares lies inside a wider one, and any range inside "every share";
3. a higher bottom value lies inside a lower one;
4. a row for a category goes before a row for every category.

Ranges that only overlap are not narrower than each other, and two rows that each name a category
are equally specific however many they name: the lists in published tables say where a sentence
stands, not which sentence is the exception. Rows that stay equal and differ are for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from telmee.core.money import WHOLE_BP
from telmee.core.obligations.contract import Category
from telmee.core.schemes.model import Percentage, Threshold

Row = TypeVar("Row", Threshold, Percentage)


def rows_in_scope(rows: Iterable[Row], category: Category, client: str | None) -> list[Row]:
    """The rows for this category and client; without a client, those that name none."""
    return [
        row
        for row in rows
        if (row.categories is None or category in row.categories)
        and (row.clients is None or client in row.clients)
    ]


def most_specific(rows: Sequence[Row]) -> list[Row]:
    """The rows that no other row is more specific than, in the order of the scheme."""
    return [row for row in rows if not any(_is_inside(other, row) for other in rows)]


def labour_range(row: Percentage) -> range:
    """The labour shares for which a row holds, in basis points; 100% itself included."""
    below = row.labour_share_below_bp
    return range(row.labour_share_min_bp or 0, WHOLE_BP + 1 if below is None else below)


def _is_inside(inner: Row, outer: Row) -> bool:
    """Whether the first difference in scope makes `inner` the more specific one."""
    for one, other in zip(_scope(inner), _scope(outer), strict=True):
        if one != other:
            return other.start <= one.start and one.stop <= other.stop
    return False


def _scope(row: Threshold | Percentage) -> tuple[range, ...]:
    """Lay the scope out as ranges, so that "inside" means one thing; see the module's order."""
    parts = (row.clients, row.categories)
    client, category = (range(0 if names is None else 1, 2) for names in parts)
    if isinstance(row, Threshold):
        return client, category
    value = range(-1 if row.value_above_cents is None else row.value_above_cents, 10**15)
    return client, labour_range(row), value, category
