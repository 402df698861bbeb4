"""Many at once: ids in one query, and rows a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db.models.expressions import RawSQL

_T = TypeVar("_T")

#: Ids that are given as `as_array` writes them, for the `IN` of a query in SQL.
UNNESTED = "SELECT unnest(%s::bigint[])"
#: So many ids are few: those of a page of a list, and some more.
_FEW = 300


def listed(ids: Iterable[int]) -> RawSQL | list[int]:
    """Ids for an `__in`: a few as they are, many as one array.

    A thousand placeholders take Django and PostgreSQL longer than the query itself, and an array
    that is unnested is looked up by hash, not one by one. A few are looked up in the index, which
    PostgreSQL does not do for an array that it has to unnest where row security is on the table.
    """
    known = list(ids)
    if 0 < len(known) <= _FEW:
        return known
    return RawSQL(UNNESTED, [as_array(known)])  # noqa: S611 - a constant


def as_array(ids: Iterable[int]) -> str:
    """Write ids as PostgreSQL writes an array: the driver takes ten times as long for a list.

    >>> as_array([3, 5])
    '{3,5}'
    """
    return f"{{{','.join(str(int(id_)) for id_ in ids)}}}"


def batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Rows in lists of `size`, the last one shorter, so that never all are in memory.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
