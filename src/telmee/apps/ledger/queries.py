"""Read the books: entries, positions as of any moment, and the proof that they are in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from django.db import connection, connections
from django.db.models import OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from telmee.apps.ledger.invariants import CHECKS
from telmee.apps.ledger.models import Balance, Entry, Movement
from telmee.apps.organisations.many import UNNESTED, as_array, listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.organisations.turns import done_before
from telmee.core.errors import Problem
from telmee.core.ledger import Change, EntryKind, Position, position_of, together


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures of a contract, never mixed; in cents.

    `agreed_cents` is the part of what was promised that both sides agreed; the rest is what the
    contractor says alone. `undecided_cents` is the part of what was delivered that waits for a
    decision.
    """

    position: Position
    promised_cents: int = 0
    agreed_cents: int = 0
    delivered_cents: int = 0
    undecided_cents: int = 0

    @property
    def not_agreed_cents(self) -> int:
        """What of the promises rests on the word of one side."""
        return self.promised_cents - self.agreed_cents


#: What a change of a contract adds to its obligation, or takes off it.
OF_THE_OBLIGATION = (EntryKind.OBLIGATION, EntryKind.REDUCED)
_NOTHING = Figures(Position())
#: The kinds of a balance in the order of the figures: those of the position, then what is claimed.
_KINDS = (*EntryKind, "promised", "agreed", "delivered", "undecided")
_BOOKED = len(EntryKind)
# Django would make an object of each of these numbers, which takes longer than the query.
_SUMS_NOW = f"""
    SELECT contract_id, {
    ", ".join(f"coalesce(sum(cents) FILTER (WHERE kind = '{kind}'), 0)::bigint" for kind in _KINDS)
}
    FROM ledger_balance WHERE contract_id IN ({UNNESTED}) GROUP BY contract_id
"""  # noqa: S608 - only the names above are put in


def positions(contract_ids: Iterable[int], *, as_of: datetime | None = None) -> dict[int, Position]:
    """The position of each contract in the books, by id, now or `as_of` a moment."""
    return {id_: stands.position for id_, stands in figures(contract_ids, as_of=as_of).items()}


def figures(contract_ids: Iterable[int], *, as_of: datetime | None = None) -> dict[int, Figures]:
    """Promised, delivered and verified cents of each contract, by id; zeros where none are booked.

    Now by the balances that the database keeps (one query, however many entries), or as of a
    moment by the entries and the movements up to it (two).
    """
    ids = list(contract_ids)
    stands = _now(ids) if as_of is None else _then(ids, as_of)
    return {id_: stands.get(id_, _NOTHING) for id_ in ids}


def figures_on(contract_ids: Iterable[int], days: Iterable[date]) -> list[Figures]:
    """The figures of contracts together, as they stood at the end of each day. Runs two queries."""
    ids = list(contract_ids)
    rows = [*_booked_by_day(ids), *_moved_by_day(ids)]
    return [figures_together(map(_figures, _until(rows, day))) for day in days]


@prepared
def _booked_by_day(contract_ids: Collection[int]) -> QuerySet[Entry, tuple[int, str, date, int]]:
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids)).order_by()
    by_day = entries.values_list("contract_id", "kind", TruncDate("booked_at"))
    return by_day.annotate(Sum("amount_cents"))


@prepared
def _moved_by_day(contract_ids: Collection[int]) -> QuerySet[Movement, tuple[int, str, date, int]]:
    movements = Movement.objects.filter(contract_id__in=listed(contract_ids)).order_by()
    by_day = movements.values_list("contract_id", "kind", TruncDate("moved_at"))
    return by_day.annotate(Sum("cents"))


def _until(rows: Iterable[tuple[int, str, date, int]], day: date) -> Iterable[dict[str, int]]:
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for contract_id, kind, on, cents in rows:
        if on <= day:
            sums[contract_id][kind] += int(cents)
    return sums.values()


def figures_together(several: Iterable[Figures]) -> Figures:
    """The figures of contracts together, as a framework agreement has those of its call-offs."""
    each = list(several)
    return Figures(
        together(one.position for one in each),
        promised_cents=sum(one.promised_cents for one in each),
        agreed_cents=sum(one.agreed_cents for one in each),
        delivered_cents=sum(one.delivered_cents for one in each),
        undecided_cents=sum(one.undecided_cents for one in each),
    )


def figures_per_year(contract_ids: Iterable[int]) -> dict[tuple[int, int | None, int], Figures]:
    """The figures by contract, who delivered (None for what nobody does) and year."""
    sums: dict[tuple[int, int | None, int], dict[str, int]] = defaultdict(dict)
    balances = Balance.objects.filter(contract_id__in=listed(contract_ids))
    rows = balances.values_list("contract_id", "organisation_id", "year", "kind", "cents")
    for contract_id, organisation_id, year, kind, cents in rows:
        sums[contract_id, organisation_id, year][kind] = cents
    return {key: _figures(of_key) for key, of_key in sums.items()}


