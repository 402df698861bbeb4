"""What stands in the books per year, under the key by which it was booked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce, ExtractYear

from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.core.ledger import EntryKind


class BookedInYear(NamedTuple):
    """What stands of entries under one key in a year: nothing is left of one that was reversed."""

    key: UUID
    kind: EntryKind
    year: int
    cents: int


def enforced_per_year(contract_ids: Iterable[int]) -> list[BookedInYear]:
    """What stands of penalties and waivers on contracts, by key and year. Runs one query."""
    rows = _enforced(list(contract_ids))
    return [BookedInYear(key, EntryKind(kind), year, int(c)) for key, kind, year, c in rows]


@prepared
def _enforced(contract_ids: Collection[int]) -> QuerySet[Entry, tuple[Any, ...]]:
    of_kinds = {"kind__in": (EntryKind.PENALTY, EntryKind.WAIVED)}
    # The balances say on which contracts there are any: most have none, and thousands of others.
    booked = Balance.objects.filter(contract_id__in=listed(contract_ids), **of_kinds)
    entries = Entry.objects.filter(contract_id__in=booked.values("contract_id"), **of_kinds)
    return (
        entries.order_by()
        .annotate(original=Coalesce("reverses__key", "key"), year=ExtractYear("effective_on"))
        .values_list("original", "kind", "year")
        .annotate(cents=Sum("amount_cents"))
        .exclude(cents=0)
    )
