"""What must hold in the books, each by a name and with what broke it.

The books are kept by the database, and checked there over millions of entries at once; this is
what those checks mean, over entries in memory, and the two are held to each other. A check that
finds nothing has proved its rule. Each gives a problem per fault, so that all are told at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType

from telmee.core.errors import Param, Problem
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


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that a check looks at: the entries, and what is told beside them.

    `balances` are the sums as the database keeps them, `decided` the cents of each decision,
    `frameworks` the contracts that are framework agreements.
    """

    entries: Sequence[Entry]
    balances: Mapping[Account, int] = field(default_factory=dict)
    decided: Mapping[int, int] = field(default_factory=dict)
    frameworks: frozenset[int] = frozenset()


def breaches(books: Books) -> tuple[Problem, ...]:
    """List everything in the books that breaks an invariant."""
    return tuple(chain.from_iterable(check(books) for check in INVARIANTS.values()))


def sums_of(entries: Sequence[Entry]) -> dict[Account, int]:
    """Add up the entries per contract and kind."""
    sums: dict[Account, int] = {}
    for entry in entries:
        account = (entry.contract, entry.kind)
        sums[account] = sums.get(account, 0) + entry.amount_cents
    return sums


def _below_zero(books: Books) -> Iterator[Problem]:
    for entry in books.entries:
        if entry.reverses is None and entry.amount_cents < 0:
            yield Problem("ledger_entry_below_zero", params={"entry": entry.id})


def _reversal_differs(books: Books) -> Iterator[Problem]:
    """A reversal takes back all of one entry: same place in the books, opposite amount."""
    by_id = {entry.id: entry for entry in books.entries}
    for entry in books.entries:
        if entry.reverses is None:
            continue
        original = by_id.get(entry.reverses)
        if original is None or _mirror(entry) != _place(original):
            params = {"entry": entry.id, "original": entry.reverses}
            yield Problem("ledger_reversal_differs", params=params)


def _place(entry: Entry) -> tuple[int, EntryKind, date, int]:
    return entry.contract, entry.kind, entry.effective_on, entry.amount_cents


def _mirror(entry: Entry) -> tuple[int, EntryKind, date, int]:
    return entry.contract, entry.kind, entry.effective_on, -entry.amount_cents


def _reversed_early(books: Books) -> Iterator[Problem]:
    """A reversal is booked no earlier than its original, or the books of before would change."""
    booked = {entry.id: entry.booked_at for entry in books.entries}
    for entry in books.entries:
        if entry.reverses in booked and entry.booked_at < booked[entry.reverses]:
            params = {"entry": entry.id, "original": entry.reverses}
            yield Problem("ledger_reversed_early", params=params)


def _reversed_twice(books: Books) -> Iterator[Problem]:
    times = Counter(entry.reverses for entry in books.entries if entry.reverses is not None)
    for original, count in times.items():
        if count > 1:
            yield Problem("ledger_reversed_twice", params={"entry": original, "times": count})


def _reversal_reversed(books: Books) -> Iterator[Problem]:
    """What was wrongly taken back is posted anew, so that each entry has one story."""
    reversals = {entry.id for entry in books.entries if entry.reverses is not None}
    for entry in books.entries:
        if entry.reverses in reversals:
            params = {"entry": entry.id, "original": entry.reverses}
            yield Problem("ledger_reversal_reversed", params=params)


def _balance_differs(books: Books) -> Iterator[Problem]:
    sums = sums_of(books.entries)
    for account in sorted(sums.keys() | books.balances.keys()):
        entries, balance = sums.get(account, 0), books.balances.get(account, 0)
        if entries != balance:
            contract, kind = account
            params: dict[str, Param] = {"contract": contract, "kind": str(kind)}
            params |= {"entries_cents": entries, "balance_cents": balance}
            yield Problem("ledger_balance_differs", params=params)


def _sum_below_zero(books: Books) -> Iterator[Problem]:
    for (contract, kind), cents in sorted(sums_of(books.entries).items()):
        if cents < 0:
            params: dict[str, Param] = {"contract": contract, "kind": str(kind), "cents": cents}
            yield Problem("ledger_sum_below_zero", params=params)


def _standing(books: Books) -> Iterator[Entry]:
    """Give the realised entries that were not taken back."""
    taken_back = {entry.reverses for entry in books.entries}
    for entry in books.entries:
        if (
            entry.kind is EntryKind.REALISED
            and entry.reverses is None
            and entry.id not in taken_back
        ):
            yield entry


def _realised_twice(books: Books) -> Iterator[Problem]:
    times = Counter(entry.contribution for entry in _standing(books))
    for contribution, count in times.items():
        if contribution is not None and count > 1:
            params = {"contribution": contribution, "times": count}
            yield Problem("ledger_realised_twice", params=params)


def _decision_differs(books: Books) -> Iterator[Problem]:
    """No euro is verified but by a decision, of exactly that many cents."""
    for entry in books.entries:
        if entry.kind is not EntryKind.REALISED or entry.reverses is not None:
            continue
        decided = None if entry.decision is None else books.decided.get(entry.decision)
        if decided != entry.amount_cents:
            yield Problem("ledger_decision_differs", params={"entry": entry.id})


def _framework_has_entries(books: Books) -> Iterator[Problem]:
    """A framework agreement owes what its call-offs owe; of its own it would count twice."""
    for contract in sorted({entry.contract for entry in books.entries} & books.frameworks):
        yield Problem("ledger_framework_has_entries", params={"contract": contract})


#: Every invariant by its name, which is also the code of the problem that tells a breach.
INVARIANTS: Mapping[str, Callable[[Books], Iterator[Problem]]] = MappingProxyType(
    {
        "ledger_entry_below_zero": _below_zero,
        "ledger_reversal_differs": _reversal_differs,
        "ledger_reversed_early": _reversed_early,
        "ledger_reversed_twice": _reversed_twice,
        "ledger_reversal_reversed": _reversal_reversed,
        "ledger_balance_differs": _balance_differs,
        "ledger_sum_below_zero": _sum_below_zero,
        "ledger_realised_twice": _realised_twice,
        "ledger_decision_differs": _decision_differs,
        "ledger_framework_has_entries": _framework_has_entries,
    }
)