def _now(contract_ids: list[int]) -> dict[int, Figures]:
    """Add the balances up in the database: a row for each contract, a column for each kind."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS_NOW, [as_array(contract_ids)])
        return {
            contract_id: Figures(Position(*sums[:_BOOKED]), *sums[_BOOKED:])
            for contract_id, *sums in cursor.fetchall()
        }


def _then(contract_ids: list[int], as_of: datetime) -> dict[int, Figures]:
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    for contract_id, kind, cents in _sums(contract_ids, as_of):
        sums[contract_id][kind] = int(cents)
    return {contract_id: _figures(of_contract) for contract_id, of_contract in sums.items()}


def _figures(sums: Mapping[str, int]) -> Figures:
    cents = [sums.get(kind, 0) for kind in _KINDS]
    return Figures(Position(*cents[:_BOOKED]), *cents[_BOOKED:])


def _sums(contract_ids: list[int], as_of: datetime) -> Iterable[tuple[int, str, int]]:
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids), booked_at__lte=as_of)
    booked = entries.order_by().values("contract_id", "kind").annotate(sum=Sum("amount_cents"))
    movements = Movement.objects.filter(contract_id__in=listed(contract_ids), moved_at__lte=as_of)
    moved = movements.order_by().values("contract_id", "kind").annotate(sum=Sum("cents"))
    columns = ("contract_id", "kind", "sum")
    return chain(booked.values_list(*columns), moved.values_list(*columns))


def entries_of(contract_ids: Iterable[int], *, as_of: datetime | None = None) -> list[Entry]:
    """The entries of contracts in the order of booking, each with the one it reverses."""
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids))
    if as_of is not None:
        entries = entries.filter(booked_at__lte=as_of)
    return list(entries.select_related("reversed_by").order_by("booked_at", "id"))


class _Beside(TypedDict):
    """What `books_of` puts beside the columns of an entry."""

    turn: int
    partner: int | None


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Booked = WithAnnotations[Entry, _Beside]


def books_of(contract_ids: Iterable[int], *, as_of: datetime | None = None) -> QuerySet[Booked]:
    """The entries of contracts, to sort and to page: `turn` goes up in the order of booking.

    `partner` is the id of the entry that one takes back, or by which it was taken back by then.
    """
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids))
    reversals = Entry.objects.filter(reverses_id=OuterRef("pk"))
    if as_of is not None:
        entries = entries.filter(booked_at__lte=as_of)
        reversals = reversals.filter(booked_at__lte=as_of)
    return entries.annotate(
        turn=Window(RowNumber(), order_by=("booked_at", "id")),
        partner=Coalesce("reverses_id", Subquery(reversals.values("pk"))),
    )


def position_together(contract_ids: Iterable[int], *, as_of: datetime | None = None) -> Position:
    """The position of contracts together in the books, now or `as_of` a moment. Runs one query."""
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    for contract_id, kind, cents in _booked_by_kind(list(contract_ids), as_of):
        sums[contract_id][kind] = int(cents)
    return together(map(position_of, sums.values()))


@prepared
def _booked_by_kind(
    contract_ids: Collection[int], as_of: datetime | None
) -> QuerySet[Entry, tuple[int, str, int]]:
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids)).order_by()
    if as_of is not None:
        entries = entries.filter(booked_at__lte=as_of)
    return entries.values_list("contract_id", "kind").annotate(Sum("amount_cents"))


def registered_cents(contract_id: int, *, as_of: datetime | None = None) -> int:
    """What was imposed when a contract was registered, whatever changed it since."""
    entries = Entry.objects.filter(
        contract_id=contract_id, kind="obligation", reverses=None, amendment=0
    )
    if as_of is not None:
        entries = entries.filter(booked_at__lte=as_of)
    return int(entries.aggregate(sum=Sum("amount_cents"))["sum"] or 0)


def other_sides(entries: Iterable[Entry]) -> dict[int, tuple[int, str]]:
    """The other contract of surplus that moved, by the id of an entry: its id and its reference.

    One that somebody may not see is left out. Runs one query, or none where nothing moved.
    """
    moved = {entry.transfer: entry for entry in entries if entry.transfer is not None}
    if not moved:
        return {}
    others = Entry.objects.filter(transfer__in=moved).exclude(
        pk__in=[entry.pk for entry in moved.values()]
    )
    columns = ("transfer", "contract_id", "contract__reference")
    return {
        moved[transfer].pk: (contract_id, reference)
        for transfer, contract_id, reference in others.values_list(*columns)
    }


def halves_of(entry: Entry) -> list[Entry]:
    """An entry with the other half of the same transfer, if it is one of surplus that moved.

    In the order of their contracts. Of a half on a contract that somebody may not see, nothing.
    """
    if entry.transfer is None:
        return [entry]
    halves = Entry.objects.filter(transfer=entry.transfer, reverses=None)
    return list(halves.select_related("reversed_by").order_by("contract_id"))


def standing_entries(*, contribution_id: int) -> list[Entry]:
    """The realised entries of a contribution that were not taken back: one for each instalment."""
    standing = Entry.objects.filter(
        contribution_id=contribution_id,
        kind="realised",
        reverses__isnull=True,
        reversed_by__isnull=True,
    )
    return list(standing.order_by("id"))


def parts_standing(*, contribution_id: int) -> list[Entry]:
    """Both halves of what of a contribution went to other contracts, as far as it still stands."""
    standing = Entry.objects.filter(
        contribution_id=contribution_id,
        kind__in=(EntryKind.CARRIED_OUT, EntryKind.POOLED),
        reverses__isnull=True,
        reversed_by__isnull=True,
    )
    return list(standing.order_by("contract_id", "id"))


def parts_of_lines(contribution_ids: Iterable[int]) -> dict[int, int]:
    """What lines count for on the contracts that somebody sees, by the id of the line.

    On the contract of a line that is what was decided, less what left it for others.
    """
    rows = Entry.objects.filter(contribution_id__in=listed(contribution_ids)).order_by()
    sums: dict[int, int] = defaultdict(int)
    for line, kind, cents in rows.values_list("contribution_id", "kind").annotate(
        Sum("amount_cents")
    ):
        sums[line] += -int(cents) if kind == EntryKind.CARRIED_OUT else int(cents)
    return sums


def obligation_changes(
    contract_ids: Iterable[int], *, using: str = "default"
) -> dict[int, dict[int, Change]]:
    """The entries of the obligation that stand, by contract and id, in the order of their days."""
    standing = Entry.objects.using(using).filter(
        contract_id__in=listed(contract_ids),
        kind__in=OF_THE_OBLIGATION,
        reverses__isnull=True,
        reversed_by__isnull=True,
    )
    columns = ("contract_id", "pk", "effective_on", "kind", "amount_cents", "receipt_id")
    changes: dict[int, dict[int, Change]] = defaultdict(dict)
    for contract_id, pk, day, kind, cents, receipt in standing.order_by(
        "effective_on", "pk"
    ).values_list(*columns):
        changes[contract_id][pk] = Change(day, EntryKind(kind), cents, receipt)
    return changes


def entries_standing(contract_id: int) -> list[Entry]:
    """The entries of a contract that were not taken back, and take nothing back, by their days."""
    standing = Entry.objects.filter(contract_id=contract_id, reverses=None, reversed_by=None)
    return list(standing.order_by("effective_on", "pk"))


def has_verified(contract_id: int) -> bool:
    """Whether a decision on effort stands in the books of a contract."""
    return Entry.objects.filter(
        contract_id=contract_id, kind="realised", reverses=None, reversed_by=None
    ).exists()


def entry_on(contract_id: int, entry_id: int) -> Entry | None:
    """An entry by its id, as long as it is on this contract; else None."""
    return Entry.objects.filter(pk=entry_id, contract_id=contract_id).first()


def entry_posted(contract_id: int, key: UUID) -> Entry | None:
    """The entry that this key was used for on a contract before, so that it is not booked again."""
    return done_before(key, Entry.objects.filter(key=key, contract_id=contract_id))


def is_reversed(entry: Entry) -> bool:
    """Whether an entry was taken back."""
    return Entry.objects.filter(reverses=entry).exists()


def keys_reversed(contract_id: int, keys: Iterable[UUID]) -> set[UUID]:
    """Of entries on a contract, by their keys, those that were taken back."""
    rows = Entry.objects.filter(contract_id=contract_id, reverses__key__in=list(keys))
    return set(rows.values_list("reverses__key", flat=True))


def was_transferred(transfer: UUID) -> bool:
    """Whether something moved under this key before; who does so at this moment is waited for."""
    return done_before(transfer, Entry.objects.filter(transfer=transfer)) is not None


def check_ledger(using: str = "default") -> list[Problem]:
    """Prove the books: every balance from its entries, every invariant by its name.

    Reads all entries of all contracts, so it asks for the owner's connection: row security would
    hide what is wrong elsewhere. An empty list is the proof.
    """
    return [
        Problem(code, params=params)
        for code, query in CHECKS.items()
        for params in _rows(using, query)
    ]


def _rows(using: str, query: str) -> Iterator[dict[str, Any]]:
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        names = [column.name for column in cursor.description or ()]
        for row in cursor.fetchall():
            yield dict(zip(names, row, strict=True))
