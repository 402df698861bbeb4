"""Many at once: ids in one query, rows a batch at a time, and deeds of which one may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Count, Field, ForeignKey, QuerySet, Window
from django.db.models.expressions import RawSQL
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In

_T = TypeVar("_T")

#: Ids that are given as `as_array` writes them, for the `IN` of a query in SQL.
UNNESTED = "SELECT unnest(%s::bigint[])"
#: So many ids are few: those of a page of a list, and some more.
FEW = 300


class _Few(RawSQL):
    """A few ids as one array, of which PostgreSQL looks each up in the index."""


def listed(ids: Iterable[int]) -> RawSQL:
    """Ids for an `__in`, as one array, however many.

    With a placeholder for each id, Django needs longer to write the query than the database to run
    it, and the text differs with each number of ids. More than `FEW` are unnested, so that they are
    looked up by hash and not one by one. A few are not: where row security is on the table,
    PostgreSQL looks no unnested array up in the index.
    """
    known = list(ids)
    if len(known) <= FEW:
        return _Few("%s::bigint[]", [as_array(known)])
    return RawSQL(UNNESTED, [as_array(known)])  # noqa: S611 - a constant


class _AnyOfFew(In):
    """`IN`, which asks for any of an array where there is one."""

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        """What follows the column; `rhs` has its brackets."""
        if isinstance(self.rhs, _Few):
            return f"= ANY {rhs}"
        return super().get_rhs_op(connection, rhs)


@ForeignKey.register_lookup
class _RelatedToFew(RelatedIn, _AnyOfFew):
    """The same for the key of another table."""


Field.register_lookup(_AnyOfFew)


def as_array(ids: Iterable[int]) -> str:
    """Write ids as PostgreSQL writes an array: the driver takes ten times as long for a list.

    >>> as_array([3, 5])
    '{3,5}'
    """
    return f"{{{','.join(map(str, map(int, ids)))}}}"


def how_many(rows: QuerySet[Any, Any]) -> QuerySet[Any, int]:
    """How many rows there are, as a query of one row, or of none: to add up what it brings.

    What `count` says, for a query that is prepared.
    """
    return rows.order_by().values_list(Window(Count("pk")), flat=True)[:1]


def batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Rows in lists of `size`, the last one shorter, so that never all are in memory.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


def each_apart(deed: Callable[[_T], object], many: Iterable[_T], fault: str) -> None:
    """Do the same with each of many, where what goes wrong with one stops no other.

    For a job that begins by itself, in which each deed is a transaction of its own. What went wrong
    is raised at the end, with `fault` and which ones it was: so the job failed, and operators see
    it among what the worker did.
    """
    faults = []
    for one in many:
        try:
            deed(one)
        except Exception as error:  # noqa: BLE001 - the others are done
            error.add_note(f"{fault}: {one}")
            faults.append(error)
    if faults:
        raise ExceptionGroup(fault, faults)
