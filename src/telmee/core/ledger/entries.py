"""An entry in the books, and what entries add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from telmee.core.ledger.kinds import EntryKind

#: Names a sum in the books: the sum of one kind of one contract.
Account = tuple[int, EntryKind]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in the books; ids are numbers, as the database gives them.

    `effective_on` is the day that a figure per year goes by, `booked_at` the moment from which the
    entry counts in a position. `reverses` is the entry that this one takes back.
    """

    id: int
    contract: int
    kind: EntryKind
    amount_cents: int
    effective_on: date
    booked_at: datetime
    reverses: int | None = None
    contribution: int | None = None
    decision: int | None = None


def sums_of(entries: Sequence[Entry]) -> dict[Account, int]:
    """Add up the entries per contract and kind."""
    sums: dict[Account, int] = {}
    for entry in entries:
        account = (entry.contract, entry.kind)
        sums[account] = sums.get(account, 0) + entry.amount_cents
    return sums
