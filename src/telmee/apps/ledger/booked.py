"""What stands in the books per year, under the key by which it was booked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import Coalesce, ExtractYear

from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.organisations.many import listed
from telmee.core.ledger import EntryKind


class BookedInYear(NamedTuple):
    """What stands of entries under one key in a year: nothing is left of one that was reversed."""

    key: UUID
    kind: EntryKind
    year: int
    cents: int


def booked_per_year(contract_ids: Iterable[int], kinds: Iterable[EntryKind]) -> list[BookedInYear]:
    """What stands of some kinds of entry on contracts, by their key and year. Runs one query."""
    of_kinds = {"kind__in": list(kinds)}
    # The balances say on which contracts there are any: most have none, and thousands of others.
    booked = Balance.objects.filter(contract_id__in=listed(contract_ids), **of_kinds)
    entries = Entry.objects.filter(contract_id__in=booked.values("contract_id"), **of_kinds)
    rows = (
        entries.order_by()
        .annotate(original=Coalesce("reverses__key", "key"), year=ExtractYear("effective_on"))
        .values_list("original", "kind", "year")
        .annotate(cents=Sum("amount_cents"))
        .exclude(cents=0)
    )
    return [BookedInYear(key, EntryKind(kind), year, int(c)) for key, kind, year, c in rows]
